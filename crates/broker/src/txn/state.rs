//! The transaction protocol as a pure state machine: `decide(state, request) -> (state, effect)`.
//!
//! One [`Transaction`] per transactional id. The coordinator stores the decided state before it carries the effect out;
//! whatever is interrupted in between is found in the stored state: `PrepareCommit` and `PrepareAbort` mean that the outcome
//! is decided and markers may be missing. Two protocols are served side by side (KIP-890): with version 2 the end of a
//! transaction raises the epoch and partitions are added implicitly, with version 1 the epoch stays.

use std::collections::BTreeSet;

use kafka_protocol::ResponseError;
use serde::{Deserialize, Serialize};

/// Epochs beyond this one are not handed out: a new producer id is taken instead.
const LAST_EPOCH: i16 = i16::MAX - 1;

/// Where a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Nothing was added since the producer was initialised.
    Empty,
    /// Partitions or groups were added.
    Ongoing,
    /// Committed; markers may be missing.
    PrepareCommit,
    /// Aborted; markers may be missing.
    PrepareAbort,
    /// The last transaction was committed, its markers are written.
    CompleteCommit,
    /// The last transaction was aborted, its markers are written.
    CompleteAbort,
}

impl Phase {
    /// Kafka's name of the state.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Ongoing => "Ongoing",
            Self::PrepareCommit => "PrepareCommit",
            Self::PrepareAbort => "PrepareAbort",
            Self::CompleteCommit => "CompleteCommit",
            Self::CompleteAbort => "CompleteAbort",
        }
    }

    /// Whether the outcome is decided and not carried out.
    pub fn is_prepared(self) -> bool {
        matches!(self, Self::PrepareCommit | Self::PrepareAbort)
    }
}

/// The state of one transactional id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// Producer id.
    pub producer_id: i64,
    /// Producer id before the last one ran out of epochs; -1 without.
    pub previous_producer_id: i64,
    /// Current epoch.
    pub epoch: i16,
    /// Epoch that the last answer replaced: a client that did not see the answer still sends it; -1 without.
    pub last_epoch: i16,
    /// Producer id that follows when the transaction is complete, because epochs ran out.
    pub next_producer_id: Option<i64>,
    /// Longest time a transaction may stay open, milliseconds.
    pub timeout_ms: i32,
    /// Where it is.
    pub phase: Phase,
    /// Partitions that get a marker.
    pub partitions: BTreeSet<(String, i32)>,
    /// Groups whose offsets are part of it.
    pub groups: BTreeSet<String>,
    /// When the open transaction began, milliseconds since 1970; -1 without.
    pub started: i64,
    /// When the state last changed, milliseconds since 1970.
    pub updated: i64,
}

/// What is asked of a transaction.
#[derive(Clone, Debug)]
pub enum Request<'a> {
    /// InitProducerId.
    Init {
        /// The producer's transaction time-out, milliseconds.
        timeout_ms: i32,
        /// Producer id and epoch that the client believes to have.
        expected: Option<(i64, i16)>,
    },
    /// Partitions and groups become part of the transaction.
    Add {
        /// Partitions.
        partitions: &'a [(String, i32)],
        /// A group.
        group: Option<&'a str>,
    },
    /// EndTxn.
    End {
        /// Commit, or abort.
        commit: bool,
        /// Whether the client speaks version 2: the epoch is raised.
        bump: bool,
    },
    /// The time-out passed, or a new producer comes while the transaction is open: abort and fence.
    Fence,
    /// All markers are written.
    Complete,
}

/// What is to be done once the state is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The state did not change: answer.
    Answer,
    /// Store the state, then answer.
    Store,
    /// Store the state, then write markers, then decide [`Request::Complete`].
    Finish,
    /// An open transaction is in the way: decide [`Request::Fence`], carry it out, and ask again.
    FenceFirst,
}

/// A refusal in Kafka's words.
pub type Refusal = ResponseError;

/// Time and a producer id from outside.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// Milliseconds since 1970.
    pub now: i64,
    /// A producer id that was never used, for those who need one.
    pub fresh_id: i64,
}

impl Transaction {
    /// Whether the next raise needs a new producer id.
    pub fn is_exhausted(&self) -> bool {
        self.epoch >= LAST_EPOCH
    }

    fn initial(id: i64, timeout_ms: i32, now: i64) -> Self {
        Self {
            producer_id: id,
            previous_producer_id: -1,
            epoch: 0,
            last_epoch: -1,
            next_producer_id: None,
            timeout_ms,
            phase: Phase::Empty,
            partitions: BTreeSet::new(),
            groups: BTreeSet::new(),
            started: -1,
            updated: now,
        }
    }
}

/// Checks that a request comes from the transaction's current producer.
pub fn check_producer(state: Option<&Transaction>, id: i64, epoch: i16) -> Result<&Transaction, Refusal> {
    let state = state.ok_or(ResponseError::InvalidProducerIdMapping)?;
    if state.producer_id != id {
        return Err(ResponseError::InvalidProducerIdMapping);
    }
    if state.epoch != epoch {
        return Err(ResponseError::ProducerFenced);
    }
    Ok(state)
}

/// Decides a request of a producer whose identity was checked, or of the coordinator itself.
pub fn decide(
    state: Option<Transaction>,
    request: &Request<'_>,
    context: Context,
) -> Result<(Transaction, Effect), Refusal> {
    match (state, request) {
        (None, Request::Init { timeout_ms, expected: None }) => {
            Ok((Transaction::initial(context.fresh_id, *timeout_ms, context.now), Effect::Store))
        }
        (None, _) => Err(ResponseError::InvalidProducerIdMapping),
        (Some(state), Request::Init { timeout_ms, expected }) => init(state, *timeout_ms, *expected, context),
        (Some(state), Request::Add { partitions, group }) => add(state, partitions, *group, context),
        (Some(state), Request::End { commit, bump }) => end(state, *commit, *bump, context),
        (Some(state), Request::Fence) => fence(state, context),
        (Some(state), Request::Complete) => Ok(complete(state, context)),
    }
}

fn init(
    mut state: Transaction,
    timeout_ms: i32,
    expected: Option<(i64, i16)>,
    context: Context,
) -> Result<(Transaction, Effect), Refusal> {
    if let Some((id, epoch)) = expected {
        let known = state.producer_id == id || (state.previous_producer_id == id && state.previous_producer_id >= 0);
        let answered_before = epoch == state.last_epoch || state.previous_producer_id == id;
        if !known || (epoch != state.epoch && !answered_before) {
            return Err(ResponseError::ProducerFenced);
        }
        if answered_before && epoch != state.epoch && state.phase == Phase::Empty {
            // The answer to the same request was lost: it is given again.
            return Ok((state, Effect::Answer));
        }
    }
    match state.phase {
        Phase::PrepareCommit | Phase::PrepareAbort => Err(ResponseError::ConcurrentTransactions),
        Phase::Ongoing => Ok((state, Effect::FenceFirst)),
        Phase::Empty | Phase::CompleteCommit | Phase::CompleteAbort => {
            // Only a producer that named its epoch may ask again with it; any other one is fenced by the new epoch.
            state.last_epoch = if expected.is_some() { state.epoch } else { -1 };
            if state.is_exhausted() {
                state.previous_producer_id = if expected.is_some() { state.producer_id } else { -1 };
                state.producer_id = context.fresh_id;
                state.epoch = 0;
            } else {
                state.epoch += 1;
            }
            state.timeout_ms = timeout_ms;
            state.phase = Phase::Empty;
            state.started = -1;
            state.updated = context.now;
            Ok((state, Effect::Store))
        }
    }
}

fn add(
    mut state: Transaction,
    partitions: &[(String, i32)],
    group: Option<&str>,
    context: Context,
) -> Result<(Transaction, Effect), Refusal> {
    match state.phase {
        Phase::PrepareCommit | Phase::PrepareAbort => return Err(ResponseError::ConcurrentTransactions),
        Phase::Ongoing => {
            let known = partitions.iter().all(|partition| state.partitions.contains(partition))
                && group.is_none_or(|group| state.groups.contains(group));
            if known {
                return Ok((state, Effect::Answer));
            }
        }
        Phase::Empty | Phase::CompleteCommit | Phase::CompleteAbort => {
            state.phase = Phase::Ongoing;
            state.started = context.now;
        }
    }
    state.partitions.extend(partitions.iter().cloned());
    state.groups.extend(group.map(str::to_owned));
    state.updated = context.now;
    Ok((state, Effect::Store))
}

/// Whether the request was answered before with a raised epoch, and the client did not see it (KIP-890).
fn is_repeated_end(state: &Transaction, id: i64, epoch: i16) -> bool {
    (state.producer_id == id && i32::from(state.epoch) == i32::from(epoch) + 1 && state.last_epoch == epoch)
        || (state.previous_producer_id == id && state.epoch == 0 && state.last_epoch == epoch)
}

/// Decides EndTxn before [`decide`]: `Some` answers a repeated request with the state as it is.
pub fn check_end(
    state: Option<&Transaction>,
    id: i64,
    epoch: i16,
    commit: bool,
    bump: bool,
) -> Result<Option<Transaction>, Refusal> {
    let known = state.ok_or(ResponseError::InvalidProducerIdMapping)?;
    if bump && is_repeated_end(known, id, epoch) {
        return match known.phase {
            Phase::CompleteCommit if commit => Ok(Some(known.clone())),
            Phase::CompleteAbort if !commit => Ok(Some(known.clone())),
            Phase::PrepareCommit if commit => Err(ResponseError::ConcurrentTransactions),
            Phase::PrepareAbort if !commit => Err(ResponseError::ConcurrentTransactions),
            Phase::CompleteCommit | Phase::CompleteAbort | Phase::PrepareCommit | Phase::PrepareAbort => {
                Err(ResponseError::InvalidTxnState)
            }
            Phase::Empty | Phase::Ongoing => Err(ResponseError::ProducerFenced),
        };
    }
    check_producer(Some(known), id, epoch).map(|_| None)
}

fn end(mut state: Transaction, commit: bool, bump: bool, context: Context) -> Result<(Transaction, Effect), Refusal> {
    match state.phase {
        Phase::Ongoing => {}
        Phase::PrepareCommit if commit => return Err(ResponseError::ConcurrentTransactions),
        Phase::PrepareAbort if !commit => return Err(ResponseError::ConcurrentTransactions),
        // Version 1 clients repeat EndTxn with the epoch unchanged.
        Phase::CompleteCommit if commit && !bump => return Ok((state, Effect::Answer)),
        Phase::CompleteAbort if !commit && !bump => return Ok((state, Effect::Answer)),
        // With version 2 a client may abort without knowing whether anything was added.
        Phase::Empty | Phase::CompleteCommit | Phase::CompleteAbort if !commit && bump => {}
        _ => return Err(ResponseError::InvalidTxnState),
    }
    state.phase = if commit { Phase::PrepareCommit } else { Phase::PrepareAbort };
    if bump {
        raise(&mut state, context);
    }
    state.updated = context.now;
    Ok((state, Effect::Finish))
}

fn raise(state: &mut Transaction, context: Context) {
    if state.is_exhausted() {
        state.next_producer_id = Some(context.fresh_id);
    }
    state.last_epoch = state.epoch;
    // The very last epoch is used for markers only.
    state.epoch = state.epoch.saturating_add(1);
}

fn fence(mut state: Transaction, context: Context) -> Result<(Transaction, Effect), Refusal> {
    if state.phase != Phase::Ongoing {
        return Err(ResponseError::InvalidTxnState);
    }
    raise(&mut state, context);
    // The fenced producer must not pass as one whose answer was lost.
    state.last_epoch = -1;
    state.phase = Phase::PrepareAbort;
    state.updated = context.now;
    Ok((state, Effect::Finish))
}

fn complete(mut state: Transaction, context: Context) -> (Transaction, Effect) {
    state.phase = match state.phase {
        Phase::PrepareCommit => Phase::CompleteCommit,
        Phase::PrepareAbort => Phase::CompleteAbort,
        // Nothing to complete.
        _ => return (state, Effect::Answer),
    };
    if let Some(id) = state.next_producer_id.take() {
        state.previous_producer_id = state.producer_id;
        state.producer_id = id;
        state.epoch = 0;
    }
    state.partitions.clear();
    state.groups.clear();
    state.started = -1;
    state.updated = context.now;
    (state, Effect::Store)
}
