//! CREATE FUNCTION and DROP FUNCTION (spec D-11): the registration. Functions do not change, and cannot run yet.

use nutkin_plan::TablePath;
use nutkin_planner::CreateFunction;

use crate::error::CatalogError;
use crate::functions::{UserFunction, UserFunctions};
use crate::outcome::Outcome;
use crate::result::done;
use crate::snapshot::Place;
use crate::statement::Submission;

pub(crate) async fn create_function(
    submission: &Submission<'_>,
    written: CreateFunction,
) -> Result<Outcome, CatalogError> {
    let path = &written.path;
    let cluster_id = cluster(submission, path)?;
    let lock = submission.catalog.changes_of(cluster_id);
    let _one_at_a_time = lock.lock().await;
    let uid = submission.request.uid.as_str();
    let mut functions = UserFunctions::load(submission.catalog, cluster_id).await?;
    let created = done(submission.sql_kind(), format!("Function '{}' created.", path.name));
    match functions.get(&path.name) {
        Some(function) if function.statement == uid => return Ok(created),
        Some(_) if written.if_not_exists => {
            return Ok(done(submission.sql_kind(), format!("Function '{}' already exists.", path.name)));
        }
        Some(_) => return Err(CatalogError::FunctionExists(path.clone())),
        None => {}
    }
    if submission.session.dry_run {
        let text = format!("Function '{}' can be created. It was not because 'sql.dry-run' is true.", path.name);
        return Ok(done(submission.sql_kind(), text));
    }
    functions.insert(UserFunction {
        name: path.name.clone(),
        statement: uid.to_owned(),
        class: written.class,
        language: written.language.map(|language| language.keyword().to_owned()),
        artifact: written.artifact,
        artifact_version: written.version,
        connections: written.connections,
    });
    functions.store(submission.catalog, cluster_id).await?;
    Ok(created)
}

pub(crate) async fn drop_function(
    submission: &Submission<'_>,
    path: &TablePath,
    if_exists: bool,
) -> Result<Outcome, CatalogError> {
    let cluster_id = cluster(submission, path)?;
    let lock = submission.catalog.changes_of(cluster_id);
    let _one_at_a_time = lock.lock().await;
    let mut functions = UserFunctions::load(submission.catalog, cluster_id).await?;
    let found = functions.remove(&path.name, &submission.request.uid);
    match (found, if_exists) {
        (false, true) => Ok(done(submission.sql_kind(), format!("Function '{}' does not exist.", path.name))),
        (false, false) => Err(CatalogError::FunctionNotFound(path.clone())),
        (true, _) if submission.session.dry_run => {
            let text = format!("Function '{}' can be dropped. It was not because 'sql.dry-run' is true.", path.name);
            Ok(done(submission.sql_kind(), text))
        }
        (true, _) => {
            functions.store(submission.catalog, cluster_id).await?;
            Ok(done(submission.sql_kind(), format!("Function '{}' dropped.", path.name)))
        }
    }
}

fn cluster<'a>(submission: &'a Submission<'_>, path: &TablePath) -> Result<&'a str, CatalogError> {
    match submission.snapshot.place(&path.catalog, &path.database) {
        Some(Place::Cluster { cluster_id, .. }) => Ok(cluster_id),
        _ => Err(CatalogError::ReadOnly(path.clone())),
    }
}
