//! UNNEST of arrays, maps and multisets (spec Q-09).

use nutkin_plan::operators::TableFunctionCall;
use nutkin_plan::{Expr, ExprKind};
use nutkin_sql::ast::{self, Join, JoinCondition, JoinKind, TableRef};
use nutkin_types::{Column, LogicalType, Schema, Value};

use super::from;
use crate::analyze::Analyzer;
use crate::analyze::expression::{Context, condition, expression};
use crate::analyze::scope::{Relation, Scope};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::{Correlate, Rel};

/// UNNEST as written.
pub(super) struct Call<'a> {
    pub exprs: &'a [ast::Expr],
    pub with_ordinality: bool,
    pub reference: &'a TableRef,
}

/// `FROM UNNEST(...)` without a table to its left.
pub(super) fn alone(analyzer: &Analyzer<'_>, call: &Call<'_>) -> Result<Relation> {
    let left = Relation { rel: Rel::one_row(), scope: Scope::default() };
    let (function, scope) = function(analyzer, &left, call)?;
    let schema = function.rows.clone();
    let correlate = Correlate { input: Box::new(left.rel), call: function, condition: None, outer: false };
    from::aliased(Relation { rel: Rel::new(correlate, schema), scope }, call.reference)
}

/// `left [CROSS | LEFT] JOIN UNNEST(...)`
pub(super) fn joined(analyzer: &Analyzer<'_>, left: Relation, call: Call<'_>, written: &Join) -> Result<Relation> {
    let outer = match written.kind {
        JoinKind::Left => true,
        JoinKind::Inner | JoinKind::Cross | JoinKind::Comma => false,
        JoinKind::Right | JoinKind::Full => {
            return Err(PlannerError::new(
                ErrorKind::Query,
                "UNNEST is not allowed on the right side of RIGHT or FULL JOIN",
            )
            .at(written.span));
        }
    };
    let (function, scope) = function(analyzer, &left, &call)?;
    let width = left.rel.schema.len();
    let rows = Relation { rel: Rel::new(crate::relational::Values { rows: Vec::new() }, function.rows.clone()), scope };
    let right = from::aliased(rows, call.reference)?;
    let mut scope = left.scope.clone().join(right.scope);
    let on = match &written.condition {
        None => None,
        Some(JoinCondition::On(on)) => Some(condition(&Context::new(analyzer, &scope, "ON"), on)?),
        Some(JoinCondition::Using(_)) => return Err(PlannerError::not_built("USING with UNNEST").at(written.span)),
    };
    let on = on.filter(|on| on.kind != ExprKind::Literal(Value::Boolean(true)));
    let mut columns = left.rel.schema.columns.to_vec();
    for (place, column) in right.rel.schema.columns.iter().enumerate() {
        let data_type = column.data_type.with_nullable(column.data_type.nullable || outer);
        scope.columns[left.scope.columns.len() + place].data_type = data_type.clone();
        columns.push(Column::new(column.name.clone(), data_type));
    }
    if left.scope.columns.len() != width {
        return Err(PlannerError::new(ErrorKind::Internal, "UNNEST over hidden columns"));
    }
    let correlate = Correlate { input: Box::new(left.rel), call: function, condition: on, outer };
    Ok(Relation { rel: Rel::new(correlate, Schema::new(columns)), scope })
}

/// The call over the columns to its left, and the scope of its rows.
fn function(analyzer: &Analyzer<'_>, left: &Relation, call: &Call<'_>) -> Result<(TableFunctionCall, Scope)> {
    let context = Context::new(analyzer, &left.scope, "UNNEST");
    let [written] = call.exprs else {
        return Err(PlannerError::not_built("UNNEST of several collections").at(call.reference.span));
    };
    let arg = expression(&context, written)?;
    let mut columns = columns(&arg).ok_or_else(|| {
        let cause = format!("Cannot apply 'UNNEST' to arguments of type 'UNNEST(<{}>)'", arg.data_type.logical);
        PlannerError::new(ErrorKind::Type, cause).at(written.span)
    })?;
    let name = if call.with_ordinality { "UNNEST_WITH_ORDINALITY" } else { "UNNEST" };
    if call.with_ordinality {
        columns.push(Column::new("ORDINALITY", LogicalType::Int.not_null()));
    }
    let rows = Schema::new(columns);
    let scope = Scope::of(None, None, &rows, &[]);
    Ok((TableFunctionCall { function: name.to_owned(), args: vec![arg], rows }, scope))
}

/// The columns of a collection's elements: the fields of rows, key and value of a map, or the element.
fn columns(arg: &Expr) -> Option<Vec<Column>> {
    let element = match &arg.data_type.logical {
        LogicalType::Array { element } | LogicalType::Multiset { element } => element,
        LogicalType::Map { key, value } => {
            return Some(vec![Column::new("KEY", (**key).clone()), Column::new("VALUE", (**value).clone())]);
        }
        _ => return None,
    };
    match &element.logical {
        LogicalType::Row { fields } | LogicalType::Structured { fields, .. } => {
            let field = |field: &nutkin_types::data_type::RowField| {
                let nullable = field.data_type.nullable || element.nullable;
                Column::new(field.name.clone(), field.data_type.with_nullable(nullable))
            };
            Some(fields.iter().map(field).collect())
        }
        _ => Some(vec![Column::new("EXPR$0", (**element).clone())]),
    }
}
