//! DESCRIBE FUNCTION [EXTENDED] (spec D-17): what the registry of functions says of one.

use nutkin_functions::{Determinism, aggregate, reference, registry};
use nutkin_plan::TablePath;

use crate::error::CatalogError;
use crate::functions::full_name;
use crate::outcome::Outcome;
use crate::result::{Row, row, table};
use crate::statement::Submission;

const HEADINGS: [&str; 2] = ["info name", "info value"];

/// `name` is the canonical name of a built-in function.
pub(crate) fn describe_function(sql_kind: String, name: &str, extended: bool) -> Outcome {
    let mut rows = vec![row(["system function", "true"]), row(["temporary", "false"])];
    if extended {
        rows.extend(details(name));
    }
    table(sql_kind, &HEADINGS, rows)
}

/// What only the artifact says, which this release does not read.
const UNKNOWN: &str = "unknown (it is in the artifact, which is not read in this release)";

/// A function that a user registered: what CREATE FUNCTION said of it.
pub(crate) fn describe_user_function(
    submission: &Submission<'_>,
    path: &TablePath,
    extended: bool,
) -> Result<Outcome, CatalogError> {
    let function = submission.snapshot.function(path).ok_or_else(|| CatalogError::FunctionNotFound(path.clone()))?;
    let mut rows = vec![
        row(["system function", "false"]),
        row(["temporary", "false"]),
        row(["class name", &function.class]),
        row(["function language", function.language.as_deref().unwrap_or(UNKNOWN)]),
    ];
    if extended {
        rows.extend(["kind", "requirements", "deterministic", "constant folding"].map(|name| row([name, UNKNOWN])));
        rows.push(row(["signature".to_owned(), format!("{}(...), arguments {UNKNOWN}", full_name(path, function))]));
    }
    rows.push(row(["plugin id", &function.artifact]));
    rows.push(row(["version id", function.artifact_version.as_deref().unwrap_or("the newest one")]));
    if !function.connections.is_empty() {
        rows.push(row(["connections".to_owned(), function.connections.join(", ")]));
    }
    rows.extend(["argument types", "return type"].map(|name| row([name, UNKNOWN])));
    Ok(table(submission.sql_kind(), &HEADINGS, rows))
}

fn details(name: &str) -> Vec<Row> {
    let (kind, deterministic, signature) =
        match (registry::lookup(name), aggregate::lookup(name).or_else(|| aggregate::lookup_over(name))) {
            (Some(function), _) => ("SCALAR", function.determinism == Determinism::Deterministic, function.signature),
            (None, Some(function)) => ("AGGREGATE", true, function.signature),
            (None, None) => return Vec::new(),
        };
    let foldable = deterministic && kind == "SCALAR";
    let mut rows = vec![
        row(["kind", kind]),
        row(["requirements", "[]"]),
        row(["deterministic", if deterministic { "true" } else { "false" }]),
        row(["constant folding", if foldable { "true" } else { "false" }]),
        row(["signature", signature]),
    ];
    rows.extend(reference::describe(name).map(|text| row(["description".to_owned(), text])));
    rows
}
