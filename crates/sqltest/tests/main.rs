//! The project's own query tests, and tests of the runner by cases that must fail.

#![cfg(test)]

mod ledger;
mod own;
mod runner;
mod update;

use std::path::{Path, PathBuf};

use clap::Parser;

/// The command line, as `nutkin test` has it.
#[derive(Debug, Parser)]
struct Command {
    #[command(flatten)]
    arguments: nutkin_sqltest::Arguments,
}

/// Runs `nutkin test` with these arguments.
fn test(arguments: &[&str]) -> Result<bool, nutkin_sqltest::Error> {
    let line = ["nutkin-test"].iter().chain(arguments);
    nutkin_sqltest::run(Command::try_parse_from(line).unwrap().arguments)
}

/// A path in this crate.
fn own(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A report as JSON: a value per case, and the counts.
fn report(directory: &Path, arguments: &[&str]) -> (Vec<serde_json::Value>, serde_json::Value) {
    let file = directory.join("report.json");
    let json = format!("json={}", file.display());
    let mut all = vec!["--report", &json];
    all.extend(arguments);
    test(&all).unwrap();
    let text = std::fs::read_to_string(file).unwrap();
    let mut lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let counts = lines.pop().unwrap();
    (lines, counts)
}
