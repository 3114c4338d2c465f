//! What every handler has at hand.

use std::sync::Arc;

use nutkin_control::Control;

/// Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    pub control: Control,
    /// Absolute URL of this API without a path at its end.
    pub external_url: Arc<str>,
}

impl AppState {
    /// `path` (with its leading slash) as clients reach it.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.external_url)
    }

    /// Name of a resource as Confluent writes it: `crn://confluent.cloud/organization=<id>` and the parts after it.
    pub fn resource_name(&self, parts: &[(&str, &str)]) -> String {
        let mut name = format!("crn://confluent.cloud/organization={}", self.control.organization());
        for (key, value) in parts {
            name.push_str(&format!("/{key}={value}"));
        }
        name
    }
}
