//! The decision: what to do next about a prepared transaction, given what is known.

use crate::cluster::EndOutcome;

/// What this process has learned about one prepared transaction. Starts empty after every crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Known {
    /// Answer to the last attempt to commit with the stored (or, after producing again, the new) ids.
    pub end: Option<EndOutcome>,
    /// The transactional id was fenced after that answer: no transaction of it is open or undecided.
    pub fenced: bool,
    /// The offset marker, read after fencing.
    pub marker: Option<Option<u64>>,
    /// A new transaction with the kept batches and the marker is flushed and waits for its commit.
    pub reproduced: bool,
}

/// The next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Ask the coordinator to commit.
    Commit,
    /// Take the transactional id over, so that its last transaction is decided.
    Fence,
    /// Read the offset marker.
    ReadMarker,
    /// Produce the kept batches in a new transaction with the same marker.
    Reproduce,
    /// It is committed.
    Done,
    /// The broker has lost the marker of an earlier epoch, so its absence says nothing: a person must look.
    MarkerLost,
}

/// Decides about the transaction of `epoch`; `previous_marker` is the marker that was committed before it.
///
/// After `Reproduce` the caller starts a new round: `Known { reproduced: true, ..Known::default() }`.
pub fn decide(epoch: u64, previous_marker: Option<u64>, known: &Known) -> Step {
    match (known.end, known.fenced, known.marker) {
        (Some(EndOutcome::Committed), _, _) => Step::Done,
        (None, _, _) => Step::Commit,
        (Some(EndOutcome::Refused), false, _) => Step::Fence,
        (Some(EndOutcome::Refused), true, None) => Step::ReadMarker,
        (Some(EndOutcome::Refused), true, Some(marker)) => match marker {
            Some(marker) if marker >= epoch => Step::Done,
            marker if marker < previous_marker => Step::MarkerLost,
            _ => Step::Reproduce,
        },
    }
}
