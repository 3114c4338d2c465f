//! Which share of rows a condition lets pass, where nothing is known of their values.

use nutkin_plan::{Expr, ExprKind};
use nutkin_types::Value;

/// The share of rows for which `condition` is TRUE, by Flink's assumptions.
pub(crate) fn selectivity(condition: &Expr) -> f64 {
    let (function, args) = match &condition.kind {
        ExprKind::Call { function, args } => (function.as_str(), args.as_slice()),
        ExprKind::Literal(Value::Boolean(is_true)) => return if *is_true { 1.0 } else { 0.0 },
        _ => return OTHER,
    };
    let of = |args: &[Expr]| args.iter().map(selectivity).collect::<Vec<f64>>();
    match (function, args) {
        ("AND", parts) => of(parts).iter().product(),
        ("OR", parts) => {
            let parts = of(parts);
            (parts.iter().sum::<f64>() - parts.iter().product::<f64>()).min(1.0)
        }
        ("NOT", [part]) => 1.0 - selectivity(part),
        ("IN", [_, values @ ..]) => (EQUAL * values.len() as f64).min(1.0),
        ("IS NOT NULL", _) => 1.0 - NULL,
        ("IS NULL", _) => NULL,
        ("=", _) => EQUAL,
        ("<>", _) => 1.0 - EQUAL,
        ("<" | "<=" | ">" | ">=", _) => 0.5,
        ("LIKE", _) => 0.05,
        _ => OTHER,
    }
}

const EQUAL: f64 = 0.15;
const NULL: f64 = 0.1;
const OTHER: f64 = 0.25;
