//! Compute pools (spec P-01, P-04).

use serde::{Deserialize, Serialize};

use super::Resource;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ComputePool {
    pub environment: String,
    pub display_name: String,
    pub cloud: String,
    pub region: String,
    /// Budget of its statements together.
    pub max_cfu: u32,
}

impl Resource for ComputePool {
    const KIND: &'static str = "compute_pool";
    const TITLE: &'static str = "Compute pool";
    const PREFIX: &'static str = "lfcp";

    fn parent(&self) -> &str {
        &self.environment
    }

    fn unique_name(&self) -> Option<&str> {
        Some(&self.display_name)
    }
}
