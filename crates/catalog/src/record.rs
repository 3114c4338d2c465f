//! [`TableRecord`]: what topic and schemas cannot say about a table, as it is kept in the metastore.
//!
//! Columns that a registered schema holds are kept by name only, for their order: their types are read from the schema each
//! time. The record also carries a creation or removal over a crash: it is written before the first step and again after the
//! last, and names the statement whose second try may finish the work.

use std::collections::BTreeMap;

use nutkin_plan::TablePath;
use nutkin_plan::table::{ColumnKind, PrimaryKey, TableColumn, Watermark};
use serde::{Deserialize, Serialize};

use crate::error::CatalogError;

/// Format of the stored document; a reader refuses a newer one.
const VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TableRecord {
    pub version: u32,
    /// Uid of the statement that created or is dropping the table.
    pub statement: String,
    pub state: RecordState,
    /// The table is its topic's and schemas'; the record says only what ALTER TABLE changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inferred: bool,
    /// Id of the topic that the record speaks of: a topic of the same name made elsewhere is another table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic_id: Option<String>,
    /// In the order of the definition.
    #[serde(default)]
    pub columns: Vec<RecordColumn>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_key: Option<PrimaryKey>,
    /// Columns of the record's key; empty for a null key.
    #[serde(default)]
    pub key_columns: Vec<String>,
    /// None: the default strategy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watermark: Option<Watermark>,
    /// Options that are not settings of the topic, as SHOW CREATE TABLE prints them.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Uid of the last ALTER TABLE that was carried out: its second try has nothing left to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub altered_by: Option<String>,
    /// Set for a view: it has no topic, and its columns are all stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<ViewRecord>,
}

/// The query of a view (D-10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ViewRecord {
    /// As it was written.
    pub query: String,
    /// Catalog and database (by id, which a change of the display name does not touch) that its names were resolved in.
    pub catalog: String,
    pub database: String,
    /// Names were given to the columns.
    pub is_named: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RecordState {
    Creating,
    Ready,
    Dropping,
    /// Kept so that a second try of the same DROP knows that it was done.
    Dropped,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RecordColumn {
    /// A column that key or value have by their schema, or by the rules for a topic without one.
    Registered(String),
    /// A metadata or computed column, or a physical one that no schema describes.
    Stored(TableColumn),
}

impl TableRecord {
    pub fn new(statement: &str, state: RecordState) -> TableRecord {
        TableRecord {
            version: VERSION,
            statement: statement.to_owned(),
            state,
            inferred: false,
            topic_id: None,
            columns: Vec::new(),
            primary_key: None,
            key_columns: Vec::new(),
            watermark: None,
            options: BTreeMap::new(),
            comment: None,
            altered_by: None,
            view: None,
        }
    }

    pub fn in_state(&self, state: RecordState) -> TableRecord {
        TableRecord { state, ..self.clone() }
    }

    pub fn from_json(path: &TablePath, value: serde_json::Value) -> Result<TableRecord, CatalogError> {
        let record: TableRecord = serde_json::from_value(value)
            .map_err(|error| CatalogError::unusable(path, format!("its stored definition cannot be read ({error})")))?;
        if record.version > VERSION {
            let problem = format!(
                "its definition was stored by a later release (format {}). Run that release or a later one",
                record.version
            );
            return Err(CatalogError::unusable(path, problem));
        }
        Ok(record)
    }

    pub fn to_json(&self, path: &TablePath) -> Result<serde_json::Value, CatalogError> {
        serde_json::to_value(self)
            .map_err(|error| CatalogError::unusable(path, format!("its definition cannot be stored ({error})")))
    }

    /// True for a view that can be used.
    pub fn is_view(&self) -> bool {
        self.view.is_some() && self.state == RecordState::Ready
    }

    /// The stored column of that name.
    pub fn stored(&self, name: &str) -> Option<&TableColumn> {
        self.columns.iter().find_map(|column| match column {
            RecordColumn::Stored(column) if column.name == name => Some(column),
            _ => None,
        })
    }

    /// Names of the metadata and computed columns: they come before physical ones (sql.md 2.4 no. 10).
    pub fn is_virtual(&self, name: &str) -> bool {
        self.stored(name).is_some_and(|column| column.kind != ColumnKind::Physical)
    }
}

impl RecordColumn {
    pub fn name(&self) -> &str {
        match self {
            RecordColumn::Registered(name) => name,
            RecordColumn::Stored(column) => &column.name,
        }
    }
}
