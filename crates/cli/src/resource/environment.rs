//! `nutkin environment`

use clap::{Args, Subcommand, ValueEnum};
use nutkin_api::org::Environment;

use super::reply::Reply;
use super::{Common, Force, Verb, verbs};
use crate::client::Client;
use crate::context;
use crate::error::Result;
use crate::profile::Profile;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lists environments
    #[command(after_help = "Examples:\n  nutkin environment list\n  nutkin environment list -o json")]
    List(List),
    /// Makes an environment, with a Schema Registry
    #[command(after_help = "Examples:\n  nutkin environment create my_environment\n  \
                            nutkin environment create my_environment --governance-package advanced")]
    Create(Create),
    /// Deletes an environment
    #[command(after_help = "Examples:\n  nutkin environment delete env-abc123\n  \
                            nutkin environment delete my_environment --force")]
    Delete(Delete),
}

verbs!(List, Create, Delete);

#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub struct Create {
    /// Name, which is also that of its catalog
    name: String,
    /// Features of the Schema Registry
    #[arg(long, value_enum, default_value = "essentials")]
    governance_package: Package,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Package {
    Essentials,
    Advanced,
}

#[derive(Debug, Args)]
pub struct Delete {
    /// Id or name
    environment: String,
    #[command(flatten)]
    force: Force,
    #[command(flatten)]
    common: Common,
}

fn package(environment: &Environment) -> String {
    environment.stream_governance_config.as_ref().map(|config| config.package.clone()).unwrap_or_default()
}

impl Verb for List {
    fn common(&self) -> &Common {
        &self.common
    }

    async fn call(&self, client: &Client, _: &Profile) -> Result<Reply> {
        let environments = client.environments().await?;
        Ok(Reply::list(&["ID", "Name", "Stream Governance Package"], &environments, |one| {
            vec![one.id.clone(), one.display_name.clone(), package(one)]
        }))
    }
}

impl Verb for Create {
    fn common(&self) -> &Common {
        &self.common
    }

    async fn call(&self, client: &Client, _: &Profile) -> Result<Reply> {
        let wanted = match self.governance_package {
            Package::Essentials => "ESSENTIALS",
            Package::Advanced => "ADVANCED",
        };
        let made = client.create_environment(&self.name, wanted).await?;
        let fields = vec![
            ("ID", made.id.clone()),
            ("Name", made.display_name.clone()),
            ("Stream Governance Package", package(&made)),
        ];
        Ok(Reply::record(&made, fields))
    }
}

impl Verb for Delete {
    fn common(&self) -> &Common {
        &self.common
    }

    async fn call(&self, client: &Client, _: &Profile) -> Result<Reply> {
        let (id, name) = context::environment(client, Some(&self.environment)).await?;
        self.force.confirm(&format!("Delete environment {id} ({name}) and all that is in it?"))?;
        client.delete_environment(&id).await?;
        Ok(Reply::done(&id, format!("Deleted environment \"{id}\".")))
    }
}
