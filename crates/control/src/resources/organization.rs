//! The organization: one per service.

use serde::{Deserialize, Serialize};

use super::Resource;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Organization {
    pub display_name: String,
}

impl Resource for Organization {
    const KIND: &'static str = "organization";
    const TITLE: &'static str = "Organization";
    const PREFIX: &'static str = "org";

    fn parent(&self) -> &str {
        ""
    }

    fn unique_name(&self) -> Option<&str> {
        Some(&self.display_name)
    }
}
