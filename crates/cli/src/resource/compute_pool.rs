//! `nutkin flink compute-pool`

use clap::{Args, Subcommand};
use nutkin_api::fcpm::ComputePool;

use super::reply::Reply;
use super::{Common, EnvironmentFlag, Force, Verb, verbs};
use crate::client::{Client, StatementFilter, StatementPath};
use crate::context;
use crate::error::{Error, Result};
use crate::execution::is_terminal;
use crate::profile::Profile;

/// The Flink whose SQL is spoken (decision 20).
const FLINK_VERSION: &str = "2.2";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lists the compute pools of an environment
    #[command(
        after_help = "Examples:\n  nutkin flink compute-pool list\n  nutkin flink compute-pool list --region us-east-1 -o json"
    )]
    List(List),
    /// Makes a compute pool
    #[command(after_help = "Examples:\n  nutkin flink compute-pool create my-pool\n  \
                            nutkin flink compute-pool create my-pool --cloud aws --region us-east-1 --max-cfu 10")]
    Create(Create),
    /// Shows a compute pool
    #[command(after_help = "Examples:\n  nutkin flink compute-pool describe lfcp-abc123")]
    Describe(Describe),
    /// Changes the name or the most CFUs of a compute pool
    #[command(after_help = "Examples:\n  nutkin flink compute-pool update lfcp-abc123 --max-cfu 20")]
    Update(Update),
    /// Deletes a compute pool; its statements stop and can be resumed in another
    #[command(after_help = "Examples:\n  nutkin flink compute-pool delete lfcp-abc123\n  \
                            nutkin flink compute-pool delete lfcp-abc123 --force")]
    Delete(Delete),
}

verbs!(List, Create, Describe, Update, Delete);

#[derive(Debug, Args)]
pub struct List {
    /// Only pools of this region
    #[arg(long)]
    region: Option<String>,
    #[command(flatten)]
    environment: EnvironmentFlag,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub struct Create {
    /// Name
    name: String,
    /// aws, azure or gcp; a name only, everything runs here
    #[arg(long, default_value = "aws")]
    cloud: String,
    /// Region of that cloud; a name only
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// The most CFUs that its statements may use together
    #[arg(long, default_value_t = 5)]
    max_cfu: u32,
    #[command(flatten)]
    environment: EnvironmentFlag,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub struct Describe {
    /// Id
    pool: String,
    #[command(flatten)]
    environment: EnvironmentFlag,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
#[group(id = "changes", required = true, multiple = true, args = ["name", "max_cfu"])]
pub struct Update {
    /// Id
    pool: String,
    /// New name
    #[arg(long)]
    name: Option<String>,
    /// New most CFUs; can only grow
    #[arg(long)]
    max_cfu: Option<u32>,
    #[command(flatten)]
    environment: EnvironmentFlag,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub struct Delete {
    /// Id
    pool: String,
    #[command(flatten)]
    environment: EnvironmentFlag,
    #[command(flatten)]
    force: Force,
    #[command(flatten)]
    common: Common,
}

/// Name, cloud, region, current and most CFUs, phase.
fn parts(pool: &ComputePool) -> [String; 6] {
    let spec = &pool.spec;
    let status = pool.status.clone().unwrap_or_default();
    [
        spec.display_name.clone().unwrap_or_default(),
        spec.cloud.as_deref().unwrap_or_default().to_lowercase(),
        spec.region.clone().unwrap_or_default(),
        status.current_cfu.to_string(),
        spec.max_cfu.map(|most| most.to_string()).unwrap_or_default(),
        status.phase,
    ]
}

fn record(pool: &ComputePool) -> Reply {
    let [name, cloud, region, current, most, phase] = parts(pool);
    let environment = pool.spec.environment.as_ref().map(|environment| environment.id.clone()).unwrap_or_default();
    let fields = vec![
        ("ID", pool.id.clone()),
        ("Name", name),
        ("Environment", environment),
        ("Current CFU", current),
        ("Max CFU", most),
        ("Cloud", cloud),
        ("Region", region),
        ("Flink Version", FLINK_VERSION.to_owned()),
        ("Status", phase),
    ];
    Reply::record(pool, fields)
}

impl Verb for List {
    fn common(&self) -> &Common {
        &self.common
    }

    async fn call(&self, client: &Client, profile: &Profile) -> Result<Reply> {
        let mut pools = client.pools(&self.environment.id(client, profile).await?).await?;
        pools.retain(|pool| self.region.is_none() || pool.spec.region == self.region);
        let headers = &["ID", "Name", "Cloud", "Region", "Current CFU", "Max CFU", "Status"];
        Ok(Reply::list(headers, &pools, |pool| std::iter::once(pool.id.clone()).chain(parts(pool)).collect()))
    }
}

impl Verb for Create {
    fn common(&self) -> &Common {
        &self.common
    }

    async fn call(&self, client: &Client, profile: &Profile) -> Result<Reply> {
        let environment = self.environment.id(client, profile).await?;
        let cloud = self.cloud.to_uppercase();
        Ok(record(&client.create_pool(&environment, &self.name, &cloud, &self.region, self.max_cfu).await?))
    }
}

impl Verb for Describe {
    fn common(&self) -> &Common {
        &self.common
    }

    async fn call(&self, client: &Client, profile: &Profile) -> Result<Reply> {
        let environment = self.environment.id(client, profile).await?;
        Ok(record(&client.pool(&environment, &self.pool).await?))
    }
}

impl Verb for Update {
    fn common(&self) -> &Common {
        &self.common
    }

    async fn call(&self, client: &Client, profile: &Profile) -> Result<Reply> {
        let environment = self.environment.id(client, profile).await?;
        Ok(record(&client.update_pool(&environment, &self.pool, self.name.as_deref(), self.max_cfu).await?))
    }
}

impl Verb for Delete {
    fn common(&self) -> &Common {
        &self.common
    }

    async fn call(&self, client: &Client, profile: &Profile) -> Result<Reply> {
        let environment = self.environment.id(client, profile).await?;
        let pool = client.pool(&environment, &self.pool).await?.id;
        if !self.force.force {
            self.force.confirm(&question(client, environment.clone(), &pool).await?)?;
        }
        client.delete_pool(&environment, &pool).await?;
        Ok(Reply::done(&pool, format!("Deleted Flink compute pool \"{pool}\".")))
    }
}

/// Names the statements that would stop (decision 17).
async fn question(client: &Client, environment: String, pool: &str) -> Result<String> {
    let at = StatementPath { organization: context::organization(client).await?, environment };
    let filter = StatementFilter { compute_pool: Some(pool.to_owned()), phase: None };
    let statements = match client.statements(&at, &filter).await {
        Err(Error::Refused { status: 403, .. }) => {
            return Ok(format!("Delete compute pool {pool} and stop its statements?"));
        }
        other => other?,
    };
    let phase = |status: Option<nutkin_api::sql::StatementStatus>| status.unwrap_or_default().phase;
    let running = statements.into_iter().filter(|one| !is_terminal(&phase(one.status.clone())));
    let names: Vec<String> = running.map(|one| format!("  {} ({})\n", one.name, phase(one.status))).collect();
    if names.is_empty() {
        return Ok(format!("Delete compute pool {pool}? No statement runs in it."));
    }
    Ok(format!("These statements would stop:\n{}Delete compute pool {pool}?", names.concat()))
}
