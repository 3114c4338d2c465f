//! `nutkin shell`: SQL by hand (spec W-03).
//!
//! Lines are read until a `;`, statements run one at a time, an error ends only the statement it is of. Without a terminal
//! it runs what standard input holds, in the same words.

mod editor;
mod prompt;
mod terminal;
mod view;

use std::io::{self, IsTerminal, Read, Write};

use nutkin_api::sql::{Statement, StatementStatus};

use crate::client::Client;
use crate::connection::ConnectionArguments;
use crate::context::ContextArguments;
use crate::error::{Context, Error, Result};
use crate::execution::{self, Ready};
use crate::interrupt::Interrupt;
use crate::session::{Session, Shown};
use crate::{caret, local, render, runtime, script};
use prompt::{Prompt, Typed, Vocabulary};
use terminal::Keys;

const BANNER: &str =
    "Welcome! To exit, press Ctrl-Q or type \"exit\".\n\n[Ctrl-Q] Quit [Ctrl-S] Toggle Smart Completion\n";

/// Flags of `nutkin shell`.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(after_help = "Examples:
  nutkin shell
  nutkin shell --environment my_environment --database my_cluster --compute-pool my_pool
  nutkin shell --url https://nutkin.example.com --ca-file ca.pem --property sql.snapshot.mode=now

In the shell:
  A statement ends with ; and may have several lines. USE, SET and RESET change this session.
  SET 'client.result-mode' = 'changelog';      shows every change of a result, not the rows as they are
  SET 'client.output-format' = 'plain-text';   draws over nothing
  SET 'client.results-timeout' = '60000';      milliseconds that a statement may be PENDING
  SET 'client.statement-name' = 'my-name';     names the next statement
  Ctrl-C or Q leaves a result and stops its statement, M changes between table and changelog.")]
pub struct Arguments {
    #[command(flatten)]
    pub context: ContextArguments,
    #[command(flatten)]
    pub connection: ConnectionArguments,
}

/// Opens the shell, on a runtime of its own, and ends with it.
pub fn run(arguments: Arguments) -> Result<()> {
    let runtime = runtime()?;
    let mut shell = runtime.block_on(Shell::open(&arguments))?;
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).context("cannot read standard input")?;
        for sql in script::split(&text).into_statements() {
            if runtime.block_on(shell.statement(&sql))? == Next::Exit {
                break;
            }
        }
        return Ok(());
    }
    println!("{BANNER}");
    let mut prompt = Prompt::open(shell.vocabulary.clone())?;
    loop {
        match prompt.read()? {
            Typed::Exit => return Ok(()),
            Typed::Nothing => {}
            Typed::Statements(statements) => {
                for sql in statements {
                    match runtime.block_on(shell.statement(&sql))? {
                        Next::Exit => return Ok(()),
                        Next::Prompt => break,
                        Next::Statement => {}
                    }
                }
            }
        }
    }
}

/// What follows a statement.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Next {
    Statement,
    /// Not the statements that were typed after it in one go: it failed, or the person left it.
    Prompt,
    Exit,
}

struct Shell {
    client: Client,
    session: Session,
    interrupt: Interrupt,
    vocabulary: Vocabulary,
}

impl Shell {
    async fn open(arguments: &Arguments) -> Result<Shell> {
        let interrupt = Interrupt::install();
        let (client, profile) = arguments.connection.connect()?;
        let target = arguments.context.resolve(&client, &profile).await?;
        let session = Session::new(target, &arguments.context)?;
        Ok(Shell { client, session, interrupt, vocabulary: Vocabulary::default() })
    }

    /// Runs one statement. Its errors are shown; only those of the terminal end the shell.
    async fn statement(&mut self, sql: &str) -> Result<Next> {
        self.interrupt.clear();
        match self.run(sql).await {
            Ok(next) => Ok(next),
            Err(error @ Error::Io { .. }) => Err(error),
            Err(Error::Interrupted) => Ok(Next::Prompt),
            Err(error) => {
                println!("Error: {error}");
                if let Some(place) = caret::point_at(&error.to_string(), sql) {
                    println!("{place}");
                }
                Ok(Next::Prompt)
            }
        }
    }

    async fn run(&mut self, sql: &str) -> Result<Next> {
        if let Some(local) = local::parse(sql)? {
            let shown = self.session.apply(local)?;
            return show(shown);
        }
        let mut interrupt = self.interrupt.clone();
        let statement = execution::submit(&self.client, &mut self.session, sql).await?;
        println!("Statement name: {}", statement.name);
        println!("Statement successfully submitted.");
        let name = statement.name.clone();
        let ready = tokio::select! {
            ready = self.wait_ready(statement) => ready,
            () = interrupt.wait() => Err(Error::Interrupted),
        };
        if matches!(ready, Err(Error::Interrupted | Error::TimedOut(_))) {
            println!("Stopping the statement.");
            execution::stop(&self.client, &self.session.at, &name).await?;
        }
        let ready = ready?;
        self.vocabulary.learn(sql);
        match ready {
            Ready::Done(_) => Ok(Next::Statement),
            Ready::Background(statement) => self.background(&statement).await,
            Ready::Results(statement) => {
                println!("Fetching results...");
                view::View::new(&self.client, &self.session, &statement, &self.vocabulary).show(interrupt).await
            }
        }
    }

    async fn wait_ready(&self, statement: Statement) -> Result<Ready> {
        let limit = self.session.results_timeout();
        let mut seen = |status: &StatementStatus| match status.phase.as_str() {
            "" | "PENDING" => {
                println!("Waiting for statement to be ready. Statement phase is PENDING.");
                print_detail(status);
            }
            "FAILED" | "FAILING" => {}
            phase => {
                println!("Statement phase is {phase}.");
                print_detail(status);
            }
        };
        let ready = execution::wait_ready(&self.client, &self.session.at, statement, limit, &mut seen).await?;
        let (Ready::Results(statement) | Ready::Background(statement) | Ready::Done(statement)) = &ready;
        for warning in execution::status(statement).warnings {
            println!("Warning ({}): {}", warning.severity, warning.message);
        }
        Ok(ready)
    }

    /// A statement that writes: one that ends is waited for, unless the person has seen enough.
    async fn background(&mut self, statement: &Statement) -> Result<Next> {
        let phase = execution::status(statement).phase;
        if execution::is_terminal(&phase) {
            return Ok(Next::Statement);
        }
        if !execution::is_bounded(statement) {
            println!("The statement runs on. 'nutkin flink statement stop {}' stops it.", statement.name);
            return Ok(Next::Statement);
        }
        println!("Press Enter to detach.");
        let mut keys = Keys::listen();
        let mut interrupt = self.interrupt.clone();
        let ended = execution::wait_terminal(&self.client, &self.session.at, &statement.name, std::time::Duration::MAX);
        tokio::pin!(ended);
        loop {
            tokio::select! {
                ended = &mut ended => {
                    println!("Statement phase is {}.", execution::status(&ended?).phase);
                    return Ok(Next::Statement);
                }
                () = interrupt.wait() => break,
                key = Keys::next(&mut keys) => if matches!(key, b'\n' | b'\r') { break },
            }
        }
        println!("Detached; the statement runs on.");
        Ok(Next::Prompt)
    }
}

fn show(shown: Shown) -> Result<Next> {
    let Shown::Settings { rows, message } = shown else { return Ok(Next::Exit) };
    if let Some(message) = message {
        println!("{message}");
    }
    if !rows.is_empty() || message.is_none() {
        let rows: Vec<_> = rows.into_iter().map(|(key, value)| vec![key, value]).collect();
        let mut out = io::stdout();
        render::table::write_table(&["Key", "Value"], &rows, &mut out)
            .and_then(|()| out.flush())
            .context("cannot write to the terminal")?;
    }
    Ok(Next::Statement)
}

fn print_detail(status: &StatementStatus) {
    if !status.detail.is_empty() {
        println!("{}", status.detail);
    }
}

/// Inner parts, for the tests of the crate.
#[cfg(test)]
pub(crate) mod tests_access {
    pub use super::editor::SqlHelper;
    pub use super::prompt::{Typed, Vocabulary, typed};
    pub use super::view::{Screen, frame};
}
