//! Rewrites of the relational plan. Each rule is a function from tree to tree that keeps the meaning; [`optimize`] is their
//! order.
//!
//! No search and no costs, but for the order of joins where a statement asks for it: the rules only ever improve. Filters go down first, so that expressions above them see fewer
//! rows; projections are merged where that computes nothing twice; columns that nobody reads are dropped last.

use crate::error::Result;
use crate::relational::Rel;
use crate::session::Session;
use crate::tables::Tables;

mod constant_keys;
mod determinism;
mod drop_empty;
mod event_time;
pub(crate) mod final_rows;
mod find_ranks;
mod fold_constants;
mod join_bounds;
mod join_keys;
mod merge_calcs;
mod prune_columns;
mod pull_up_window;
mod push_filters;
mod reorder_joins;
mod settle_time;
pub(crate) mod share_scans;
mod split_distinct;

/// The tree as it is where the query ends, if it does.
pub(crate) fn settled(rel: Rel, session: &Session) -> Rel {
    if session.is_batch() { final_rows::wait_for_end(rel) } else { rel }
}

/// The tree with all rules applied. Fails where event time is needed above something that has none.
pub(crate) fn optimize(rel: Rel, session: &Session, tables: &dyn Tables) -> Result<Rel> {
    let rel = fold_constants::fold_constants(settled(rel, session), &session.time_zone);
    let rel = merge_calcs::merge_calcs(push_filters::push_filters(rel));
    // A condition may have come to another join on its way.
    let rel = merge_calcs::merge_calcs(push_filters::push_filters(rel));
    let rel = merge_calcs::merge_calcs(constant_keys::drop_constant_keys(drop_empty::drop_empty(rel)));
    let rel = merge_calcs::merge_calcs(find_ranks::find_ranks(rel));
    let rel = merge_calcs::merge_calcs(join_keys::find_join_keys(rel));
    let rel = join_bounds::find_join_bounds(rel);
    let rel = match session.optimizer.most_reordered_joins {
        Some(most) => reorder_joins::reorder_joins(rel, most, tables),
        None => rel,
    };
    let rel = merge_calcs::merge_calcs(pull_up_window::pull_up_window(rel));
    let rel = event_time::drop_unused_time(settle_time::settle_time(rel, session.is_batch())?, session.is_batch());
    let rel = match session.optimizer.distinct_buckets {
        Some(buckets) if !session.is_batch() => split_distinct::split_distinct(rel, buckets),
        _ => rel,
    };
    Ok(merge_calcs::merge_calcs(prune_columns::prune_columns(merge_calcs::merge_calcs(rel))))
}

/// Applies `rule` to every relation, inputs first.
fn bottom_up(mut rel: Rel, rule: &impl Fn(Rel) -> Rel) -> Rel {
    for input in rel.inputs_mut() {
        let taken = std::mem::replace(input, Rel::one_row());
        *input = bottom_up(taken, rule);
    }
    rule(rel)
}
