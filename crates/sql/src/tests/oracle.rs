//! Texts that real Flink 2.2.1 accepted must parse, print and parse to the same tree.

use crate::parse_statement;
use serde_json::Value;
use std::path::PathBuf;

/// The directory of recorded answers, if there is one on this machine.
fn oracle() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3)?.join("shared/oracle/visible");
    let dir = std::env::var_os("NUTKIN_ORACLE").map(PathBuf::from).unwrap_or(beside);
    dir.is_dir().then_some(dir)
}

fn cases(dir: &std::path::Path, file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(dir.join(file)).unwrap();
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Texts of a case and whether Flink's parser refused them.
fn statements(case: &Value) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    let verdict = |field: &str| case["flink"][field].to_string().contains("SQL parse failed");
    let refused = verdict("error_text");
    if let Some(sql) = case["sql"].as_str() {
        let text = if case["kind"] == "scalar" { format!("SELECT {sql}") } else { sql.to_owned() };
        found.push((text, refused));
        if let Some(input) = case["input"]["sql"].as_str() {
            found.push((format!("SELECT {sql} FROM {input} AS testTable"), refused));
        }
    }
    // A case that failed as a whole does not say which of its statements did.
    let steps = case["steps"].as_array().into_iter().flatten();
    for step in steps.filter(|_| !verdict("failed")) {
        if let Some(sql) = step["sql"].as_str() {
            found.push((sql.to_owned(), false));
        }
    }
    for table in case["tables"].as_array().into_iter().flatten() {
        let columns = table["columns"].as_array().into_iter().flatten();
        let columns: Vec<&str> = columns.filter_map(Value::as_str).collect();
        if !columns.is_empty() {
            found.push((format!("CREATE TABLE t ({})", columns.join(", ")), false));
        }
    }
    found
}

/// Why a text is not read as Flink reads it, or not printed as it was read.
fn complaint(sql: &str, refused: bool) -> Option<String> {
    let tree = match (parse_statement(sql), refused) {
        (Ok(_), true) => return Some("accepted".to_owned()),
        (Err(_), true) => return None,
        (Err(error), false) => return Some(error.to_string()),
        (Ok(tree), false) => tree,
    };
    let printed = tree.to_string();
    match parse_statement(&printed) {
        Err(error) => Some(format!("printed as {printed}: {error}")),
        Ok(again) if again != tree => Some(format!("printed as {printed}: another tree")),
        Ok(_) => None,
    }
}

#[test]
fn texts_that_flink_accepts_parse() {
    let Some(dir) = oracle() else {
        // Past the harness, so that it is seen of a test that passes.
        let _ = std::io::Write::write_all(&mut std::io::stderr().lock(), b"skipped: NUTKIN_ORACLE names no oracle\n");
        return;
    };
    let mut misses = Vec::new();
    let mut total = 0;
    for file in ["scalar", "agg", "batch", "stream", "nexmark", "batch-tables"] {
        for case in cases(&dir, &format!("{file}.jsonl")) {
            for (sql, refused) in statements(&case) {
                total += 1;
                if let Some(complaint) = complaint(&sql, refused) {
                    misses.push(format!("{sql}\n    {complaint}"));
                }
            }
        }
    }
    for miss in &misses {
        eprintln!("{} {miss}", misses.len());
    }
    eprintln!("{} of {total} as Flink", total - misses.len());
    assert!(misses.len() * 1000 < total, "{} of {total}", misses.len());
}
