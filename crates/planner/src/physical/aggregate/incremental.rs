//! StreamIncrementalGroupAggregate: an aggregation over the buckets of DISTINCT values, in two phases each. The second phase
//! of the buckets and the first one above them are one operator, which sends on what is new to a bucket.

use nutkin_plan::operators::{GlobalGroupAggregate, IncrementalGroupAggregate, MergedCall};
use nutkin_plan::{AggregateCall, ChangelogMode};
use nutkin_types::Schema;

use super::{finish, is_two_phase, local, ttl};
use crate::error::Result;
use crate::physical::Need;
use crate::physical::builder::{Builder, Draft};
use crate::physical::changes::changes;
use crate::physical::two_phase::Phases;
use crate::relational::{Aggregate, AggregateStep, Rel, RelOp};

/// The aggregation over buckets below `op`, where both can be one.
pub(super) fn buckets(builder: &Builder<'_>, op: &Aggregate) -> Option<Aggregate> {
    let RelOp::Aggregate(below) = &op.input.op else { return None };
    let is_split = op.step == AggregateStep::Merging && below.step == AggregateStep::Buckets;
    let both = || is_two_phase(builder, op, true) && is_two_phase(builder, below, !changes(&below.input).is_append());
    (is_split && builder.session.optimizer.is_incremental && both()).then(|| below.clone())
}

pub(super) fn lower(
    builder: &mut Builder<'_>,
    rel: &Rel,
    op: &Aggregate,
    below: &Aggregate,
    need: Need,
) -> Result<usize> {
    let input = builder.lower(&below.input, Need::BeforeAndAfter)?;
    let node = builder.node(input);
    let (schema, retracts) = (node.schema.clone(), !node.changelog_mode.is_append());
    let (first, phases) = local(builder, below, input)?;
    let partial_grouping: Vec<usize> = (0..below.grouping.len()).collect();
    let exchange = builder.exchange(first, &partial_grouping);
    let plain = |call: &AggregateCall| AggregateCall { distinct: false, ..call.clone() };
    let plain: Vec<AggregateCall> = below.calls.iter().map(plain).collect();
    let keys: Vec<usize> = op.grouping.iter().filter_map(|&key| below.grouping.get(key).copied()).collect();
    let out = Phases::new(&keys, &plain, &schema, retracts)?;
    let incremental = Draft {
        operator: IncrementalGroupAggregate {
            partial_grouping,
            final_grouping: op.grouping.clone(),
            calls: phases.calls,
            state_widths: out.state_widths,
            rows_column: phases.rows_column,
            retracts,
            state_ttl: ttl(builder, below),
        }
        .into(),
        inputs: vec![exchange],
        schema: Schema::new(out.columns),
        mode: ChangelogMode::Append,
        keys: Vec::new(),
    };
    let incremental = builder.push(incremental);
    let grouping: Vec<usize> = (0..op.grouping.len()).collect();
    let exchange = builder.exchange(incremental, &grouping);
    // What merges the values of buckets is the function of the buckets, over what was new in them.
    let of_bucket = |call: &AggregateCall| -> Option<MergedCall> {
        let place = call.args.first()?.checked_sub(below.grouping.len())?;
        let bucket = out.calls.get(place)?;
        let whole = AggregateCall { name: call.name.clone(), data_type: call.data_type.clone(), ..bucket.call.clone() };
        Some(MergedCall { call: whole, arg_types: bucket.arg_types.clone() })
    };
    let generate_update_before = need == Need::BeforeAndAfter;
    let global = GlobalGroupAggregate {
        grouping,
        calls: op.calls.iter().filter_map(of_bucket).collect(),
        rows_column: out.rows_column,
        retracts,
        generate_update_before,
        state_ttl: ttl(builder, op),
    };
    Ok(finish(builder, rel, (global.into(), exchange), (false, generate_update_before)))
}
