//! Verbs for the resources of the API: environments, Kafka clusters, compute pools, statements, API keys.
//!
//! One file per kind of resource. A verb is a struct of flags with [`Verb`], its group an enum; [`Command`] is the table of
//! all groups, which the binary flattens into its own.

mod api_key;
mod compute_pool;
mod environment;
mod flink_environment;
pub(crate) mod kafka_attach;
mod kafka_cluster;
mod reply;
mod statement;
mod statement_create;

use std::io::{self, IsTerminal, Write};

use clap::Subcommand;

use crate::client::Client;
use crate::connection::ConnectionArguments;
use crate::error::{Context, Error, Result};
use crate::profile::Profile;
use crate::{context, runtime};
use reply::{Output, Reply};

/// Verbs by resource.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Environments
    #[command(subcommand)]
    Environment(environment::Command),
    /// Kafka clusters
    #[command(subcommand)]
    Kafka(Kafka),
    /// Compute pools and statements
    #[command(subcommand)]
    Flink(Flink),
    /// API keys
    #[command(subcommand)]
    ApiKey(api_key::Command),
}

/// `nutkin kafka`
#[derive(Debug, Subcommand)]
pub enum Kafka {
    /// Kafka clusters
    #[command(subcommand)]
    Cluster(kafka_cluster::Command),
    /// Attaches a Kafka cluster that runs elsewhere, or changes how it is reached
    #[command(after_help = kafka_attach::EXAMPLES)]
    Attach(kafka_attach::Attach),
}

/// `nutkin flink`
#[derive(Debug, Subcommand)]
pub enum Flink {
    /// Compute pools
    #[command(subcommand)]
    ComputePool(compute_pool::Command),
    /// Statements
    #[command(subcommand)]
    Statement(statement::Command),
    /// An environment with all that statements need
    #[command(subcommand)]
    Environment(flink_environment::Command),
}

impl Command {
    /// Carries the verb out, on a runtime of its own, and writes its answer to standard output.
    pub fn run(self) -> Result<()> {
        runtime()?.block_on(async {
            match self {
                Command::Environment(command) => command.run().await,
                Command::Kafka(Kafka::Cluster(command)) => command.run().await,
                Command::Kafka(Kafka::Attach(verb)) => verb.run().await,
                Command::Flink(Flink::ComputePool(command)) => command.run().await,
                Command::Flink(Flink::Statement(command)) => command.run().await,
                Command::Flink(Flink::Environment(command)) => command.run().await,
                Command::ApiKey(command) => command.run().await,
            }
        })
    }
}

/// Flags of every verb.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Common {
    /// How the answer is written
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value = "table")]
    output: Output,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// The environment of a verb.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct EnvironmentFlag {
    /// Environment, by id or name [default: that of the profile, else the only one]
    #[arg(long, value_name = "ENVIRONMENT", env = "NUTKIN_ENVIRONMENT")]
    environment: Option<String>,
}

impl EnvironmentFlag {
    /// Its id.
    async fn id(&self, client: &Client, profile: &Profile) -> Result<String> {
        let given = self.environment.as_deref().or(profile.environment.as_deref());
        Ok(context::environment(client, given).await?.0)
    }
}

/// Leave to do what cannot be undone.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Force {
    /// Does not ask first
    #[arg(long)]
    force: bool,
}

impl Force {
    /// Asks, unless told not to. Where nobody can answer it is refused.
    fn confirm(&self, question: &str) -> Result<()> {
        if self.force {
            return Ok(());
        }
        if !io::stdin().is_terminal() {
            return Err(Error::Usage(format!("{question} There is no terminal to answer on: give --force.")));
        }
        print!("{question} (y/n) ");
        io::stdout().flush().context("cannot write to the terminal")?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).context("cannot read the answer")?;
        if answer.trim().eq_ignore_ascii_case("y") { Ok(()) } else { Err(Error::Interrupted) }
    }
}

/// Something to do with a resource.
trait Verb {
    fn common(&self) -> &Common;

    /// Does it.
    async fn call(&self, client: &Client, profile: &Profile) -> Result<Reply>;

    /// Connects, does it, writes the answer.
    async fn run(&self) -> Result<()> {
        let common = self.common();
        let (client, profile) = common.connection.connect()?;
        let reply = self.call(&client, &profile).await?;
        match reply.write(common.output, &mut io::stdout()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Error::Io { context: "cannot write the answer".to_owned(), source: error })
            }
            _ => Ok(()),
        }
    }
}

/// Gives verbs their common flags.
macro_rules! verbs {
    ($($verb:ident),+) => {
        impl Command {
            /// Carries the verb out.
            pub(super) async fn run(self) -> Result<()> {
                match self {
                    $(Command::$verb(verb) => verb.run().await,)+
                }
            }
        }
    };
}
use verbs;
