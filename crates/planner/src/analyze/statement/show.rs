//! SHOW (spec D-18).

use nutkin_sql::ast::{self, ObjectKind, ShowKind, ShowList, ShowScope};

use super::absent::absent;
use super::view;
use crate::analyze::Analyzer;
use crate::analyzed::{Action, Show};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::tables::{resolve_catalog, resolve_database, resolve_path, resolve_table};

pub(super) fn show(analyzer: &Analyzer<'_>, written: &ast::Show) -> Result<Action> {
    let show = match written {
        ast::Show::CurrentCatalog(_) => Show::CurrentCatalog,
        ast::Show::CurrentDatabase(_) => Show::CurrentDatabase,
        ast::Show::Create(create) if create.kind == ObjectKind::Table => {
            let table = resolve_table(&create.name, analyzer.session, analyzer.tables)?;
            Show::CreateTable { path: table.path.clone() }
        }
        ast::Show::Create(create) if create.kind == ObjectKind::View => {
            let path = resolve_path(&create.name, analyzer.session, analyzer.tables)?;
            if analyzer.tables.view(&path).is_none() {
                return Err(view::missing(&path).at(create.name.span));
            }
            Show::CreateView { path }
        }
        ast::Show::Create(create) => {
            return Err(absent(format!("SHOW CREATE {}", create.kind.keyword()), create.kind, create.span));
        }
        ast::Show::List(list) => list_of(analyzer, list)?,
        ast::Show::Columns(_) => return Err(PlannerError::not_built("SHOW COLUMNS").with_remedy("Use DESCRIBE.")),
        ast::Show::Partitions(name) => {
            return Err(PlannerError::new(ErrorKind::Refused, "SHOW PARTITIONS is not supported")
                .at(name.span)
                .with_remedy("Tables have buckets: SHOW CREATE TABLE shows how many, and by which columns."));
        }
    };
    Ok(Action::Show(show))
}

fn list_of(analyzer: &Analyzer<'_>, list: &ShowList) -> Result<Show> {
    let filter = list.filter.clone();
    match list.kind {
        ShowKind::Catalogs => Ok(Show::Catalogs { filter }),
        ShowKind::Jobs if list.scope.is_none() => Ok(Show::Jobs { filter }),
        ShowKind::Databases => {
            let name = list.scope.as_ref().map(one_part).transpose()?;
            Ok(Show::Databases { catalog: resolve_catalog(name, analyzer.session, analyzer.tables)?, filter })
        }
        ShowKind::Functions | ShowKind::UserFunctions if list.scope.is_none() => {
            let only_users = list.kind == ShowKind::UserFunctions;
            Ok(Show::Functions { database: current(analyzer), only_users, filter })
        }
        ShowKind::Tables | ShowKind::Views | ShowKind::Functions | ShowKind::UserFunctions => {
            let (catalog, database) = match list.scope.as_ref().map(|scope| scope.name.parts.as_slice()) {
                None => (None, None),
                Some([database]) => (None, Some(database)),
                Some([catalog, database]) => (Some(catalog), Some(database)),
                Some(_) => {
                    let cause = "It takes a database: [catalog.]database";
                    return Err(PlannerError::new(ErrorKind::Query, cause).at(list.span));
                }
            };
            let catalog = resolve_catalog(catalog, analyzer.session, analyzer.tables)?;
            let database = resolve_database(&catalog, database, analyzer.session, analyzer.tables)?;
            match list.kind {
                ShowKind::Views => Ok(Show::Views { catalog, database, filter }),
                ShowKind::Functions | ShowKind::UserFunctions => {
                    let only_users = list.kind == ShowKind::UserFunctions;
                    Ok(Show::Functions { database: Some((catalog, database)), only_users, filter })
                }
                _ => Ok(Show::Tables { catalog, database, filter }),
            }
        }
        ShowKind::Modules | ShowKind::FullModules | ShowKind::Jars | ShowKind::Procedures => {
            let cause = format!("SHOW {} is not supported", list.kind.keyword());
            Err(PlannerError::new(ErrorKind::Refused, cause)
                .at(list.span)
                .with_remedy("Modules, JARs and procedures do not exist here. SHOW FUNCTIONS lists the functions."))
        }
        other => {
            let what = format!("SHOW {}", other.keyword());
            Err(match listed(other) {
                Some(kind) => absent(what, kind, list.span),
                None => PlannerError::not_built(what).at(list.span),
            })
        }
    }
}

/// What a list is of, where this release has none.
fn listed(list: ShowKind) -> Option<ObjectKind> {
    match list {
        ShowKind::Models => Some(ObjectKind::Model),
        ShowKind::Connections => Some(ObjectKind::Connection),
        ShowKind::Agents => Some(ObjectKind::Agent),
        ShowKind::Tools => Some(ObjectKind::Tool),
        ShowKind::MaterializedTables => Some(ObjectKind::MaterializedTable),
        _ => None,
    }
}

/// The current catalog and database; built-in functions are listed without them too.
fn current(analyzer: &Analyzer<'_>) -> Option<(String, String)> {
    let catalog = resolve_catalog(None, analyzer.session, analyzer.tables).ok()?;
    let database = resolve_database(&catalog, None, analyzer.session, analyzer.tables).ok()?;
    Some((catalog, database))
}

fn one_part(scope: &ShowScope) -> Result<&ast::Ident> {
    scope.name.as_simple().ok_or_else(|| {
        PlannerError::new(ErrorKind::Query, "SHOW DATABASES takes one name, that of a catalog").at(scope.name.span)
    })
}
