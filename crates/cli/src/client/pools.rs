//! `fcpm/v2`: compute pools and regions.

use http::Method;
use nutkin_api::fcpm::{ComputePool, Region};
use serde_json::{Value, json};

use super::{Client, encode};
use crate::error::Result;

impl Client {
    /// Compute pools of an environment.
    pub async fn pools(&self, environment: &str) -> Result<Vec<ComputePool>> {
        self.list(&format!("/fcpm/v2/compute-pools?environment={}", encode(environment))).await
    }

    pub async fn pool(&self, environment: &str, id: &str) -> Result<ComputePool> {
        self.get(&format!("/fcpm/v2/compute-pools/{}?environment={}", encode(id), encode(environment))).await
    }

    pub async fn create_pool(
        &self,
        environment: &str,
        name: &str,
        cloud: &str,
        region: &str,
        max_cfu: u32,
    ) -> Result<ComputePool> {
        let body = json!({"spec": {
            "display_name": name,
            "cloud": cloud,
            "region": region,
            "max_cfu": max_cfu,
            "environment": {"id": environment},
        }});
        self.call(Method::POST, "/fcpm/v2/compute-pools", Some(body)).await
    }

    /// Changes the name, the most CFUs, or both.
    pub async fn update_pool(
        &self,
        environment: &str,
        id: &str,
        name: Option<&str>,
        max_cfu: Option<u32>,
    ) -> Result<ComputePool> {
        let mut spec = json!({"environment": {"id": environment}});
        if let Some(name) = name {
            spec["display_name"] = Value::from(name);
        }
        if let Some(max_cfu) = max_cfu {
            spec["max_cfu"] = Value::from(max_cfu);
        }
        let path = format!("/fcpm/v2/compute-pools/{}", encode(id));
        self.call(Method::PATCH, &path, Some(json!({"spec": spec}))).await
    }

    pub async fn delete_pool(&self, environment: &str, id: &str) -> Result<()> {
        self.delete(&format!("/fcpm/v2/compute-pools/{}?environment={}", encode(id), encode(environment))).await
    }

    /// Regions that the service knows.
    pub async fn regions(&self) -> Result<Vec<Region>> {
        self.list("/fcpm/v2/regions").await
    }
}
