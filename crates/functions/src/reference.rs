//! The text about a function: for DESCRIBE FUNCTION EXTENDED and for `docs/functions.md`, both out of the registry.

use std::fmt::Write;

use crate::aggregate::AggregateFunction;
use crate::args::ignore;
use crate::registry::{Determinism, Family, ScalarFunction};

/// The sections of the reference, in order.
pub const FAMILIES: &[(Family, &str)] = &[
    (Family::Comparison, "Comparison"),
    (Family::Logical, "Logic"),
    (Family::Arithmetic, "Numbers"),
    (Family::String, "Strings"),
    (Family::Temporal, "Dates and times"),
    (Family::Conditional, "Conditions"),
    (Family::Conversion, "Types"),
    (Family::Collection, "Arrays, maps and rows"),
    (Family::Json, "JSON"),
    (Family::Hash, "Hashes"),
    (Family::MachineLearning, "Preparing for machine learning"),
];

/// Signature, description, other names, determinism and examples of a scalar function, as Markdown.
pub fn scalar(function: &ScalarFunction) -> String {
    let mut out = format!("`{}`\n\n{}", function.signature, function.description);
    aliases(function.aliases, &mut out);
    match function.determinism {
        Determinism::Deterministic => {}
        Determinism::Dynamic => {
            out.push_str(" Fixed within a bounded query; in streaming it is evaluated for every row.")
        }
        Determinism::NonDeterministic => out.push_str(" Evaluated anew for every row."),
    }
    for (i, (sql, result)) in function.examples.iter().enumerate() {
        out.push_str(if i == 0 { "\n\n" } else { "\n" });
        ignore(write!(out, "    {sql}  -- {result}"));
    }
    out
}

/// Signature, description, other names and retraction of an aggregate function, as Markdown.
pub fn aggregate(function: &AggregateFunction) -> String {
    let mut out = format!("`{}`\n\n{}", function.signature, function.description);
    aliases(function.aliases, &mut out);
    if !function.retractable {
        out.push_str(" Its input must be append-only.");
    }
    out
}

fn aliases(names: &[&str], out: &mut String) {
    if !names.is_empty() {
        ignore(write!(out, " Also called {}.", names.join(", ")));
    }
}

/// What DESCRIBE FUNCTION EXTENDED says of the function of this name or alias, in any case; None when it is not built in.
pub fn describe(name: &str) -> Option<String> {
    let found = crate::registry::lookup(name).map(scalar);
    let aggregates = || crate::aggregate::lookup(name).or_else(|| crate::aggregate::lookup_over(name));
    found.or_else(|| aggregates().map(aggregate))
}
