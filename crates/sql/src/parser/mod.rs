//! The parser: recursive descent for statements and queries, operator precedence for expressions.
//!
//! One file per statement family, mirrored to the syntax tree; statements are found by their leading keywords in one table
//! (`statement.rs`). Whatever a function looks for at the current token is noted, so that an error can list what could have
//! stood there. Depth is limited twice: nesting (our own recursion) and the height of the tree (recursion of all who walk it).
//! A parenthesis is known to open a query or not by looking ahead once, never by trying both.

mod agent;
mod alter_table;
mod connection;
mod create_table;
mod cursor;
mod data_type;
mod database;
mod describe;
mod drop;
mod expr;
mod function_call;
mod function_ddl;
mod hint;
mod insert;
mod json;
mod literal;
mod match_recognize;
mod materialized_table;
mod model;
mod predicate;
mod primary;
mod query;
mod schema;
mod select;
mod session;
mod show;
mod special;
mod statement;
mod table_ref;
mod view;
mod window;

use crate::ast::{DataType, Expr, Statement};
use crate::error::SyntaxError;
use crate::lexer::TokenKind;
use crate::span::Span;
use cursor::Parser;

/// The result of parsing a part.
pub(crate) type Parsed<T> = Result<T, SyntaxError>;

/// Parses one statement; a `;` at the end and comments are allowed, and parentheses around the whole.
///
/// # Errors
/// The first syntax error.
pub fn parse_statement(text: &str) -> Result<Statement, SyntaxError> {
    let mut parser = Parser::new(text)?;
    let statement = parser.statement()?;
    let mut terminated = false;
    while parser.eat(";") {
        terminated = true;
    }
    match parser.expect_end() {
        Ok(()) => Ok(statement),
        Err(error) if terminated => Err(error.with_remedy(
            "Send one statement at a time; several INSERTs go together in EXECUTE STATEMENT SET BEGIN … END.",
        )),
        Err(error) => Err(error),
    }
}

/// Parses a script: statements separated by `;`, each with its place (without the `;`).
///
/// # Errors
/// The first syntax error.
pub fn parse_statements(text: &str) -> Result<Vec<(Statement, Span)>, SyntaxError> {
    let mut parser = Parser::new(text)?;
    let mut statements = Vec::new();
    loop {
        while parser.eat(";") {}
        if parser.peek().kind == TokenKind::Eof {
            return Ok(statements);
        }
        let start = parser.peek().span;
        let statement = parser.statement()?;
        statements.push((statement, parser.since(start)));
        if parser.peek().kind != TokenKind::Eof {
            parser.expect(";")?;
        }
    }
}

/// Parses one expression.
///
/// # Errors
/// The first syntax error.
pub fn parse_expression(text: &str) -> Result<Expr, SyntaxError> {
    let mut parser = Parser::new(text)?;
    let expr = parser.expr()?;
    parser.expect_end()?;
    Ok(expr)
}

/// Parses one data type.
///
/// # Errors
/// The first syntax error.
pub fn parse_data_type(text: &str) -> Result<DataType, SyntaxError> {
    let mut parser = Parser::new(text)?;
    let data_type = parser.data_type()?;
    parser.expect_end()?;
    Ok(data_type)
}
