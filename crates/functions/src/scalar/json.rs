//! The SQL/JSON functions.
//!
//! Their clauses arrive as arguments: keywords as literals, a RETURNING type as a NULL of that type.
//! [`crate::resolve::json`] writes calls in this form.

pub(super) mod construct;
pub(super) mod exists;
mod input;
pub(super) mod predicate;
pub(super) mod query;
pub(super) mod quote;
pub(super) mod string;
pub(super) mod value;
