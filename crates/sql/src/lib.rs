//! The SQL dialect: lexer, parser with spans, syntax tree, unparser, reserved words.

pub mod ast;
mod span;

pub use span::{Position, Span};
