//! SHOW [USER] FUNCTIONS (spec D-18): the built-in functions, and those that users registered in a database.

use std::collections::BTreeSet;

use nutkin_functions::{aggregate, registry};
use nutkin_sql::ast::ShowFilter;

use super::like;
use crate::error::CatalogError;
use crate::functions::UserFunctions;
use crate::outcome::Outcome;
use crate::result::{row, table};
use crate::snapshot::Place;
use crate::statement::Submission;

/// The column's name is what clients look for.
const HEADING: &str = "Function Name";

/// `database`: catalog and database of the users' functions.
pub(super) async fn listing(
    submission: &Submission<'_>,
    database: Option<(String, String)>,
    only_users: bool,
    filter: Option<&ShowFilter>,
) -> Result<Outcome, CatalogError> {
    let mut names: BTreeSet<String> = BTreeSet::new();
    if !only_users {
        let scalar = registry::all().map(|function| function.name);
        let aggregates = aggregate::all().chain(aggregate::over_only()).map(|function| function.name);
        names.extend(scalar.chain(aggregates).map(str::to_owned));
    }
    if let Some((catalog, database)) = database
        && let Some(Place::Cluster { cluster_id, .. }) = submission.snapshot.place(&catalog, &database)
    {
        let functions = UserFunctions::load(submission.catalog, cluster_id).await?;
        names.extend(functions.iter().map(|function| function.name.clone()));
    }
    names.retain(|name| like::keeps(filter, name));
    Ok(table(submission.sql_kind(), &[HEADING], names.into_iter().map(|name| row([name])).collect()))
}
