//! `iam/v2`: API keys and service accounts.

use http::Method;
use nutkin_api::iam::{ApiKey, ServiceAccount};
use serde_json::{Value, json};

use super::{Client, encode};
use crate::error::Result;

impl Client {
    /// API keys, all of them or those of one owner. Secrets are not among them.
    pub async fn api_keys(&self, owner: Option<&str>) -> Result<Vec<ApiKey>> {
        let filter = owner.map_or(String::new(), |owner| format!("?spec.owner={}", encode(owner)));
        self.list(&format!("/iam/v2/api-keys{filter}")).await
    }

    /// Makes an API key; the answer alone holds its secret. `resource` is a Kafka cluster, a registry, `cloud`, `global`, or
    /// a Flink region such as `aws.us-east-1` together with an environment.
    pub async fn create_api_key(
        &self,
        owner: Option<&str>,
        resource: &str,
        environment: Option<&str>,
        description: &str,
    ) -> Result<ApiKey> {
        let mut spec = json!({"description": description, "resource": {"id": resource}});
        if let Some(environment) = environment {
            spec["resource"]["environment"] = Value::from(environment);
        }
        if let Some(owner) = owner {
            spec["owner"] = json!({"id": owner});
        }
        self.call(Method::POST, "/iam/v2/api-keys", Some(json!({"spec": spec}))).await
    }

    pub async fn delete_api_key(&self, id: &str) -> Result<()> {
        self.delete(&format!("/iam/v2/api-keys/{}", encode(id))).await
    }

    pub async fn service_accounts(&self) -> Result<Vec<ServiceAccount>> {
        self.list("/iam/v2/service-accounts").await
    }
}
