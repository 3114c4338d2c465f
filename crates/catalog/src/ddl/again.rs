//! The second try of an ALTER TABLE that was cut off after its last step. What it did cannot be analysed again: a column that
//! was added is there.

use nutkin_planner::{Session, resolve_path};
use nutkin_sql::ast::Statement;

use crate::catalog::Inner;
use crate::error::CatalogError;
use crate::load;
use crate::outcome::Outcome;
use crate::result::done;
use crate::snapshot::{Place, Snapshot};

/// The outcome of an ALTER TABLE that this very statement has carried out before.
pub(crate) async fn already_altered(
    catalog: &Inner,
    statement: &Statement,
    session: &Session,
    snapshot: &Snapshot,
    uid: &str,
) -> Result<Option<Outcome>, CatalogError> {
    let Statement::AlterTable(alter) = statement else { return Ok(None) };
    let Ok(path) = resolve_path(&alter.name, session, snapshot) else { return Ok(None) };
    let Some(Place::Cluster { cluster_id, .. }) = snapshot.place(&path.catalog, &path.database) else {
        return Ok(None);
    };
    let record = load::record(catalog, cluster_id, &path).await?;
    let own = record.is_some_and(|record| record.altered_by.as_deref() == Some(uid));
    Ok(own.then(|| done(statement.kind().to_string(), format!("Table '{}' altered", path.name))))
}
