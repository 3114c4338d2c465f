//! A line of a file as a [`Stream`](super::Stream).

use std::path::Path;

use nutkin_engine::MemoryWatermarks;
use nutkin_plan::ChangelogMode;
use serde::Deserialize;
use serde_json::Value as Json;

use super::expectation::{Expectation, Held};
use super::{Step, Stream, StreamTable};
use crate::kind::Read;
use crate::kind::recorded::{Config, WrittenChange, WrittenError, changelog_mode};

#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    config: Config,
    tables: Vec<WrittenTable>,
    steps: Vec<WrittenStep>,
    #[serde(default)]
    expect: Vec<Expect>,
    #[serde(default)]
    flink: Answer,
}

#[derive(Deserialize)]
struct WrittenTable {
    name: String,
    #[serde(default)]
    role: String,
    columns: Vec<String>,
    changelog_mode: Option<String>,
    #[serde(default)]
    rows: Vec<WrittenChange>,
    rows_file: Option<String>,
    #[serde(default)]
    flink_test_options: std::collections::BTreeMap<String, Json>,
}

#[derive(Deserialize)]
struct WrittenStep {
    sql: Option<String>,
    statement_set: Option<Vec<String>>,
    error: Option<WrittenError>,
}

#[derive(Deserialize)]
struct Expect {
    table: String,
    #[serde(default)]
    compare: String,
    changelog: Option<Vec<WrittenChange>>,
    changelog_text: Option<Vec<String>>,
    materialized: Option<Vec<WrittenChange>>,
    materialized_text: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
struct Answer {
    watermarks: Option<String>,
    varies: Option<String>,
    #[serde(default)]
    outputs: Vec<FlinkOutput>,
}

#[derive(Deserialize)]
struct FlinkOutput {
    table: String,
    changelog: Option<Vec<WrittenChange>>,
    #[serde(default)]
    no_update_before: Json,
    materialized_count: Option<usize>,
    materialized_sha256: Option<String>,
}

/// Options that name metadata of Flink's test connector.
const METADATA_OPTIONS: &[&str] = &["readable-metadata", "writable-metadata"];

pub fn read(line: &Json, directory: &Path) -> Read {
    let written = Written::deserialize(line).map_err(|error| error.to_string())?;
    let expectations = written.expect.iter().map(|expect| expectation(expect, &written.flink)).collect();
    let tables = written.tables.into_iter().map(|table| self::table(table, directory)).collect::<Result<_, _>>()?;
    let steps = written.steps.into_iter().map(step).collect::<Result<_, _>>()?;
    let watermarks = match written.flink.watermarks.as_deref() {
        Some("as-declared") => MemoryWatermarks::AtEnd,
        _ => MemoryWatermarks::PerRow,
    };
    Ok(Box::new(Stream { config: written.config, tables, steps, watermarks, expectations }))
}

fn table(written: WrittenTable, directory: &Path) -> Result<StreamTable, String> {
    let option = |name: &str| written.flink_test_options.get(name).and_then(Json::as_str);
    let has_key = written.columns.iter().any(|column| column.to_uppercase().contains("PRIMARY KEY"));
    let changelog_mode = match (&written.changelog_mode, option("sink-changelog-mode-enforced")) {
        (Some(mode), _) => changelog_mode(mode),
        (None, Some(mode)) => changelog_mode(mode),
        (None, None) if has_key => ChangelogMode::Upsert,
        (None, None) if written.role == "source" => ChangelogMode::Append,
        // Flink's test sink takes whatever the query gives.
        (None, None) => ChangelogMode::Retract,
    };
    let rows = match &written.rows_file {
        None => written.rows,
        Some(file) => {
            let path = directory.join(file);
            let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            let rows = text.lines().map(serde_json::from_str).collect::<Result<_, _>>();
            rows.map_err(|error| format!("{}: {error}", path.display()))?
        }
    };
    let has_metadata = METADATA_OPTIONS.iter().any(|name| option(name).is_some());
    let columns = if has_metadata { ordinary(&written.columns)? } else { written.columns };
    Ok(StreamTable { name: written.name, columns, changelog_mode, rows })
}

/// Flink's test connector has metadata of any name, and holds it in its rows like other columns.
fn ordinary(columns: &[String]) -> Result<Vec<String>, String> {
    let metadata =
        regex::Regex::new(r"(?i)\s+METADATA(\s+FROM\s+'[^']*')?(\s+VIRTUAL)?").map_err(|error| error.to_string())?;
    Ok(columns.iter().map(|column| metadata.replace(column, "").into_owned()).collect())
}

fn step(written: WrittenStep) -> Result<Step, String> {
    let sql = match (written.sql, written.statement_set) {
        (Some(sql), _) => sql,
        (None, Some(set)) => format!("EXECUTE STATEMENT SET BEGIN {}; END", set.join("; ")),
        (None, None) => return Err("a step without SQL".to_owned()),
    };
    Ok(Step { sql, error: written.error.map(|error| error.expected()) })
}

/// Flink's own typed answer before what its tests wrote down.
fn expectation(expect: &Expect, flink: &Answer) -> Expectation {
    let output = flink.outputs.iter().find(|output| output.table == expect.table);
    let only_table = expect.compare == "materialized" || flink.varies.is_some();
    let held = match (output, expect) {
        (Some(FlinkOutput { changelog: Some(changes), no_update_before, .. }), _) => Held::Changes {
            changes: changes.clone(),
            without_update_before: !matches!(no_update_before, Json::Null | Json::Bool(false)),
        },
        (Some(FlinkOutput { materialized_count: Some(count), materialized_sha256: Some(sha256), .. }), _) => {
            Held::Digest { rows: *count, sha256: sha256.clone() }
        }
        (_, Expect { changelog: Some(changes), .. }) => {
            Held::Changes { changes: changes.clone(), without_update_before: false }
        }
        (_, Expect { materialized: Some(changes), .. }) => {
            Held::Changes { changes: changes.clone(), without_update_before: false }
        }
        (_, Expect { materialized_text: Some(lines), .. }) => Held::TableText(lines.clone()),
        (_, Expect { changelog_text: Some(lines), .. }) => Held::ChangesText(lines.clone()),
        _ => Held::Anything,
    };
    Expectation { table: expect.table.clone(), held, only_table }
}
