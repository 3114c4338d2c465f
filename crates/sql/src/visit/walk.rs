//! Going down from each kind of node.

use super::Visitor;
use crate::ast::{
    AlterMaterializedTableAction, AlterTableAction, AlterViewAction, ArgValue, ColumnKind, Expr, ExprKind, FrameBound,
    FunctionCall, GroupingElement, Insert, JoinCondition, JsonFunction, JsonFunctionKind, JsonValueBehavior,
    MatchRecognize, ObjectKind, OrderItem, Over, QuantifiedOperand, Query, QueryBody, Select, SelectItem, Show,
    Statement, TableArgInput, TableRef, TableRefKind, TableSchema, WindowSpec,
};

/// Goes on below a statement.
pub fn walk_statement<V: Visitor + ?Sized>(visitor: &mut V, statement: &Statement) {
    match statement {
        Statement::Query(query) => visitor.query(query),
        Statement::Insert(insert) => walk_insert(visitor, insert),
        Statement::StatementSet(set) => set.inserts.iter().for_each(|insert| walk_insert(visitor, insert)),
        Statement::CreateTable(create) => {
            visitor.table_named(&create.name);
            walk_schema(visitor, &create.schema);
            if let Some(like) = &create.like {
                visitor.table_read(&like.source);
            }
            if let Some(query) = &create.query {
                visitor.query(query);
            }
        }
        Statement::CreateMaterializedTable(create) => {
            visitor.table_named(&create.name);
            walk_schema(visitor, &create.schema);
            visitor.query(&create.query);
        }
        Statement::CreateView(create) => {
            visitor.table_named(&create.name);
            visitor.query(&create.query);
        }
        Statement::CreateModel(create) => {
            if let Some(query) = &create.query {
                visitor.query(query);
            }
        }
        Statement::AlterTable(alter) => {
            visitor.table_named(&alter.name);
            walk_alter_table(visitor, &alter.action);
        }
        Statement::AlterMaterializedTable(alter) => {
            visitor.table_named(&alter.name);
            match &alter.action {
                AlterMaterializedTableAction::As { query, .. } => visitor.query(query),
                AlterMaterializedTableAction::Table(action) => walk_alter_table(visitor, action),
                _ => {}
            }
        }
        Statement::AlterView(alter) => {
            visitor.table_named(&alter.name);
            if let AlterViewAction::As(query) = &alter.action {
                visitor.query(query);
            }
        }
        Statement::Drop(object) if is_table(object.kind) => visitor.table_named(&object.name),
        Statement::Describe(describe) if is_table(describe.kind) => visitor.table_named(&describe.name),
        Statement::Show(show) => match show.as_ref() {
            Show::Create(create) if is_table(create.kind) => visitor.table_named(&create.name),
            Show::Columns(columns) => visitor.table_named(&columns.scope.name),
            Show::Partitions(name) => visitor.table_named(name),
            _ => {}
        },
        Statement::Explain(explain) => visitor.statement(&explain.statement),
        _ => {}
    }
}

fn is_table(kind: ObjectKind) -> bool {
    matches!(kind, ObjectKind::Table | ObjectKind::View | ObjectKind::MaterializedTable)
}

fn walk_insert<V: Visitor + ?Sized>(visitor: &mut V, insert: &Insert) {
    visitor.table_named(&insert.table);
    insert.partitions.iter().for_each(|(_, value)| visitor.expr(value));
    visitor.query(&insert.query);
}

fn walk_schema<V: Visitor + ?Sized>(visitor: &mut V, schema: &TableSchema) {
    for column in &schema.columns {
        if let ColumnKind::Computed(expr) = &column.kind {
            visitor.expr(expr);
        }
    }
    if let Some(watermark) = &schema.watermark {
        visitor.expr(&watermark.strategy);
    }
}

fn walk_alter_table<V: Visitor + ?Sized>(visitor: &mut V, action: &AlterTableAction) {
    let (AlterTableAction::Add(change) | AlterTableAction::Modify(change)) = action else {
        return;
    };
    for change in &change.columns {
        if let ColumnKind::Computed(expr) = &change.column.kind {
            visitor.expr(expr);
        }
    }
    if let Some(watermark) = &change.watermark {
        visitor.expr(&watermark.strategy);
    }
}

/// Goes on below a query, its common table expressions first.
pub fn walk_query<V: Visitor + ?Sized>(visitor: &mut V, query: &Query) {
    if let Some(with) = &query.with {
        with.tables.iter().for_each(|cte| visitor.query(&cte.query));
    }
    walk_query_body(visitor, query);
}

/// Goes on below a query without its common table expressions.
pub(super) fn walk_query_body<V: Visitor + ?Sized>(visitor: &mut V, query: &Query) {
    walk_body(visitor, &query.body);
    walk_order(visitor, &query.order_by);
    query.limit.iter().chain(&query.offset).for_each(|expr| visitor.expr(expr));
}

fn walk_body<V: Visitor + ?Sized>(visitor: &mut V, body: &QueryBody) {
    match body {
        QueryBody::Select(select) => walk_select(visitor, select),
        QueryBody::Values(values) => {
            let exprs = values.rows.iter().flat_map(|row| &row.exprs);
            exprs.for_each(|expr| visitor.expr(expr));
        }
        QueryBody::Table(name) => visitor.table_read(name),
        QueryBody::Nested(query) => visitor.query(query),
        QueryBody::SetOperation(operation) => {
            walk_body(visitor, &operation.left);
            walk_body(visitor, &operation.right);
        }
    }
}

fn walk_select<V: Visitor + ?Sized>(visitor: &mut V, select: &Select) {
    for item in &select.items {
        if let SelectItem::Expr { expr, .. } = item {
            visitor.expr(expr);
        }
    }
    if let Some(from) = &select.from {
        visitor.table_ref(from);
    }
    select.selection.iter().for_each(|expr| visitor.expr(expr));
    if let Some(group_by) = &select.group_by {
        group_by.elements.iter().for_each(|element| walk_grouping(visitor, element));
    }
    select.having.iter().for_each(|expr| visitor.expr(expr));
    select.windows.iter().for_each(|window| walk_window(visitor, &window.spec));
    select.qualify.iter().for_each(|expr| visitor.expr(expr));
}

fn walk_grouping<V: Visitor + ?Sized>(visitor: &mut V, element: &GroupingElement) {
    match element {
        GroupingElement::Expr(expr) => visitor.expr(expr),
        GroupingElement::Set(exprs) => exprs.iter().for_each(|expr| visitor.expr(expr)),
        GroupingElement::GroupingSets(sets) | GroupingElement::Rollup(sets) | GroupingElement::Cube(sets) => {
            sets.iter().for_each(|set| walk_grouping(visitor, set));
        }
    }
}

fn walk_order<V: Visitor + ?Sized>(visitor: &mut V, order: &[OrderItem]) {
    order.iter().for_each(|item| visitor.expr(&item.expr));
}

fn walk_window<V: Visitor + ?Sized>(visitor: &mut V, spec: &WindowSpec) {
    spec.partition_by.iter().for_each(|expr| visitor.expr(expr));
    walk_order(visitor, &spec.order_by);
    if let Some(frame) = &spec.frame {
        for bound in std::iter::once(&frame.start).chain(&frame.end) {
            if let FrameBound::Preceding(distance) | FrameBound::Following(distance) = bound {
                visitor.expr(distance);
            }
        }
    }
}

fn walk_over<V: Visitor + ?Sized>(visitor: &mut V, over: Option<&Over>) {
    if let Some(Over::Spec(spec)) = over {
        walk_window(visitor, spec);
    }
}

/// Goes on below a table reference.
pub fn walk_table_ref<V: Visitor + ?Sized>(visitor: &mut V, table: &TableRef) {
    match &table.kind {
        TableRefKind::Table { name, system_time, .. } => {
            visitor.table_read(name);
            system_time.iter().for_each(|expr| visitor.expr(expr));
        }
        TableRefKind::Derived { query, .. } => visitor.query(query),
        TableRefKind::Function { call, .. } => visitor.function_call(call),
        TableRefKind::Unnest { exprs, .. } => exprs.iter().for_each(|expr| visitor.expr(expr)),
        TableRefKind::Join(join) => {
            visitor.table_ref(&join.left);
            visitor.table_ref(&join.right);
            if let Some(JoinCondition::On(condition)) = &join.condition {
                visitor.expr(condition);
            }
        }
        TableRefKind::MatchRecognize { input, pattern } => {
            visitor.table_ref(input);
            walk_match(visitor, pattern);
        }
    }
}

fn walk_match<V: Visitor + ?Sized>(visitor: &mut V, clauses: &MatchRecognize) {
    clauses.partition_by.iter().for_each(|expr| visitor.expr(expr));
    walk_order(visitor, &clauses.order_by);
    clauses.measures.iter().for_each(|measure| visitor.expr(&measure.expr));
    clauses.within.iter().for_each(|expr| visitor.expr(expr));
    clauses.defines.iter().for_each(|define| visitor.expr(&define.condition));
}

/// Goes on below a call.
pub fn walk_function_call<V: Visitor + ?Sized>(visitor: &mut V, call: &FunctionCall) {
    for arg in &call.args {
        match &arg.value {
            ArgValue::Expr(expr) => visitor.expr(expr),
            ArgValue::Wildcard => {}
            ArgValue::Model(name) => visitor.model(name),
            ArgValue::Table(table) => {
                match &table.input {
                    TableArgInput::Table(name) => visitor.table_read(name),
                    TableArgInput::Query(query) => visitor.query(query),
                }
                table.partition_by.iter().for_each(|expr| visitor.expr(expr));
                walk_order(visitor, &table.order_by);
            }
        }
    }
    walk_order(visitor, &call.order_by);
    walk_order(visitor, &call.within_group);
    call.filter.iter().for_each(|expr| visitor.expr(expr));
    walk_over(visitor, call.over.as_ref());
}

/// Goes on below an expression.
pub fn walk_expr<V: Visitor + ?Sized>(visitor: &mut V, expr: &Expr) {
    match &expr.kind {
        ExprKind::Literal(_) | ExprKind::Name(_) | ExprKind::Descriptor(_) | ExprKind::Default => {}
        ExprKind::Unary { operand, .. }
        | ExprKind::Is { operand, .. }
        | ExprKind::Cast { operand, .. }
        | ExprKind::Extract { operand, .. }
        | ExprKind::FloorCeilTo { operand, .. }
        | ExprKind::Field { operand, .. }
        | ExprKind::Collate { operand, .. }
        | ExprKind::MatchScope { operand, .. } => visitor.expr(operand),
        ExprKind::IntervalOf { value, .. } => visitor.expr(value),
        ExprKind::Binary { left, right, .. } | ExprKind::IsDistinctFrom { left, right, .. } => {
            all(visitor, [left, right]);
        }
        ExprKind::Element { operand, index } => all(visitor, [operand, index]),
        ExprKind::TimestampAdd { count, timestamp, .. } => all(visitor, [count, timestamp]),
        ExprKind::TimestampDiff { start, end, .. } => all(visitor, [start, end]),
        ExprKind::Between { operand, low, high, .. } => all(visitor, [operand, low, high]),
        ExprKind::AtTimeZone { operand, zone } => {
            visitor.expr(operand);
            zone.iter().for_each(|zone| visitor.expr(zone));
        }
        ExprKind::Like { operand, pattern, escape, .. } => {
            all(visitor, [operand, pattern]);
            escape.iter().for_each(|escape| visitor.expr(escape));
        }
        ExprKind::Trim { characters, operand, .. } => {
            characters.iter().for_each(|characters| visitor.expr(characters));
            visitor.expr(operand);
        }
        ExprKind::Position { needle, haystack, from } => {
            all(visitor, [needle, haystack]);
            from.iter().for_each(|from| visitor.expr(from));
        }
        ExprKind::InList { operand, list, .. } => {
            visitor.expr(operand);
            list.iter().for_each(|item| visitor.expr(item));
        }
        ExprKind::InSubquery { operand, query, .. } => {
            visitor.expr(operand);
            visitor.query(query);
        }
        ExprKind::Quantified { left, right, .. } => {
            visitor.expr(left);
            match right {
                QuantifiedOperand::Query(query) => visitor.query(query),
                QuantifiedOperand::List(list) => list.iter().for_each(|item| visitor.expr(item)),
            }
        }
        ExprKind::Exists(query)
        | ExprKind::Unique(query)
        | ExprKind::Subquery(query)
        | ExprKind::CollectionQuery { query, .. } => visitor.query(query),
        ExprKind::Case { operand, branches, else_result } => {
            operand.iter().for_each(|operand| visitor.expr(operand));
            for branch in branches {
                branch.conditions.iter().for_each(|condition| visitor.expr(condition));
                visitor.expr(&branch.result);
            }
            else_result.iter().for_each(|result| visitor.expr(result));
        }
        ExprKind::Function(call) => visitor.function_call(call),
        ExprKind::Json(function) => walk_json(visitor, function),
        ExprKind::Row { fields: items, .. } | ExprKind::Array(items) | ExprKind::Multiset(items) => {
            items.iter().for_each(|item| visitor.expr(item));
        }
        ExprKind::Map(entries) => {
            for (key, value) in entries {
                all(visitor, [key, value]);
            }
        }
    }
}

fn all<const N: usize, V: Visitor + ?Sized>(visitor: &mut V, exprs: [&Expr; N]) {
    exprs.into_iter().for_each(|expr| visitor.expr(expr));
}

fn walk_json<V: Visitor + ?Sized>(visitor: &mut V, function: &JsonFunction) {
    match &function.kind {
        JsonFunctionKind::Exists { input, path, .. } | JsonFunctionKind::Query { input, path, .. } => {
            visitor.expr(input);
            visitor.expr(path);
        }
        JsonFunctionKind::Value { input, path, on_empty, on_error, .. } => {
            visitor.expr(input);
            visitor.expr(path);
            for behavior in on_empty.iter().chain(on_error) {
                if let JsonValueBehavior::Default(value) = behavior {
                    visitor.expr(value);
                }
            }
        }
        JsonFunctionKind::Object { entries, .. } => {
            for (key, value) in entries {
                visitor.expr(key);
                visitor.expr(value);
            }
        }
        JsonFunctionKind::Array { elements, .. } => elements.iter().for_each(|item| visitor.expr(item)),
        JsonFunctionKind::ObjectAgg { key, value, .. } => {
            visitor.expr(key);
            visitor.expr(value);
        }
        JsonFunctionKind::ArrayAgg { element, .. } => visitor.expr(element),
    }
    walk_over(visitor, function.over.as_ref());
}
