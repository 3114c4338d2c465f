//! Making small what differs.
//!
//! Of an expression every smaller form that still has a type is tried, all of them in one job: parts in the place of the whole,
//! leaves in the place of parts. The smallest that differs in the same way goes on. A query loses one clause after the other.

use crate::compare::{Difference, Kind, PACK, Verdict, verdict, verdicts};
use crate::sides::flink::Flink;
use crate::sides::nutkin::Nutkin;
use crate::sql::expressions::Expressions;
use crate::sql::queries::Query;
use crate::sql::tree::Tree;

/// A loss of a round each at least, so that it ends; more than any expression is deep.
const ROUNDS: usize = 12;
/// Jobs for one query.
const QUERIES: usize = 60;

/// The smallest expression found that differs too, and how.
pub fn expression(
    tree: Tree,
    difference: Difference,
    expressions: &Expressions,
    nutkin: &Nutkin,
    flink: &mut Flink,
) -> (Tree, Difference) {
    let (mut tree, mut difference) = (tree, difference);
    for _ in 0..ROUNDS {
        let mut smaller = smaller(&tree, expressions);
        smaller.truncate(if difference.kind == Kind::OnlyNutkin { PACK / 8 } else { PACK });
        let found = verdicts(&smaller, nutkin, flink, difference.kind == Kind::OnlyNutkin);
        let of_kind = smaller.into_iter().zip(found).filter_map(|(tree, verdict)| match verdict {
            Verdict::Differs(found) if found.kind == difference.kind => Some((tree, found)),
            _ => None,
        });
        match of_kind.min_by_key(|(tree, _)| (tree.size(), tree.sql().len())) {
            Some(found) => (tree, difference) = found,
            None => break,
        }
    }
    (tree, difference)
}

/// What is smaller than the tree and has a type, the smallest first.
pub fn smaller(tree: &Tree, expressions: &Expressions) -> Vec<Tree> {
    let (size, length) = (tree.size(), tree.sql().len());
    let mut found: Vec<Tree> = tree.children().filter(|child| !child.is_leaf()).cloned().collect();
    let instead = |part: &Tree| {
        let of_type = part.children().filter(|child| child.logical == part.logical).cloned();
        let leaves = if part.is_leaf() { Vec::new() } else { expressions.leaves.simple(&part.logical) };
        of_type.chain(leaves).collect()
    };
    found.extend(tree.replaced(&instead).into_iter().filter(|other| !other.is_leaf()));
    found.retain_mut(|other| {
        let is_smaller = (other.size(), other.sql().len()) < (size, length);
        is_smaller && expressions.typed(other)
    });
    found.sort_by_key(|tree| (tree.size(), tree.sql().len()));
    found.dedup();
    found
}

/// The smallest query found that differs too, and how.
pub fn query(query: Query, difference: Difference, nutkin: &Nutkin, flink: &mut Flink) -> (Query, Difference) {
    let (mut query, mut difference) = (query, difference);
    let mut left = QUERIES;
    'smaller: loop {
        for smaller in query.smaller() {
            if left == 0 {
                break 'smaller;
            }
            left -= 1;
            match verdict(&smaller.sql(), nutkin, flink) {
                Verdict::Differs(found) if found.kind == difference.kind => {
                    (query, difference) = (smaller, found);
                    continue 'smaller;
                }
                _ => {}
            }
        }
        break;
    }
    (query, difference)
}
