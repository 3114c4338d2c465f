//! [`Coordinator`]: one attempt to run the job: barriers, checkpoints, commits, the end.
//!
//! Checkpoint N: a barrier into every source; all subtasks report; the manifest is published; its transactions are
//! committed; only then may N+1 begin. Publishing and committing run beside the data of the next epoch.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use nutkin_plan::operators::SinkTarget;
use nutkin_plan::{Operator, OperatorId, Plan};
use nutkin_state::{Lineage, Manifest, StateError};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;

use crate::checkpoint::{CheckpointBody, SubtaskState};
use crate::commit::confirm;
use crate::error::{Failure, Result};
use crate::job::context::JobContext;
use crate::job::event::JobEvent;
use crate::job::handle::Command;
use crate::job::metrics::CheckpointMetrics;
use crate::runtime::subtask::{Report, SnapshotReport};
use crate::telemetry::Telemetry;

pub(crate) struct CoordinatorOptions {
    pub plan: Arc<Plan>,
    pub context: JobContext,
    pub events: mpsc::UnboundedSender<JobEvent>,
    pub telemetry: Arc<Telemetry>,
    pub interval: Duration,
    pub transaction_timeout: Duration,
    pub latest: Option<Manifest>,
    pub markers: BTreeMap<String, u64>,
    /// Triggers of the subtasks that have sources.
    pub triggers: Vec<mpsc::UnboundedSender<u64>>,
    pub reports: mpsc::UnboundedReceiver<Report>,
    pub tasks: JoinSet<()>,
    pub subtasks: usize,
}

/// How an attempt ended without failing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Finished,
    Stopped,
    Cancelled,
}

/// What is left of an attempt.
pub(crate) struct Outcome {
    pub result: Result<Ending>,
    /// None when the task that had it panicked.
    pub lineage: Option<Lineage>,
    pub latest: Option<Manifest>,
    /// Checkpoints completed by this attempt.
    pub completed: u32,
}

struct Collecting {
    epoch: u64,
    began: Instant,
    reports: Vec<SnapshotReport>,
}

/// A checkpoint that was published and committed, or not.
struct Completion {
    lineage: Lineage,
    /// From here on the checkpoint to go on from, whether its commits are confirmed or not.
    published: Option<Manifest>,
    result: Result<CheckpointMetrics>,
}

pub(crate) struct Coordinator {
    options: CoordinatorOptions,
    lineage: Option<Lineage>,
    /// State of the running subtasks, as of the last barrier.
    states: BTreeMap<OperatorId, BTreeMap<u32, SubtaskState>>,
    collecting: Option<Collecting>,
    completion: Option<JoinHandle<Completion>>,
    ended: usize,
    stopping: bool,
    completed: u32,
    next_checkpoint: Instant,
}

impl Coordinator {
    pub fn new(options: CoordinatorOptions, lineage: Lineage) -> Coordinator {
        let next_checkpoint = Instant::now() + options.interval;
        Coordinator {
            options,
            lineage: Some(lineage),
            states: BTreeMap::new(),
            collecting: None,
            completion: None,
            ended: 0,
            stopping: false,
            completed: 0,
            next_checkpoint,
        }
    }

    /// Runs until the job ends, is stopped or fails; the subtasks are gone afterwards.
    pub async fn run(mut self, commands: &mut mpsc::UnboundedReceiver<Command>) -> Outcome {
        let result = self.work(commands).await;
        self.options.tasks.shutdown().await;
        // A checkpoint that is being published decides by itself; its outcome must be known before anything restarts.
        if let Some(completion) = self.completion.take() {
            match completion.await {
                Ok(completion) => {
                    let _ = self.take_completion(completion);
                }
                Err(_) => self.lineage = None,
            }
        }
        Outcome { result, lineage: self.lineage, latest: self.options.latest, completed: self.completed }
    }

    async fn work(&mut self, commands: &mut mpsc::UnboundedReceiver<Command>) -> Result<Ending> {
        loop {
            if self.wants_checkpoint() {
                self.trigger()?;
            }
            let idle = self.collecting.is_none() && self.completion.is_none();
            let pause = self.next_checkpoint.saturating_duration_since(Instant::now());
            let timer = self.options.context.clock.sleep(pause);
            tokio::select! {
                biased;
                Some(command) = commands.recv() => match command {
                    Command::Cancel => return Ok(Ending::Cancelled),
                    // A reader that does not come would hold the barrier up, and nothing of it is kept anyway.
                    Command::StopWithSavepoint if self.is_foreground() => return Ok(Ending::Cancelled),
                    Command::StopWithSavepoint => self.stopping = true,
                },
                Some(finished) = self.options.tasks.join_next() => {
                    // Subtasks only return after reporting a failure; a panic has reported nothing.
                    if let Err(error) = finished && error.is_panic() {
                        return Err(Failure::internal(format!("an operator panicked: {}", panic_text(error))));
                    }
                }
                Some(report) = self.options.reports.recv() => self.on_report(report)?,
                Some(completion) = finished(&mut self.completion) => {
                    self.completion = None;
                    let completion =
                        completion.map_err(|_| Failure::internal("the completion of a checkpoint panicked"))?;
                    if let Some(ending) = self.take_completion(completion)? {
                        return Ok(ending);
                    }
                }
                () = timer, if idle => {}
            }
        }
    }

    fn is_foreground(&self) -> bool {
        let is_collect =
            |operator: &Operator| matches!(operator, Operator::Sink(sink) if sink.target == SinkTarget::Collect);
        self.options.plan.nodes.iter().any(|node| is_collect(&node.operator))
    }

    fn wants_checkpoint(&self) -> bool {
        let idle = self.collecting.is_none() && self.completion.is_none();
        let due = Instant::now() >= self.next_checkpoint;
        idle && (due || self.stopping || self.has_ended())
    }

    fn has_ended(&self) -> bool {
        self.ended == self.options.subtasks
    }

    fn trigger(&mut self) -> Result<()> {
        let lineage = self.lineage.as_ref().ok_or_else(|| Failure::internal("a checkpoint without a lineage"))?;
        let epoch = lineage.last_epoch() + 1;
        let began = Instant::now();
        self.next_checkpoint = began + self.options.interval;
        self.collecting = Some(Collecting { epoch, began, reports: Vec::new() });
        for trigger in &self.options.triggers {
            let _ = trigger.send(epoch);
        }
        Ok(())
    }

    fn on_report(&mut self, report: Report) -> Result<()> {
        match report {
            Report::Ended => {
                self.ended += 1;
                Ok(())
            }
            Report::Failed(failure) => Err(failure),
            Report::Snapshot(snapshot) => {
                let Some(collecting) = self.collecting.as_mut().filter(|c| c.epoch == snapshot.epoch) else {
                    return Err(Failure::internal(format!("a snapshot of checkpoint {}", snapshot.epoch)));
                };
                collecting.reports.push(snapshot);
                if collecting.reports.len() == self.options.subtasks
                    && let Some(collecting) = self.collecting.take()
                {
                    self.complete(collecting)?;
                }
                Ok(())
            }
        }
    }

    /// All subtasks have passed the barrier: publishes and commits in the background.
    fn complete(&mut self, collecting: Collecting) -> Result<()> {
        let Collecting { began, reports, .. } = collecting;
        let mut body = CheckpointBody::new();
        let bytes = reports.iter().map(|report| report.bytes).sum();
        // Not whether all have ended by now: what one did between the barrier and its end belongs to the next checkpoint.
        body.finished = reports.iter().all(|report| report.ended);
        for report in reports {
            for (node, state) in report.states {
                let id = self.options.plan.nodes[node].id.clone();
                let subtask = state.subtask;
                state.merge_into(self.states.entry(id).or_default().entry(subtask).or_default());
            }
            body.transactions.extend(report.transactions);
        }
        body.operators =
            self.states.iter().map(|(id, subtasks)| (id.clone(), subtasks.values().cloned().collect())).collect();
        for transaction in &body.transactions {
            self.options.markers.insert(transaction.group.clone(), transaction.epoch);
        }
        body.markers = self.options.markers.clone();
        let lineage = self.lineage.take().ok_or_else(|| Failure::internal("a checkpoint without a lineage"))?;
        let context = self.options.context.clone();
        let timeout = self.options.transaction_timeout;
        self.completion = Some(tokio::spawn(publish_and_commit(lineage, body, context, timeout, began, bytes)));
        Ok(())
    }

    fn take_completion(&mut self, completion: Completion) -> Result<Option<Ending>> {
        let Completion { lineage, published, result } = completion;
        self.lineage = Some(lineage);
        if published.is_some() {
            self.options.latest = published;
        }
        let metrics = result?;
        let (epoch, bytes) = (metrics.epoch, metrics.bytes);
        let duration = Duration::from_millis(metrics.duration_millis);
        self.options.telemetry.checkpoint(metrics);
        self.completed += 1;
        let _ = self.options.events.send(JobEvent::CheckpointCompleted { epoch, duration, bytes });
        let body = self.options.latest.as_ref().map(|m| CheckpointBody::read(m, &self.options.plan)).transpose()?;
        Ok(match (body.is_some_and(|body| body.finished), self.stopping) {
            (true, _) => Some(Ending::Finished),
            (false, true) => Some(Ending::Stopped),
            (false, false) => None,
        })
    }
}

async fn finished<T>(handle: &mut Option<JoinHandle<T>>) -> Option<std::result::Result<T, tokio::task::JoinError>> {
    match handle {
        Some(handle) => Some(handle.await),
        None => std::future::pending().await,
    }
}

/// Publishes the manifest, commits what it promises, and clears away what it does not need.
async fn publish_and_commit(
    mut lineage: Lineage,
    body: CheckpointBody,
    context: JobContext,
    timeout: Duration,
    began: Instant,
    bytes: u64,
) -> Completion {
    let published = match serde_json::to_value(&body) {
        Ok(value) => publish(&mut lineage, &body, value, &context).await,
        Err(error) => Err(StateError::Incompatible { uid: String::new(), problem: error.to_string() }),
    };
    let manifest = match published {
        Ok(manifest) => manifest,
        Err(error) => return Completion { lineage, published: None, result: Err(error.into()) },
    };
    let commits = body
        .transactions
        .iter()
        .map(|transaction| confirm(transaction, &*context.clusters, &context.checkpoints, &*context.clock, timeout));
    if let Err(failure) = futures::future::try_join_all(commits).await {
        return Completion { lineage, published: Some(manifest), result: Err(failure) };
    }
    if let Err(error) = lineage.collect_garbage(&manifest, &[]).await {
        tracing::warn!(%error, "old checkpoint files stay for now");
    }
    let metrics = CheckpointMetrics {
        epoch: manifest.epoch,
        duration_millis: began.elapsed().as_millis() as u64,
        bytes,
        completed_at: context.clock.now_millis(),
    };
    Completion { lineage, published: Some(manifest), result: Ok(metrics) }
}

/// Tries more than once: an unclear answer is settled by asking again with the same content.
async fn publish(
    lineage: &mut Lineage,
    body: &CheckpointBody,
    value: serde_json::Value,
    context: &JobContext,
) -> Result<Manifest, StateError> {
    let mut tries = 0;
    loop {
        match lineage.publish(body.files(), value.clone()).await {
            Err(error) if error.is_retriable() && tries < 5 => {
                tries += 1;
                tracing::warn!(%error, "the checkpoint is published again");
                context.clock.sleep(Duration::from_millis(100 << tries)).await;
            }
            outcome => return outcome,
        }
    }
}

fn panic_text(error: tokio::task::JoinError) -> String {
    match error.try_into_panic() {
        Ok(payload) => match payload.downcast::<String>() {
            Ok(text) => *text,
            Err(payload) => {
                payload.downcast::<&'static str>().map_or_else(|_| "no message".to_owned(), |t| (*t).into())
            }
        },
        Err(error) => error.to_string(),
    }
}
