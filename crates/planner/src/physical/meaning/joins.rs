//! What joins mean: kind, keys, conditions and times, by lineage.

use nutkin_plan::operators::{JoinCondition, JoinKind};
use nutkin_plan::{Operator, Table};

use super::{Lineage, column, columns, expression, scan_column, window};

pub(super) fn describe(operator: &Operator, tables: &[Table], inputs: &[&Lineage]) -> (String, Lineage) {
    let left: &[String] = inputs.first().map_or(&[], |lineage| lineage.as_slice());
    let right: &[String] = inputs.get(1).map_or(&[], |lineage| lineage.as_slice());
    let output = |kind: JoinKind| match kind.keeps_right() {
        true => left.iter().chain(right).cloned().collect(),
        false => left.to_vec(),
    };
    match operator {
        Operator::Join(op) => (on(op.kind, &op.on, left, right), output(op.kind)),
        Operator::IntervalJoin(op) => {
            let times = (column(op.left_time, left), column(op.right_time, right));
            let meaning = format!(
                "{};{} within {} {} of {}",
                on(op.kind, &op.on, left, right),
                times.0,
                op.lower,
                op.upper,
                times.1
            );
            (meaning, output(op.kind))
        }
        Operator::WindowJoin(op) => {
            let bounds = |start: usize, end: usize, input: &[String]| columns(&[start, end], input);
            let meaning = format!(
                "{};{};{}={}",
                on(op.kind, &op.on, left, right),
                window(&op.window),
                bounds(op.left_window.start, op.left_window.end, left),
                bounds(op.right_window.start, op.right_window.end, right)
            );
            (meaning, output(op.kind))
        }
        Operator::LookupJoin(op) => {
            let table = tables.get(op.table).map(|table| table.path.to_string()).unwrap_or_default();
            let of_table: Lineage = op.columns.iter().map(|c| format!("{table}.{}", scan_column(c))).collect();
            let keys =
                op.keys.iter().map(|(key, expr)| format!("{}={}", column(*key, &of_table), expression(expr, left)));
            let keys = keys.collect::<Vec<_>>().join(",");
            (format!("{};{table};{keys}", op.kind.name()), left.iter().cloned().chain(of_table).collect())
        }
        _ => (String::new(), left.to_vec()),
    }
}

fn on(kind: JoinKind, on: &JoinCondition, left: &[String], right: &[String]) -> String {
    let both: Lineage = left.iter().chain(right).cloned().collect();
    let condition = on.condition.as_ref().map(|condition| expression(condition, &both)).unwrap_or_default();
    let nulls: String = on.filter_nulls.iter().map(|&filter| if filter { '=' } else { '~' }).collect();
    format!("{};{}{nulls}{};{condition}", kind.name(), columns(&on.left_keys, left), columns(&on.right_keys, right))
}
