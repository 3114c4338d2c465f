//! [`Supervisor`]: runs a job's attempts until one ends for good.
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::error::{Failure, FailureKind};
use crate::job::context::JobContext;
use crate::job::event::JobEvent;
use crate::job::handle::Command;
use crate::job::results::ResultBuffer;
use crate::job::spec::JobSpec;
use crate::telemetry::Telemetry;

#[allow(dead_code)]
pub(crate) struct SupervisorOptions {
    pub spec: JobSpec,
    pub context: JobContext,
    pub commands: mpsc::UnboundedReceiver<Command>,
    pub events: mpsc::UnboundedSender<JobEvent>,
    pub telemetry: Arc<Telemetry>,
    pub results: Arc<ResultBuffer>,
}

pub(crate) struct Supervisor(SupervisorOptions);

impl Supervisor {
    pub fn new(options: SupervisorOptions) -> Supervisor {
        Supervisor(options)
    }

    pub async fn run(self) {
        let cause = Failure::new(FailureKind::Unsupported, "this build holds the engine's interface only");
        let _ = self.0.events.send(JobEvent::Failed { cause });
    }
}
