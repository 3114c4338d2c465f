//! A tree of joins as a list of tables with conditions over all of their columns.

use nutkin_plan::operators::JoinKind;
use nutkin_plan::{Expr, ExprKind};
use nutkin_types::{DataType, LogicalType};

use crate::analyze::query::split_and;
use crate::relational::{Join, JoinBound, Rel, RelOp};
use crate::rules::determinism::is_movable;

/// Tables and conditions of neighbouring joins.
pub(super) struct Joined {
    pub tables: Vec<Table>,
    /// Of the inner joins: each reads several tables.
    pub conditions: Vec<Condition>,
}

/// One input of the list.
pub(super) struct Table {
    pub rel: Rel,
    /// Its first column among those of the list, which are in the order of the tables.
    pub first: usize,
    /// Filled by a LEFT or RIGHT JOIN, on these conditions over the columns of the list.
    pub outer: Option<Vec<Expr>>,
    /// Of a STATE_TTL hint.
    pub ttl: Option<i64>,
}

pub(super) struct Condition {
    pub expr: Expr,
    /// A bit per table that it reads.
    pub tables: u64,
    /// The columns of `a = b`.
    pub key: Option<[usize; 2]>,
}

impl Joined {
    /// The conditions that a join of these tables can and must ask for.
    pub fn conditions_between(&self, left: u64, right: u64) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().filter(move |condition| {
            let read = condition.tables;
            read & left != 0 && read & right != 0 && read & !(left | right) == 0
        })
    }
}

/// The most tables: a bit of a word each.
const MOST: usize = 64;

/// The list that begins at `rel`; None where no list does.
pub(super) fn flatten(rel: &Rel) -> Option<Joined> {
    let mut parts = Parts { tables: Vec::new(), conditions: Vec::new() };
    joined_sides(rel)?;
    parts.add(rel, 0);
    if parts.tables.len() > MOST {
        return None;
    }
    let table_of = |column: usize| parts.tables.partition_point(|table| table.first <= column).saturating_sub(1);
    let conditions = parts.conditions.into_iter().map(|expr| {
        let tables = expr.inputs().into_iter().fold(0, |bits, column| bits | 1 << table_of(column));
        Condition { key: key(&expr), tables, expr }
    });
    let conditions = conditions.collect();
    Some(Joined { tables: parts.tables, conditions })
}

/// For each side of the join `rel` whether its tables are of the same list; None where `rel` is no join of a list.
pub(super) fn joined_sides(rel: &Rel) -> Option<[bool; 2]> {
    look(rel).map(|found| found.sides)
}

/// What is to be known of a join of a list.
struct Found {
    sides: [bool; 2],
    /// Columns that a LEFT or RIGHT JOIN of the list fills with NULL.
    filled: Vec<usize>,
}

fn look(rel: &Rel) -> Option<Found> {
    let RelOp::Join(join) = &rel.op else { return None };
    let width = join.left.schema.len();
    let conjuncts: Vec<Expr> = join.condition.clone().into_iter().flat_map(split_and).collect();
    let reads_both = |expr: &Expr| {
        let inputs = expr.inputs();
        inputs.iter().any(|&column| column < width) && inputs.iter().any(|&column| column >= width)
    };
    let fits = match join.kind {
        JoinKind::Inner => conjuncts.iter().all(reads_both),
        JoinKind::Left | JoinKind::Right => true,
        JoinKind::Full | JoinKind::Semi | JoinKind::Anti => false,
    };
    if !fits || join.bound != JoinBound::None || !conjuncts.iter().all(is_movable) {
        return None;
    }
    let read: Vec<usize> = conjuncts.iter().flat_map(Expr::inputs).collect();
    let of_left: Vec<usize> = read.iter().copied().chain(join.left_keys.iter().copied()).collect();
    let of_right = read.iter().filter_map(|column| column.checked_sub(width)).chain(join.right_keys.iter().copied());
    let of_right: Vec<usize> = of_right.collect();
    let free = |found: &Found, read: &[usize]| !read.iter().any(|column| found.filled.contains(column));
    let left = look(&join.left).filter(|found| !join.kind.fills_left() && free(found, &of_left));
    let right = look(&join.right).filter(|found| !join.kind.fills_right() && free(found, &of_right));
    let sides = [left.is_some(), right.is_some()];
    let of = |found: Option<Found>| found.map(|found| found.filled).unwrap_or_default();
    let mut filled = of(left);
    filled.extend(of(right).into_iter().map(|column| column + width));
    if join.kind.fills_left() {
        filled.extend(0..width);
    }
    if join.kind.fills_right() {
        filled.extend(width..rel.schema.len());
    }
    Some(Found { sides, filled })
}

struct Parts {
    tables: Vec<Table>,
    conditions: Vec<Expr>,
}

impl Parts {
    /// Adds the tables and conditions of `rel`, whose first column is `first` of the list's.
    fn add(&mut self, rel: &Rel, first: usize) {
        let (RelOp::Join(join), Some([left, right])) = (&rel.op, joined_sides(rel)) else { return };
        let width = join.left.schema.len();
        let on = conditions(join).into_iter().map(|mut condition| {
            condition.map_inputs(&|column| column + first);
            condition
        });
        let on: Vec<Expr> = on.collect();
        let outer = |is_filled: bool| is_filled.then(|| on.clone());
        if left {
            self.add(&join.left, first);
        } else {
            let rel = (*join.left).clone();
            self.tables.push(Table { rel, first, outer: outer(join.kind.fills_left()), ttl: join.left_ttl });
        }
        if right {
            self.add(&join.right, first + width);
        } else {
            let (rel, first) = ((*join.right).clone(), first + width);
            self.tables.push(Table { rel, first, outer: outer(join.kind.fills_right()), ttl: join.right_ttl });
        }
        if join.kind == JoinKind::Inner {
            self.conditions.extend(on);
        }
    }
}

/// Keys and condition of a join, over left columns followed by right columns.
fn conditions(join: &Join) -> Vec<Expr> {
    let width = join.left.schema.len();
    let pairs = join.left_keys.iter().zip(&join.right_keys).zip(&join.filter_nulls);
    let keys = pairs.filter_map(|((&left, &right), &filter_null)| {
        let (a, b) = (&join.left.column(left)?.data_type, &join.right.column(right)?.data_type);
        let name = if filter_null { "=" } else { "IS NOT DISTINCT FROM" };
        let nullable = filter_null && (a.nullable || b.nullable);
        let result = DataType { logical: LogicalType::Boolean, nullable };
        Some(Expr::call(name, vec![Expr::input(left, a.clone()), Expr::input(right + width, b.clone())], result))
    });
    keys.chain(join.condition.clone().into_iter().flat_map(split_and)).collect()
}

fn key(expr: &Expr) -> Option<[usize; 2]> {
    let ExprKind::Call { function, args } = &expr.kind else { return None };
    match (function.as_str(), args.as_slice()) {
        (
            "=" | "IS NOT DISTINCT FROM",
            [Expr { kind: ExprKind::Input(a), .. }, Expr { kind: ExprKind::Input(b), .. }],
        ) => Some([*a, *b]),
        _ => None,
    }
}
