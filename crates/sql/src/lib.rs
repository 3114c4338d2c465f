//! The SQL dialect (sql.md 2.1, 2.7, 2.10): lexer, parser with spans, syntax tree, unparser, reserved words.
//!
//! [`parse_statement`] takes a text to a [`ast::Statement`]; `Display` of any node takes it back, and
//! `parse(print(parse(text))) == parse(text)`. The grammar is Calcite's with Flink's and Confluent's additions. The tree says what
//! was written, not what it means: names are not resolved and types are not checked here; the planner does both.
//! Hand-written rather than generated: the errors can be worded, and a statement kind is a file and a line in a table.

pub mod ast;
mod error;
mod keywords;
mod kind;
mod lexer;
mod parser;
mod precedence;
mod secrets;
mod span;
mod unparse;
mod visit;

pub use error::{SyntaxError, SyntaxErrorKind};
pub use keywords::{is_reserved, reserved_words};
pub use kind::StatementKind;
pub use lexer::{Token, TokenKind, tokenize};
pub use parser::{parse_data_type, parse_expression, parse_statement, parse_statements};
pub use secrets::{REDACTED, is_secret_key, redacted};
pub use span::{Position, Span};
pub use visit::{Visitor, table_references, walk_expr, walk_function_call, walk_query, walk_statement, walk_table_ref};

#[cfg(test)]
mod tests;
