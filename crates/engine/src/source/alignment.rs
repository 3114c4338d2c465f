//! [`Alignment`]: keeps all sources of a job together in event time (spec sql.md 2.6).
//!
//! Every source subtask that makes watermarks has a seat and says there how far its slowest partition is. Nobody reads past
//! the slowest of all by more than the allowed drift: what is read too early would only wait in state for the watermark.
//! How far a partition is, is its largest event time (or value of the watermark expression), not its watermark: the safety
//! margin of a partition with few events would stop all others for nothing.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::watch;

/// How far a source is that has unread records and has not read any.
pub(crate) const NOT_BEGUN: i64 = i64::MIN;
/// How far a source is that holds nobody back: idle, ended, or with nothing to read.
pub(crate) const HOLDS_NOBODY: i64 = i64::MAX;

/// The sources of one attempt of a job.
#[derive(Debug)]
pub(crate) struct Alignment {
    /// Milliseconds, more than 0.
    drift: i64,
    /// How far each seat is.
    seats: Mutex<Vec<i64>>,
    /// Largest event time after which nobody reads on.
    limit: watch::Sender<i64>,
}

impl Alignment {
    /// None when `drift` (milliseconds) switches alignment off.
    pub fn new(drift: i64) -> Option<Arc<Alignment>> {
        let limit = watch::Sender::new(HOLDS_NOBODY);
        (drift > 0).then(|| Arc::new(Alignment { drift, seats: Mutex::default(), limit }))
    }

    /// A seat for one more source subtask, which holds all others back until it says how far it is.
    pub fn join(self: &Arc<Self>) -> Seat {
        let number = {
            let mut seats = self.seats.lock();
            seats.push(NOT_BEGUN);
            seats.len() - 1
        };
        self.report(number, NOT_BEGUN);
        Seat { alignment: self.clone(), number, limit: self.limit.subscribe() }
    }

    fn report(&self, number: usize, position: i64) {
        let mut seats = self.seats.lock();
        seats[number] = position;
        let slowest = seats.iter().copied().min().unwrap_or(HOLDS_NOBODY);
        let limit = slowest.saturating_add(self.drift);
        // Under the lock, so that a later limit is never overwritten by an earlier one.
        self.limit.send_if_modified(|current| std::mem::replace(current, limit) != limit);
    }
}

/// The place of one source subtask; given up when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    alignment: Arc<Alignment>,
    number: usize,
    limit: watch::Receiver<i64>,
}

impl Seat {
    /// Says how far the slowest partition is, and gives the event time after which none is read on.
    pub fn report(&mut self, position: i64) -> i64 {
        self.alignment.report(self.number, position);
        *self.limit.borrow_and_update()
    }

    /// Ends when the limit has changed since the last report.
    pub async fn changed(&mut self) {
        if self.limit.changed().await.is_err() {
            std::future::pending().await
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.alignment.report(self.number, HOLDS_NOBODY);
    }
}
