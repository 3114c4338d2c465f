//! What a table has beyond its topic and schemas: watermark, computed columns, options (spec D-02).

use serde::{Deserialize, Serialize};

use super::Resource;

/// The catalog's own record of a table, opaque here.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TableRecord {
    /// `lkc-...`
    pub cluster: String,
    /// Topic and table name.
    pub name: String,
    pub definition: serde_json::Value,
}

impl Resource for TableRecord {
    const KIND: &'static str = "table";
    const TITLE: &'static str = "Table";
    const PREFIX: &'static str = "tbl";

    fn parent(&self) -> &str {
        &self.cluster
    }

    fn unique_name(&self) -> Option<&str> {
        Some(&self.name)
    }
}
