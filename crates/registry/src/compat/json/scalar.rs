//! Strings, numbers and enumerations: bounds that must not tighten.

use serde_json::Value;

use super::{Number, Text};
use crate::compat::Difference;

/// Names of the two ways to tighten a bound.
pub(super) struct Kinds {
    pub added: &'static str,
    pub tightened: &'static str,
}

/// Compares one bound; `upper` bounds tighten downwards.
pub(super) fn bound(
    found: &mut Vec<Difference>,
    path: &str,
    original: Option<f64>,
    update: Option<f64>,
    kinds: &Kinds,
    upper: bool,
) {
    match (original, update) {
        (None, Some(_)) => found.push(Difference::new(kinds.added, path, "")),
        (Some(o), Some(u)) if (upper && u < o) || (!upper && u > o) => {
            found.push(Difference::new(kinds.tightened, path, ""));
        }
        _ => {}
    }
}

pub(super) fn texts(found: &mut Vec<Difference>, original: &Text, update: &Text) {
    let max = Kinds { added: "MAX_LENGTH_ADDED", tightened: "MAX_LENGTH_DECREASED" };
    let min = Kinds { added: "MIN_LENGTH_ADDED", tightened: "MIN_LENGTH_INCREASED" };
    bound(found, "/maxLength", original.max_length, update.max_length, &max, true);
    bound(found, "/minLength", original.min_length, update.min_length, &min, false);
    match (&original.pattern, &update.pattern) {
        (None, Some(_)) => found.push(Difference::new("PATTERN_ADDED", "/pattern", "")),
        (Some(o), Some(u)) if o != u => found.push(Difference::new("PATTERN_CHANGED", "/pattern", "")),
        _ => {}
    }
}

pub(super) fn numbers(found: &mut Vec<Difference>, original: &Number, update: &Number) {
    let limits = [
        ("/maximum", original.maximum, update.maximum, "MAXIMUM_ADDED", "MAXIMUM_DECREASED", true),
        ("/minimum", original.minimum, update.minimum, "MINIMUM_ADDED", "MINIMUM_INCREASED", false),
        (
            "/exclusiveMaximum",
            original.exclusive_maximum,
            update.exclusive_maximum,
            "EXCLUSIVE_MAXIMUM_ADDED",
            "EXCLUSIVE_MAXIMUM_DECREASED",
            true,
        ),
        (
            "/exclusiveMinimum",
            original.exclusive_minimum,
            update.exclusive_minimum,
            "EXCLUSIVE_MINIMUM_ADDED",
            "EXCLUSIVE_MINIMUM_INCREASED",
            false,
        ),
    ];
    for (path, o, u, added, tightened, upper) in limits {
        bound(found, path, o, u, &Kinds { added, tightened }, upper);
    }
    match (original.multiple_of, update.multiple_of) {
        (None, Some(_)) => found.push(Difference::new("MULTIPLE_OF_ADDED", "/multipleOf", "")),
        (Some(o), Some(u)) if o != u && !divides(u, o) => {
            let kind = if divides(o, u) { "MULTIPLE_OF_EXPANDED" } else { "MULTIPLE_OF_CHANGED" };
            found.push(Difference::new(kind, "/multipleOf", ""));
        }
        _ => {}
    }
    if update.integer && !original.integer {
        found.push(Difference::new("TYPE_NARROWED", "", ""));
    }
}

/// `of` is a multiple of `by`, up to the rounding of decimal fractions.
fn divides(by: f64, of: f64) -> bool {
    let quotient = of / by;
    by != 0.0 && quotient.is_finite() && (quotient - quotient.round()).abs() <= quotient.abs() * 1e-12
}

pub(super) fn enums(found: &mut Vec<Difference>, original: &[Value], update: &[Value]) {
    let missing = original.iter().any(|value| !update.contains(value));
    if missing {
        let narrowed = update.iter().all(|value| original.contains(value));
        let kind = if narrowed { "ENUM_ARRAY_NARROWED" } else { "ENUM_ARRAY_CHANGED" };
        found.push(Difference::new(kind, "/enum", ""));
    }
}
