//! Users. The first one, made at initialisation, administers the organization.

use serde::{Deserialize, Serialize};

use super::Resource;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    pub email: String,
    pub full_name: String,
    pub is_admin: bool,
}

impl Resource for User {
    const KIND: &'static str = "user";
    const TITLE: &'static str = "User";
    const PREFIX: &'static str = "u";

    fn parent(&self) -> &str {
        ""
    }

    fn unique_name(&self) -> Option<&str> {
        Some(&self.email)
    }
}
