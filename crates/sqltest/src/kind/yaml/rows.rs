//! Rows as people write them: `[1, a]`, `{id: 1, name: a}`, with `$op` and `$rowtime` where they matter.

use nutkin_engine::MemoryRow;
use nutkin_plan::Table;
use nutkin_plan::table::{ColumnKind, TableColumn};
use nutkin_types::{LogicalType, RowKind, Value};
use serde_json::{Map, Value as Json};

use crate::world::kind;

const OP: &str = "$op";
const ROW: &str = "$row";
const ROWTIME: &str = "$rowtime";

/// A row of a table that is read. `now` is the record's timestamp unless the row has one.
///
/// # Errors
/// Says which cell or name does not fit.
pub fn input(json: &Json, table: &Table, now: i64) -> Result<MemoryRow, String> {
    let columns: Vec<&TableColumn> =
        table.columns.iter().filter(|column| !matches!(column.kind, ColumnKind::Computed { .. })).collect();
    match json {
        Json::Array(cells) => {
            Ok(MemoryRow { kind: RowKind::Insert, timestamp: now, values: positional(cells, &columns)? })
        }
        Json::Object(named) => object(named, &columns, now),
        other => Err(format!("{other} is no row: write a list of values, or names with values")),
    }
}

fn object(named: &Map<String, Json>, columns: &[&TableColumn], now: i64) -> Result<MemoryRow, String> {
    let kind = named.get(OP).map_or(Ok(RowKind::Insert), |op| kind(op.as_str().unwrap_or_default()))?;
    let timestamp = named.get(ROWTIME).map_or(Ok(now), timestamp)?;
    if let Some(cells) = named.get(ROW) {
        let cells = cells.as_array().ok_or_else(|| format!("{ROW} is a list of values"))?;
        return Ok(MemoryRow { kind, timestamp, values: positional(cells, columns)? });
    }
    let is_known = |name: &str| [OP, ROWTIME].contains(&name) || columns.iter().any(|column| column.name == name);
    if let Some(unknown) = named.keys().find(|name| !is_known(name)) {
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        return Err(format!("there is no column '{unknown}' among {}", names.join(", ")));
    }
    let cell = |column: &&TableColumn| typed(named.get(&column.name).unwrap_or(&Json::Null), column);
    Ok(MemoryRow { kind, timestamp, values: columns.iter().map(cell).collect::<Result<_, _>>()? })
}

fn positional(cells: &[Json], columns: &[&TableColumn]) -> Result<Vec<Value>, String> {
    // Virtual columns come from the record; a row may leave them out.
    let written: Vec<&&TableColumn> =
        columns.iter().filter(|column| !matches!(column.kind, ColumnKind::Metadata { is_virtual: true, .. })).collect();
    if cells.len() != columns.len() && cells.len() != written.len() {
        return Err(format!("{} values for {} columns", cells.len(), written.len()));
    }
    let all = cells.len() == columns.len();
    let mut rest = cells.iter();
    let value =
        |column: &&TableColumn| match all || !matches!(column.kind, ColumnKind::Metadata { is_virtual: true, .. }) {
            true => typed(rest.next().unwrap_or(&Json::Null), column),
            false => Ok(Value::Null),
        };
    columns.iter().map(value).collect()
}

fn typed(json: &Json, column: &TableColumn) -> Result<Value, String> {
    crate::value::read(json, &column.data_type.logical).map_err(|problem| format!("column {}: {problem}", column.name))
}

/// Milliseconds since the epoch: a number, or `2024-01-01T00:00:00Z`.
pub fn timestamp(json: &Json) -> Result<i64, String> {
    if let Some(millis) = json.as_i64() {
        return Ok(millis);
    }
    match crate::value::read(json, &LogicalType::TimestampLtz { precision: 3 })? {
        Value::Integer(millis) => Ok(millis),
        _ => Err(format!("{json} is no time")),
    }
}
