//! Equalities between both sides of a join become its keys: rows meet where their keys do.

use nutkin_plan::{Expr, ExprKind};

use super::bottom_up;
use crate::analyze::query::{split_and, temporal_and as and};
use crate::relational::{Join, JoinBound, Rel, RelOp, identity, join_schema};

pub(super) fn find_join_keys(rel: Rel) -> Rel {
    bottom_up(rel, &|rel| match rel {
        Rel { op: RelOp::Join(join), schema } if join.bound == JoinBound::None && join.condition.is_some() => {
            with_keys(join, schema)
        }
        other => other,
    })
}

/// `left = right` over one side each, and whether NULL meets nothing.
struct Pair {
    left: Expr,
    right: Expr,
    filter_null: bool,
}

fn pair(conjunct: &Expr, width: usize) -> Option<Pair> {
    let ExprKind::Call { function, args } = &conjunct.kind else { return null_safe(conjunct, width) };
    let filter_null = match function.as_str() {
        "=" => true,
        "IS NOT DISTINCT FROM" => false,
        _ => return null_safe(conjunct, width),
    };
    let [a, b] = args.as_slice() else { return None };
    sides(a, b, width, filter_null)
}

fn sides(a: &Expr, b: &Expr, width: usize, filter_null: bool) -> Option<Pair> {
    if !super::determinism::is_movable(a) || !super::determinism::is_movable(b) {
        return None;
    }
    let is_left = |expr: &Expr| expr.inputs().last().is_some_and(|&last| last < width);
    let is_right = |expr: &Expr| expr.inputs().first().is_some_and(|&first| first >= width);
    let (left, right) = match (is_left(a) && is_right(b), is_left(b) && is_right(a)) {
        (true, _) => (a, b),
        (_, true) => (b, a),
        _ => return None,
    };
    if left.data_type.logical != right.data_type.logical {
        return None;
    }
    let mut right = right.clone();
    right.map_inputs(&|column| column - width);
    Some(Pair { left: left.clone(), right, filter_null })
}

/// `a = b OR (a IS NULL AND b IS NULL)`, as people write it.
fn null_safe(conjunct: &Expr, width: usize) -> Option<Pair> {
    let parts = |expr: &Expr, name: &str| match &expr.kind {
        ExprKind::Call { function, args } if function == name && args.len() == 2 => {
            Some((args[0].clone(), args[1].clone()))
        }
        _ => None,
    };
    let (one, other) = parts(conjunct, "OR")?;
    let (equal, nulls) = if parts(&one, "=").is_some() { (one, other) } else { (other, one) };
    let (a, b) = parts(&equal, "=")?;
    let (first, second) = parts(&nulls, "AND")?;
    let tested = |expr: &Expr| match &expr.kind {
        ExprKind::Call { function, args } if function == "IS NULL" => args.first().cloned(),
        _ => None,
    };
    let (first, second) = (tested(&first)?, tested(&second)?);
    let same = (first == a && second == b) || (first == b && second == a);
    same.then(|| sides(&a, &b, width, false)).flatten()
}

fn with_keys(mut join: Join, schema: nutkin_types::Schema) -> Rel {
    let (left_width, right_width) = (join.left.schema.len(), join.right.schema.len());
    let mut rest = Vec::new();
    let mut pairs: Vec<Pair> = Vec::new();
    for conjunct in join.condition.take().into_iter().flat_map(split_and) {
        match pair(&conjunct, left_width) {
            Some(found) => {
                let known = |other: &Pair| other.left == found.left && other.right == found.right;
                if !pairs.iter().any(known) {
                    pairs.push(found);
                }
            }
            None => rest.push(conjunct),
        }
    }
    join.condition = and(rest);
    if pairs.is_empty() {
        return Rel { op: RelOp::Join(join), schema };
    }
    join.filter_nulls.extend(pairs.iter().map(|pair| pair.filter_null));
    let (left_exprs, right_exprs): (Vec<Expr>, Vec<Expr>) =
        pairs.into_iter().map(|pair| (pair.left, pair.right)).unzip();
    let left = add_columns(&mut join.left, left_exprs);
    let right = add_columns(&mut join.right, right_exprs);
    join.left_keys.extend(left);
    join.right_keys.extend(right);
    let (left_now, right_now) = (join.left.schema.len(), join.right.schema.len());
    if (left_now, right_now) == (left_width, right_width) {
        return Rel { op: RelOp::Join(join), schema };
    }
    let moved = |column: usize| if column < left_width { column } else { column - left_width + left_now };
    if let Some(condition) = &mut join.condition {
        condition.map_inputs(&moved);
    }
    let wide = join_schema(&join.left.schema, &join.right.schema, join.kind);
    let projection = (0..schema.len()).map(|i| Expr::input(moved(i), schema.columns[i].data_type.clone())).collect();
    let names = schema.columns.iter().map(|column| column.name.clone()).collect();
    Rel::new(join, wide).project(projection, names)
}

/// Adds a column to `rel` for every expression that is not one, and gives where each is.
fn add_columns(rel: &mut Rel, exprs: Vec<Expr>) -> Vec<usize> {
    let mut projection = identity(&rel.schema);
    let mut names: Vec<String> = rel.schema.columns.iter().map(|column| column.name.clone()).collect();
    let before = projection.len();
    let mut places = Vec::with_capacity(exprs.len());
    for expr in exprs {
        if let ExprKind::Input(column) = expr.kind {
            places.push(column);
            continue;
        }
        let known = projection.iter().position(|other| *other == expr);
        places.push(known.unwrap_or_else(|| {
            names.push(format!("$f{}", projection.len()));
            projection.push(expr);
            projection.len() - 1
        }));
    }
    if projection.len() > before {
        let taken = std::mem::replace(rel, Rel::one_row());
        *rel = taken.project(projection, names);
    }
    places
}
