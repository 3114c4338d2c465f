//! `nutkin api-key`

use clap::{Args, Subcommand};
use nutkin_api::iam::ApiKey;

use super::reply::Reply;
use super::{Common, EnvironmentFlag, Force, Verb, verbs};
use crate::client::Client;
use crate::error::Result;
use crate::profile::Profile;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lists API keys, without their secrets
    #[command(after_help = "Examples:\n  nutkin api-key list\n  nutkin api-key list --service-account sa-abc123")]
    List(List),
    /// Makes an API key; its secret is shown only this once
    #[command(after_help = "Examples:\n  nutkin api-key create --resource cloud --description \"for Terraform\"\n  \
                            nutkin api-key create --resource lkc-abc123 --service-account sa-abc123\n  \
                            nutkin api-key create --resource aws.us-east-1 --environment env-abc123 -o json")]
    Create(Create),
    /// Deletes an API key
    #[command(after_help = "Examples:\n  nutkin api-key delete ABCDEFGHIJKLMNOP")]
    Delete(Delete),
}

verbs!(List, Create, Delete);

#[derive(Debug, Args)]
pub struct List {
    /// Only keys of this owner
    #[arg(long, value_name = "ID")]
    service_account: Option<String>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub struct Create {
    /// What it opens: cloud, global, a Kafka cluster (lkc-), a Schema Registry (lsrc-) or a Flink region (aws.us-east-1)
    #[arg(long)]
    resource: String,
    /// What it is for
    #[arg(long, default_value = "")]
    description: String,
    /// Whose key it is [default: one's own]
    #[arg(long, value_name = "ID")]
    service_account: Option<String>,
    #[command(flatten)]
    environment: EnvironmentFlag,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub struct Delete {
    /// The key
    key: String,
    #[command(flatten)]
    force: Force,
    #[command(flatten)]
    common: Common,
}

fn resource(key: &ApiKey) -> String {
    let Some(resource) = &key.spec.resource else { return "cloud".to_owned() };
    match &resource.environment {
        Some(environment) => format!("{} in {environment}", resource.id),
        None => resource.id.clone(),
    }
}

fn owner(key: &ApiKey) -> String {
    key.spec.owner.as_ref().map(|owner| owner.id.clone()).unwrap_or_default()
}

impl Verb for List {
    fn common(&self) -> &Common {
        &self.common
    }

    async fn call(&self, client: &Client, _: &Profile) -> Result<Reply> {
        let keys = client.api_keys(self.service_account.as_deref()).await?;
        Ok(Reply::list(&["Key", "Description", "Owner", "Resource", "Created"], &keys, |key| {
            let created = key.metadata.created_at.clone().unwrap_or_default();
            vec![key.id.clone(), key.spec.description.clone().unwrap_or_default(), owner(key), resource(key), created]
        }))
    }
}

impl Verb for Create {
    fn common(&self) -> &Common {
        &self.common
    }

    async fn call(&self, client: &Client, profile: &Profile) -> Result<Reply> {
        // Only the key of a Flink region is one of an environment.
        let regional = ["aws.", "azure.", "gcp."].iter().any(|cloud| self.resource.starts_with(cloud));
        let environment = if regional { Some(self.environment.id(client, profile).await?) } else { None };
        let owner_id = self.service_account.as_deref();
        let made = client.create_api_key(owner_id, &self.resource, environment.as_deref(), &self.description).await?;
        let fields = vec![
            ("API Key", made.id.clone()),
            ("API Secret", made.spec.secret.clone().unwrap_or_default()),
            ("Owner", owner(&made)),
            ("Resource", resource(&made)),
            ("Note", "Keep the secret now: it is not shown again.".to_owned()),
        ];
        Ok(Reply::record(&made, fields))
    }
}

impl Verb for Delete {
    fn common(&self) -> &Common {
        &self.common
    }

    async fn call(&self, client: &Client, _: &Profile) -> Result<Reply> {
        self.force.confirm(&format!("Delete API key {}? Whoever uses it is locked out.", self.key))?;
        client.delete_api_key(&self.key).await?;
        Ok(Reply::done(&self.key, format!("Deleted API key \"{}\".", self.key)))
    }
}
