//! A query that ends has one answer: what updates a result on the way to it waits for the end (spec Q-18).
//!
//! Aggregations put their groups out once all rows are there, OVER windows their rows, and a table that is updated by a key is read as it is at its
//! end. Everything above then sees inserts only.

use nutkin_plan::ChangelogMode;

use crate::relational::{Limit, Rel, RelOp, Sort};

pub(super) fn wait_for_end(mut rel: Rel) -> Rel {
    walk(&mut rel);
    rel
}

fn walk(rel: &mut Rel) {
    if let RelOp::Sort(sort) = &mut rel.op
        && let Some((offset, fetch)) = sort.limit.take()
    {
        // The first rows are known when all are.
        let sorted = std::mem::replace(rel, Rel::one_row());
        let schema = sorted.schema.clone();
        *rel = Rel::new(Limit { input: Box::new(sorted), offset, fetch }, schema);
    }
    match &mut rel.op {
        RelOp::Aggregate(aggregate) => aggregate.at_end = true,
        RelOp::Over(over) => over.at_end = true,
        RelOp::Scan(scan) => {
            scan.at_end = scan.table.changelog_mode == ChangelogMode::Upsert && scan.table.primary_key.is_some();
        }
        _ => {}
    }
    rel.inputs_mut().into_iter().for_each(walk);
}

/// All rows at the end, where `rel` is still updated on the way there.
pub(crate) fn once(rel: Rel) -> Rel {
    let schema = rel.schema.clone();
    Rel::new(Sort { input: Box::new(rel), order: Vec::new(), limit: None }, schema)
}
