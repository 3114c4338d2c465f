//! What may be moved, repeated or dropped without a visible difference.

use nutkin_functions::Determinism;
use nutkin_functions::registry;
use nutkin_plan::{Expr, ExprKind};

/// False when evaluating `expr` another number of times could be seen: RAND, UUID, CURRENT_ROW_TIMESTAMP.
pub(super) fn is_movable(expr: &Expr) -> bool {
    let mut movable = true;
    expr.walk(&mut |part| {
        if let ExprKind::Call { function, .. } = &part.kind {
            let known = registry::lookup(function);
            movable &= known.is_some_and(|f| f.determinism != Determinism::NonDeterministic);
        }
    });
    movable
}

/// True when evaluating `expr` costs next to nothing: a column, a literal, a field of those.
pub(super) fn is_cheap(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Input(_) | ExprKind::Literal(_) => true,
        ExprKind::Field { arg, .. } => is_cheap(arg),
        _ => false,
    }
}
