//! [`Job::start`] and the [`JobHandle`] to what it started.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::job::context::JobContext;
use crate::job::event::JobEvent;
use crate::job::metrics::JobMetrics;
use crate::job::obstacle::{Obstacle, why_no_output};
use crate::job::results::{ResultBuffer, ResultError, ResultPage};
use crate::job::spec::JobSpec;
use crate::runtime::supervisor::{Supervisor, SupervisorOptions};
use crate::telemetry::Telemetry;

/// A running statement.
#[derive(Debug)]
pub struct Job;

/// What can be asked of a job from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Command {
    StopWithSavepoint,
    Cancel,
}

/// Talks to a job. Cloning shares it; dropping every handle does not stop the job.
#[derive(Debug, Clone)]
pub struct JobHandle {
    commands: mpsc::UnboundedSender<Command>,
    telemetry: Arc<Telemetry>,
    results: Arc<ResultBuffer>,
}

/// The events of a job, in order; ends after a terminal one.
#[derive(Debug)]
pub struct JobEvents(mpsc::UnboundedReceiver<JobEvent>);

impl JobEvents {
    /// The next event; None after the last.
    pub async fn next(&mut self) -> Option<JobEvent> {
        self.0.recv().await
    }
}

impl Job {
    /// Starts the job in the background and returns at once; what comes of it is told by the events. Must be called within
    /// a tokio runtime.
    pub fn start(spec: JobSpec, context: JobContext) -> (JobHandle, JobEvents) {
        let (commands, received) = mpsc::unbounded_channel();
        let (events, reported) = mpsc::unbounded_channel();
        let telemetry = Arc::new(Telemetry::new(&spec.plan));
        let results = ResultBuffer::new(spec.settings.result_rows);
        let options = SupervisorOptions {
            spec,
            context,
            commands: received,
            events,
            telemetry: telemetry.clone(),
            results: results.clone(),
        };
        tokio::spawn(Supervisor::new(options).run());
        (JobHandle { commands, telemetry, results }, JobEvents(reported))
    }
}

impl JobHandle {
    /// Asks for a last checkpoint, its commit, and the end: [`JobEvent::Stopped`] with a savepoint. A job that is waiting to
    /// restart stops at its last checkpoint.
    pub fn stop_with_savepoint(&self) {
        let _ = self.commands.send(Command::StopWithSavepoint);
    }

    /// Asks for the end at once: what is not committed is aborted, [`JobEvent::Stopped`] without a savepoint.
    pub fn cancel(&self) {
        let _ = self.commands.send(Command::Cancel);
    }

    /// Rows of a foreground statement from `token` (0 first, then [`ResultPage::next`]); rows before it are dropped.
    ///
    /// # Errors
    /// For a token that was dropped already or is not known yet.
    pub fn results(&self, token: u64, max_rows: usize) -> Result<ResultPage, ResultError> {
        self.results.page(token, max_rows)
    }

    /// A snapshot of counters and watermarks.
    pub fn metrics(&self) -> JobMetrics {
        self.telemetry.snapshot()
    }

    /// Why nothing came out so far; empty when something did.
    pub fn why_no_output(&self) -> Vec<Obstacle> {
        why_no_output(&self.metrics())
    }
}
