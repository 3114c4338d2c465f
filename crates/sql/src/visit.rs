//! Walking the tree from outside: a visitor, and the tables a statement names.
//!
//! A visitor overrides what it wants to see and calls the `walk_…` function to go on below it.

mod references;
mod walk;

pub use references::table_references;
pub use walk::{walk_expr, walk_function_call, walk_query, walk_statement, walk_table_ref};

use crate::ast::{Expr, FunctionCall, ObjectName, Query, Statement, TableRef};

/// What can be seen on the way; every method goes on below by default.
pub trait Visitor {
    /// A statement.
    fn statement(&mut self, statement: &Statement) {
        walk_statement(self, statement);
    }

    /// A query or a sub-query.
    fn query(&mut self, query: &Query) {
        walk_query(self, query);
    }

    /// A table reference in FROM.
    fn table_ref(&mut self, table: &TableRef) {
        walk_table_ref(self, table);
    }

    /// The name of a table that is read: in FROM, `TABLE t`, or a table argument.
    fn table_read(&mut self, _name: &ObjectName) {}

    /// The name of a table that is written, created, altered or dropped, or that is only described.
    fn table_named(&mut self, _name: &ObjectName) {}

    /// The name of a model argument.
    fn model(&mut self, _name: &ObjectName) {}

    /// An expression.
    fn expr(&mut self, expr: &Expr) {
        walk_expr(self, expr);
    }

    /// A call, as an expression or in FROM.
    fn function_call(&mut self, call: &FunctionCall) {
        walk_function_call(self, call);
    }
}
