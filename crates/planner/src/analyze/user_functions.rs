//! Functions that users registered (spec D-11): which calls mean one, and that they cannot run yet.
//!
//! As in Flink a name of one part means a built-in function first, and one of the current database after that; names of
//! functions are compared without case.

use nutkin_functions::{aggregate, registry, waiting};
use nutkin_plan::TablePath;
use nutkin_sql::ast::{FunctionCall, ObjectName, Statement};
use nutkin_sql::{Visitor, walk_function_call};

use super::Analyzer;
use super::expression::is_special_function;
use super::query::is_window_function;
use crate::error::{PlannerError, Result};
use crate::session::Session;
use crate::tables::{Tables, resolve_path};

/// Whether a name of one part is that of a built-in function, also of one that is not built yet.
pub(crate) fn is_built_in(name: &str) -> bool {
    registry::lookup(name).is_some()
        || aggregate::lookup(name).or_else(|| aggregate::lookup_over(name)).is_some()
        || waiting::remedy(name).is_some()
        || is_special_function(name)
        || is_window_function(name)
}

/// Where the function is registered that `name` means, if it is one of a user. It need not exist.
pub(crate) fn path_of(name: &ObjectName, session: &Session, tables: &dyn Tables) -> Option<TablePath> {
    if name.as_simple().is_some_and(|name| is_built_in(&name.value)) {
        return None;
    }
    resolve_path(name, session, tables).ok()
}

/// Where the functions would be registered that a statement calls and that are not built in.
pub fn function_references(statement: &Statement, session: &Session, tables: &dyn Tables) -> Vec<TablePath> {
    let mut calls = Calls::default();
    calls.statement(statement);
    calls.0.iter().filter_map(|name| path_of(name, session, tables)).collect()
}

#[derive(Default)]
struct Calls(Vec<ObjectName>);

impl Visitor for Calls {
    fn function_call(&mut self, call: &FunctionCall) {
        // A word without parentheses is a column where no built-in function has its name.
        if !call.bare {
            self.0.push(call.name.clone());
        }
        walk_function_call(self, call);
    }
}

/// Refuses a statement that calls a function of a user.
pub(super) fn refuse_calls(analyzer: &Analyzer<'_>, statement: &Statement) -> Result<()> {
    let mut calls = Calls::default();
    calls.statement(statement);
    for name in calls.0 {
        let path = path_of(&name, analyzer.session, analyzer.tables);
        if let Some(path) = path.filter(|path| analyzer.tables.has_function(path)) {
            let what = format!("Calling the user function {path}");
            return Err(PlannerError::not_built(what).at(name.span).with_remedy(
                "Functions of users can be registered and listed, but not run in this release. Use built-in functions: SHOW FUNCTIONS lists them.",
            ));
        }
    }
    Ok(())
}
