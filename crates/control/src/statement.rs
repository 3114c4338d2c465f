//! Statements: the stored resource, its life cycle, the actor that carries it out, and the operations of the API.

pub mod actor;
pub mod bounded;
pub mod lifecycle;
pub mod operations;
pub mod overview;
pub mod record;
pub mod services;
pub mod traits;

pub use lifecycle::{Desired, Effect, Event, Phase, Placement, State, transition};
pub use operations::{NewStatement, Results, StatementUpdate, Statements};
pub use record::Statement;
