//! A table that takes rows and drops them: all of it is in its record.

use std::sync::Arc;

use nutkin_plan::table::TableColumn;
use nutkin_plan::{ChangelogMode, Connector, Table, TablePath};

use super::watermark;
use crate::error::CatalogError;
use crate::record::{RecordColumn, TableRecord};
use crate::snapshot::Loaded;
use crate::table_options::TableOptions;

pub(crate) fn blackhole(path: &TablePath, record: &TableRecord) -> Result<Loaded, CatalogError> {
    let options = TableOptions::parse(&record.options)?;
    let columns: Vec<TableColumn> = record
        .columns
        .iter()
        .filter_map(|column| match column {
            RecordColumn::Stored(column) => Some(column.clone()),
            RecordColumn::Registered(_) => None,
        })
        .collect();
    let table = Table {
        path: path.clone(),
        columns,
        watermark: Some(watermark(Some(record))),
        primary_key: record.primary_key.clone(),
        distribution: None,
        changelog_mode: options.changelog_mode.unwrap_or(ChangelogMode::Append),
        options: options.printed(),
        comment: record.comment.clone(),
        connector: Connector::Blackhole,
    };
    Ok(Loaded { table: Arc::new(table), read_only: None })
}
