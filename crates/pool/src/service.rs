//! [`Service`]: what runs in a pool's process.
//!
//! One task reads requests and writes frames, one task per job forwards its events. The process ends when the socket does:
//! a pool without its control plane has nobody to commit for.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use nutkin_engine::{Job, JobContext, JobHandle, SchemaSource};
use nutkin_state::{CheckpointLocation, CheckpointStore, StateError};
use nutkin_types::Schema;
use tokio::net::UnixStream;
use tokio::sync::mpsc;

use crate::cells;
use crate::connection::{PoolError, framed};
use crate::json;
use crate::kafka::ConfiguredClusters;
use crate::protocol::{
    JobStatus, PROTOCOL_VERSION, PoolEvent, PoolFrame, RegistryAddress, Request, RequestFrame, Response, StartJob,
};

/// Opens schema registries; implemented where the registry client is known.
pub trait SchemaSources: Send + Sync {
    /// A source over registries by id.
    fn open(&self, registries: &BTreeMap<String, RegistryAddress>) -> Arc<dyn SchemaSource>;
}

pub struct Service {
    schemas: Arc<dyn SchemaSources>,
    jobs: HashMap<String, RunningJob>,
    /// The checkpoints of the last job and where they are: all jobs share what connections they have.
    checkpoints: Option<(CheckpointLocation, CheckpointStore)>,
}

struct RunningJob {
    handle: JobHandle,
    /// Columns of its foreground result.
    schema: Option<Schema>,
}

impl Service {
    pub fn new(schemas: Arc<dyn SchemaSources>) -> Service {
        Service { schemas, jobs: HashMap::new(), checkpoints: None }
    }

    /// Serves the control plane at the other end of `stream` until it hangs up.
    pub async fn run(mut self, stream: UnixStream) -> Result<(), PoolError> {
        let mut framed = framed(stream);
        let (events, mut reported) = mpsc::unbounded_channel::<PoolEvent>();
        let hello = PoolFrame::Hello { protocol: PROTOCOL_VERSION, pid: std::process::id() };
        send(&mut framed, &hello).await?;
        loop {
            tokio::select! {
                frame = framed.next() => {
                    let Some(frame) = frame else { return Ok(()) };
                    let frame = frame.map_err(|e| PoolError::Protocol(e.to_string()))?;
                    let RequestFrame { id, request } =
                        json::from_slice(&frame).map_err(|e| PoolError::Protocol(e.to_string()))?;
                    let response = self.answer(request, &events);
                    send(&mut framed, &PoolFrame::Reply { id, response }).await?;
                }
                Some(event) = reported.recv() => {
                    let ended = event.event.is_terminal();
                    let uid = event.uid.clone();
                    send(&mut framed, &PoolFrame::Event(event)).await?;
                    // A foreground result stays readable after its job has finished, until the statement is cancelled.
                    if ended && self.jobs.get(&uid).is_some_and(|job| job.schema.is_none()) {
                        self.jobs.remove(&uid);
                    }
                }
            }
        }
    }

    fn answer(&mut self, request: Request, events: &mpsc::UnboundedSender<PoolEvent>) -> Response {
        match request {
            Request::Start(start) => self.start(*start, events),
            Request::Stop { uid } => self.with_job(&uid, |job| {
                job.handle.stop_with_savepoint();
                Response::Done
            }),
            Request::Cancel { uid } => {
                let response = self.with_job(&uid, |job| {
                    job.handle.cancel();
                    Response::Done
                });
                if let Some(job) = self.jobs.get_mut(&uid) {
                    job.schema = None;
                }
                response
            }
            Request::Results { uid, token, max_rows } => self.with_job(&uid, |job| results(job, token, max_rows)),
            Request::Status => {
                let status = |(uid, job): (&String, &RunningJob)| JobStatus {
                    uid: uid.clone(),
                    metrics: job.handle.metrics(),
                    obstacles: job.handle.why_no_output().iter().map(ToString::to_string).collect(),
                };
                Response::Status { jobs: self.jobs.iter().map(status).collect() }
            }
        }
    }

    fn with_job(&self, uid: &str, answer: impl FnOnce(&RunningJob) -> Response) -> Response {
        match self.jobs.get(uid) {
            Some(job) => answer(job),
            None => Response::Refused { message: format!("statement {uid} does not run in this pool") },
        }
    }

    fn start(&mut self, start: StartJob, events: &mpsc::UnboundedSender<PoolEvent>) -> Response {
        let uid = start.spec.statement_uid.clone();
        if let Err(error) = start.spec.plan.check() {
            return Response::Refused { message: error.to_string() };
        }
        let checkpoints = match self.checkpoints(start.connections.checkpoints) {
            Ok(checkpoints) => checkpoints,
            Err(error) => return Response::Refused { message: error.to_string() },
        };
        let context = JobContext::new(
            Arc::new(ConfiguredClusters::new(start.connections.clusters)),
            self.schemas.open(&start.connections.registries),
            checkpoints,
        );
        let schema = foreground_schema(&start.spec.plan);
        let (handle, mut job_events) = Job::start(start.spec, context);
        let (events, event_uid) = (events.clone(), uid.clone());
        tokio::spawn(async move {
            while let Some(event) = job_events.next().await {
                if events.send(PoolEvent { uid: event_uid.clone(), event }).is_err() {
                    return;
                }
            }
        });
        // An earlier job of the statement has ended: only its readable result is replaced.
        self.jobs.insert(uid, RunningJob { handle, schema });
        Response::Done
    }

    /// Checkpoints at `location`, which the service has tried before it sent it.
    fn checkpoints(&mut self, location: CheckpointLocation) -> Result<CheckpointStore, StateError> {
        if let Some((open, store)) = &self.checkpoints
            && *open == location
        {
            return Ok(store.clone());
        }
        let store = CheckpointStore::new(location.open()?);
        self.checkpoints = Some((location, store.clone()));
        Ok(store)
    }
}

fn results(job: &RunningJob, token: u64, max_rows: usize) -> Response {
    let Some(schema) = &job.schema else {
        return Response::Refused { message: "the statement has no result that could be read".to_owned() };
    };
    let read = job.handle.results(token, max_rows).map_err(|e| e.to_string()).and_then(|page| {
        let rows: Result<Vec<_>, _> = page.batches.iter().map(|batch| cells::rows(batch, schema)).collect();
        Ok((rows.map_err(|e| e.to_string())?.concat(), page.next))
    });
    match read {
        Ok((rows, next)) => Response::Results { rows, next },
        Err(message) => Response::Refused { message },
    }
}

fn foreground_schema(plan: &nutkin_plan::Plan) -> Option<Schema> {
    use nutkin_plan::Operator;
    use nutkin_plan::operators::SinkTarget;
    plan.nodes.iter().find_map(|node| match &node.operator {
        Operator::Sink(sink) if sink.target == SinkTarget::Collect => Some(node.schema.clone()),
        _ => None,
    })
}

async fn send(
    framed: &mut tokio_util::codec::Framed<UnixStream, tokio_util::codec::LengthDelimitedCodec>,
    frame: &PoolFrame,
) -> Result<(), PoolError> {
    let content = serde_json::to_vec(frame).map_err(|e| PoolError::Protocol(e.to_string()))?;
    framed.send(Bytes::from(content)).await.map_err(|_| PoolError::Gone)
}
