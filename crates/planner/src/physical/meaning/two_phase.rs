//! What the operators of aggregations in two phases mean.

use nutkin_plan::operators::MergedCall;
use nutkin_plan::{AggregateCall, Operator};

use super::{Lineage, assigned, bound, call, calls, column, columns, window};

pub(super) fn describe(operator: &Operator, input: &[String]) -> (String, Lineage) {
    match operator {
        Operator::LocalWindowAggregate(op) => {
            let assigned = assigned(&op.input, input);
            let meaning = format!("{assigned};{};{}", columns(&op.grouping, input), calls(&op.calls, input));
            let parts = parts(&op.calls, &op.state_widths, input).chain([format!("{assigned}.slice")]);
            (meaning, keys(&op.grouping, input).chain(parts).collect())
        }
        Operator::GlobalWindowAggregate(op) => {
            let assigned = format!("{}({})", window(&op.window), column(op.end_column, input));
            let meaning = format!("{assigned};{};{}", columns(&op.grouping, input), merged(&op.calls, input).join(","));
            let bounds = op.properties.iter().map(|property| format!("{assigned}.{}", bound(*property)));
            (meaning, keys(&op.grouping, input).chain(merged(&op.calls, input)).chain(bounds).collect())
        }
        Operator::LocalGroupAggregate(op) => {
            let meaning = format!("{};{}", columns(&op.grouping, input), calls(&op.calls, input));
            let parts = parts(&op.calls, &op.state_widths, input);
            (meaning, keys(&op.grouping, input).chain(parts).collect())
        }
        Operator::GlobalGroupAggregate(op) => {
            let merged = merged(&op.calls, input);
            let meaning = format!("{};{}", columns(&op.grouping, input), merged.join(","));
            (meaning, keys(&op.grouping, input).chain(merged).collect())
        }
        Operator::IncrementalGroupAggregate(op) => {
            let merged: Vec<AggregateCall> = op.calls.iter().map(|merged| merged.call.clone()).collect();
            let grouping = columns(&op.partial_grouping, input);
            let meaning = format!("{grouping};{};{}", columns(&op.final_grouping, input), calls(&merged, input));
            let parts: Vec<String> = parts(&merged, &op.state_widths, input).collect();
            (meaning, keys(&op.final_grouping, input).chain(parts).collect())
        }
        _ => (String::new(), input.to_vec()),
    }
}

fn keys<'a>(grouping: &'a [usize], input: &'a [String]) -> impl Iterator<Item = String> + 'a {
    grouping.iter().map(|&key| column(key, input))
}

/// The state columns of the calls, and the number of rows.
fn parts<'a>(
    calls: &'a [AggregateCall],
    widths: &'a [usize],
    input: &'a [String],
) -> impl Iterator<Item = String> + 'a {
    let of_call = |(one, &width): (&'a AggregateCall, &'a usize)| {
        let whole = call(one, input);
        (0..width).map(move |i| format!("{whole}#{i}"))
    };
    calls.iter().zip(widths).flat_map(of_call).chain(["rows".to_owned()])
}

fn merged(calls: &[MergedCall], input: &[String]) -> Vec<String> {
    calls.iter().map(|merged| call(&merged.call, input)).collect()
}
