//! Everything that real Flink answered, through parse and analyze: a report of what is refused and why, and a gate on
//! defects. The data lie outside of the repository; without them the test has nothing to say.
//!
//! `NUTKIN_ORACLE_REPORT=1 cargo test -p nutkin-planner oracle -- --nocapture` prints the report.

use std::collections::BTreeMap;
use std::path::PathBuf;

use nutkin_plan::{ChangelogMode, Table};
use serde_json::Value;

use super::support::{Catalog, frozen};
use crate::{Action, Analyzed, ErrorKind, Session, analyze};

fn directory() -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3)?.join("shared/oracle/visible");
    let root = std::env::var_os("NUTKIN_ORACLE").map(PathBuf::from).unwrap_or(root);
    root.is_dir().then_some(root)
}

pub(super) fn lines(file: &str) -> Vec<Value> {
    let Some(directory) = directory() else { return Vec::new() };
    let text = std::fs::read_to_string(directory.join(file)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(super) fn flink_session() -> Session {
    Session { flink_extensions: true, ..Session::new("default_catalog", "default_database") }
}

/// The table of a case, or why it cannot be had.
pub(super) fn table(written: &Value, columns: &Value) -> Result<Table, String> {
    let name = written["name"].as_str().unwrap();
    let columns: Vec<&str> = columns.as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
    let ddl = format!("CREATE TABLE `{name}` ({})", columns.join(", "));
    let statement = nutkin_sql::parse_statement(&ddl).map_err(|error| error.to_string())?;
    let analyzed =
        analyze(&statement, &ddl, &flink_session(), &Catalog::default()).map_err(|error| error.to_string())?;
    let Analyzed { action: Action::CreateTable(table), .. } = analyzed else { return Err("no table".to_owned()) };
    let mut table = frozen(*table);
    if table.watermark.as_ref().is_some_and(|watermark| watermark.is_default) {
        table.watermark = None;
    }
    table.changelog_mode = match written["changelog_mode"].as_str() {
        Some("upsert") => ChangelogMode::Upsert,
        Some("retract") => ChangelogMode::Retract,
        Some("append") => ChangelogMode::Append,
        // Flink's list of kinds.
        Some(kinds) if kinds.contains("UB") => ChangelogMode::Retract,
        Some(kinds) if kinds.contains("UA") => ChangelogMode::Upsert,
        _ if written["role"] == "sink" && table.primary_key.is_some() => ChangelogMode::Upsert,
        _ if written["role"] == "sink" => ChangelogMode::Retract,
        _ => ChangelogMode::Append,
    };
    // As the cases are run.
    table.connector = nutkin_plan::Connector::Memory;
    Ok(table)
}

/// What became of each case.
#[derive(Default)]
struct Report {
    planned: usize,
    refused: BTreeMap<String, Vec<String>>,
    defects: Vec<String>,
}

impl Report {
    fn add(&mut self, id: &str, sql: &str, result: Result<(), (Option<ErrorKind>, String)>, should_fail: bool) {
        match result {
            Ok(()) if should_fail => {
                self.refused.entry("PLANNED BUT FLINK FAILS".to_owned()).or_default().push(format!("{id}: {sql}"))
            }
            Ok(()) => self.planned += 1,
            Err((Some(ErrorKind::Internal), message)) => self.defects.push(format!("{id}: {message}")),
            Err(_) if should_fail => self.planned += 1,
            Err((kind, message)) => {
                let first = message.lines().next().unwrap_or_default().to_owned();
                let reason = match first.split_once(": ") {
                    Some((place, rest)) if place.starts_with("SQL validation failed") => rest.to_owned(),
                    _ => first,
                };
                let code = kind.map_or("syntax", ErrorKind::code);
                self.refused.entry(format!("{code} {reason}")).or_default().push(id.to_owned());
            }
        }
    }

    fn print(&self, name: &str) {
        if std::env::var_os("NUTKIN_ORACLE_REPORT").is_none() {
            return;
        }
        let refused: usize = self.refused.values().map(Vec::len).sum();
        println!("== {name}: {} as Flink, {refused} not, {} defects", self.planned, self.defects.len());
        let mut reasons: Vec<_> = self.refused.iter().collect();
        reasons.sort_by_key(|(_, ids)| std::cmp::Reverse(ids.len()));
        for (reason, ids) in reasons {
            println!("{:5} {reason}   e.g. {}", ids.len(), ids[0]);
        }
        self.defects.iter().for_each(|defect| println!("DEFECT {defect}"));
    }
}

pub(super) fn usable(case: &Value) -> bool {
    case["requires"].as_array().is_some_and(Vec::is_empty) && case["flink"]["agrees"] == true
}

/// True when Flink refuses the statement; an error without a phase may come at any time.
fn fails(error: &Value) -> bool {
    error.is_object() && error["phase"] != "runtime"
}

/// `TIMESTAMP(3) WITH LOCAL TIME ZONE` as `TIMESTAMP_LTZ(3)`.
fn local_zone(text: &str) -> String {
    match text.strip_suffix(" WITH LOCAL TIME ZONE") {
        Some(plain) => plain.replacen("TIMESTAMP", "TIMESTAMP_LTZ", 1),
        None => text.to_owned(),
    }
}

fn run(catalog: &Catalog, sql: &str) -> Result<(), (Option<ErrorKind>, String)> {
    run_in(&flink_session(), catalog, sql)
}

fn run_in(session: &Session, catalog: &Catalog, sql: &str) -> Result<(), (Option<ErrorKind>, String)> {
    let statement = nutkin_sql::parse_statement(sql).map_err(|error| (None, error.to_string()))?;
    let analyzed = analyze(&statement, sql, session, catalog).map_err(|e| (Some(e.kind), e.to_string()))?;
    if let Action::Run(execution) = analyzed.action {
        super::consistency::assert_consistent(&execution.plan);
    }
    Ok(())
}

#[test]
fn stream_cases_are_planned_or_refused() {
    for file in ["stream.jsonl", "nexmark.jsonl"] {
        let mut report = Report::default();
        for case in lines(file).iter().filter(|case| file == "nexmark.jsonl" || usable(case)) {
            let id = case["id"].as_str().unwrap();
            let mut catalog = Catalog::default();
            let mut problem = None;
            for written in case["tables"].as_array().unwrap() {
                match table(written, &written["columns"]) {
                    Ok(table) => catalog.put(table),
                    Err(error) => problem = Some(error),
                }
            }
            if let Some(problem) = problem {
                report.add(id, "", Err((Some(ErrorKind::Definition), problem)), false);
                continue;
            }
            for step in case["steps"].as_array().unwrap() {
                if let Some(sql) = step["sql"].as_str() {
                    if catalog.create_view(sql) {
                        continue;
                    }
                    let should_fail = step["error"]["phase"] == "validation";
                    report.add(id, sql, run(&catalog, sql), should_fail);
                }
            }
        }
        report.print(file);
        assert!(report.defects.is_empty(), "{:?}", report.defects);
    }
}

#[test]
fn batch_cases_are_planned_or_refused() {
    let mut definitions = BTreeMap::new();
    for line in lines("batch-tables.jsonl") {
        definitions.insert(line["ref"].as_str().unwrap().to_owned(), line["columns"].clone());
    }
    let mut report = Report::default();
    for case in lines("batch.jsonl").iter().filter(|case| usable(case)) {
        let id = case["id"].as_str().unwrap();
        let mut catalog = Catalog::default();
        for written in case["tables"].as_array().unwrap() {
            let columns = written["ref"].as_str().and_then(|name| definitions.get(name));
            if let Some(Ok(table)) = columns.map(|columns| table(written, columns)) {
                catalog.put(table);
            }
        }
        let sql = case["sql"].as_str().unwrap();
        let should_fail = fails(&case["expect"]["error"]);
        let batch = Session { batch: true, ..flink_session() };
        report.add(id, sql, run_in(&batch, &catalog, sql), should_fail);
    }
    report.print("batch.jsonl");
    assert!(report.defects.is_empty(), "{:?}", report.defects);
}

/// The types of scalar expressions are Flink's.
#[test]
fn scalar_cases_have_the_types_of_flink() {
    let mut report = Report::default();
    let mut wrong = Vec::new();
    for case in lines("scalar.jsonl").iter().filter(|case| usable(case)) {
        let id = case["id"].as_str().unwrap();
        let columns = case["input"]["columns"].as_array().cloned().unwrap_or_default();
        let mut catalog = Catalog::default();
        let mut from = String::new();
        if !columns.is_empty() {
            let text = |column: &Value| {
                Value::String(format!("`{}` {}", column["name"].as_str().unwrap(), column["type"].as_str().unwrap()))
            };
            let ddl = Value::Array(columns.iter().map(text).collect());
            let Ok(table) = table(&serde_json::json!({"name": "t", "role": "source"}), &ddl) else { continue };
            catalog.put(table);
            from = " FROM t".to_owned();
        }
        let expressions = match &case["sql"] {
            Value::String(sql) => sql.clone(),
            list => list.as_array().unwrap().iter().map(|e| e.as_str().unwrap()).collect::<Vec<_>>().join(", "),
        };
        let sql = format!("SELECT {expressions}{from}");
        let should_fail = fails(&case["expect"]["error"]);
        let result = run(&catalog, &sql);
        if result.is_ok()
            && let Some(types) = case["flink"]["types"].as_array()
        {
            let analyzed = nutkin_sql::parse_statement(&sql)
                .map(|statement| analyze(&statement, &sql, &flink_session(), &catalog));
            if let Ok(Ok(Analyzed { action: Action::Run(execution), .. })) = analyzed {
                let found: Vec<String> = execution.schema.columns.iter().map(|c| c.data_type.to_string()).collect();
                let plain = |text: &str| local_zone(&text.replace(" NOT NULL", ""));
                let expected: Vec<&str> = types.iter().map(|t| t.as_str().unwrap_or_default()).collect();
                for (found, expected) in found.iter().zip(&expected) {
                    if plain(found) != plain(expected) {
                        wrong.push(format!("{id}: {sql}: {found} instead of {expected}"));
                    }
                }
            }
        }
        report.add(id, &sql, result, should_fail);
    }
    report.print("scalar.jsonl");
    if std::env::var_os("NUTKIN_ORACLE_REPORT").is_some() {
        println!("== {} types differ", wrong.len());
        wrong.iter().take(60).for_each(|line| println!("{}", line.chars().take(300).collect::<String>()));
    }
    assert!(report.defects.is_empty(), "{:?}", report.defects);
}
