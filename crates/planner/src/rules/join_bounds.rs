//! Joins that are bounded: by the distance of two times (spec Q-07), or by windows (spec Q-04).

use nutkin_plan::operators::WindowColumns;
use nutkin_plan::{Expr, ExprKind, WindowSpec};
use nutkin_types::Value;
use nutkin_types::data_type::TypeFamily;

use super::bottom_up;
use crate::analyze::query::{split_and, temporal_and as and};
use crate::physical::changes;
use crate::relational::window_properties::window_properties;
use crate::relational::{Join, JoinBound, Rel, RelOp};

pub(super) fn find_join_bounds(rel: Rel) -> Rel {
    bottom_up(rel, &|mut rel| {
        if let RelOp::Join(join) = &mut rel.op
            && join.bound == JoinBound::None
        {
            by_window(join);
            if join.bound == JoinBound::None && join.kind.keeps_right() {
                by_interval(join);
            }
        }
        rel
    })
}

/// Both bounds of the same window are among the keys.
fn by_window(join: &mut Join) {
    let (Some(left), Some(right)) = (window_properties(&join.left), window_properties(&join.right)) else { return };
    if left.window != right.window || matches!(left.window, WindowSpec::Session { .. }) {
        return;
    }
    let key = |left: &[usize], right: &[usize]| {
        let mut keys = join.left_keys.iter().zip(&join.right_keys);
        keys.position(|(l, r)| left.contains(l) && right.contains(r))
    };
    let (Some(start), Some(end)) = (key(&left.start, &right.start), key(&left.end, &right.end)) else { return };
    if !changes(&join.left).is_append() || !changes(&join.right).is_append() {
        return;
    }
    let columns = |keys: &[usize]| WindowColumns { start: keys[start], end: keys[end] };
    join.bound =
        JoinBound::Window { window: left.window, left: columns(&join.left_keys), right: columns(&join.right_keys) };
    let kept: Vec<usize> = (0..join.left_keys.len()).filter(|&place| place != start && place != end).collect();
    join.left_keys = kept.iter().map(|&place| join.left_keys[place]).collect();
    join.right_keys = kept.iter().map(|&place| join.right_keys[place]).collect();
    join.filter_nulls = kept.iter().map(|&place| join.filter_nulls[place]).collect();
}

/// `left - right` compared with a number of milliseconds.
struct Bound {
    left_time: usize,
    right_time: usize,
    lower: Option<i64>,
    upper: Option<i64>,
}

fn by_interval(join: &mut Join) {
    if !changes(&join.left).is_append() || !changes(&join.right).is_append() {
        return;
    }
    let conjuncts: Vec<Expr> = join.condition.clone().into_iter().flat_map(split_and).collect();
    let mut found: Option<Bound> = key_bound(join);
    let mut rest = Vec::new();
    for conjunct in conjuncts {
        match (bound(join, &conjunct), &mut found) {
            (Some(new), None) => found = Some(new),
            (Some(new), Some(known)) if (new.left_time, new.right_time) == (known.left_time, known.right_time) => {
                known.lower = tightest(known.lower, new.lower, i64::max);
                known.upper = tightest(known.upper, new.upper, i64::min);
            }
            _ => rest.push(conjunct),
        }
    }
    let Some(Bound { left_time, right_time, lower: Some(lower), upper: Some(upper) }) = found else { return };
    join.condition = and(rest);
    join.bound = JoinBound::Interval { left_time, right_time, lower, upper };
}

fn tightest(a: Option<i64>, b: Option<i64>, choose: fn(i64, i64) -> i64) -> Option<i64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(choose(a, b)),
        (a, b) => a.or(b),
    }
}

/// Two equal times among the keys are an interval of length zero.
fn key_bound(join: &Join) -> Option<Bound> {
    let mut keys = join.left_keys.iter().zip(&join.right_keys);
    let (&left_time, &right_time) = keys.find(|(left, right)| same_time(join, **left, **right))?;
    Some(Bound { left_time, right_time, lower: Some(0), upper: Some(0) })
}

fn same_time(join: &Join, left: usize, right: usize) -> bool {
    let attribute = |rel: &Rel, column: usize| rel.column(column).and_then(|column| column.time_attribute);
    let left = attribute(&join.left, left);
    left.is_some() && left == attribute(&join.right, right)
}

fn bound(join: &Join, conjunct: &Expr) -> Option<Bound> {
    let ExprKind::Call { function, args } = &conjunct.kind else { return None };
    let [a, b] = args.as_slice() else { return None };
    let ((one, shift), (other, other_shift)) = (linear(a)?, linear(b)?);
    let width = join.left.schema.len();
    // As `left - right <op> difference`.
    let (left_time, right_time, operator, difference) = match (one < width, other < width) {
        (true, false) => (one, other - width, function.as_str(), other_shift - shift),
        (false, true) => (other, one - width, mirrored(function)?, shift - other_shift),
        _ => return None,
    };
    if !same_time(join, left_time, right_time) {
        return None;
    }
    let (lower, upper) = match operator {
        ">" => (Some(difference + 1), None),
        ">=" => (Some(difference), None),
        "<" => (None, Some(difference - 1)),
        "<=" => (None, Some(difference)),
        "=" => (Some(difference), Some(difference)),
        _ => return None,
    };
    Some(Bound { left_time, right_time, lower, upper })
}

fn mirrored(operator: &str) -> Option<&'static str> {
    Some(match operator {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        "=" => "=",
        _ => return None,
    })
}

/// A column plus a constant number of milliseconds.
fn linear(expr: &Expr) -> Option<(usize, i64)> {
    match &expr.kind {
        ExprKind::Input(column) => Some((*column, 0)),
        ExprKind::Cast { arg, .. } => linear(arg),
        ExprKind::Call { function, args } => {
            let [a, b] = args.as_slice() else { return None };
            match (function.as_str(), millis(a), millis(b)) {
                ("+", None, Some(shift)) => linear(a).map(|(column, by)| (column, by + shift)),
                ("+", Some(shift), None) => linear(b).map(|(column, by)| (column, by + shift)),
                ("-", None, Some(shift)) => linear(a).map(|(column, by)| (column, by - shift)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The milliseconds of a constant day-time interval.
fn millis(expr: &Expr) -> Option<i64> {
    match expr.kind {
        ExprKind::Literal(Value::Integer(millis)) if expr.data_type.family() == TypeFamily::IntervalDayTime => {
            Some(millis)
        }
        _ => None,
    }
}
