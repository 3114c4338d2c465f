//! Frames between control plane and pool: JSON behind a four-byte length.
//!
//! Only one release speaks to itself here (the pool is started from the same binary), so the version in `Hello` guards
//! against a binary that was replaced on disk under a running service, nothing more.

use std::collections::BTreeMap;
use std::fmt::{Debug, Formatter};

use nutkin_engine::{JobEvent, JobMetrics, JobSpec};
use nutkin_state::CheckpointLocation;
use serde::{Deserialize, Serialize};

/// Version of the frames.
pub const PROTOCOL_VERSION: u32 = 2;
/// Longest frame.
pub const MAX_FRAME: usize = 64 << 20;

/// Control plane to pool.
#[derive(Debug, Serialize, Deserialize)]
pub struct RequestFrame {
    pub id: u64,
    pub request: Request,
}

#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// Starts a statement's job. Its outcome comes as events.
    Start(Box<StartJob>),
    /// Stops with a savepoint.
    Stop { uid: String },
    /// Ends at once; open transactions are aborted, those of the last checkpoint are finished.
    Cancel { uid: String },
    /// Rows of a foreground statement from `token` on.
    Results { uid: String, token: u64, max_rows: usize },
    /// Metrics of every job.
    Status,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct StartJob {
    pub spec: JobSpec,
    pub connections: Connections,
}

/// How to reach what the plan names. Holds secrets: its debug form shows none.
#[derive(Clone, Serialize, Deserialize)]
pub struct Connections {
    /// `lkc-...` to Kafka client properties.
    pub clusters: BTreeMap<String, String>,
    /// `lsrc-...` to its address.
    pub registries: BTreeMap<String, RegistryAddress>,
    pub checkpoints: CheckpointLocation,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct RegistryAddress {
    pub url: String,
    /// User and password, when it asks for them.
    pub credentials: Option<(String, String)>,
}

/// Pool to control plane.
#[derive(Debug, Serialize, Deserialize)]
pub enum PoolFrame {
    /// The first frame.
    Hello {
        protocol: u32,
        pid: u32,
    },
    Reply {
        id: u64,
        response: Response,
    },
    Event(PoolEvent),
}

#[derive(Debug, Serialize, Deserialize)]
pub enum Response {
    Done,
    /// The statement does not run here, or the request makes no sense for it.
    Refused {
        message: String,
    },
    Results {
        rows: Vec<ResultRow>,
        next: Option<u64>,
    },
    Status {
        jobs: Vec<JobStatus>,
    },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PoolEvent {
    pub uid: String,
    pub event: JobEvent,
}

/// One change in the cell encoding of the results API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResultRow {
    pub op: u8,
    pub row: Vec<serde_json::Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JobStatus {
    pub uid: String,
    pub metrics: JobMetrics,
    /// Why there is no output, one sentence each; empty when there is some.
    pub obstacles: Vec<String>,
}

impl Debug for Connections {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connections")
            .field("clusters", &self.clusters.keys())
            .field("registries", &self.registries.keys())
            .field("checkpoints", &self.checkpoints)
            .finish()
    }
}
