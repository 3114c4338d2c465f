//! Service accounts: principals without a person behind them (spec S002-027).

use serde::{Deserialize, Serialize};

use super::Resource;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServiceAccount {
    pub display_name: String,
    pub description: String,
}

impl Resource for ServiceAccount {
    const KIND: &'static str = "service_account";
    const TITLE: &'static str = "Service account";
    const PREFIX: &'static str = "sa";

    fn parent(&self) -> &str {
        ""
    }

    fn unique_name(&self) -> Option<&str> {
        Some(&self.display_name)
    }
}
