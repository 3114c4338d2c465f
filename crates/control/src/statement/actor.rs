//! The loop that carries a statement out: one task per statement that is not at rest.
//!
//! It owns the stored record while it lives, so events of API, catalog and pool are applied one after another, each written
//! before its effects begin. What it does is decided by [`super::lifecycle`].

use std::sync::Arc;
use std::time::Duration;

use nutkin_api::sql as wire;
use nutkin_catalog::Outcome;
use nutkin_engine::{FailureClass, JobEvent, TopicOffsets};
use nutkin_pool::{PoolError, ResultRow};
use tokio::sync::{mpsc, oneshot};

use super::bounded::BoundedResult;
use super::lifecycle::{Effect, Event, State, transition};
use super::record::{Statement, StatementException};
use super::services::Services;
use super::traits;
use crate::error::ControlError;
use crate::pools::PoolNews;
use crate::resources::Stored;
use crate::scheduler::Claim;

/// What is sent to a statement's actor.
pub enum Message {
    /// From the API; answered with the record after it was applied.
    Command(Command, oneshot::Sender<Result<Stored<Statement>, ControlError>>),
    /// The catalog is done.
    Submitted(Box<Result<Outcome, String>>),
    /// Somebody reads its results.
    ResultsRead,
    /// Time to look whether anybody does.
    CheckConsumer,
    /// The job could not be started; try again.
    Retry,
}

#[derive(Debug, Clone)]
pub enum Command {
    Stop {
        detail: String,
    },
    /// Runs again, in `compute_pool` and as `principal` if they are given.
    Resume {
        compute_pool: Option<String>,
        principal: Option<String>,
    },
    Delete,
}

/// Restarts without a checkpoint between them from which on a failure of the system lasts.
const LASTING: u32 = 2;

pub struct Actor {
    services: Arc<Services>,
    stored: Stored<Statement>,
    inbox: mpsc::UnboundedReceiver<Message>,
    own: mpsc::UnboundedSender<Message>,
    news: mpsc::UnboundedReceiver<PoolNews>,
    news_sender: mpsc::UnboundedSender<PoolNews>,
    last_read: i64,
    /// Starts of the job without a checkpoint between them.
    failed_starts: u32,
    rows: BoundedResult,
    removed: bool,
}

impl Actor {
    /// Starts the loop for a statement; the returned sender reaches it. It ends when the statement is at rest and nobody
    /// holds the sender.
    pub fn start(services: Arc<Services>, stored: Stored<Statement>) -> mpsc::UnboundedSender<Message> {
        let (own, inbox) = mpsc::unbounded_channel();
        let (news_sender, news) = mpsc::unbounded_channel();
        let last_read = services.resources.now();
        services.overview.put(&stored);
        let rows = BoundedResult::new(services.clone(), &stored.id);
        let actor = Actor {
            services,
            stored,
            inbox,
            own: own.clone(),
            news,
            news_sender,
            last_read,
            rows,
            failed_starts: 0,
            removed: false,
        };
        tokio::spawn(actor.run());
        own
    }

    async fn run(mut self) {
        self.apply(Event::Activated, |_| {}).await;
        while !self.removed {
            tokio::select! {
                message = self.inbox.recv() => match message {
                    Some(message) => self.on_message(message).await,
                    None => return,
                },
                Some(news) = self.news.recv() => self.on_news(news).await,
            }
        }
        self.services.forget(&self.stored.id);
        // Commands that came after the deletion find nothing.
        while let Ok(message) = self.inbox.try_recv() {
            if let Message::Command(_, reply) = message {
                let _ = reply.send(Err(ControlError::not_found("Statement", &self.stored.resource.name)));
            }
        }
    }

    async fn on_message(&mut self, message: Message) {
        match message {
            Message::Command(command, reply) => {
                let result = self.on_command(command).await;
                let _ = reply.send(result.map(|()| self.stored.clone()));
            }
            Message::Submitted(outcome) => self.on_submitted(*outcome).await,
            Message::ResultsRead => self.last_read = self.services.resources.now(),
            Message::CheckConsumer => self.check_consumer().await,
            Message::Retry => {
                let detail = self.state().detail.clone();
                self.apply(Event::PoolDied { detail }, |_| {}).await;
            }
        }
    }

    async fn on_command(&mut self, command: Command) -> Result<(), ControlError> {
        match command {
            Command::Stop { detail } => self.apply(Event::StopRequested { detail }, |_| {}).await,
            Command::Delete => self.apply(Event::DeleteRequested, |_| {}).await,
            Command::Resume { compute_pool, principal } => {
                self.apply(Event::ResumeRequested, |statement| {
                    statement.latest_offsets.clear();
                    statement.latest_offsets_at = None;
                    statement.ended_at = None;
                    statement.compute_pool = compute_pool.unwrap_or_else(|| statement.compute_pool.clone());
                    statement.principal = principal.unwrap_or_else(|| statement.principal.clone());
                })
                .await;
            }
        }
        Ok(())
    }

    async fn on_submitted(&mut self, outcome: Result<Outcome, String>) {
        let now = self.services.resources.now();
        match outcome {
            Err(detail) => {
                let exception =
                    StatementException { name: "SubmissionFailed".to_owned(), message: detail.clone(), at: now };
                self.apply(Event::PreparationFailed { detail }, |s| s.add_exception(exception)).await;
            }
            Ok(Outcome::Executed { traits, result, detail, warnings }) => {
                let cell = |cell: Option<String>| cell.map_or(serde_json::Value::Null, serde_json::Value::String);
                let rows: Vec<ResultRow> = result
                    .rows
                    .into_iter()
                    .map(|row| ResultRow { op: 0, row: row.into_iter().map(cell).collect() })
                    .collect();
                let event = match self.rows.write(&rows).await {
                    Ok(()) => Event::Executed { detail },
                    Err(error) => Event::PreparationFailed { detail: error.to_string() },
                };
                self.apply(event, |statement| {
                    statement.traits = Some(traits::to_wire(&traits));
                    statement.warnings = traits::warnings(&warnings, now);
                })
                .await;
            }
            Ok(Outcome::Job { traits, plan, warnings }) => {
                let foreground = traits.schema.is_some();
                let event = match serde_json::to_value(&plan) {
                    Ok(value) => {
                        self.apply(Event::PreparedJob { foreground }, |statement| {
                            statement.traits = Some(traits::to_wire(&traits));
                            statement.warnings = traits::warnings(&warnings, now);
                            statement.plan = Some(value);
                        })
                        .await;
                        return;
                    }
                    Err(error) => Event::PreparationFailed { detail: format!("the plan cannot be stored: {error}") },
                };
                self.apply(event, |_| {}).await;
            }
        }
    }

    async fn on_news(&mut self, news: PoolNews) {
        match news {
            PoolNews::CfusGranted => self.apply(Event::CfusGranted, |_| {}).await,
            PoolNews::CfusRefused { detail } => self.apply(Event::CfusRefused { detail }, |_| {}).await,
            PoolNews::Job(event) => self.on_job_event(event).await,
            PoolNews::Died => {
                let detail = if self.state().foreground {
                    "The compute pool's process ended while this query ran, and its rows with it. Run the query again."
                } else {
                    "The compute pool's process ended; the statement restarts from its last checkpoint."
                };
                self.back_off().await;
                self.apply(Event::PoolDied { detail: detail.to_owned() }, |_| {}).await;
            }
        }
    }

    async fn on_job_event(&mut self, event: JobEvent) {
        let now = self.services.resources.now();
        match event {
            JobEvent::Running { .. } => {
                self.apply(Event::JobRunning, |_| {}).await;
                if self.state().foreground
                    && self.is_bounded()
                    && let Err(error) = self.rows.begin().await
                {
                    tracing::error!(%error, "result");
                }
            }
            JobEvent::CheckpointCompleted { .. } => {
                self.failed_starts = 0;
                if !self.state().detail.is_empty() {
                    self.apply(Event::JobDetail { detail: String::new() }, |_| {}).await;
                }
            }
            JobEvent::Restarting { cause, attempt, delay } => {
                let exception =
                    StatementException { name: format!("{:?}", cause.kind), message: cause.to_string(), at: now };
                // What the system causes is not the user's to read until it lasts (spec L-10); then every wait has a reason.
                let detail = match cause.class() {
                    FailureClass::System if attempt < LASTING => String::new(),
                    _ => format!("{cause} (restart {attempt}, next try in {} s)", delay.as_secs().max(1)),
                };
                self.apply(Event::JobDetail { detail }, |s| s.add_exception(exception)).await;
            }
            JobEvent::Warning { message } => self.apply(Event::JobDetail { detail: message }, |_| {}).await,
            JobEvent::Failed { cause } => {
                let exception =
                    StatementException { name: format!("{:?}", cause.kind), message: cause.to_string(), at: now };
                self.apply(Event::JobFailed { detail: cause.to_string() }, |s| s.add_exception(exception)).await;
            }
            JobEvent::Finished => {
                let pool = self.stored.resource.compute_pool.clone();
                let moved = if self.state().foreground { self.rows.finish(&pool).await } else { Ok(()) };
                let event = match moved {
                    Ok(()) => Event::JobFinished,
                    Err(error) => Event::JobFailed { detail: error.to_string() },
                };
                self.apply(event, |_| {}).await;
            }
            JobEvent::Stopped { savepoint, offsets } => {
                let event = if savepoint.is_some() { Event::JobStopped } else { Event::JobCancelled };
                self.apply(event, |statement| {
                    statement.latest_offsets = latest_offsets(&offsets);
                    statement.latest_offsets_at = Some(now);
                })
                .await;
            }
        }
    }

    async fn check_consumer(&mut self) {
        use super::lifecycle::{Phase, Placement};
        if !self.state().foreground || self.state().placement != Placement::Assigned {
            return;
        }
        if self.is_bounded() {
            if self.state().phase == Phase::Running {
                // While it runs, its rows go to disk as they come, so that it never waits for its reader.
                let pool = self.stored.resource.compute_pool.clone();
                if let Err(error) = self.rows.follow(&pool).await {
                    self.apply(Event::StopRequested { detail: error.to_string() }, |_| {}).await;
                }
            }
            self.look_again(Duration::from_millis(200));
            return;
        }
        let idle = self.services.options.foreground_idle;
        let unread = self.services.resources.now() - self.last_read;
        if unread >= idle.as_millis() as i64 {
            let detail =
                format!("Nobody read the results for {} minutes, so the query was stopped.", idle.as_secs() / 60);
            self.apply(Event::StopRequested { detail }, |_| {}).await;
        } else {
            self.look_again(Duration::from_secs(5));
        }
    }

    fn look_again(&self, after: Duration) {
        let own = self.own.clone();
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            let _ = own.send(Message::CheckConsumer);
        });
    }

    fn state(&self) -> &State {
        &self.stored.resource.state
    }

    fn is_bounded(&self) -> bool {
        self.stored.resource.traits.as_ref().is_some_and(|traits: &wire::StatementTraits| traits.is_bounded)
    }

    /// Applies `event` with the changes of `change`, writes the result, and does what follows from it.
    async fn apply(&mut self, event: Event, change: impl FnOnce(&mut Statement)) {
        let mut statement = self.stored.resource.clone();
        let before = statement.state.clone();
        change(&mut statement);
        let (state, effects) = transition(statement.state.clone(), event);
        statement.state = state;
        if statement.state.phase.is_terminal() && !before.phase.is_terminal() {
            statement.ended_at = Some(self.services.resources.now());
        }
        if statement.state.phase != before.phase {
            let (name, phase) = (&statement.name, statement.state.phase.name());
            tracing::info!(statement = %name, phase, detail = %statement.state.detail, "phase");
        }
        if !effects.contains(&Effect::RemoveRecord) {
            self.write(statement).await;
        }
        for effect in effects {
            self.perform(effect).await;
        }
    }

    /// Writes the record; the state database is tried until it takes it, because events are told once.
    async fn write(&mut self, statement: Statement) {
        let mut pause = Duration::from_millis(50);
        loop {
            match self.services.resources.update(&self.stored, statement.clone()).await {
                Ok(stored) => {
                    self.services.overview.put(&stored);
                    self.stored = stored;
                    return;
                }
                Err(error) => {
                    tracing::error!(%error, statement = %statement.name, "the statement's state was not written")
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
            // Another writer must not exist; if one did, its version is the base of the next try.
            if let Ok(Some(current)) = self.services.resources.get::<Statement>(&self.stored.id).await {
                self.stored = current;
            }
        }
    }

    async fn perform(&mut self, effect: Effect) {
        let services = self.services.clone();
        let (uid, pool) = (self.stored.id.clone(), self.stored.resource.compute_pool.clone());
        match effect {
            Effect::Prepare => self.prepare(),
            Effect::AcquireCfus => {
                let claim = Claim { uid, name: self.stored.resource.name.clone(), cfus: self.stored.resource.cfus };
                if let Err(error) = services.pools.acquire(&pool, claim, self.news_sender.clone()).await {
                    tracing::error!(%error, "CFUs");
                }
            }
            Effect::ReleaseCfus => {
                if let Err(error) = services.pools.release(&pool, &uid).await {
                    tracing::error!(%error, "CFUs");
                }
            }
            Effect::StartJob => self.start_job().await,
            // A pool that is gone says so itself; a job that is not there will be started and stopped then.
            Effect::StopJob => self.report(services.pools.stop_job(&pool, &uid).await),
            Effect::CancelJob => self.report(services.pools.cancel_job(&pool, &uid).await),
            Effect::RemoveData => {
                services.spool(&uid).remove().await;
                if let Err(error) = services.checkpoints.delete(&uid).await {
                    tracing::warn!(%error, "checkpoints of a deleted statement remain");
                }
            }
            Effect::RemoveRecord => self.remove_record().await,
        }
    }

    fn report(&self, result: Result<(), PoolError>) {
        if let Err(error) = result {
            tracing::debug!(%error, statement = %self.stored.resource.name, "pool");
        }
    }

    fn prepare(&self) {
        let (services, own) = (self.services.clone(), self.own.clone());
        let (uid, statement) = (self.stored.id.clone(), self.stored.resource.clone());
        tokio::spawn(async move {
            let request = services.request(&uid, &statement).await;
            let outcome = services.catalog.submit(request).await.map_err(|e| e.to_string());
            let _ = own.send(Message::Submitted(Box::new(outcome)));
        });
    }

    async fn start_job(&mut self) {
        match self.services.job(&self.stored).await {
            Ok(job) => match self.services.pools.start_job(&self.stored.resource.compute_pool, job).await {
                Ok(()) => self.look_again(Duration::from_millis(100)),
                Err(error) => {
                    tracing::warn!(%error, statement = %self.stored.resource.name, "the job was not started");
                    self.failed_starts += 1;
                    let (own, pause) = (self.own.clone(), self.pause());
                    tokio::spawn(async move {
                        tokio::time::sleep(pause).await;
                        let _ = own.send(Message::Retry);
                    });
                }
            },
            Err(error) => {
                let detail = error.to_string();
                Box::pin(self.apply(Event::JobFailed { detail }, |_| {})).await;
            }
        }
    }

    fn pause(&self) -> Duration {
        Duration::from_millis(100 << self.failed_starts.min(8))
    }

    /// A statement whose pool dies again and again does not start it in a tight loop.
    async fn back_off(&mut self) {
        if self.failed_starts > 0 {
            tokio::time::sleep(self.pause()).await;
        }
        self.failed_starts += 1;
    }

    async fn remove_record(&mut self) {
        let mut pause = Duration::from_millis(50);
        loop {
            match self.services.resources.get::<Statement>(&self.stored.id).await {
                Ok(None) => break,
                Ok(Some(current)) => {
                    if let Err(error) = self.services.resources.delete(&current).await {
                        tracing::error!(%error, "the statement was not removed");
                    }
                }
                Err(error) => tracing::error!(%error, "the statement was not removed"),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
        }
        self.removed = true;
    }
}

/// `partition:0,offset:23;partition:1,offset:65` by topic (spec E-03).
fn latest_offsets(offsets: &[TopicOffsets]) -> std::collections::BTreeMap<String, String> {
    let text = |topic: &TopicOffsets| {
        let parts: Vec<_> = topic.partitions.iter().map(|(p, o)| format!("partition:{p},offset:{o}")).collect();
        parts.join(";")
    };
    offsets.iter().map(|topic| (topic.topic.clone(), text(topic))).collect()
}
