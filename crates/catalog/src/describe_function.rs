//! DESCRIBE FUNCTION [EXTENDED] (spec D-17): what the registry of functions says of one.

use nutkin_functions::{Determinism, aggregate, reference, registry};

use crate::outcome::Outcome;
use crate::result::{Row, row, table};

const HEADINGS: [&str; 2] = ["info name", "info value"];

/// `name` is the canonical name of a built-in function.
pub(crate) fn describe_function(sql_kind: String, name: &str, extended: bool) -> Outcome {
    let mut rows = vec![row(["is system function", "true"]), row(["is temporary", "false"])];
    if extended {
        rows.extend(details(name));
    }
    table(sql_kind, &HEADINGS, rows)
}

fn details(name: &str) -> Vec<Row> {
    let (kind, deterministic, signature) = match (registry::lookup(name), aggregate::lookup(name)) {
        (Some(function), _) => ("SCALAR", function.determinism == Determinism::Deterministic, function.signature),
        (None, Some(function)) => ("AGGREGATE", true, function.signature),
        (None, None) => return Vec::new(),
    };
    let foldable = deterministic && kind == "SCALAR";
    let mut rows = vec![
        row(["kind", kind]),
        row(["requirements", "[]"]),
        row(["is deterministic", if deterministic { "true" } else { "false" }]),
        row(["supports constant folding", if foldable { "true" } else { "false" }]),
        row(["signature", signature]),
    ];
    rows.extend(reference::describe(name).map(|text| row(["description".to_owned(), text])));
    rows
}
