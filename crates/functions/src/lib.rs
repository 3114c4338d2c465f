//! Built-in functions: one registry with signatures, documentation and kernels on Arrow.
//!
//! - [`registry`] names every scalar function and operator; a function that is not there is refused by name.
//! - [`resolve`] types a call: it picks the argument types, writes out the casts and builds the [`nutkin_plan::Expr`].
//! - [`evaluator`] compiles an expression once into a tree of kernels and runs it on batches; the engine runs rows with it,
//!   the planner folds constants with it (decision 2).
//! - [`reference`] is what DESCRIBE FUNCTION EXTENDED and the reference page say, written from the registry.
//! - [`waiting`] names the functions that are not built.
//! - [`aggregate`] holds the aggregate functions and their accumulators, columnar by group slot.
//! - [`variant`] is the encoding of VARIANT, and its text.
//! - [`keys`] encodes and hashes grouping keys, and says to which key group a key belongs.
//!
//! Meaning is Apache Flink 2.2's; where an `arrow-rs` kernel means something else, the kernel here is our own.

pub mod aggregate;
pub mod args;
mod cast;
pub mod column;
pub mod context;
pub mod decimal;
pub mod error;
pub mod evaluator;
mod json;
pub mod keys;
mod pattern;
pub mod reference;
pub mod registry;
pub mod resolve;
mod scalar;
pub mod signature;
pub mod time;
mod utf8;
pub mod variant;
pub mod waiting;

pub use aggregate::{Accumulator, AggregateFunction};
pub use context::{EvaluationContext, EvaluatorOptions};
pub use error::{AggregateError, EvaluationError, FunctionError, SignatureError};
pub use evaluator::{Evaluator, evaluate_constant};
pub use registry::{Determinism, ScalarFunction};
pub use time::zone::TimeZone;

#[cfg(test)]
mod tests;
