//! Wire types of the public REST API, one file per API group; no behaviour.
//!
//! Shapes are Confluent Cloud's, so that its unmodified clients work: field names, enums and nesting are theirs. Fields that
//! a server sets and a client may omit are `Option`. Unknown fields of a request are ignored, as the original does, because
//! clients send read-only parts back in updates.

pub mod attach;
pub mod cmk;
pub mod common;
pub mod endpoint;
pub mod error;
pub mod fcpm;
pub mod iam;
pub mod org;
pub mod sql;
pub mod srcm;

pub use common::{List, ListMeta, ObjectMeta, Reference};
pub use error::{ApiError, ErrorBody};
