//! The words of the registry: subjects, schemas, levels and modes.
//!
//! Plain data shared by the server, the store, the in-process handle and the HTTP client, so that
//! a caller sees one vocabulary whichever side of the wire it is on. No behaviour beyond parsing
//! and printing lives here.

mod level;
mod schema;
mod subject;

pub use level::{CompatibilityLevel, CompatibilityPolicy, Mode, SubjectConfig};
pub use schema::{Reference, RegisteredSchema, Schema, SchemaType};
pub use subject::{DEFAULT_CONTEXT, Subject};
