//! A partition as requests see it: its log behind a lock, its ends without one, and those who wait for more.
//!
//! The log's lock is only taken on threads that may block. Where the log begins and ends is published in atomics, so that a
//! waiting Fetch looks without touching the lock.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::log::prepare::Prepared;
use crate::log::producers::Marker;
use crate::log::{Appended, Ends, Log, LogConfig, LogError};
use crate::options::Fsync;

/// Why a partition does not answer.
#[derive(Debug, thiserror::Error)]
pub enum PartitionError {
    /// The topic was deleted.
    #[error("the topic was deleted")]
    Deleted,
    /// The log could not be opened.
    #[error("NUTKIN-4004: the partition is offline: {0}")]
    Offline(String),
    /// The log refused.
    #[error(transparent)]
    Log(#[from] LogError),
}

enum State {
    Open(Box<Log>),
    Offline(String),
    Deleted,
}

/// One partition of a topic.
pub struct Partition {
    /// Name of the topic.
    pub topic: String,
    /// Number within the topic.
    pub index: i32,
    state: Mutex<State>,
    start: AtomicI64,
    end: AtomicI64,
    stable: AtomicI64,
    available: AtomicBool,
    waiting: Mutex<Vec<Arc<Notify>>>,
}

impl Partition {
    /// Opens the log in `dir`. A damaged log makes an offline partition, not an error.
    pub fn open(topic: &str, index: i32, dir: PathBuf, config: LogConfig, fsync: Fsync, now: i64) -> Self {
        let opened = Log::open(dir.clone(), config, fsync, now);
        let ends = opened.as_ref().map_or(Ends { start: 0, end: 0, stable: 0 }, Log::ends);
        let state = match opened {
            Ok(log) => State::Open(Box::new(log)),
            Err(error) => {
                tracing::error!(topic, partition = index, dir = %dir.display(), %error,
                    "NUTKIN-4004: the log cannot be opened, the partition is offline");
                State::Offline(error.to_string())
            }
        };
        Self {
            topic: topic.to_owned(),
            index,
            available: AtomicBool::new(matches!(state, State::Open(_))),
            state: Mutex::new(state),
            start: AtomicI64::new(ends.start),
            end: AtomicI64::new(ends.end),
            stable: AtomicI64::new(ends.stable),
            waiting: Mutex::default(),
        }
    }

    /// Where the log begins and ends.
    pub fn ends(&self) -> Ends {
        // The stable offset first: it never exceeds an end that is read later.
        let stable = self.stable.load(Ordering::Acquire);
        Ends { start: self.start.load(Ordering::Acquire), end: self.end.load(Ordering::Acquire), stable }
    }

    /// Whether the log is open.
    pub fn is_available(&self) -> bool {
        self.available.load(Ordering::Acquire)
    }

    /// Works with the log. Blocks; what changed is published and those who wait are woken.
    pub fn with_log<R>(&self, work: impl FnOnce(&mut Log) -> Result<R, LogError>) -> Result<R, PartitionError> {
        let mut state = self.state.lock();
        let log = match &mut *state {
            State::Open(log) => log,
            State::Offline(reason) => return Err(PartitionError::Offline(reason.clone())),
            State::Deleted => return Err(PartitionError::Deleted),
        };
        let result = work(log);
        let (old, new) = (self.ends(), log.ends());
        self.end.store(new.end, Ordering::Release);
        self.stable.store(new.stable, Ordering::Release);
        self.start.store(new.start, Ordering::Release);
        drop(state);
        if old != new {
            self.wake();
        }
        Ok(result?)
    }

    /// Appends a batch from a producer. Blocks.
    pub fn append(&self, prepared: &Prepared<'_>, now: i64) -> Result<Appended, PartitionError> {
        self.with_log(|log| log.append(prepared, now))
    }

    /// Appends a transaction marker and, unless the policy is `Never`, forces the log to the disk. Blocks.
    pub fn append_marker(&self, marker: &Marker, fsync: Fsync, now: i64) -> Result<(), PartitionError> {
        self.with_log(|log| log.append_marker(marker, now))?;
        if fsync == Fsync::Never { Ok(()) } else { self.sync() }
    }

    /// Forces the log to the disk without holding its lock meanwhile. Blocks.
    pub fn sync(&self) -> Result<(), PartitionError> {
        let (files, end) = self.with_log(Log::unsynced)?;
        for file in files {
            file.sync_data().map_err(LogError::from)?;
        }
        self.with_log(|log| {
            log.synced(end);
            Ok(())
        })
    }

    /// Notifies `waiter` at every change of the ends until the guard is dropped.
    pub fn watch(self: &Arc<Self>, waiter: &Arc<Notify>) -> Watch {
        self.waiting.lock().push(Arc::clone(waiter));
        Watch { partition: Arc::clone(self), waiter: Arc::clone(waiter) }
    }

    fn wake(&self) {
        for waiter in self.waiting.lock().iter() {
            waiter.notify_one();
        }
    }

    /// Gives the log up because its topic was deleted.
    pub fn delete(&self) {
        *self.state.lock() = State::Deleted;
        self.available.store(false, Ordering::Release);
        self.wake();
    }

    /// Closes the log at a clean stop. Blocks.
    pub fn close(&self) -> Result<(), PartitionError> {
        match self.with_log(Log::close) {
            Err(PartitionError::Offline(_) | PartitionError::Deleted) => Ok(()),
            other => other,
        }
    }

    /// Retention and compaction. Blocks.
    pub fn maintain(&self, fsync: Fsync, now: i64) -> Result<(), PartitionError> {
        self.with_log(|log| log.maintain(now))?;
        if let Some(pass) = self.with_log(|log| log.plan_compaction(now))? {
            let done = pass.run()?;
            self.with_log(|log| log.finish_compaction(done))?;
        }
        let dirty = self.with_log(|log| Ok(log.segments.len() > 1 && log.closed_unsynced()))?;
        if dirty && fsync != Fsync::Never {
            self.sync()?;
            self.with_log(|log| log.save_checkpoint())?;
        }
        Ok(())
    }
}

/// Ends a watch when dropped.
pub struct Watch {
    partition: Arc<Partition>,
    waiter: Arc<Notify>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.partition.waiting.lock().retain(|waiter| !Arc::ptr_eq(waiter, &self.waiter));
    }
}
