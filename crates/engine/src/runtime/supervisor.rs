//! [`Supervisor`]: runs a job's attempts until one ends for good.
//!
//! Before every attempt, in this order: claim the statement's checkpoint log (once per process), finish the transactions of
//! its last manifest, abort every other transaction of the statement, build the subtasks from the checkpoint, run. A later
//! attempt of the same process keeps its claim, or renews it where it is not known whether its last manifest was published;
//! in both cases it looks for a newer job first, so one that was replaced never takes the log back from its successor and
//! leaves its transactions alone.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use nutkin_plan::operators::SinkTarget;
use nutkin_plan::table::Connector;
use nutkin_plan::{Operator, Plan};
use nutkin_state::{Lineage, Manifest};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::checkpoint::CheckpointBody;
use crate::cluster::Cluster;
use crate::commit::{abort_others, confirm};
use crate::error::{Failure, FailureKind, Result};
use crate::job::context::JobContext;
use crate::job::event::JobEvent;
use crate::job::handle::Command;
use crate::job::results::ResultBuffer;
use crate::job::spec::{JobSpec, TopicOffsets};
use crate::runtime::build::{BuildOptions, build};
use crate::runtime::coordinator::{Coordinator, CoordinatorOptions, Ending, Outcome};
use crate::runtime::pruning::prune;
use crate::source::kafka::PartitionState;
use crate::telemetry::Telemetry;

pub(crate) struct SupervisorOptions {
    pub spec: JobSpec,
    pub context: JobContext,
    pub commands: mpsc::UnboundedReceiver<Command>,
    pub events: mpsc::UnboundedSender<JobEvent>,
    pub telemetry: Arc<Telemetry>,
    pub results: Arc<ResultBuffer>,
}

pub(crate) struct Supervisor {
    options: SupervisorOptions,
    plan: Arc<Plan>,
    /// The right to write checkpoints; None before the first claim.
    lineage: Option<Lineage>,
    latest: Option<Manifest>,
    attempts: u64,
    /// Restarts since the last completed checkpoint.
    failures: u32,
    started_at: i64,
}

/// What an attempt came to.
enum Attempt {
    Ended(Ending),
    Failed(Failure),
}

/// How long the end of a job waits for its open transactions to be aborted.
const CLEAN_UP: Duration = Duration::from_secs(10);

impl Supervisor {
    pub fn new(options: SupervisorOptions) -> Supervisor {
        let plan = Arc::new(prune(options.spec.plan.clone()));
        let started_at = options.context.clock.now_millis();
        Supervisor { options, plan, lineage: None, latest: None, attempts: 0, failures: 0, started_at }
    }

    pub async fn run(mut self) {
        let event = loop {
            match self.attempt().await {
                Attempt::Ended(Ending::Finished) => break JobEvent::Finished,
                Attempt::Ended(Ending::Stopped) => {
                    let savepoint = self.latest.as_ref().map(|manifest| manifest.epoch);
                    break JobEvent::Stopped { savepoint, offsets: self.offsets() };
                }
                Attempt::Ended(Ending::Cancelled) => {
                    break JobEvent::Stopped { savepoint: None, offsets: self.offsets() };
                }
                Attempt::Failed(cause) if !cause.is_recoverable() || self.has_shown_results() => {
                    break JobEvent::Failed { cause };
                }
                Attempt::Failed(cause) => {
                    if let Some(event) = self.pause(cause).await {
                        break event;
                    }
                }
            }
        };
        // A job that was replaced leaves everything to its successor.
        let superseded = matches!(&event, JobEvent::Failed { cause } if cause.kind == FailureKind::Superseded);
        if !superseded {
            self.clean_up().await;
        }
        self.options.results.complete();
        let _ = self.options.events.send(event);
    }

    /// Rows that a reader may have seen cannot be taken back, so a foreground statement does not start over.
    fn has_shown_results(&self) -> bool {
        self.options.results.has_rows()
    }

    /// Waits before the next attempt; gives the last event when the job is stopped meanwhile.
    async fn pause(&mut self, cause: Failure) -> Option<JobEvent> {
        self.failures += 1;
        let (first, longest) = self.options.spec.settings.restart_delay;
        let delay = first.saturating_mul(1 << (self.failures - 1).min(16)).min(longest);
        tracing::warn!(statement = %self.options.spec.statement_name, %cause, ?delay, "the job restarts");
        self.options.telemetry.restarts.fetch_add(1, Relaxed);
        let _ = self.options.events.send(JobEvent::Restarting { cause, attempt: self.failures, delay });
        let timer = self.options.context.clock.sleep(delay);
        tokio::select! {
            () = timer => None,
            Some(command) = self.options.commands.recv() => {
                let savepoint = match command {
                    Command::StopWithSavepoint => self.latest.as_ref().map(|manifest| manifest.epoch),
                    Command::Cancel => None,
                };
                Some(JobEvent::Stopped { savepoint, offsets: self.offsets() })
            }
        }
    }

    async fn attempt(&mut self) -> Attempt {
        self.attempts += 1;
        let mut commands = std::mem::replace(&mut self.options.commands, mpsc::unbounded_channel().1);
        let attempt = self.attempt_with(&mut commands).await;
        self.options.commands = commands;
        attempt
    }

    async fn attempt_with(&mut self, commands: &mut mpsc::UnboundedReceiver<Command>) -> Attempt {
        let prepared = {
            let prepare = self.prepare();
            tokio::pin!(prepare);
            tokio::select! {
                prepared = &mut prepare => prepared,
                Some(command) = commands.recv() => match command {
                    Command::Cancel => return Attempt::Ended(Ending::Cancelled),
                    // Nothing has run since the last checkpoint, so it is the savepoint; but what it promises must be
                    // committed first, which is what is going on.
                    Command::StopWithSavepoint => match prepare.await {
                        Ok(_) => return Attempt::Ended(Ending::Stopped),
                        Err(failure) => return Attempt::Failed(failure),
                    },
                },
            }
        };
        let (lineage, coordinator) = match prepared {
            Ok(Some(prepared)) => prepared,
            Ok(None) => return Attempt::Ended(Ending::Finished),
            Err(failure) => return Attempt::Failed(failure),
        };
        let outcome = Coordinator::new(coordinator, lineage).run(commands).await;
        let Outcome { result, lineage, latest, completed } = outcome;
        self.lineage = lineage;
        self.latest = latest;
        if completed > 0 {
            self.failures = 0;
        }
        match result {
            Ok(ending) => Attempt::Ended(ending),
            Err(failure) => Attempt::Failed(failure),
        }
    }

    /// Everything before the first row: claim, finish, abort, build. None when the job had finished already.
    async fn prepare(&mut self) -> Result<Option<(Lineage, CoordinatorOptions)>> {
        let spec = &self.options.spec;
        let context = self.options.context.clone();
        let lineage = match &mut self.lineage {
            Some(lineage) => {
                if lineage.is_settled() {
                    lineage.ensure_current().await?;
                } else {
                    self.latest = lineage.renew().await?;
                }
                lineage
            }
            none => {
                let claim = context.checkpoints.claim(&spec.statement_uid).await?;
                self.latest = claim.latest;
                none.insert(claim.lineage)
            }
        };
        let body = self.latest.as_ref().map(|manifest| CheckpointBody::read(manifest, &self.plan)).transpose()?;
        let transactions = body.as_ref().map(|body| body.transactions.as_slice()).unwrap_or_default();
        let timeout = spec.settings.transaction_timeout;
        for transaction in transactions {
            confirm(transaction, &*context.clusters, &context.checkpoints, &*context.clock, timeout).await?;
        }
        abort_others(&spec.statement_uid, &sink_clusters(&self.plan, &context).await?, transactions, lineage).await?;
        if body.as_ref().is_some_and(|body| body.finished) {
            return Ok(None);
        }
        let lineage = self.lineage.take().ok_or_else(|| Failure::internal("no lineage after a claim"))?;
        let markers = body.as_ref().map(|body| body.markers.clone()).unwrap_or_default();
        let built = build(&BuildOptions {
            spec: &self.options.spec,
            plan: self.plan.clone(),
            context: &context,
            telemetry: self.options.telemetry.clone(),
            results: self.options.results.clone(),
            events: self.options.events.clone(),
            restored: body.as_ref(),
            markers: &markers,
            epoch: lineage.last_epoch() + 1,
            files: lineage.file_writer(),
            file_prefix: format!("a{}", self.attempts),
            started_at: self.started_at,
        })
        .await;
        let built = match built {
            Ok(built) => built,
            Err(failure) => {
                self.lineage = Some(lineage);
                return Err(failure);
            }
        };
        let subtasks = built.subtasks.len();
        let mut tasks = JoinSet::new();
        for subtask in built.subtasks {
            tasks.spawn(subtask.run());
        }
        let restored_epoch = self.latest.as_ref().map(|manifest| manifest.epoch);
        let running = JobEvent::Running { generation: lineage.generation(), restored_epoch };
        let _ = self.options.events.send(running);
        let coordinator = CoordinatorOptions {
            plan: self.plan.clone(),
            context,
            events: self.options.events.clone(),
            telemetry: self.options.telemetry.clone(),
            interval: self.options.spec.checkpoint_interval,
            transaction_timeout: timeout,
            latest: self.latest.clone(),
            markers,
            triggers: built.triggers,
            reports: built.reports,
            tasks,
            subtasks,
        };
        Ok(Some((lineage, coordinator)))
    }

    /// Where a later statement would go on reading: positions of the last checkpoint (spec E-03).
    fn offsets(&self) -> Vec<TopicOffsets> {
        let body = self.latest.as_ref().and_then(|manifest| CheckpointBody::read(manifest, &self.plan).ok());
        let mut offsets: BTreeMap<(String, String), BTreeMap<i32, i64>> = BTreeMap::new();
        for node in &self.plan.nodes {
            let Operator::TableSourceScan(scan) = &node.operator else { continue };
            let Connector::Kafka(kafka) = &self.plan.tables[scan.table].connector else { continue };
            let states = body.iter().filter_map(|body| body.operators.get(&node.id)).flatten();
            let topic = offsets.entry((kafka.cluster_id.clone(), kafka.topic.clone())).or_default();
            for state in states.filter_map(|state| Vec::<PartitionState>::deserialize(&state.meta).ok()).flatten() {
                topic.entry(state.partition).and_modify(|o| *o = state.offset.min(*o)).or_insert(state.offset);
            }
        }
        let all = offsets.into_iter();
        all.map(|((cluster_id, topic), partitions)| TopicOffsets { cluster_id, topic, partitions }).collect()
    }

    /// Before the job is over: commits what its last checkpoint promises and aborts every other transaction, so that readers
    /// of its topics wait for nothing. What cannot be settled in time is left to the next start.
    async fn clean_up(&mut self) {
        let Some(lineage) = self.lineage.as_ref().filter(|lineage| lineage.is_settled()) else {
            return;
        };
        let body = self.latest.as_ref().and_then(|manifest| CheckpointBody::read(manifest, &self.plan).ok());
        let promised = body.map(|body| body.transactions).unwrap_or_default();
        let JobContext { clusters, checkpoints, clock, .. } = &self.options.context;
        let settle = async {
            lineage.ensure_current().await?;
            let timeout = self.options.spec.settings.transaction_timeout;
            for transaction in &promised {
                confirm(transaction, &**clusters, checkpoints, &**clock, timeout).await?;
            }
            let sinks = sink_clusters(&self.plan, &self.options.context).await?;
            abort_others(&self.options.spec.statement_uid, &sinks, &promised, lineage).await
        };
        let outcome = tokio::select! {
            outcome = settle => outcome,
            () = clock.sleep(CLEAN_UP) => Err(Failure::new(FailureKind::Unreachable, "no answer in time")),
        };
        if let Err(failure) = outcome {
            tracing::warn!(%failure, "open transactions are left to their time-out or the next start");
        }
    }
}

/// Clusters that the plan writes to, by id.
async fn sink_clusters(plan: &Plan, context: &JobContext) -> Result<BTreeMap<String, Arc<dyn Cluster>>> {
    let mut clusters = BTreeMap::new();
    for node in &plan.nodes {
        let Operator::Sink(sink) = &node.operator else { continue };
        let SinkTarget::Table(table) = sink.target else { continue };
        if let Connector::Kafka(kafka) = &plan.tables[table].connector {
            clusters.insert(kafka.cluster_id.clone(), context.clusters.cluster(&kafka.cluster_id).await?);
        }
    }
    Ok(clusters)
}
