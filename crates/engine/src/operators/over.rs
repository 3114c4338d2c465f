//! StreamOverAggregate: a result for every row, out of the rows around it in its partition.
//!
//! Three ways, by what orders the rows. By time ([`time`]): a row's result is final once its time has come. By something else
//! ([`changing`]): a row that comes or goes changes the results of those after it. Where the input ends ([`whole`]): everything
//! is computed then, for every order and frame.

use nutkin_plan::AggregateCall;
use nutkin_plan::operators::OverAggregate;
use nutkin_types::{Schema, TimeAttribute};

use crate::error::{Failure, FailureKind, Result};
use crate::operators::aggregates::Aggregates;
use crate::operators::{Operator, OperatorOptions};

mod changing;
mod frame;
mod ranking;
mod sorted;
mod stored;
mod time;
mod whole;

pub(super) fn create(over: &OverAggregate, options: &OperatorOptions<'_>) -> Result<Box<dyn Operator>> {
    if over.at_end {
        return whole::create(over, options);
    }
    let input = options.input(0)?;
    let first = over.order.first().and_then(|key| input.columns.get(key.column));
    match first.and_then(|column| column.time_attribute) {
        Some(attribute) => time::create(over, attribute == TimeAttribute::Rowtime, options),
        None => changing::create(over, options),
    }
}

/// The columns that the calls read, and the calls over just these.
struct Arguments {
    columns: Vec<usize>,
    calls: Vec<AggregateCall>,
    schema: Schema,
}

impl Arguments {
    fn new(calls: &[AggregateCall], input: &Schema) -> Arguments {
        let mut columns: Vec<usize> =
            calls.iter().flat_map(|call| call.args.iter().chain(&call.filter)).copied().collect();
        columns.sort_unstable();
        columns.dedup();
        let place = |column: usize| columns.partition_point(|&known| known < column);
        let calls = calls.iter().map(|call| AggregateCall {
            // The number of a row is how many there are up to it.
            function: if call.function == "ROW_NUMBER" { "COUNT".to_owned() } else { call.function.clone() },
            args: call.args.iter().map(|&arg| place(arg)).collect(),
            filter: call.filter.map(place),
            ..call.clone()
        });
        Arguments { calls: calls.collect(), schema: input.project(&columns), columns }
    }

    /// Accumulators for the calls over these columns.
    fn aggregates(&self, retracts: bool) -> Result<Aggregates> {
        Aggregates::new(&self.calls, &self.schema, retracts)
    }
}

/// Refuses functions that need all rows of a partition.
fn check_running(over: &OverAggregate) -> Result<()> {
    let whole = ["RANK", "DENSE_RANK", "PERCENT_RANK", "CUME_DIST", "NTILE", "LEAD"];
    match over.calls.iter().find(|call| whole.contains(&call.function.as_str())) {
        None => Ok(()),
        Some(call) => Err(unsupported(format!(
            "{} over a window of a streaming query is planned, but cannot be run by this release. Put a condition on \
             the rank, which makes a Top-N of it",
            call.function
        ))),
    }
}

fn unsupported(cause: impl Into<String>) -> Failure {
    Failure::new(FailureKind::Unsupported, cause)
}
