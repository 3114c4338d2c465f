//! `nutkin flink statement`

use clap::{Args, Subcommand};
use nutkin_api::sql::Statement;

use super::reply::Reply;
use super::statement_create::Create;
use super::{Common, EnvironmentFlag, Force, Verb, verbs};
use crate::client::{Client, StatementFilter, StatementPath};
use crate::context;
use crate::error::Result;
use crate::execution::status;
use crate::profile::Profile;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Lists statements
    #[command(after_help = "Examples:\n  nutkin flink statement list\n  \
                            nutkin flink statement list --status running --compute-pool lfcp-abc123 -o json")]
    List(List),
    /// Shows a statement
    #[command(after_help = "Examples:\n  nutkin flink statement describe my-statement")]
    Describe(Describe),
    /// Submits a statement
    #[command(after_help = "Examples:\n  nutkin flink statement create --sql \"INSERT INTO t SELECT * FROM s\"\n  \
                            nutkin flink statement create my-statement --sql \"CREATE TABLE t (id INT)\" --database my-cluster --wait")]
    Create(Create),
    /// Stops a statement, with its state
    #[command(after_help = "Examples:\n  nutkin flink statement stop my-statement")]
    Stop(Stop),
    /// Resumes a statement where it was stopped
    #[command(after_help = "Examples:\n  nutkin flink statement resume my-statement\n  \
                            nutkin flink statement resume my-statement --compute-pool lfcp-def456")]
    Resume(Resume),
    /// Deletes a statement and its state
    #[command(after_help = "Examples:\n  nutkin flink statement delete my-statement --force")]
    Delete(Delete),
    /// Lists the latest exceptions of a statement
    #[command(after_help = "Examples:\n  nutkin flink statement exceptions my-statement")]
    Exceptions(Exceptions),
}

verbs!(List, Describe, Create, Stop, Resume, Delete, Exceptions);

/// Where a statement is.
#[derive(Debug, Clone, Default, Args)]
pub struct Place {
    #[command(flatten)]
    environment: EnvironmentFlag,
    /// Organization [default: the only one]
    #[arg(long, value_name = "ID", env = "NUTKIN_ORGANIZATION")]
    organization: Option<String>,
}

impl Place {
    async fn path(&self, client: &Client, profile: &Profile) -> Result<StatementPath> {
        let organization = match self.organization.clone().or_else(|| profile.organization.clone()) {
            Some(id) => id,
            None => context::organization(client).await?,
        };
        Ok(StatementPath { organization, environment: self.environment.id(client, profile).await? })
    }
}

#[derive(Debug, Args)]
pub struct List {
    /// Only statements of this phase, such as running
    #[arg(long, value_name = "PHASE")]
    status: Option<String>,
    /// Only statements of this compute pool
    #[arg(long, value_name = "ID")]
    compute_pool: Option<String>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    common: Common,
}

/// A statement by its name.
#[derive(Debug, Args)]
pub struct Named {
    /// Name
    statement: String,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
pub struct Describe {
    #[command(flatten)]
    named: Named,
}

#[derive(Debug, Args)]
pub struct Stop {
    #[command(flatten)]
    named: Named,
}

#[derive(Debug, Args)]
pub struct Resume {
    #[command(flatten)]
    named: Named,
    /// Compute pool to go on in [default: the one it was in]
    #[arg(long, value_name = "ID")]
    compute_pool: Option<String>,
    /// Service account to go on as [default: the one it was]
    #[arg(long, value_name = "ID")]
    service_account: Option<String>,
}

#[derive(Debug, Args)]
pub struct Delete {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    force: Force,
}

#[derive(Debug, Args)]
pub struct Exceptions {
    #[command(flatten)]
    named: Named,
}

/// A statement as a record.
pub fn record(statement: &Statement) -> Reply {
    let status = status(statement);
    let pairs = |map: &std::collections::BTreeMap<String, String>| {
        map.iter().map(|(key, value)| format!("{key} = {value}")).collect::<Vec<_>>().join("\n")
    };
    let warnings: Vec<String> =
        status.warnings.iter().map(|one| format!("{}: {}", one.severity, one.message)).collect();
    let fields = vec![
        ("Name", statement.name.clone()),
        ("Created", statement.metadata.created_at.clone().unwrap_or_default()),
        ("Statement", statement.spec.statement.clone()),
        ("Kind", status.traits.as_ref().map(|traits| traits.sql_kind.clone()).unwrap_or_default()),
        ("Compute Pool", statement.spec.compute_pool_id.clone().unwrap_or_default()),
        ("Principal", statement.spec.principal.clone().unwrap_or_default()),
        ("Status", status.phase.clone()),
        ("Status Detail", status.detail.clone()),
        ("Scaling", status.scaling_status.as_ref().map(|scaling| scaling.scaling_state.clone()).unwrap_or_default()),
        ("Warnings", warnings.join("\n")),
        ("Properties", pairs(&statement.spec.properties)),
        ("Latest Offsets", pairs(&status.latest_offsets)),
        ("Latest Offsets Timestamp", status.latest_offsets_timestamp.clone().unwrap_or_default()),
    ];
    Reply::record(statement, fields)
}

impl Verb for List {
    fn common(&self) -> &Common {
        &self.common
    }

    async fn call(&self, client: &Client, profile: &Profile) -> Result<Reply> {
        let at = self.place.path(client, profile).await?;
        let phase = self.status.as_ref().map(|phase| phase.to_uppercase());
        let filter = StatementFilter { compute_pool: self.compute_pool.clone(), phase: phase.clone() };
        let mut statements = client.statements(&at, &filter).await?;
        // A service that does not know this filter leaves it out.
        statements.retain(|one| phase.as_ref().is_none_or(|phase| status(one).phase == *phase));
        let headers = &["Created", "Name", "Statement", "Compute Pool", "Status", "Status Detail"];
        Ok(Reply::list(headers, &statements, |one| {
            let status = status(one);
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            vec![
                one.metadata.created_at.clone().unwrap_or_default(),
                one.name.clone(),
                crate::render::clip(&words(&one.spec.statement), 50),
                one.spec.compute_pool_id.clone().unwrap_or_default(),
                status.phase,
                crate::render::clip(&words(&status.detail), 50),
            ]
        }))
    }
}

impl Verb for Describe {
    fn common(&self) -> &Common {
        &self.named.common
    }

    async fn call(&self, client: &Client, profile: &Profile) -> Result<Reply> {
        let at = self.named.place.path(client, profile).await?;
        Ok(record(&client.statement(&at, &self.named.statement).await?))
    }
}

impl Verb for Stop {
    fn common(&self) -> &Common {
        &self.named.common
    }

    async fn call(&self, client: &Client, profile: &Profile) -> Result<Reply> {
        let (at, name) = (self.named.place.path(client, profile).await?, &self.named.statement);
        client.update_statement(&at, name, |spec| spec.stopped = true).await?;
        Ok(Reply::done(name, format!("Requested to stop statement \"{name}\".")))
    }
}

impl Verb for Resume {
    fn common(&self) -> &Common {
        &self.named.common
    }

    async fn call(&self, client: &Client, profile: &Profile) -> Result<Reply> {
        let (at, name) = (self.named.place.path(client, profile).await?, &self.named.statement);
        let change = |spec: &mut nutkin_api::sql::StatementSpec| {
            spec.stopped = false;
            if self.compute_pool.is_some() {
                spec.compute_pool_id.clone_from(&self.compute_pool);
            }
            if self.service_account.is_some() {
                spec.principal.clone_from(&self.service_account);
            }
        };
        client.update_statement(&at, name, change).await?;
        Ok(Reply::done(name, format!("Requested to resume statement \"{name}\".")))
    }
}

impl Verb for Delete {
    fn common(&self) -> &Common {
        &self.named.common
    }

    async fn call(&self, client: &Client, profile: &Profile) -> Result<Reply> {
        let (at, name) = (self.named.place.path(client, profile).await?, &self.named.statement);
        self.force.confirm(&format!("Delete statement {name} and its state?"))?;
        client.delete_statement(&at, name).await?;
        Ok(Reply::done(name, format!("Deleted statement \"{name}\".")))
    }
}

impl Verb for Exceptions {
    fn common(&self) -> &Common {
        &self.named.common
    }

    async fn call(&self, client: &Client, profile: &Profile) -> Result<Reply> {
        let at = self.named.place.path(client, profile).await?;
        let exceptions = client.exceptions(&at, &self.named.statement).await?;
        Ok(Reply::list(&["Timestamp", "Name", "Message"], &exceptions, |one| {
            vec![one.timestamp.clone(), one.name.clone(), one.message.clone()]
        }))
    }
}
