//! Statements: the stored resource, its life cycle, and the actor that carries it out.

pub mod lifecycle;
pub mod record;

pub use lifecycle::{Desired, Effect, Event, Phase, Placement, State, transition};
pub use record::Statement;
