//! `nutkin flink statement create`

use clap::Args;

use super::reply::Reply;
use super::statement::record;
use super::{Common, Verb};
use crate::client::Client;
use crate::context::ContextArguments;
use crate::error::Result;
use crate::execution::{self, Ready};
use crate::profile::Profile;
use crate::session::Session;

#[derive(Debug, Args)]
pub struct Create {
    /// Name [default: one that nobody has]
    name: Option<String>,
    /// SQL text of one statement
    #[arg(long)]
    sql: String,
    /// Waits until it runs or is done, and fails when it fails
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    context: ContextArguments,
    #[command(flatten)]
    common: Common,
}

impl Verb for Create {
    fn common(&self) -> &Common {
        &self.common
    }

    async fn call(&self, client: &Client, profile: &Profile) -> Result<Reply> {
        let target = self.context.resolve(client, profile).await?;
        let mut session = Session::new(target, &self.context)?;
        let (free, spec) = session.submission(&self.sql);
        let name = self.name.as_ref().unwrap_or(&free);
        let made = client.create_statement(&session.at, name, &spec).await?;
        if !self.wait {
            return Ok(record(&made));
        }
        let limit = session.results_timeout();
        let ready = execution::wait_ready(client, &session.at, made, limit, &mut |_| {}).await?;
        let (Ready::Results(made) | Ready::Background(made) | Ready::Done(made)) = &ready;
        Ok(record(made))
    }
}
