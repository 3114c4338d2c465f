//! What a registry can be told.

use std::sync::Arc;

use crate::core::Limits;

/// Configuration of an embedded registry.
#[derive(Debug, Clone)]
pub struct Options {
    /// The registry's own id, shown by `/v1/metadata/id` (`lsrc-...` in the control plane).
    pub cluster_id: Arc<str>,
    /// Largest request body, in bytes.
    pub max_body_bytes: usize,
    /// Largest text of one schema, in bytes.
    pub max_schema_bytes: usize,
    /// Most schemas that one schema may build on, directly and through others.
    pub max_references: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cluster_id: "schema-registry".into(),
            max_body_bytes: 4 << 20,
            max_schema_bytes: 1 << 20,
            max_references: 500,
        }
    }
}

impl Options {
    pub(crate) fn limits(&self) -> Limits {
        Limits { schema_bytes: self.max_schema_bytes, references: self.max_references }
    }
}
