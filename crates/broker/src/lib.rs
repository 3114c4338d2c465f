//! The embedded Kafka-compatible broker.
//!
//! One [`Service`] is one single-node cluster: its own directory, its own listeners. Topics, partitions, groups and
//! transactions behave towards clients as those of Apache Kafka 4; records are stored as they were sent. Several services
//! run in one process. The wire codec is the `kafka-protocol` crate; everything behind it is here:
//!
//! * `net` reads frames and keeps connections, `api` has one file per request and one table of all of them;
//! * `log` is the storage of a partition, `topics` the partitions and their settings;
//! * `txn` and `groups` are the coordinators: pure state machines, with journals at the rim.
//!
//! What a single node cannot have is given up: no replication (the asked-for factor is only reported), no leader changes
//! (the leader epoch is always 0), no fetch sessions, no quotas. See `docs/decisions/0004-embedded-broker.md`.

mod access;
mod api;
mod broker;
mod clock;
mod error;
mod files;
mod groups;
mod journal;
mod log;
mod net;
mod options;
mod service;
mod topics;
mod txn;

pub use access::{AllowAll, Authenticator, Authorizer, NoUsers, Operation, Principal, Resource};
pub use error::Error;
pub use net::frame::{Frame, FrameError, decode_frame};
pub use net::shape::ShapeError;
pub use options::{Encryption, Fsync, Listener, Options, Security};
pub use service::{Handle, Service, TopicInfo};
