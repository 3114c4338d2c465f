//! What operators mean that make other rows of rows.

use nutkin_plan::Operator;

use super::{Lineage, bound, call, calls, column, columns, expression, window};

pub(super) fn describe(operator: &Operator, input: &[String]) -> (String, Lineage) {
    match operator {
        Operator::Correlate(op) => {
            let args: Vec<String> = op.call.args.iter().map(|arg| expression(arg, input)).collect();
            let called = format!("{}({})", op.call.function, args.join(","));
            let made = op.call.rows.columns.iter().map(|c| format!("{called}.{}", c.name));
            let all: Lineage = input.iter().cloned().chain(made).collect();
            let condition = op.condition.as_ref().map(|condition| expression(condition, &all)).unwrap_or_default();
            (format!("{called};{};{condition}", op.outer), all)
        }
        Operator::Expand(op) => {
            let width = op.projections.first().map_or(0, Vec::len);
            let of_column = |i: usize| {
                let parts = op.projections.iter().filter_map(|row| row.get(i)).map(|expr| expression(expr, input));
                format!("expand({})", parts.collect::<Vec<_>>().join("|"))
            };
            let lineage: Lineage = (0..width).map(of_column).collect();
            (lineage.join(","), lineage)
        }
        Operator::GroupWindowAggregate(op) => {
            let assigned = format!("{}({})", window(&op.window), column(op.time_column, input));
            let meaning = format!("{assigned};{};{}", columns(&op.grouping, input), calls(&op.calls, input));
            let keys = op.grouping.iter().map(|&key| column(key, input));
            let bounds = op.properties.iter().map(|property| format!("{assigned}.{}", bound(*property)));
            (meaning, keys.chain(op.calls.iter().map(|c| call(c, input))).chain(bounds).collect())
        }
        Operator::Match(op) => {
            let partition = columns(&op.partition, input);
            // Variables and what they ask for are names of the pattern's own: any change makes other partial matches.
            let meaning = format!("{partition};{:?};{:?};{:?};{:?}", op.pattern, op.defines, op.after_match, op.within);
            let measures = op.measures.iter().map(|measure| format!("match({partition}).{}", measure.name));
            (meaning, op.partition.iter().map(|&key| column(key, input)).chain(measures).collect())
        }
        _ => (String::new(), input.to_vec()),
    }
}
