//! `docs/functions.md`: the reference of all built-in functions, written from the registry.
//!
//! `NUTKIN_WRITE_DOCS=1 cargo test -p nutkin-functions reference` writes the page; without it the test checks that the
//! page says what the registry says.

use std::fmt::Write;
use std::path::PathBuf;

use crate::registry::{self, Determinism, Family, ScalarFunction};
use crate::{aggregate, reference};

fn page() -> String {
    let mut out = String::from(
        "# Built-in functions\n\nWritten from the function registry; every example is run as a test. Change the registry, then write the page\n\
         again with `NUTKIN_WRITE_DOCS=1 cargo test -p nutkin-functions reference`.\n\n\
         CAST, TRY_CAST, CASE, BETWEEN and EXISTS are syntax of their own and not listed.\n",
    );
    for (family, title) in reference::FAMILIES {
        let functions: Vec<&ScalarFunction> = registry::all().filter(|function| function.family == *family).collect();
        section(&mut out, title, &functions);
    }
    out.push_str("\n## Aggregates\n");
    for function in aggregate::all() {
        let text = reference::aggregate(function);
        writeln!(out, "\n### {}\n\n{text}", function.name).unwrap();
    }
    out.push_str("\n## Functions of OVER windows\n\nAggregates work over windows too, and `ROW_NUMBER`, `RANK`, `DENSE_RANK`, `PERCENT_RANK`, `CUME_DIST`, `NTILE` and `LEAD`.\n");
    for function in aggregate::over_only() {
        let text = reference::aggregate(function);
        writeln!(out, "\n### {}\n\n{text}", function.name).unwrap();
    }
    out
}

fn section(out: &mut String, title: &str, functions: &[&ScalarFunction]) {
    writeln!(out, "\n## {title}").unwrap();
    for function in functions {
        writeln!(out, "\n### {}\n\n{}", function.name, reference::scalar(function)).unwrap();
    }
}

#[test]
fn the_reference_page_is_current() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/functions.md");
    let wanted = page();
    if std::env::var_os("NUTKIN_WRITE_DOCS").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "docs/functions.md is not current: NUTKIN_WRITE_DOCS=1 cargo test -p nutkin-functions reference"
    );
}

#[test]
fn every_family_has_a_section() {
    let all = [
        Family::Comparison,
        Family::Logical,
        Family::Arithmetic,
        Family::String,
        Family::Temporal,
        Family::Conditional,
        Family::Conversion,
        Family::Collection,
        Family::Json,
        Family::Hash,
        Family::MachineLearning,
    ];
    for family in all {
        assert_eq!(reference::FAMILIES.iter().filter(|(known, _)| *known == family).count(), 1, "{family:?}");
    }
    assert_eq!(registry::lookup("RAND").unwrap().determinism, Determinism::NonDeterministic);
    assert!(reference::scalar(registry::lookup("RAND").unwrap()).contains("every row"));
}

#[test]
fn functions_that_compute_a_value_have_an_example() {
    // Their results depend on clock, chance or watermark.
    let without: Vec<&str> = registry::all()
        .filter(|function| function.examples.is_empty() && function.determinism == Determinism::Deterministic)
        .map(|function| function.name)
        .collect();
    assert!(without.is_empty(), "no example: {without:?}");
}
