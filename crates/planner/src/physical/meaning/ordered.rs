//! What operators that order rows mean.

use nutkin_plan::Operator;
use nutkin_plan::operators::{Frame, RankRange, SortKey};

use super::{Lineage, call, calls, column, columns, window};

pub(super) fn describe(operator: &Operator, input: &[String]) -> (String, Lineage) {
    let same = input.to_vec();
    match operator {
        Operator::OverAggregate(op) => {
            let over = format!("{};{};{}", columns(&op.partition, input), order(&op.order, input), frame(&op.frame));
            let computed = op.calls.iter().map(|c| format!("{} over ({over})", call(c, input)));
            (format!("{over};{}", calls(&op.calls, input)), input.iter().cloned().chain(computed).collect())
        }
        Operator::Rank(op) => {
            let range = match op.range {
                RankRange::Constant { start, end } => format!("{start} {end}"),
                RankRange::Variable { end_column } => column(end_column, input),
            };
            let by = format!("{};{}", columns(&op.partition, input), order(&op.order, input));
            let rank = op.outputs_rank.then(|| format!("{}({by})", op.function.name()));
            (format!("{};{by};{range}", op.function.name()), same.into_iter().chain(rank).collect())
        }
        Operator::Deduplicate(op) => {
            let keep = if op.keep_last { "last" } else { "first" };
            (format!("{keep};{};{}", columns(&op.key, input), column(op.time, input)), same)
        }
        Operator::WindowRank(op) => {
            let by = format!(
                "{};{};{};{}",
                window(&op.window),
                columns(&[op.columns.start, op.columns.end], input),
                columns(&op.partition, input),
                order(&op.order, input)
            );
            let rank = op.outputs_rank.then(|| format!("{}({by})", op.function.name()));
            let meaning = format!("{};{by};{} {}", op.function.name(), op.start, op.end);
            (meaning, same.into_iter().chain(rank).collect())
        }
        Operator::WindowDeduplicate(op) => {
            let keep = if op.keep_last { "last" } else { "first" };
            let bounds = columns(&[op.columns.start, op.columns.end], input);
            let key = columns(&op.key, input);
            (format!("{keep};{};{bounds};{key};{}", window(&op.window), column(op.time, input)), same)
        }
        Operator::Sort(op) => (order(&op.order, input), same),
        Operator::TemporalSort(op) => (order(&op.order, input), same),
        Operator::SortLimit(op) => (format!("{};{} {}", order(&op.order, input), op.offset, op.fetch), same),
        _ => (String::new(), same),
    }
}

fn order(order: &[SortKey], input: &[String]) -> String {
    let key = |key: &SortKey| {
        let direction = if key.descending { "desc" } else { "asc" };
        let nulls = if key.nulls_first { "first" } else { "last" };
        format!("{} {direction} {nulls}", column(key.column, input))
    };
    order.iter().map(key).collect::<Vec<_>>().join(",")
}

fn frame(frame: &Frame) -> String {
    format!("{:?} {:?} {:?}", frame.unit, frame.start, frame.end)
}
