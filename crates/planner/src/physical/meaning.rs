//! What an operator means, as the text its id is made from: the only place that decides when state is found again.
//!
//! State belongs to what it was computed from, not to positions and names. So every column is traced back to the tables it
//! comes from ([`Lineage`]), and an operator's meaning speaks of lineages: a new column in a projection, another alias or
//! another order of columns leave all ids as they are; another key, argument, filter or window changes them.
//! The texts are stored with state in the form of hashes: changing one loses the state of running statements.

use nutkin_plan::ids::IdAssigner;
use nutkin_plan::operators::{ExchangeKind, ScanColumn, SinkTarget, TemporalJoinKind, WindowInput, WindowProperty};
use nutkin_plan::{AggregateCall, Expr, ExprKind, Operator, Table, WindowSpec};

mod joins;
mod ordered;
mod rows;
mod two_phase;

/// What each output column of a node is made of.
pub(super) type Lineage = Vec<String>;

/// Longer lineages are replaced by their hash, or nested queries would grow texts without bound.
const LONGEST: usize = 160;

/// The meaning of an operator over `inputs`, and the lineage of its output.
pub(super) fn describe(operator: &Operator, tables: &[Table], inputs: &[&Lineage]) -> (String, Lineage) {
    let input: &[String] = inputs.first().map_or(&[], |lineage| lineage.as_slice());
    let both: Lineage = inputs.iter().flat_map(|lineage| lineage.iter().cloned()).collect();
    let (meaning, lineage) = match operator {
        Operator::TableSourceScan(op) => {
            let table = tables.get(op.table).map(|table| table.path.to_string()).unwrap_or_default();
            let columns = op.columns.iter().map(|column| format!("{table}.{}", scan_column(column))).collect();
            (table, columns)
        }
        Operator::Values(op) => {
            let width = op.rows.first().map_or(0, Vec::len);
            (format!("{:?}", op.rows), (0..width).map(|i| format!("values.{i}")).collect())
        }
        Operator::Calc(op) => {
            let condition = op.condition.as_ref().map(|condition| expression(condition, input)).unwrap_or_default();
            (condition, op.projection.iter().map(|expr| expression(expr, input)).collect())
        }
        Operator::Exchange(op) => {
            let keys = match &op.kind {
                ExchangeKind::Hash(keys) => columns(keys, input),
                ExchangeKind::Single => "single".to_owned(),
            };
            (keys, both)
        }
        Operator::Union(_) => (String::new(), (0..input.len()).map(|i| union_column(inputs, i)).collect()),
        Operator::DropUpdateBefore(_) => (String::new(), both),
        Operator::ChangelogNormalize(op) => (columns(&op.key, input), both),
        Operator::GroupAggregate(op) => {
            let meaning = format!("{};{}", columns(&op.grouping, input), calls(&op.calls, input));
            let keys = op.grouping.iter().map(|&key| column(key, input));
            (meaning, keys.chain(op.calls.iter().map(|c| call(c, input))).collect())
        }
        Operator::WindowTableFunction(op) => {
            let time = column(op.time_column, input);
            let window = match op.partition.as_slice() {
                [] => window(&op.window),
                partition => format!("{} by {}", window(&op.window), columns(partition, input)),
            };
            let bounds = ["start", "end", "time"].map(|bound| format!("{window}({time}).{bound}"));
            (format!("{window}({time})"), both.into_iter().chain(bounds).collect())
        }
        Operator::WindowAggregate(op) => {
            let assigned = assigned(&op.input, input);
            let meaning = format!("{assigned};{};{}", columns(&op.grouping, input), calls(&op.calls, input));
            let keys = op.grouping.iter().map(|&key| column(key, input));
            let bounds = op.properties.iter().map(|property| format!("{assigned}.{}", bound(*property)));
            (meaning, keys.chain(op.calls.iter().map(|c| call(c, input))).chain(bounds).collect())
        }
        Operator::LocalWindowAggregate(_)
        | Operator::GlobalWindowAggregate(_)
        | Operator::LocalGroupAggregate(_)
        | Operator::GlobalGroupAggregate(_)
        | Operator::IncrementalGroupAggregate(_) => two_phase::describe(operator, input),
        Operator::TemporalJoin(op) => {
            let kind = match op.kind {
                TemporalJoinKind::Inner => "inner",
                TemporalJoinKind::Left => "left",
            };
            let right: &[String] = inputs.get(1).map_or(&[], |lineage| lineage.as_slice());
            let meaning = format!(
                "{kind};{}={};{};{}",
                columns(&op.left_keys, input),
                columns(&op.right_keys, right),
                column(op.left_time, input),
                column(op.right_time, right)
            );
            (meaning, both)
        }
        Operator::Limit(op) => (format!("{},{}", op.offset, op.fetch), both),
        Operator::Join(_) | Operator::IntervalJoin(_) | Operator::WindowJoin(_) | Operator::LookupJoin(_) => {
            joins::describe(operator, tables, inputs)
        }
        Operator::Correlate(_) | Operator::Expand(_) | Operator::GroupWindowAggregate(_) | Operator::Match(_) => {
            rows::describe(operator, input)
        }
        Operator::OverAggregate(_)
        | Operator::Rank(_)
        | Operator::Deduplicate(_)
        | Operator::WindowRank(_)
        | Operator::WindowDeduplicate(_)
        | Operator::Sort(_)
        | Operator::TemporalSort(_)
        | Operator::SortLimit(_) => ordered::describe(operator, input),
        Operator::Sink(op) => {
            let target = match op.target {
                SinkTarget::Table(table) => tables.get(table).map(|table| table.path.to_string()).unwrap_or_default(),
                SinkTarget::Collect => "collect".to_owned(),
            };
            (target, both)
        }
    };
    (meaning, lineage.into_iter().map(shortened).collect())
}

fn shortened(text: String) -> String {
    if text.len() <= LONGEST {
        return text;
    }
    format!("#{}", IdAssigner::default().assign("lineage", &text, &[]))
}

fn column(index: usize, input: &[String]) -> String {
    input.get(index).cloned().unwrap_or_default()
}

fn columns(indices: &[usize], input: &[String]) -> String {
    indices.iter().map(|&index| column(index, input)).collect::<Vec<_>>().join(",")
}

fn union_column(inputs: &[&Lineage], index: usize) -> String {
    let parts: Vec<String> = inputs.iter().map(|lineage| column(index, lineage)).collect();
    format!("union({})", parts.join("|"))
}

fn scan_column(column: &ScanColumn) -> String {
    match column {
        ScanColumn::Physical(name) => name.clone(),
        ScanColumn::Metadata(key) => format!("metadata:{}", key.name()),
        ScanColumn::Rowtime => "$rowtime".to_owned(),
    }
}

fn calls(calls: &[AggregateCall], input: &[String]) -> String {
    calls.iter().map(|c| call(c, input)).collect::<Vec<_>>().join(",")
}

fn call(call: &AggregateCall, input: &[String]) -> String {
    let distinct = if call.distinct { "distinct " } else { "" };
    let filter = call.filter.map(|filter| format!(" where {}", column(filter, input))).unwrap_or_default();
    let literals: String = call.literals.iter().map(|literal| format!(",{literal:?}")).collect();
    format!("{}({distinct}{}{literals}){filter}", call.function, columns(&call.args, input))
}

fn window(window: &WindowSpec) -> String {
    match window {
        WindowSpec::Tumble { size, offset } => format!("tumble {size} {offset}"),
        WindowSpec::Hop { slide, size, offset } => format!("hop {slide} {size} {offset}"),
        WindowSpec::Cumulate { step, max, offset } => format!("cumulate {step} {max} {offset}"),
        WindowSpec::Session { gap } => format!("session {gap}"),
    }
}

/// Which windows the rows are put into, and by what.
fn assigned(of: &WindowInput, input: &[String]) -> String {
    match of {
        WindowInput::Assign { window: w, time_column } => format!("{}({})", window(w), column(*time_column, input)),
        WindowInput::Attached { window: w, start_column, end_column, .. } => {
            format!("{}({})", window(w), columns(&[*start_column, *end_column], input))
        }
    }
}

fn bound(property: WindowProperty) -> &'static str {
    match property {
        WindowProperty::Start => "start",
        WindowProperty::End => "end",
        WindowProperty::Time => "time",
    }
}

fn expression(expr: &Expr, input: &[String]) -> String {
    let parts = |parts: Vec<&Expr>| parts.into_iter().map(|part| expression(part, input)).collect::<Vec<_>>().join(",");
    match &expr.kind {
        ExprKind::Input(index) => column(*index, input),
        ExprKind::Literal(value) => format!("{value:?}:{}", expr.data_type.logical),
        ExprKind::Call { function, .. } => format!("{function}({})", parts(expr.children())),
        ExprKind::Cast { arg, .. } => format!("cast({} as {})", expression(arg, input), expr.data_type.logical),
        ExprKind::Case { .. } => format!("case({})", parts(expr.children())),
        ExprKind::Field { arg, index } => format!("{}.{index}", expression(arg, input)),
    }
}
