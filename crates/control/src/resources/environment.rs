//! Environments: catalogs in SQL (spec S002-004).

use serde::{Deserialize, Serialize};

use super::Resource;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Environment {
    pub organization: String,
    pub display_name: String,
    /// ESSENTIALS or ADVANCED: accepted and shown; it has no effect here.
    pub package: String,
}

impl Resource for Environment {
    const KIND: &'static str = "environment";
    const TITLE: &'static str = "Environment";
    const PREFIX: &'static str = "env";

    fn parent(&self) -> &str {
        &self.organization
    }

    fn unique_name(&self) -> Option<&str> {
        Some(&self.display_name)
    }
}
