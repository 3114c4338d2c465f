//! SHOW [USER] FUNCTIONS (spec D-18): the built-in functions; users cannot make any yet.

use std::collections::BTreeSet;

use nutkin_functions::{aggregate, registry};
use nutkin_sql::ast::ShowFilter;

use super::like;
use crate::outcome::Outcome;
use crate::result::{row, table};

/// The column's name is what clients look for.
const HEADING: &str = "Function Name";

pub(super) fn listing(kind: String, only_users: bool, filter: Option<&ShowFilter>) -> Outcome {
    let scalar = registry::all().map(|function| function.name);
    let all = scalar.chain(aggregate::all().map(|function| function.name));
    let names: BTreeSet<&str> = all.filter(|_| !only_users).filter(|name| like::keeps(filter, name)).collect();
    table(kind, &[HEADING], names.into_iter().map(|name| row([name])).collect())
}
