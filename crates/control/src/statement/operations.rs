//! What the API can do with statements.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use nutkin_catalog::{Outcome, REDACTED, is_secret_key, redacted};
use nutkin_pool::{JobStatus, ResultRow};
use tokio::sync::oneshot;

use super::actor::{Command, Message};
use super::lifecycle::{Desired, Phase, Placement, State};
use super::overview::Entry;
use super::record::Statement;
use super::services::Services;
use super::traits;
use crate::error::ControlError;
use crate::resources::{ComputePool, Environment, Page, Stored};

/// Longest SQL text (spec L-03).
pub const MAX_STATEMENT_BYTES: usize = 4_194_304;
const TOO_LARGE: &str = "This query is too large to process (exceeds 4194304 bytes). This can happen due to: * Complex query \
    structure. * Too many columns selected or expanded due to * usage. * Multiple table joins. * Large number of conditions. \
    Try simplifying your query or breaking it into smaller parts.";
/// Longest name (decision 1).
const MAX_NAME: usize = 100;

/// Statements of all environments. Cheap to clone.
#[derive(Clone)]
pub struct Statements {
    services: Arc<Services>,
}

#[derive(Debug, Clone)]
pub struct NewStatement {
    pub environment: String,
    /// Empty lets the service choose one.
    pub name: String,
    pub sql: String,
    pub properties: BTreeMap<String, String>,
    /// None takes the environment's only pool.
    pub compute_pool: Option<String>,
    pub principal: String,
    pub labels: BTreeMap<String, String>,
    /// Submits it without running it.
    pub stopped: bool,
}

/// The parts that a PUT may change (spec L-04).
#[derive(Debug, Clone)]
pub struct StatementUpdate {
    /// `metadata.resource_version` of the request; None skips the check.
    pub version: Option<i64>,
    pub sql: String,
    pub properties: BTreeMap<String, String>,
    pub stopped: bool,
    pub compute_pool: Option<String>,
    pub principal: Option<String>,
}

/// A page of results.
#[derive(Debug)]
pub struct Results {
    pub rows: Vec<ResultRow>,
    /// Token to ask with next; None when there is nothing more.
    pub next: Option<u64>,
}

impl Statements {
    pub fn new(services: Arc<Services>) -> Statements {
        Statements { services }
    }

    /// Takes up every statement that is not at rest, and keeps deleting those that ended long ago.
    pub async fn start(&self) -> Result<(), ControlError> {
        let take_up = |stored: Stored<Statement>| {
            let state = &stored.resource.state;
            match state.phase.is_terminal() && state.desired != Desired::Delete {
                true => self.services.overview.put(&stored),
                false => drop(self.services.actor(stored)),
            }
        };
        self.services.resources.each(None, take_up).await?;
        tokio::spawn(self.clone().expire());
        Ok(())
    }

    async fn expire(self) {
        loop {
            let oldest = self.services.resources.now() - self.services.options.statement_retention.as_millis() as i64;
            for entry in self.services.overview.select(|entry| entry.ended_at.is_some_and(|at| at < oldest)) {
                if let Err(error) = self.command_to(&entry, Command::Delete).await {
                    tracing::warn!(%error, "an old statement was not deleted");
                }
            }
            tokio::time::sleep(Duration::from_secs(3600)).await;
        }
    }

    pub async fn create(&self, new: NewStatement) -> Result<Stored<Statement>, ControlError> {
        let resources = &self.services.resources;
        let environment = resources.require::<Environment>(&new.environment).await?;
        if new.sql.len() > MAX_STATEMENT_BYTES {
            return Err(ControlError::Invalid(TOO_LARGE.to_owned()));
        }
        if new.sql.trim().is_empty() {
            return Err(ControlError::Invalid(
                "spec.statement is empty. Send the SQL text of one statement.".to_owned(),
            ));
        }
        let (sql, properties) = without_secrets(&new.sql, new.properties);
        let name = if new.name.is_empty() { generated_name() } else { new.name };
        check_name(&name)?;
        let compute_pool = self.pool_of(&environment.id, new.compute_pool).await?;
        let mut state = State::new();
        if new.stopped {
            state.desired = Desired::Stop;
        }
        let statement = Statement {
            environment: environment.id,
            name,
            sql,
            properties,
            compute_pool,
            principal: new.principal,
            labels: new.labels,
            state,
            traits: None,
            warnings: Vec::new(),
            plan: None,
            cfus: 1,
            latest_offsets: BTreeMap::new(),
            latest_offsets_at: None,
            exceptions: Vec::new(),
            ended_at: None,
        };
        let uid = uuid::Uuid::new_v4().to_string();
        if statement.properties.get("sql.dry-run").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return self.dry_run(uid, statement).await;
        }
        let stored = resources.create_as(uid, statement).await?;
        self.services.actor(stored.clone());
        Ok(stored)
    }

    /// Analyses the statement and shows what would come of it; nothing is stored or changed.
    async fn dry_run(&self, uid: String, mut statement: Statement) -> Result<Stored<Statement>, ControlError> {
        let request = self.services.request(&uid, &statement).await;
        let now = self.services.resources.now();
        match self.services.catalog.submit(request).await {
            Ok(Outcome::Executed { traits: found, detail, warnings, .. }) => {
                statement.state = State { phase: Phase::Completed, detail, prepared: true, ..State::new() };
                statement.traits = Some(traits::to_wire(&found));
                statement.warnings = traits::warnings(&warnings, now);
            }
            Ok(Outcome::Job { .. }) => {
                return Err(ControlError::Internal("a dry run came back as a job".to_owned()));
            }
            Err(error) => statement.state = State { phase: Phase::Failed, detail: error.to_string(), ..State::new() },
        }
        Stored::unsaved(uid, statement, now)
    }

    async fn pool_of(&self, environment: &str, asked: Option<String>) -> Result<String, ControlError> {
        let resources = &self.services.resources;
        if let Some(id) = asked.filter(|id| !id.is_empty()) {
            let pool = resources.require::<ComputePool>(&id).await?;
            if pool.resource.environment != environment {
                return Err(ControlError::Invalid(format!("Compute pool {id} belongs to another environment.")));
            }
            return Ok(id);
        }
        let mut pools = resources.all::<ComputePool>(Some(environment)).await?;
        match (pools.pop(), pools.is_empty()) {
            (Some(only), true) => Ok(only.id),
            (None, _) => {
                Err(ControlError::Invalid(format!("Environment {environment} has no compute pool. Create one first.")))
            }
            _ => Err(ControlError::Invalid(
                "spec.compute_pool_id is missing and the environment has several compute pools. Name one.".to_owned(),
            )),
        }
    }

    pub async fn get(&self, environment: &str, name: &str) -> Result<Stored<Statement>, ControlError> {
        let found = self.services.resources.find::<Statement>(environment, name).await?;
        found.ok_or_else(|| ControlError::not_found("Statement", name))
    }

    pub async fn page(
        &self,
        environment: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Statement>, ControlError> {
        self.services.resources.page(Some(environment), after, limit).await
    }

    /// Stops or resumes; nothing else of a statement can change (spec L-04).
    pub async fn update(
        &self,
        environment: &str,
        name: &str,
        update: StatementUpdate,
    ) -> Result<Stored<Statement>, ControlError> {
        let stored = self.get(environment, name).await?;
        let statement = &stored.resource;
        if update.version.is_some_and(|version| version != stored.version) {
            return Err(ControlError::Conflict(format!(
                "Statement {name} has changed since it was read (resource_version). Read it again and retry."
            )));
        }
        // Whoever wrote the statement has its text with the secrets, whoever read it has it without.
        let (sql, properties) = without_secrets(&update.sql, update.properties);
        if sql != statement.sql || properties != statement.properties {
            return Err(ControlError::Invalid(format!(
                "The text and the properties of a statement cannot be changed. Stop {name} and submit a new statement."
            )));
        }
        let pool = update.compute_pool.filter(|pool| *pool != statement.compute_pool);
        let principal = update.principal.filter(|principal| *principal != statement.principal);
        if (pool.is_some() || principal.is_some()) && (!statement.state.phase.is_terminal() || update.stopped) {
            return Err(ControlError::Invalid(format!(
                "Compute pool and principal can be changed only while {name} is stopped, together with stopped = false."
            )));
        }
        let pool = match pool {
            Some(id) => Some(self.pool_of(environment, Some(id)).await?),
            None => None,
        };
        let stopped = statement.state.desired == Desired::Stop || statement.state.phase.is_terminal();
        match (update.stopped, stopped) {
            (true, false) => self.command(stored, Command::Stop { detail: String::new() }).await,
            (false, true) if statement.state.phase == Phase::Completed => {
                Err(ControlError::Invalid(format!("Statement {name} has completed and cannot be resumed.")))
            }
            (false, true) => self.command(stored, Command::Resume { compute_pool: pool, principal }).await,
            _ => Ok(stored),
        }
    }

    pub async fn delete(&self, environment: &str, name: &str) -> Result<(), ControlError> {
        let stored = self.get(environment, name).await?;
        self.command(stored, Command::Delete).await.map(drop)
    }

    /// Deletes all statements of an environment and waits until they are gone.
    pub async fn delete_all(&self, environment: &str) -> Result<(), ControlError> {
        for stored in self.services.resources.all::<Statement>(Some(environment)).await? {
            self.command(stored, Command::Delete).await?;
        }
        for _ in 0..300 {
            if self.services.resources.all::<Statement>(Some(environment)).await?.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(ControlError::Conflict(format!("Statements of {environment} are still being deleted. Try again.")))
    }

    /// Stops every statement of a pool (decision 17).
    pub async fn stop_pool(&self, pool: &str) -> Result<(), ControlError> {
        let detail = format!("Compute pool {pool} was deleted. Resume the statement in another pool.");
        for entry in self.services.overview.select(|entry| entry.compute_pool == pool && !entry.phase.is_terminal()) {
            self.command_to(&entry, Command::Stop { detail: detail.clone() }).await?;
        }
        Ok(())
    }

    /// A command to a statement that may be gone by now, which is fine.
    async fn command_to(&self, entry: &Entry, command: Command) -> Result<(), ControlError> {
        match self.services.resources.get(&entry.uid).await? {
            Some(stored) => match self.command(stored, command).await {
                Err(ControlError::NotFound { .. }) => Ok(()),
                other => other.map(drop),
            },
            None => Ok(()),
        }
    }

    async fn command(&self, stored: Stored<Statement>, command: Command) -> Result<Stored<Statement>, ControlError> {
        let name = stored.resource.name.clone();
        let actor = self.services.actor(stored);
        let (reply, answer) = oneshot::channel();
        actor.send(Message::Command(command, reply)).map_err(|_| ControlError::not_found("Statement", &name))?;
        answer.await.map_err(|_| ControlError::not_found("Statement", &name))?
    }

    /// Rows from `token` on (0 first).
    pub async fn results(&self, environment: &str, name: &str, token: u64) -> Result<Results, ControlError> {
        let stored = self.get(environment, name).await?;
        let state = &stored.resource.state;
        let bounded = stored.resource.traits.as_ref().is_some_and(|traits| traits.is_bounded);
        match state.phase {
            Phase::Pending => return Ok(Results { rows: Vec::new(), next: Some(token) }),
            Phase::Failed => {
                return Err(ControlError::Invalid(format!("Statement {name} has failed: {}", state.detail)));
            }
            _ => {}
        }
        if bounded || !state.foreground {
            let page = self.services.spool(&stored.id).page(token).await?;
            let next = match page.next {
                None if state.phase == Phase::Running => Some(token + spooled_bytes(&page.rows)),
                other => other,
            };
            return Ok(Results { rows: page.rows, next });
        }
        let _ = self.services.actor(stored.clone()).send(Message::ResultsRead);
        if state.placement != Placement::Assigned {
            return Ok(Results { rows: Vec::new(), next: None });
        }
        match self.services.pools.results(&stored.resource.compute_pool, &stored.id, token).await {
            Ok((rows, next)) => Ok(Results { rows, next }),
            Err(nutkin_pool::PoolError::Refused(message)) => Err(ControlError::Invalid(message)),
            // Between two lives of the pool: the phase will say what becomes of the query.
            Err(_) => Ok(Results { rows: Vec::new(), next: Some(token) }),
        }
    }

    /// Metrics of the statement's job, while it runs.
    pub fn status(&self, compute_pool: &str, uid: &str) -> Option<JobStatus> {
        self.services.pools.status(compute_pool, uid)
    }

    /// `status.detail`: what the statement says of itself, else why it has no output yet.
    pub fn detail(&self, statement: &Stored<Statement>) -> String {
        let state = &statement.resource.state;
        if !state.detail.is_empty() || state.phase != Phase::Running {
            return state.detail.clone();
        }
        let obstacles = self
            .status(&statement.resource.compute_pool, &statement.id)
            .map(|status| status.obstacles)
            .unwrap_or_default();
        if obstacles.is_empty() { String::new() } else { format!("No output yet: {}.", obstacles.join("; ")) }
    }

    /// Every statement that is not COMPLETED; from memory, so that metrics cost the store nothing.
    pub fn not_completed(&self) -> Vec<Entry> {
        self.services.overview.select(|entry| entry.phase != Phase::Completed)
    }
}

/// Bytes that `rows` take in a spool file.
fn spooled_bytes(rows: &[ResultRow]) -> u64 {
    rows.iter().map(|row| serde_json::to_vec(row).map_or(0, |line| line.len() as u64 + 1)).sum()
}

/// `<first 8 and next 4 and 4 digits of a UUID>`, as the original names statements by itself (spec L-02).
/// What is kept of a statement: this release has nothing to open with a secret (spec D-13), so none is stored, listed or logged.
fn without_secrets(sql: &str, mut properties: BTreeMap<String, String>) -> (String, BTreeMap<String, String>) {
    for (key, value) in &mut properties {
        if is_secret_key(key) {
            REDACTED.clone_into(value);
        }
    }
    (redacted(sql).into_owned(), properties)
}

fn generated_name() -> String {
    uuid::Uuid::new_v4().to_string()[..18].to_owned()
}

/// Checks the pattern of spec L-02.
fn check_name(name: &str) -> Result<(), ControlError> {
    let label = |part: &str| {
        let bytes = part.as_bytes();
        let alphanumeric = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        alphanumeric(bytes.first())
            && alphanumeric(bytes.last())
            && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
    };
    if name.len() <= MAX_NAME && name.split('.').all(label) {
        return Ok(());
    }
    Err(ControlError::Invalid(format!(
        "Statement name '{name}' is not allowed. Use at most {MAX_NAME} lower-case letters, digits and hyphens, beginning and \
         ending with a letter or digit."
    )))
}
