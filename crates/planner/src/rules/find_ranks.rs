//! A condition on the number that ROW_NUMBER, RANK or DENSE_RANK gives is a Top-N (spec Q-11), or a deduplication.

use nutkin_plan::operators::{RankFunction, RankRange, WindowColumns};
use nutkin_plan::{Expr, ExprKind};
use nutkin_types::{LogicalType, Value};

use super::bottom_up;
use crate::analyze::query::{split_and, temporal_and as and};
use crate::relational::window_properties::window_properties;
use crate::relational::{Calc, Over, Rank, Rel, RelOp};

pub(super) fn find_ranks(rel: Rel) -> Rel {
    bottom_up(rel, &|rel| match rel {
        Rel { op: RelOp::Calc(calc), schema } => match ranked(&calc) {
            Some(ranked) => Rel::new(ranked, schema),
            None => Rel { op: RelOp::Calc(calc), schema },
        },
        other => other,
    })
}

fn ranked(calc: &Calc) -> Option<Calc> {
    let RelOp::Over(over) = &calc.input.op else { return None };
    let [call] = over.calls.as_slice() else { return None };
    let function = match call.function.as_str() {
        "ROW_NUMBER" => RankFunction::RowNumber,
        "RANK" => RankFunction::Rank,
        "DENSE_RANK" => RankFunction::DenseRank,
        _ => return None,
    };
    let place = over.input.schema.len();
    let mut range = Bounds { start: 1, end: None, variable: None };
    let mut rest = Vec::new();
    for conjunct in calc.condition.clone().into_iter().flat_map(split_and) {
        if !range.take(&conjunct, place) {
            rest.push(conjunct);
        }
    }
    let range = range.finish()?;
    let mut projection = calc.projection.clone();
    let only = match (range, function) {
        (RankRange::Constant { start, end }, RankFunction::RowNumber) if start == end => i64::try_from(start).ok(),
        _ => None,
    };
    // The one row number that is left need not be computed.
    if let Some(number) = only {
        let literal = Expr::literal(Value::Integer(number), LogicalType::BigInt.not_null());
        projection.iter_mut().chain(&mut rest).for_each(|expr| replace(expr, place, &literal));
    }
    let outputs_rank = projection.iter().chain(&rest).any(|expr| expr.inputs().contains(&place));
    let rank = rank_of(over, function, range, outputs_rank);
    let mut schema = calc.input.schema.clone();
    if !outputs_rank {
        schema = schema.project(&(0..place).collect::<Vec<_>>());
    }
    Some(Calc { input: Box::new(Rel::new(rank, schema)), projection, condition: and(rest) })
}

fn rank_of(over: &Over, function: RankFunction, range: RankRange, outputs_rank: bool) -> Rank {
    let properties = window_properties(&over.input);
    let within = properties.and_then(|window| {
        let find = |columns: &[usize]| over.partition.iter().copied().find(|column| columns.contains(column));
        Some((window.window, WindowColumns { start: find(&window.start)?, end: find(&window.end)? }))
    });
    let mut partition = over.partition.clone();
    if let Some((_, columns)) = &within {
        partition.retain(|&column| column != columns.start && column != columns.end);
    }
    Rank {
        input: over.input.clone(),
        function,
        partition,
        order: over.order.clone(),
        range,
        outputs_rank,
        window: within,
    }
}

/// What conditions say of the rank.
struct Bounds {
    start: u64,
    end: Option<u64>,
    variable: Option<usize>,
}

impl Bounds {
    /// True when `conjunct` compares the rank in `place` and is accounted for.
    fn take(&mut self, conjunct: &Expr, place: usize) -> bool {
        let ExprKind::Call { function, args } = &conjunct.kind else { return false };
        let [a, b] = args.as_slice() else { return false };
        let is_rank = |expr: &Expr| bare(expr) == Some(place);
        let (operator, other) = match (is_rank(a), is_rank(b), function.as_str()) {
            (true, false, operator @ ("<" | "<=" | ">" | ">=" | "=")) => (operator, b),
            (false, true, "<") => (">", a),
            (false, true, "<=") => (">=", a),
            (false, true, ">") => ("<", a),
            (false, true, ">=") => ("<=", a),
            (false, true, "=") => ("=", a),
            _ => return false,
        };
        if let Some(column) = bare(other)
            && column != place
            && operator == "<="
            && self.variable.is_none()
        {
            self.variable = Some(column);
            return true;
        }
        let Some(number) = number(other) else { return false };
        match operator {
            "<" => self.below(number - 1),
            "<=" => self.below(number),
            ">" => self.above(number + 1),
            ">=" => self.above(number),
            _ => {
                self.above(number);
                self.below(number);
            }
        }
        true
    }

    fn below(&mut self, number: i64) {
        let number = u64::try_from(number).unwrap_or(0);
        self.end = Some(self.end.map_or(number, |end| end.min(number)));
    }

    fn above(&mut self, number: i64) {
        self.start = self.start.max(u64::try_from(number).unwrap_or(1));
    }

    fn finish(self) -> Option<RankRange> {
        match (self.end, self.variable) {
            (Some(end), None) if end >= self.start => Some(RankRange::Constant { start: self.start, end }),
            (None, Some(end_column)) if self.start == 1 => Some(RankRange::Variable { end_column }),
            _ => None,
        }
    }
}

/// The column that an expression is, perhaps in another type.
fn bare(expr: &Expr) -> Option<usize> {
    match &expr.kind {
        ExprKind::Input(column) => Some(*column),
        ExprKind::Cast { arg, .. } => bare(arg),
        _ => None,
    }
}

fn number(expr: &Expr) -> Option<i64> {
    match &expr.kind {
        ExprKind::Literal(Value::Integer(number)) => Some(*number),
        ExprKind::Cast { arg, .. } => number(arg),
        _ => None,
    }
}

fn replace(expr: &mut Expr, place: usize, by: &Expr) {
    if matches!(expr.kind, ExprKind::Input(column) if column == place) {
        *expr = by.clone();
        return;
    }
    expr.children_mut().into_iter().for_each(|child| replace(child, place, by));
}
