//! Compute pools at work: their processes, their CFUs, and the events of their jobs.
//!
//! A pool's process is started for its first job and ended some time after its last. CFUs are accounting ([`crate::scheduler`]):
//! whoever waits is told why whenever the answer changes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use nutkin_engine::JobEvent;
use nutkin_pool::{JobStatus, PoolConnection, PoolError, PoolHost, Request, Response, ResultRow, StartJob};
use parking_lot::Mutex;
use tokio::sync::mpsc;

use crate::error::ControlError;
use crate::resources::{ComputePool, Resources};
use crate::scheduler::{Claim, decide};

/// A pool answers from memory; one that takes this long hangs.
const STATUS_TIMEOUT: Duration = Duration::from_secs(10);

/// What a statement hears from its pool.
#[derive(Debug)]
pub enum PoolNews {
    CfusGranted,
    CfusRefused {
        detail: String,
    },
    Job(JobEvent),
    /// The pool's process ended.
    Died,
}

/// Where a statement listens.
pub type Listener = mpsc::UnboundedSender<PoolNews>;

/// All pools. Cheap to clone.
#[derive(Clone)]
pub struct Pools {
    inner: Arc<Inner>,
}

struct Inner {
    host: Arc<dyn PoolHost>,
    resources: Resources,
    idle: Duration,
    pools: Mutex<HashMap<String, Pool>>,
}

#[derive(Default)]
struct Pool {
    holders: Vec<Claim>,
    waiting: Vec<Claim>,
    listeners: HashMap<String, Listener>,
    /// Started at most once at a time.
    process: Arc<tokio::sync::Mutex<Option<PoolConnection>>>,
    pid: Option<u32>,
    statuses: HashMap<String, JobStatus>,
    /// Counts changes of the set of holders, to notice that a pool stayed idle.
    changes: u64,
}

impl Pools {
    pub fn new(host: Arc<dyn PoolHost>, resources: Resources, idle: Duration) -> Pools {
        Pools { inner: Arc::new(Inner { host, resources, idle, pools: Mutex::default() }) }
    }

    /// Queues the statement for `claim.cfus` CFUs of the pool; the answer comes to `listener`.
    pub async fn acquire(&self, pool_id: &str, claim: Claim, listener: Listener) -> Result<(), ControlError> {
        {
            let mut pools = self.inner.pools.lock();
            let pool = pools.entry(pool_id.to_owned()).or_default();
            pool.listeners.insert(claim.uid.clone(), listener);
            let known = |list: &[Claim]| list.iter().any(|other| other.uid == claim.uid);
            if !known(&pool.holders) && !known(&pool.waiting) {
                pool.waiting.push(claim);
            }
        }
        self.reconsider(pool_id).await
    }

    /// Gives back the statement's CFUs, or its place in the queue.
    pub async fn release(&self, pool_id: &str, uid: &str) -> Result<(), ControlError> {
        let emptied = {
            let mut pools = self.inner.pools.lock();
            let Some(pool) = pools.get_mut(pool_id) else { return Ok(()) };
            pool.holders.retain(|claim| claim.uid != uid);
            pool.waiting.retain(|claim| claim.uid != uid);
            pool.listeners.remove(uid);
            pool.statuses.remove(uid);
            pool.changes += 1;
            pool.holders.is_empty().then_some(pool.changes)
        };
        if let Some(changes) = emptied {
            tokio::spawn(self.clone().end_when_idle(pool_id.to_owned(), changes));
        }
        self.reconsider(pool_id).await
    }

    /// Decides again who gets CFUs: after a release, a new statement, or a change of `max_cfu`.
    pub async fn reconsider(&self, pool_id: &str) -> Result<(), ControlError> {
        let max_cfu = self.inner.resources.get::<ComputePool>(pool_id).await?.map_or(0, |pool| pool.resource.max_cfu);
        let mut pools = self.inner.pools.lock();
        let Some(pool) = pools.get_mut(pool_id) else { return Ok(()) };
        let decision = decide(max_cfu, &pool.holders, &pool.waiting);
        for uid in decision.granted {
            if let Some(position) = pool.waiting.iter().position(|claim| claim.uid == uid) {
                let claim = pool.waiting.remove(position);
                pool.holders.push(claim);
                pool.changes += 1;
            }
            tell(pool, &uid, PoolNews::CfusGranted);
        }
        for (uid, detail) in decision.refused {
            tell(pool, &uid, PoolNews::CfusRefused { detail });
        }
        Ok(())
    }

    /// CFUs held now.
    pub fn current_cfu(&self, pool_id: &str) -> u32 {
        let pools = self.inner.pools.lock();
        pools.get(pool_id).map_or(0, |pool| pool.holders.iter().map(|claim| claim.cfus).sum())
    }

    /// Process id of the pool, while it runs as a process.
    pub fn pid(&self, pool_id: &str) -> Option<u32> {
        self.inner.pools.lock().get(pool_id)?.pid
    }

    /// Last known metrics of a statement's job.
    pub fn status(&self, pool_id: &str, uid: &str) -> Option<JobStatus> {
        self.inner.pools.lock().get(pool_id)?.statuses.get(uid).cloned()
    }

    /// Starts the job in the pool, and the pool if need be.
    pub async fn start_job(&self, pool_id: &str, job: StartJob) -> Result<(), PoolError> {
        let connection = self.connection(pool_id, true).await?;
        connection.request(Request::Start(Box::new(job))).await.map(drop)
    }

    pub async fn stop_job(&self, pool_id: &str, uid: &str) -> Result<(), PoolError> {
        self.request(pool_id, Request::Stop { uid: uid.to_owned() }).await.map(drop)
    }

    pub async fn cancel_job(&self, pool_id: &str, uid: &str) -> Result<(), PoolError> {
        self.request(pool_id, Request::Cancel { uid: uid.to_owned() }).await.map(drop)
    }

    /// Rows of a foreground statement from `token` on, and the next token.
    pub async fn results(
        &self,
        pool_id: &str,
        uid: &str,
        token: u64,
    ) -> Result<(Vec<ResultRow>, Option<u64>), PoolError> {
        let request = Request::Results { uid: uid.to_owned(), token, max_rows: 1000 };
        match self.request(pool_id, request).await? {
            Response::Results { rows, next } => Ok((rows, next)),
            other => Err(PoolError::Protocol(format!("it answered {other:?}"))),
        }
    }

    async fn request(&self, pool_id: &str, request: Request) -> Result<Response, PoolError> {
        self.connection(pool_id, false).await?.request(request).await
    }

    async fn connection(&self, pool_id: &str, start: bool) -> Result<PoolConnection, PoolError> {
        let process = self.inner.pools.lock().entry(pool_id.to_owned()).or_default().process.clone();
        let mut process = process.lock().await;
        if let Some(connection) = &*process {
            return Ok(connection.clone());
        }
        if !start {
            return Err(PoolError::Gone);
        }
        let started = self.inner.host.start(pool_id).await?;
        let connection = started.connection.clone();
        *process = Some(connection.clone());
        if let Some(pool) = self.inner.pools.lock().get_mut(pool_id) {
            pool.pid = started.pid;
        }
        tokio::spawn(self.clone().listen(pool_id.to_owned(), started));
        Ok(connection)
    }

    /// Passes events on and polls metrics until the pool is gone. One that does not answer any more counts as gone: it is
    /// killed, and its statements start again elsewhere.
    async fn listen(self, pool_id: String, mut started: nutkin_pool::StartedPool) {
        let (polled, mut statuses) = mpsc::channel(1);
        let poll = tokio::spawn(poll_status(started.connection.clone(), polled));
        loop {
            tokio::select! {
                event = started.events.recv() => {
                    let Some(event) = event else { break };
                    if let Some(pool) = self.inner.pools.lock().get(&pool_id) {
                        tell(pool, &event.uid, PoolNews::Job(event.event));
                    }
                }
                jobs = statuses.recv() => {
                    let Some(jobs) = jobs else {
                        tracing::warn!(pool = %pool_id, "the pool does not answer and is ended");
                        break;
                    };
                    if let Some(pool) = self.inner.pools.lock().get_mut(&pool_id) {
                        pool.statuses = jobs;
                    }
                }
            }
        }
        poll.abort();
        started.connection.hang_up();
        // The process must be gone before its statements start again: two of them would only fence each other, but a dead one
        // cannot even try.
        started.guard.end().await;
        let process = self.inner.pools.lock().get_mut(&pool_id).map(|pool| {
            pool.pid = None;
            pool.statuses.clear();
            pool.process.clone()
        });
        if let Some(process) = process {
            process.lock().await.take();
        }
        // Told only now, so that whoever starts its job again gets a new process.
        if let Some(pool) = self.inner.pools.lock().get(&pool_id) {
            for claim in &pool.holders {
                tell(pool, &claim.uid, PoolNews::Died);
            }
        }
    }

    async fn end_when_idle(self, pool_id: String, changes: u64) {
        tokio::time::sleep(self.inner.idle).await;
        let process = match self.inner.pools.lock().get(&pool_id) {
            Some(pool) if pool.changes == changes && pool.holders.is_empty() => pool.process.clone(),
            _ => return,
        };
        if let Some(connection) = process.lock().await.take() {
            connection.hang_up();
        }
    }

    /// Ends every pool's process; jobs go on from their last checkpoint after the next start.
    pub async fn shutdown(&self) {
        let processes: Vec<_> = self.inner.pools.lock().values().map(|pool| pool.process.clone()).collect();
        for process in processes {
            if let Some(connection) = process.lock().await.take() {
                connection.hang_up();
            }
        }
    }
}

/// Asks for the metrics of all jobs every second, until the pool fails to answer.
async fn poll_status(connection: PoolConnection, found: mpsc::Sender<HashMap<String, JobStatus>>) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    loop {
        ticks.tick().await;
        let answer = tokio::time::timeout(STATUS_TIMEOUT, connection.request(Request::Status)).await;
        let Ok(Ok(Response::Status { jobs })) = answer else { return };
        if found.send(jobs.into_iter().map(|job| (job.uid.clone(), job)).collect()).await.is_err() {
            return;
        }
    }
}

fn tell(pool: &Pool, uid: &str, news: PoolNews) {
    if let Some(listener) = pool.listeners.get(uid) {
        // A statement that is gone does not listen any more.
        let _ = listener.send(news);
    }
}
