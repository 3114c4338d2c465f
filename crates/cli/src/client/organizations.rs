//! `org/v2`: organizations and environments.

use http::Method;
use nutkin_api::org::{Environment, Organization};
use serde_json::json;

use super::{Client, encode};
use crate::error::Result;

impl Client {
    /// Every organization that the key sees.
    pub async fn organizations(&self) -> Result<Vec<Organization>> {
        self.list("/org/v2/organizations").await
    }

    /// Every environment that the key sees.
    pub async fn environments(&self) -> Result<Vec<Environment>> {
        self.list("/org/v2/environments").await
    }

    pub async fn environment(&self, id: &str) -> Result<Environment> {
        self.get(&format!("/org/v2/environments/{}", encode(id))).await
    }

    /// Makes an environment. `package` is ESSENTIALS or ADVANCED.
    pub async fn create_environment(&self, name: &str, package: &str) -> Result<Environment> {
        let body = json!({"display_name": name, "stream_governance_config": {"package": package}});
        self.call(Method::POST, "/org/v2/environments", Some(body)).await
    }

    pub async fn delete_environment(&self, id: &str) -> Result<()> {
        self.delete(&format!("/org/v2/environments/{}", encode(id))).await
    }
}
