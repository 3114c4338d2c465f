//! Aggregations in two phases: a local one folds the rows where they are, so that less is sent and a key that is in most rows
//! does not burden one task; a global one merges (spec operations.md 4.6).

use nutkin_functions::aggregate::{self, AggregateOptions};
use nutkin_plan::AggregateCall;
use nutkin_plan::operators::MergedCall;
use nutkin_types::{Column, DataType, LogicalType, Schema};

use crate::error::{ErrorKind, PlannerError, Result};

/// The calls of an aggregation, as both of its phases see them.
pub(super) struct Phases {
    /// Output of the first phase: keys, the state columns of all calls, the number of rows.
    pub columns: Vec<Column>,
    pub calls: Vec<MergedCall>,
    /// How many state columns each call has.
    pub state_widths: Vec<usize>,
    /// Which of the columns is the number of rows.
    pub rows_column: usize,
}

/// True when the values of all calls can be put together from parts.
pub(super) fn all_merge(calls: &[AggregateCall], input_retracts: bool) -> bool {
    let merges = |call: &AggregateCall| aggregate::lookup(&call.function).is_some_and(|f| f.merges(input_retracts));
    calls.iter().all(merges)
}

impl Phases {
    /// `calls` over rows of `input` by `grouping`.
    pub fn new(grouping: &[usize], calls: &[AggregateCall], input: &Schema, input_retracts: bool) -> Result<Phases> {
        let plain = |&key: &usize| Column { time_attribute: None, ..input.columns[key].clone() };
        let mut columns: Vec<Column> = grouping.iter().map(plain).collect();
        let mut merged = Vec::with_capacity(calls.len());
        for call in calls {
            let arg_types: Vec<DataType> = call.args.iter().map(|&arg| input.columns[arg].data_type.clone()).collect();
            let name = call.function.trim_start_matches('$').to_lowercase();
            let first = columns.len();
            for state in state_types(call, &arg_types, input_retracts)? {
                columns
                    .push(Column::new(format!("{name}${}", columns.len() - grouping.len()), state.with_nullable(true)));
            }
            let call = AggregateCall { args: (first..columns.len()).collect(), filter: None, ..call.clone() };
            merged.push(MergedCall { call, arg_types });
        }
        columns.push(Column::new("count1$".to_owned(), LogicalType::BigInt.not_null()));
        let state_widths = merged.iter().map(|merged| merged.call.args.len()).collect();
        Ok(Phases { rows_column: columns.len() - 1, columns, calls: merged, state_widths })
    }
}

/// What the accumulator of `call` would write into a checkpoint, too.
fn state_types(call: &AggregateCall, arg_types: &[DataType], input_retracts: bool) -> Result<Vec<DataType>> {
    let internal = |text: String| PlannerError::new(ErrorKind::Internal, text);
    let function = aggregate::lookup(&call.function)
        .ok_or_else(|| internal(format!("the aggregate function {} is not built in", call.function)))?;
    let options = AggregateOptions {
        arg_types,
        literals: &call.literals,
        distinct: call.distinct,
        result: &call.data_type,
        input_retracts,
    };
    Ok(function.create(&options).map_err(|error| internal(error.to_string()))?.state_types())
}
