//! Joins in the order that makes the fewest rows on the way, where a statement asks for it.
//!
//! Neighbouring joins become one list of tables with conditions ([`flatten`]); the orders of their inner joins are compared by
//! what they would put out ([`search`], [`rows`]); the tables that a LEFT or RIGHT JOIN fills are added afterwards, in their
//! order. Every other join, one that is bounded by time or by windows, one with a condition that must not be evaluated more or
//! less often, and every projection is a border: it is a table of the list, with an order of its own inside.
//!
//! The search, its assumptions and the choice among equals are Flink's, so that plans are Flink's (decision 17). Columns, keys
//! and changes of the result stay those of the written order.

use nutkin_plan::Expr;
use nutkin_plan::operators::JoinKind;

use super::{join_keys, merge_calcs};
use crate::analyze::query::temporal_and as and;
use crate::physical::changes;
use crate::relational::keys::upsert_keys;
use crate::relational::{Calc, Join, Rel};
use crate::tables::Tables;
use flatten::{Joined, flatten};
use search::{Order, Shape};

mod flatten;
mod rows;
mod search;

/// The tree with every list of joins in its best order; of lists of at most `most` tables every order is looked at.
pub(super) fn reorder_joins(mut rel: Rel, most: usize, tables: &dyn Tables) -> Rel {
    inside(&mut rel, most, tables);
    let Some(joined) = flatten(&rel) else { return rel };
    let order = search::best_order(&joined, most, tables);
    let reordered = Building { joined: &joined, order: &order }.whole(&rel);
    let reordered = merge_calcs::merge_calcs(join_keys::find_join_keys(reordered));
    if keeps_meaning(&rel, &reordered) { reordered } else { rel }
}

/// Reorders what lies below the list of joins that `rel` begins, or below `rel` where it begins none.
fn inside(rel: &mut Rel, most: usize, tables: &dyn Tables) {
    let joined = flatten::joined_sides(rel);
    for (place, input) in rel.inputs_mut().into_iter().enumerate() {
        if joined.is_some_and(|sides| sides[place]) {
            inside(input, most, tables);
        } else {
            let taken = std::mem::replace(input, Rel::one_row());
            *input = reorder_joins(taken, most, tables);
        }
    }
}

/// True when what stands above cannot tell the orders apart: the changes are the same, and no key is lost.
fn keeps_meaning(before: &Rel, after: &Rel) -> bool {
    let (old, new) = (upsert_keys(before), upsert_keys(after));
    let is_kept = |key: &Vec<usize>| new.iter().any(|other| other.iter().all(|column| key.contains(column)));
    before.schema == after.schema && changes(before) == changes(after) && old.iter().all(is_kept)
}

/// Makes joins of an order.
struct Building<'a> {
    joined: &'a Joined,
    order: &'a Order,
}

/// A relation, and which columns of the list its columns are.
struct Part {
    rel: Rel,
    columns: Vec<usize>,
    tables: u64,
    ttl: Option<i64>,
}

impl Building<'_> {
    /// The joins with the columns of `written`.
    fn whole(&self, written: &Rel) -> Rel {
        let mut part = self.inner(self.order.root);
        for (place, table) in self.joined.tables.iter().enumerate() {
            if let Some(on) = &table.outer {
                part = join(part, self.table(place), JoinKind::Left, on.clone());
            }
        }
        if part.columns.iter().copied().eq(0..written.schema.len()) && part.rel.schema == written.schema {
            return part.rel;
        }
        let place = |column: usize| part.columns.iter().position(|&other| other == column).unwrap_or(column);
        let columns = written.schema.columns.iter().enumerate();
        let projection = columns.map(|(i, column)| Expr::input(place(i), column.data_type.clone())).collect();
        Rel::new(Calc { input: Box::new(part.rel), projection, condition: None }, written.schema.clone())
    }

    fn inner(&self, node: usize) -> Part {
        match self.order.shapes[node] {
            Shape::Table(place) => self.table(place),
            Shape::Join(left, right) => {
                let (left, right) = (self.inner(left), self.inner(right));
                let on = self.joined.conditions_between(left.tables, right.tables);
                join(left, right, JoinKind::Inner, on.map(|condition| condition.expr.clone()).collect())
            }
        }
    }

    fn table(&self, place: usize) -> Part {
        let table = &self.joined.tables[place];
        let columns = (table.first..table.first + table.rel.schema.len()).collect();
        Part { rel: table.rel.clone(), columns, tables: 1 << place, ttl: table.ttl }
    }
}

/// `left` and `right` joined on conditions over the columns of the list.
fn join(left: Part, right: Part, kind: JoinKind, on: Vec<Expr>) -> Part {
    let columns: Vec<usize> = left.columns.into_iter().chain(right.columns).collect();
    let place = |column: usize| columns.iter().position(|&other| other == column).unwrap_or(column);
    let moved = on.into_iter().map(|mut condition| {
        condition.map_inputs(&place);
        condition
    });
    let condition = and(moved.collect());
    let (left_ttl, right_ttl) = (left.ttl, right.ttl);
    let rel = Rel::join(Join { left_ttl, right_ttl, ..Join::new(left.rel, right.rel, kind, condition) });
    Part { rel, columns, tables: left.tables | right.tables, ttl: None }
}
