//! The transaction coordinator: carries out what [`state`] decides.
//!
//! Order of a commit: the decision is stored; markers are appended and forced to disk; offsets become visible; completion
//! is stored. A crash after the first step leaves a prepared transaction that is finished at the next start, before anybody
//! is served; a full disk leaves one that the ticker finishes. Every transactional id has a gate: producing passes it
//! shared, the end of a transaction exclusively, so no record slips in behind a marker. Time-outs count from the moment the
//! broker serves, so that a broker that was down aborts nothing by itself.

pub mod state;
pub mod store;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kafka_protocol::ResponseError;
use parking_lot::Mutex;
use tokio::sync::RwLock;

use crate::clock::now_ms;
use crate::groups::offsets::Offsets;
use crate::log::producers::Marker;
use crate::options::Fsync;
use crate::topics::Topics;
use crate::topics::partition::PartitionError;
use state::{Context, Effect, Phase, Request, Transaction, check_end, check_producer, decide};
use store::Store;

/// Transactional ids that were not used for this long are forgotten (`transactional.id.expiration.ms`).
const EXPIRY_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// The gate and the clock of a transactional id.
struct Turn {
    gate: Arc<RwLock<()>>,
    change: Arc<tokio::sync::Mutex<()>>,
    deadline: Option<Instant>,
}

/// The coordinator of one cluster.
pub struct Coordinator {
    store: Store,
    topics: Arc<Topics>,
    offsets: Arc<Offsets>,
    fsync: Fsync,
    max_timeout: Duration,
    turns: Mutex<HashMap<String, Turn>>,
}

/// Producer id and epoch.
pub type Producer = (i64, i16);

impl Coordinator {
    /// A coordinator on what was stored. Finishes what a crash interrupted. Blocks.
    pub fn start(
        store: Store,
        topics: Arc<Topics>,
        offsets: Arc<Offsets>,
        fsync: Fsync,
        max_timeout: Duration,
    ) -> Arc<Self> {
        let coordinator = Arc::new(Self { store, topics, offsets, fsync, max_timeout, turns: Mutex::default() });
        for (id, transaction) in coordinator.store.all() {
            if transaction.phase.is_prepared() {
                tracing::info!(id, phase = transaction.phase.name(), "finishing a transaction");
                if let Err(error) = coordinator.finish(&id, transaction) {
                    tracing::error!(id, ?error, "the transaction cannot be finished yet");
                }
            } else if transaction.phase == Phase::Ongoing {
                coordinator.arm(&id, &transaction);
            }
        }
        coordinator.abort_strays();
        coordinator
    }

    /// Aborts open transactions in logs that the coordinator knows nothing of (its journal was lost with power).
    fn abort_strays(&self) {
        let known: HashMap<i64, Transaction> =
            self.store.all().into_iter().map(|(_, transaction)| (transaction.producer_id, transaction)).collect();
        for partition in self.topics.all().iter().flat_map(|topic| &topic.partitions) {
            let open = partition.with_log(|log| Ok(log.producers().open())).unwrap_or_default();
            for (producer_id, epoch) in open {
                let ours = known.get(&producer_id).is_some_and(|transaction| {
                    (transaction.phase == Phase::Ongoing || transaction.phase.is_prepared())
                        && transaction.partitions.contains(&(partition.topic.clone(), partition.index))
                });
                if !ours {
                    tracing::warn!(
                        topic = partition.topic,
                        partition = partition.index,
                        producer_id,
                        "aborting a transaction that the coordinator does not know"
                    );
                    let marker = Marker { producer_id, epoch, coordinator_epoch: 0, commit: false };
                    if let Err(error) = partition.append_marker(&marker, self.fsync, now_ms()) {
                        tracing::error!(%error, "the marker could not be written");
                    }
                }
            }
        }
    }

    fn arm(&self, id: &str, transaction: &Transaction) {
        let timeout = Duration::from_millis(u64::try_from(transaction.timeout_ms).unwrap_or_default());
        let deadline = (transaction.phase == Phase::Ongoing).then(|| Instant::now() + timeout);
        let mut turns = self.turns.lock();
        let turn = turns.entry(id.to_owned()).or_insert_with(Turn::new);
        if deadline.is_none() || turn.deadline.is_none() {
            turn.deadline = deadline;
        }
    }

    fn turn(&self, id: &str) -> (Arc<RwLock<()>>, Arc<tokio::sync::Mutex<()>>) {
        let mut turns = self.turns.lock();
        let turn = turns.entry(id.to_owned()).or_insert_with(Turn::new);
        (Arc::clone(&turn.gate), Arc::clone(&turn.change))
    }

    /// Held while transactional records are appended.
    pub async fn pass(&self, id: &str) -> tokio::sync::OwnedRwLockReadGuard<()> {
        self.turn(id).0.read_owned().await
    }

    /// Runs `work` on a thread that may block, alone with the transactional id.
    async fn alone<R: Send + 'static>(
        self: &Arc<Self>,
        id: &str,
        exclusive: bool,
        work: impl FnOnce(&Self, &str) -> Result<R, ResponseError> + Send + 'static,
    ) -> Result<R, ResponseError> {
        let (gate, change) = self.turn(id);
        let gate = if exclusive { Some(gate.write_owned().await) } else { None };
        let change = change.lock_owned().await;
        let (this, id) = (Arc::clone(self), id.to_owned());
        let done = tokio::task::spawn_blocking(move || {
            // The guards live as long as the work, also when the one who asked is gone.
            let _held = (gate, change);
            work(&this, &id)
        });
        done.await.unwrap_or(Err(ResponseError::UnknownServerError))
    }

    /// InitProducerId without a transactional id.
    pub async fn idempotent(self: &Arc<Self>) -> Result<Producer, ResponseError> {
        let this = Arc::clone(self);
        let id = tokio::task::spawn_blocking(move || this.store.fresh_id()).await;
        match id {
            Ok(Ok(id)) => Ok((id, 0)),
            Ok(Err(error)) => Err(unstorable(&error)),
            Err(_) => Err(ResponseError::UnknownServerError),
        }
    }

    /// InitProducerId with a transactional id.
    pub async fn init(
        self: &Arc<Self>,
        id: &str,
        timeout_ms: i32,
        expected: Option<Producer>,
    ) -> Result<Producer, ResponseError> {
        if timeout_ms <= 0 || i128::from(timeout_ms) > self.max_timeout.as_millis() as i128 {
            return Err(ResponseError::InvalidTransactionTimeout);
        }
        self.alone(id, true, move |this, id| {
            // The state may have been forgotten since the client got its epoch: it starts anew.
            let expected = expected.filter(|_| this.store.get(id).is_some());
            let request = Request::Init { timeout_ms, expected };
            let mut done = this.apply(id, &request)?;
            if done.1 == Effect::FenceFirst {
                this.apply(id, &Request::Fence)?;
                done = this.apply(id, &Request::Init { timeout_ms, expected: None })?;
            }
            Ok((done.0.producer_id, done.0.epoch))
        })
        .await
    }

    /// Adds partitions and a group to the transaction of `producer`.
    pub async fn add(
        self: &Arc<Self>,
        id: &str,
        producer: Producer,
        partitions: Vec<(String, i32)>,
        group: Option<String>,
    ) -> Result<(), ResponseError> {
        if let Some(known) = self.store.get(id).filter(|known| known.phase == Phase::Ongoing) {
            let all = partitions.iter().all(|partition| known.partitions.contains(partition))
                && group.as_ref().is_none_or(|group| known.groups.contains(group));
            if all {
                return check_producer(Some(&known), producer.0, producer.1).map(drop);
            }
        }
        self.alone(id, false, move |this, id| {
            check_producer(this.store.get(id).as_ref(), producer.0, producer.1)?;
            this.apply(id, &Request::Add { partitions: &partitions, group: group.as_deref() }).map(drop)
        })
        .await
    }

    /// Whether all `partitions` are part of the open transaction of `producer`.
    pub fn verify(&self, id: &str, producer: Producer, partitions: &[(String, i32)]) -> Result<(), ResponseError> {
        let known = self.store.get(id);
        let known = check_producer(known.as_ref(), producer.0, producer.1)?;
        let all = partitions.iter().all(|partition| known.partitions.contains(partition));
        if known.phase == Phase::Ongoing && all { Ok(()) } else { Err(ResponseError::InvalidTxnState) }
    }

    /// Whether `group` is part of the open transaction of `producer`.
    pub fn verify_group(&self, id: &str, producer: Producer, group: &str) -> Result<(), ResponseError> {
        let known = self.store.get(id);
        let known = check_producer(known.as_ref(), producer.0, producer.1)?;
        let part = known.phase == Phase::Ongoing && known.groups.contains(group);
        if part { Ok(()) } else { Err(ResponseError::InvalidTxnState) }
    }

    /// EndTxn; returns the producer id and epoch that the client goes on with.
    pub async fn end(
        self: &Arc<Self>,
        id: &str,
        producer: Producer,
        commit: bool,
        bump: bool,
    ) -> Result<Producer, ResponseError> {
        self.alone(id, true, move |this, id| {
            let state = this.store.get(id);
            if let Some(answered) = check_end(state.as_ref(), producer.0, producer.1, commit, bump)? {
                return Ok((answered.producer_id, answered.epoch));
            }
            let (next, _) = this.apply(id, &Request::End { commit, bump })?;
            Ok((next.producer_id, next.epoch))
        })
        .await
    }

    /// Decides, stores, carries out. Blocks.
    fn apply(&self, id: &str, request: &Request<'_>) -> Result<(Transaction, Effect), ResponseError> {
        let state = self.store.get(id);
        let needs_id = state.as_ref().is_none_or(Transaction::is_exhausted);
        let fresh_id = if needs_id { self.store.fresh_id().map_err(|error| unstorable(&error))? } else { -1 };
        let (next, effect) = decide(state, request, Context { now: now_ms(), fresh_id })?;
        if matches!(effect, Effect::Store | Effect::Finish) {
            self.store.set(id, &next, true).map_err(|error| unstorable(&error))?;
            self.arm(id, &next);
        }
        if effect != Effect::Finish {
            return Ok((next, effect));
        }
        match self.finish(id, next.clone()) {
            Ok(done) => Ok((done, effect)),
            Err(error) => {
                // The outcome is decided and stored: the client may go on, the ticker tries again.
                tracing::error!(id, %error, "markers of a transaction could not be written, trying again");
                match next.next_producer_id {
                    Some(producer_id) => Ok((Transaction { producer_id, epoch: 0, ..next }, effect)),
                    None => Ok((next, effect)),
                }
            }
        }
    }

    /// Writes the markers of a prepared transaction and completes it. Blocks; may be repeated.
    fn finish(&self, id: &str, transaction: Transaction) -> Result<Transaction, PartitionError> {
        let commit = transaction.phase == Phase::PrepareCommit;
        let (producer_id, epoch) = (transaction.producer_id, transaction.epoch);
        let marker = Marker { producer_id, epoch, coordinator_epoch: 0, commit };
        for (topic, index) in &transaction.partitions {
            // A deleted topic needs no marker.
            let Some(partition) = self.topics.partition(topic, *index) else { continue };
            match partition.append_marker(&marker, self.fsync, now_ms()) {
                Ok(()) | Err(PartitionError::Deleted) => {}
                Err(error) => return Err(error),
            }
        }
        let io = |error: std::io::Error| PartitionError::Log(error.into());
        if !transaction.groups.is_empty() {
            self.offsets.resolve(producer_id, commit).map_err(io)?;
        }
        let context = Context { now: now_ms(), fresh_id: -1 };
        let (done, _) =
            state::decide(Some(transaction), &Request::Complete, context).map_err(|_| PartitionError::Deleted)?;
        // If this write is lost, the markers are written again: they are harmless twice.
        self.store.set(id, &done, false).map_err(io)?;
        self.arm(id, &done);
        Ok(done)
    }

    /// Aborts what timed out and finishes what could not be finished; forgets ids that are not used any more.
    pub async fn tick(self: &Arc<Self>) {
        let now = Instant::now();
        let late: Vec<String> = {
            let turns = self.turns.lock();
            let due = turns.iter().filter(|(_, turn)| turn.deadline.is_some_and(|deadline| deadline <= now));
            due.map(|(id, _)| id.clone()).collect()
        };
        for id in late {
            tracing::info!(id, "aborting a transaction that timed out");
            // Refused when the transaction ended meanwhile.
            let _ = self.alone(&id, true, |this, id| this.fence_late(id)).await;
        }
        for id in self.store.prepared() {
            let again = self.alone(&id, true, |this, id| match this.store.get(id) {
                Some(stuck) if stuck.phase.is_prepared() => {
                    this.finish(id, stuck).map(drop).map_err(|_| ResponseError::KafkaStorageError)
                }
                _ => Ok(()),
            });
            let _ = again.await;
        }
    }

    fn fence_late(&self, id: &str) -> Result<(), ResponseError> {
        let late = self.turns.lock().get(id).is_some_and(|turn| turn.deadline.is_some_and(|at| at <= Instant::now()));
        if late { self.apply(id, &Request::Fence).map(drop) } else { Ok(()) }
    }

    /// Forgets transactional ids that were not used for a week. Blocks.
    pub fn expire(&self) {
        let before = now_ms() - EXPIRY_MS;
        for (id, transaction) in self.store.all() {
            let idle = matches!(transaction.phase, Phase::Empty | Phase::CompleteCommit | Phase::CompleteAbort);
            if idle && transaction.updated < before && self.store.forget(&id).is_ok() {
                self.turns.lock().remove(&id);
            }
        }
    }

    /// Every transactional id and its state.
    pub fn all(&self) -> Vec<(String, Transaction)> {
        self.store.all()
    }

    /// The state of one transactional id.
    pub fn get(&self, id: &str) -> Option<Transaction> {
        self.store.get(id)
    }
}

impl Turn {
    fn new() -> Self {
        Self { gate: Arc::default(), change: Arc::default(), deadline: None }
    }
}

fn unstorable(error: &std::io::Error) -> ResponseError {
    tracing::error!(%error, "NUTKIN-4003: the state of a transaction could not be stored");
    // Clients try again after this one; there is no storage error for coordinators.
    ResponseError::CoordinatorNotAvailable
}
