//! A statement's way from its text to its results: submit, wait until it is ready, read, stop.

use std::time::{Duration, Instant};

use nutkin_api::sql::{ResultColumn, ResultRow, Statement, StatementStatus};

use crate::client::{Client, StatementPath};
use crate::error::{Error, Result};
use crate::session::Session;

const FIRST_POLL: Duration = Duration::from_millis(30);
const LONGEST_POLL: Duration = Duration::from_millis(1000);
/// Between two looks at the phase of a statement that has no new rows.
const PHASE_CHECK: Duration = Duration::from_millis(1000);

/// A statement that is no longer PENDING.
#[derive(Debug)]
pub enum Ready {
    /// Rows can be read.
    Results(Statement),
    /// It writes to a table, or has written all.
    Background(Statement),
    /// It is done and has no rows.
    Done(Statement),
}

/// A pause that grows while nothing happens.
pub(crate) struct Backoff(Duration);

impl Backoff {
    pub(crate) fn new() -> Backoff {
        Backoff(FIRST_POLL)
    }

    pub(crate) async fn pause(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 3 / 2).min(LONGEST_POLL);
    }
}

/// `status` of a statement, empty when there is none.
pub fn status(statement: &Statement) -> StatementStatus {
    statement.status.clone().unwrap_or_default()
}

/// Columns of the rows that a statement gives.
pub fn columns(statement: &Statement) -> Vec<ResultColumn> {
    let traits = statement.status.as_ref().and_then(|status| status.traits.as_ref());
    traits.and_then(|traits| traits.schema.as_ref()).map(|schema| schema.columns.clone()).unwrap_or_default()
}

/// Whether the results of a statement come to an end by themselves.
pub fn is_bounded(statement: &Statement) -> bool {
    statement.status.as_ref().and_then(|status| status.traits.as_ref()).is_none_or(|traits| traits.is_bounded)
}

/// Whether its results only grow.
pub fn is_append_only(statement: &Statement) -> bool {
    statement.status.as_ref().and_then(|status| status.traits.as_ref()).is_none_or(|traits| traits.is_append_only)
}

/// Whether a phase lasts until somebody acts.
pub fn is_terminal(phase: &str) -> bool {
    matches!(phase, "COMPLETED" | "STOPPED" | "FAILED")
}

/// Whether the statement is only looked at (`sql.dry-run`): the service does not keep it.
fn is_dry_run(statement: &Statement) -> bool {
    statement.spec.properties.get("sql.dry-run").is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// Submits a statement.
pub async fn submit(client: &Client, session: &mut Session, sql: &str) -> Result<Statement> {
    let (name, spec) = session.submission(sql);
    client.create_statement(&session.at, &name, &spec).await
}

/// Waits until a statement is ready or done. `seen` is called with every status that is new.
pub async fn wait_ready(
    client: &Client,
    at: &StatementPath,
    mut statement: Statement,
    limit: Duration,
    seen: &mut (dyn FnMut(&StatementStatus) + Send),
) -> Result<Ready> {
    let (begin, mut backoff) = (Instant::now(), Backoff::new());
    let mut last = None;
    loop {
        let status = status(&statement);
        let now = (status.phase.clone(), status.detail.clone());
        if last.as_ref() != Some(&now) {
            seen(&status);
            last = Some(now);
        }
        if let Some(ready) = ready(&statement, &status)? {
            return Ok(ready);
        }
        if begin.elapsed() > limit {
            return Err(TooLong { name: &statement.name, status: &status, limit }.into());
        }
        backoff.pause().await;
        statement = client.statement(at, &statement.name).await?;
    }
}

/// Waits until a statement has ended.
pub async fn wait_terminal(client: &Client, at: &StatementPath, name: &str, limit: Duration) -> Result<Statement> {
    let (begin, mut backoff) = (Instant::now(), Backoff::new());
    loop {
        let statement = client.statement(at, name).await?;
        let status = status(&statement);
        if status.phase == "FAILED" {
            return Err(failed(&statement.name, &status));
        }
        if is_terminal(&status.phase) {
            return Ok(statement);
        }
        if begin.elapsed() > limit {
            return Err(TooLong { name, status: &status, limit }.into());
        }
        backoff.pause().await;
    }
}

fn ready(statement: &Statement, status: &StatementStatus) -> Result<Option<Ready>> {
    let kind = status.traits.as_ref().map_or("", |traits| traits.sql_kind.as_str());
    let writes = kind.starts_with("INSERT") || kind.ends_with("STATEMENT_SET") || kind == "CREATE_TABLE_AS";
    let has_rows = !writes && !columns(statement).is_empty();
    Ok(match status.phase.as_str() {
        "FAILED" => return Err(failed(&statement.name, status)),
        "" | "PENDING" | "FAILING" => None,
        "DELETING" => {
            return Err(Error::StatementFailed {
                name: statement.name.clone(),
                detail: format!("Statement {} is being deleted.", statement.name),
            });
        }
        // The answer to the submission is all there ever is of it.
        _ if is_dry_run(statement) => Some(Ready::Done(statement.clone())),
        _ if has_rows => Some(Ready::Results(statement.clone())),
        "STOPPING" => None,
        _ if writes => Some(Ready::Background(statement.clone())),
        phase if is_terminal(phase) => Some(Ready::Done(statement.clone())),
        // DDL that is being carried out.
        _ => None,
    })
}

pub(crate) fn failed(name: &str, status: &StatementStatus) -> Error {
    let detail = match status.detail.as_str() {
        "" => {
            format!("Statement {name} has failed and does not say why. 'nutkin flink statement exceptions {name}' may.")
        }
        detail => detail.to_owned(),
    };
    Error::StatementFailed { name: name.to_owned(), detail }
}

struct TooLong<'a> {
    name: &'a str,
    status: &'a StatementStatus,
    limit: Duration,
}

impl From<TooLong<'_>> for Error {
    fn from(TooLong { name, status, limit }: TooLong<'_>) -> Error {
        let why = if status.detail.is_empty() { String::new() } else { format!(": {}", status.detail) };
        let (phase, seconds) = (&status.phase, limit.as_secs_f32());
        Error::TimedOut(format!("Statement {name} is still {phase} after {seconds} s{why}"))
    }
}

/// Stops a statement that still runs; one that has ended or is gone already is left as it is.
pub async fn stop(client: &Client, at: &StatementPath, name: &str) -> Result<()> {
    let running = match client.statement(at, name).await {
        Ok(statement) => !is_terminal(&status(&statement).phase),
        Err(Error::Refused { status: 404, .. }) => false,
        Err(error) => return Err(error),
    };
    if !running {
        return Ok(());
    }
    client.update_statement(at, name, |spec| spec.stopped = true).await
}

/// Stops a statement and deletes it.
pub async fn discard(client: &Client, at: &StatementPath, name: &str) -> Result<()> {
    stop(client, at, name).await?;
    match client.delete_statement(at, name).await {
        Err(Error::Refused { status: 404, .. }) => Ok(()),
        other => other,
    }
}

/// The rows of a statement, batch after batch.
pub struct Results<'a> {
    client: &'a Client,
    at: &'a StatementPath,
    name: &'a str,
    token: Option<String>,
    ended: bool,
}

impl<'a> Results<'a> {
    pub fn new(client: &'a Client, at: &'a StatementPath, name: &'a str) -> Results<'a> {
        Results { client, at, name, token: None, ended: false }
    }

    /// The next rows, waited for; `None` at the end. Fails when the statement does. May be dropped while it waits and called
    /// again: no row is lost, because a page can be read again until the next one is asked for.
    pub async fn next(&mut self) -> Result<Option<Vec<ResultRow>>> {
        let mut backoff = Backoff::new();
        let mut checked = Instant::now();
        while !self.ended {
            let page = match self.client.results(self.at, self.name, self.token.as_deref()).await {
                Ok(page) => page,
                // A failed statement has no results; its status says why.
                Err(error @ Error::Refused { .. }) => return Err(self.failure().await?.unwrap_or(error)),
                Err(error) => return Err(error),
            };
            if page.next.is_none()
                && let Some(failure) = self.failure().await?
            {
                return Err(failure);
            }
            // Nothing is waited for between here and the return of the rows.
            let moved = page.next != self.token;
            self.ended = page.next.is_none();
            self.token = page.next;
            if !page.rows.is_empty() {
                return Ok(Some(page.rows));
            }
            if !self.ended && !moved {
                if checked.elapsed() >= PHASE_CHECK {
                    if let Some(failure) = self.failure().await? {
                        return Err(failure);
                    }
                    checked = Instant::now();
                }
                backoff.pause().await;
            }
        }
        Ok(None)
    }

    async fn failure(&self) -> Result<Option<Error>> {
        let status = status(&self.client.statement(self.at, self.name).await?);
        Ok((status.phase == "FAILED").then(|| failed(self.name, &status)))
    }
}
