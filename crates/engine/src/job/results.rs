//! [`ResultBuffer`]: rows of a foreground statement between the job and its reader.
//!
//! Bounded: when it is full the sink waits, and with it the whole job. A page can be read again until the next one is asked
//! for (spec statements.md 3.3), so rows are dropped when a later token comes.

use std::collections::VecDeque;
use std::sync::Arc;

use nutkin_types::Batch;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// One page of results.
#[derive(Debug, Clone)]
pub struct ResultPage {
    /// Token that this page was read with: number of the first row.
    pub token: u64,
    /// May be empty: poll again with `next`.
    pub batches: Vec<Batch>,
    /// Token of the next page; None when the result is complete.
    pub next: Option<u64>,
}

/// Why a page cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResultError {
    #[error("page {token} was read and dropped; the oldest one still held is {oldest}")]
    Gone { token: u64, oldest: u64 },
    #[error("page {token} does not exist yet; the next one is {next}")]
    Ahead { token: u64, next: u64 },
}

#[derive(Debug)]
pub struct ResultBuffer {
    inner: Mutex<Inner>,
    room: Notify,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Inner {
    batches: VecDeque<Batch>,
    first: u64,
    rows: usize,
    complete: bool,
}

impl ResultBuffer {
    pub(crate) fn new(capacity: usize) -> Arc<ResultBuffer> {
        Arc::new(ResultBuffer { inner: Mutex::default(), room: Notify::new(), capacity: capacity.max(1) })
    }

    /// Adds rows, waiting while the buffer is full.
    pub(crate) async fn push(&self, batch: Batch) {
        let mut rest = batch;
        while rest.num_rows() > 0 {
            let room = self.room.notified();
            {
                let mut inner = self.inner.lock();
                let free = self.capacity.saturating_sub(inner.rows);
                let taken = free.min(rest.num_rows());
                if taken > 0 {
                    inner.rows += taken;
                    inner.batches.push_back(rest.slice(0, taken));
                    rest = rest.slice(taken, rest.num_rows() - taken);
                    continue;
                }
            }
            room.await;
        }
    }

    /// True once any row was put in.
    pub(crate) fn has_rows(&self) -> bool {
        let inner = self.inner.lock();
        inner.first > 0 || inner.rows > 0
    }

    pub(crate) fn complete(&self) {
        self.inner.lock().complete = true;
    }

    /// Up to `max_rows` rows from `token` on; rows before it are dropped.
    pub fn page(&self, token: u64, max_rows: usize) -> Result<ResultPage, ResultError> {
        let mut inner = self.inner.lock();
        let end = inner.first + inner.rows as u64;
        if token < inner.first {
            return Err(ResultError::Gone { token, oldest: inner.first });
        }
        if token > end {
            return Err(ResultError::Ahead { token, next: end });
        }
        inner.drop_before(token);
        self.room.notify_waiters();
        let mut batches = Vec::new();
        let mut taken = 0;
        for batch in &inner.batches {
            let rows = batch.num_rows().min(max_rows - taken);
            if rows == 0 {
                break;
            }
            batches.push(batch.slice(0, rows));
            taken += rows;
        }
        let next = token + taken as u64;
        let done = inner.complete && next == end;
        Ok(ResultPage { token, batches, next: (!done).then_some(next) })
    }
}

impl Inner {
    fn drop_before(&mut self, token: u64) {
        while self.first < token {
            let Some(batch) = self.batches.pop_front() else { return };
            let surplus = usize::try_from(token - self.first).unwrap_or(usize::MAX).min(batch.num_rows());
            if surplus < batch.num_rows() {
                self.batches.push_front(batch.slice(surplus, batch.num_rows() - surplus));
            }
            self.first += surplus as u64;
            self.rows -= surplus;
        }
    }
}
