//! Precedence of operators: Calcite's levels, larger binds more tightly. Parser and unparser share them.

use crate::ast::{BinaryOp, Expr, ExprKind, UnaryOp};

/// The levels by name.
pub(crate) mod level {
    pub(crate) const MULTISET_UNION: u8 = 14;
    pub(crate) const MULTISET_INTERSECT: u8 = 18;
    pub(crate) const OR: u8 = 22;
    pub(crate) const AND: u8 = 24;
    pub(crate) const NOT: u8 = 26;
    pub(crate) const IS: u8 = 28;
    pub(crate) const COMPARISON: u8 = 30;
    pub(crate) const PREDICATE: u8 = 32;
    pub(crate) const SUM: u8 = 40;
    pub(crate) const PRODUCT: u8 = 60;
    pub(crate) const ZONE: u8 = 70;
    pub(crate) const SIGN: u8 = 80;
    pub(crate) const PRIMARY: u8 = 100;
}

/// Level of a binary operator; all associate to the left.
pub(crate) fn of(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::MultisetUnion
        | BinaryOp::MultisetUnionAll
        | BinaryOp::MultisetExcept
        | BinaryOp::MultisetExceptAll => level::MULTISET_UNION,
        BinaryOp::MultisetIntersect | BinaryOp::MultisetIntersectAll => level::MULTISET_INTERSECT,
        BinaryOp::Or => level::OR,
        BinaryOp::And => level::AND,
        BinaryOp::Eq
        | BinaryOp::NotEq
        | BinaryOp::Lt
        | BinaryOp::LtEq
        | BinaryOp::Gt
        | BinaryOp::GtEq
        | BinaryOp::Overlaps
        | BinaryOp::Contains
        | BinaryOp::Equals
        | BinaryOp::Precedes
        | BinaryOp::Succeeds
        | BinaryOp::ImmediatelyPrecedes
        | BinaryOp::ImmediatelySucceeds
        | BinaryOp::MemberOf
        | BinaryOp::SubmultisetOf => level::COMPARISON,
        BinaryOp::Plus | BinaryOp::Minus => level::SUM,
        BinaryOp::Concat | BinaryOp::Multiply | BinaryOp::Divide | BinaryOp::Modulo => level::PRODUCT,
    }
}

/// Whether ANY, SOME and ALL may follow.
pub(crate) fn is_comparison(op: BinaryOp) -> bool {
    use BinaryOp::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq)
}

/// Level of an expression's outermost operator.
pub(crate) fn of_expr(expr: &Expr) -> u8 {
    match &expr.kind {
        ExprKind::Binary { op, .. } => of(*op),
        ExprKind::Unary { op: UnaryOp::Not, .. } => level::NOT,
        ExprKind::Unary { .. } => level::SIGN,
        ExprKind::Is { .. } => level::IS,
        ExprKind::IsDistinctFrom { .. } | ExprKind::Quantified { .. } => level::COMPARISON,
        ExprKind::Between { .. } | ExprKind::InList { .. } | ExprKind::InSubquery { .. } | ExprKind::Like { .. } => {
            level::PREDICATE
        }
        ExprKind::AtTimeZone { .. } | ExprKind::Collate { .. } => level::ZONE,
        // RUNNING and FINAL take a primary but are none themselves.
        ExprKind::MatchScope { .. } => level::SIGN,
        _ => level::PRIMARY,
    }
}
