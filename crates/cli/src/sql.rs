//! `nutkin sql`: runs a script and prints what comes of it.
//!
//! Results go to standard output, everything else to standard error. Statements run one after another, the first that fails
//! ends the script. A streaming SELECT that is left is stopped and deleted: nobody would read it any more.

use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::time::Duration;

use nutkin_api::sql::{Statement, StatementStatus};

use crate::client::Client;
use crate::connection::ConnectionArguments;
use crate::context::ContextArguments;
use crate::error::{Context, Error, Result};
use crate::execution::{self, Ready, Results};
use crate::interrupt::Interrupt;
use crate::materialized::Materialized;
use crate::render::{self, Format};
use crate::session::{Session, Shown};
use crate::{caret, local, runtime, script};

/// Flags of `nutkin sql`.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(after_help = "Examples:
  nutkin sql -e \"SHOW TABLES\"
  nutkin sql -e \"SELECT * FROM examples.marketplace.orders\" --max-rows 10
  nutkin sql -e \"SELECT product_id, price FROM examples.marketplace.orders\" -o json --timeout 30s
  nutkin sql -f pipeline.sql --wait
  echo \"USE my_cluster; SHOW TABLES;\" | nutkin sql -o csv

A streaming SELECT runs until Ctrl-C, --max-rows or --timeout, and is then stopped and deleted. Rows of
updating results begin with their kind of change: +I, -U, +U or -D.

Exit codes: 0 done, 1 a statement failed, 2 wrong usage, 3 the service cannot be reached, 4 not allowed,
5 not found, 6 timed out, 130 interrupted.")]
pub struct Arguments {
    /// SQL text, one statement or several with ; between them; may be given several times
    #[arg(short = 'e', long = "execute", value_name = "SQL", conflicts_with = "file")]
    execute: Vec<String>,
    /// File with SQL text; - is standard input
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// How results are written
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value = "table")]
    output: Format,
    /// Ends a result after so many rows
    #[arg(long, value_name = "N")]
    max_rows: Option<u64>,
    /// Ends a streaming result after so long, and fails what is not ready by then: 500ms, 30s, 5m, 1h
    #[arg(long, value_name = "TIME", value_parser = duration)]
    timeout: Option<Duration>,
    /// Waits until an INSERT or CREATE TABLE AS has ended, not only until it runs
    #[arg(long)]
    wait: bool,
    /// Says nothing but results and errors
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    context: ContextArguments,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Reads `500ms`, `30s`, `5m`, `1h` or a number of seconds.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..end].parse().map_err(|_| "write a number and a unit, such as 30s")?;
    match &text[end..] {
        "ms" => Ok(Duration::from_millis(number)),
        "" | "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number.saturating_mul(60))),
        "h" => Ok(Duration::from_secs(number.saturating_mul(3600))),
        unit => Err(format!("'{unit}' is not one of the units ms, s, m and h")),
    }
}

/// Runs the command on a runtime of its own.
pub fn run(arguments: Arguments) -> Result<()> {
    let statements = script::split(&read_script(&arguments)?).into_statements();
    if statements.is_empty() {
        return Err(Error::Usage(
            "there is no statement to run. Give one with -e, -f, or on standard input.".to_owned(),
        ));
    }
    runtime()?.block_on(async {
        let interrupt = Interrupt::install();
        let (client, profile) = arguments.connection.connect()?;
        let target = arguments.context.resolve(&client, &profile).await?;
        let session = Session::new(target, &arguments.context)?;
        let mut runner = Runner {
            client,
            session,
            interrupt,
            options: Options {
                output: arguments.output,
                max_rows: arguments.max_rows,
                timeout: arguments.timeout,
                wait: arguments.wait,
                quiet: arguments.quiet,
            },
        };
        runner.script(&statements, &mut io::stdout()).await
    })
}

fn read_script(arguments: &Arguments) -> Result<String> {
    if !arguments.execute.is_empty() {
        return Ok(arguments.execute.join(";\n"));
    }
    match &arguments.file {
        Some(path) if path.as_os_str() != "-" => {
            std::fs::read_to_string(path).context(format!("cannot read {}", path.display()))
        }
        None if io::stdin().is_terminal() => Err(Error::Usage(
            "there is no statement to run: give one with -e or -f, or open 'nutkin shell'.".to_owned(),
        )),
        _ => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text).context("cannot read standard input")?;
            Ok(text)
        }
    }
}

/// What [`Runner`] is told.
#[derive(Debug, Clone, Default)]
pub struct Options {
    pub output: Format,
    pub max_rows: Option<u64>,
    pub timeout: Option<Duration>,
    pub wait: bool,
    pub quiet: bool,
}

/// Runs statements and writes their results.
pub struct Runner {
    pub client: Client,
    pub session: Session,
    pub interrupt: Interrupt,
    pub options: Options,
}

/// Why a result came to its end.
#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Complete,
    /// `--max-rows` or `--timeout`.
    Limit,
    Interrupted,
    /// Nobody reads the output any more.
    Closed,
}

impl Runner {
    /// Runs statements one after another.
    pub async fn script(&mut self, statements: &[String], out: &mut (dyn Write + Send)) -> Result<()> {
        for (index, sql) in statements.iter().enumerate() {
            let end = match self.statement(sql, out).await {
                Ok(end) => end,
                Err(error) => {
                    if let Some(place) = caret::point_at(&error.to_string(), sql) {
                        eprintln!("{place}");
                    }
                    return Err(error);
                }
            };
            match end {
                None | Some(End::Closed) => return Ok(()),
                Some(End::Interrupted) if index + 1 < statements.len() => return Err(Error::Interrupted),
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Runs one statement. `None` after EXIT.
    async fn statement(&mut self, sql: &str, out: &mut (dyn Write + Send)) -> Result<Option<End>> {
        if let Some(local) = local::parse(sql)? {
            let shown = self.session.apply(local)?;
            return self.show(shown, out);
        }
        self.interrupt.clear();
        let mut interrupt = self.interrupt.clone();
        let statement = execution::submit(&self.client, &mut self.session, sql).await?;
        let name = statement.name.clone();
        let ready = tokio::select! {
            ready = self.wait_ready(statement) => ready,
            () = interrupt.wait() => Err(Error::Interrupted),
        };
        match ready {
            Ok(Ready::Results(statement)) => self.results(&statement, out).await.map(Some),
            Ok(Ready::Background(statement)) => self.background(&statement).await.map(Some),
            Ok(Ready::Done(statement)) => {
                let status = execution::status(&statement);
                self.say(if status.detail.is_empty() { "Statement phase is COMPLETED." } else { &status.detail });
                Ok(Some(End::Complete))
            }
            Err(error) => {
                // Nobody waits for it any more.
                if matches!(error, Error::Interrupted | Error::TimedOut(_)) {
                    execution::stop(&self.client, &self.session.at, &name).await?;
                }
                Err(error)
            }
        }
    }

    async fn wait_ready(&self, statement: Statement) -> Result<Ready> {
        let limit = self.options.timeout.unwrap_or_else(|| self.session.results_timeout());
        let mut seen = |status: &StatementStatus| {
            // Why it waits.
            if status.phase == "PENDING" && !status.detail.is_empty() {
                self.say(&status.detail);
            }
        };
        let ready = execution::wait_ready(&self.client, &self.session.at, statement, limit, &mut seen).await?;
        let (Ready::Results(statement) | Ready::Background(statement) | Ready::Done(statement)) = &ready;
        for warning in execution::status(statement).warnings {
            self.say(&format!("Warning ({}): {}", warning.severity, warning.message));
        }
        Ok(ready)
    }

    fn show(&self, shown: Shown, out: &mut dyn Write) -> Result<Option<End>> {
        let Shown::Settings { rows, message } = shown else { return Ok(None) };
        if let Some(message) = message {
            self.say(message);
            return Ok(Some(End::Complete));
        }
        let rows: Vec<_> = rows.into_iter().map(|(key, value)| vec![key, value]).collect();
        render::table::write_table(&["Key", "Value"], &rows, out).context("cannot write the settings")?;
        Ok(Some(End::Complete))
    }

    async fn background(&mut self, statement: &Statement) -> Result<End> {
        self.say(&format!("Statement name: {}", statement.name));
        let phase = execution::status(statement).phase;
        if !self.options.wait || execution::is_terminal(&phase) {
            self.say(&format!("Statement phase is {phase}."));
            return Ok(End::Complete);
        }
        let limit = self.options.timeout.unwrap_or(Duration::MAX);
        let mut interrupt = self.interrupt.clone();
        let ended = tokio::select! {
            ended = execution::wait_terminal(&self.client, &self.session.at, &statement.name, limit) => ended?,
            // The statement is left running: it was asked for.
            () = interrupt.wait() => return Err(Error::Interrupted),
        };
        self.say(&format!("Statement phase is {}.", execution::status(&ended).phase));
        Ok(End::Complete)
    }

    /// Writes the rows of a statement; one that is left before its end is stopped and deleted.
    async fn results(&mut self, statement: &Statement, out: &mut (dyn Write + Send)) -> Result<End> {
        let end = self.write_results(statement, out).await;
        if !matches!(end, Ok(End::Complete)) {
            let discarded = execution::discard(&self.client, &self.session.at, &statement.name).await;
            // What went wrong first counts.
            return end.and_then(|end| discarded.map(|()| end));
        }
        end
    }

    async fn write_results(&mut self, statement: &Statement, out: &mut (dyn Write + Send)) -> Result<End> {
        let columns = execution::columns(statement);
        let (bounded, append_only) = (execution::is_bounded(statement), execution::is_append_only(statement));
        // Changes of a result that ends are folded into what is there at the end.
        let mut folded = (bounded && !append_only).then(|| Materialized::of(statement));
        let mut writer = render::writer(self.options.output, &columns, !append_only && !bounded);
        let mut left = self.options.max_rows.unwrap_or(u64::MAX);
        let mut results = Results::new(&self.client, &self.session.at, &statement.name);
        let mut interrupt = self.interrupt.clone();
        let deadline = self.options.timeout.map(|timeout| tokio::time::Instant::now() + timeout);
        let mut end = End::Complete;
        while left > 0 {
            let batch = tokio::select! {
                batch = results.next() => batch?,
                () = interrupt.wait() => { end = End::Interrupted; break }
                () = sleep_until(deadline) => { end = End::Limit; break }
            };
            let Some(mut rows) = batch else { break };
            if let Some(folded) = &mut folded {
                folded.apply(rows);
                continue;
            }
            rows.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            left -= rows.len() as u64;
            if !written(writer.rows(&rows, out).and_then(|()| out.flush()))? {
                return Ok(End::Closed);
            }
        }
        if left == 0 {
            end = End::Limit;
        }
        if let Some(folded) = folded {
            let mut rows = folded.into_rows();
            rows.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            if !written(writer.rows(&rows, out))? {
                return Ok(End::Closed);
            }
        }
        if !written(writer.finish(out).and_then(|()| out.flush()))? {
            return Ok(End::Closed);
        }
        if end == End::Limit && bounded && left > 0 {
            return Err(Error::TimedOut(format!("Statement {} had not given all its rows in time", statement.name)));
        }
        Ok(end)
    }

    fn say(&self, text: &str) {
        if !self.options.quiet {
            eprintln!("{text}");
        }
    }
}

/// Whether somebody still reads the output.
fn written(result: io::Result<()>) -> Result<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(source) => Err(Error::Io { context: "cannot write the results".to_owned(), source }),
    }
}

async fn sleep_until(deadline: Option<tokio::time::Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
