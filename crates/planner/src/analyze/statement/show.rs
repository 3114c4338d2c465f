//! SHOW (spec D-18).

use nutkin_sql::ast::{self, ObjectKind, ShowKind, ShowList, ShowScope};

use crate::analyze::Analyzer;
use crate::analyzed::{Action, Show};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::tables::{resolve_catalog, resolve_database, resolve_table};

pub(super) fn show(analyzer: &Analyzer<'_>, written: &ast::Show) -> Result<Action> {
    let show = match written {
        ast::Show::CurrentCatalog(_) => Show::CurrentCatalog,
        ast::Show::CurrentDatabase(_) => Show::CurrentDatabase,
        ast::Show::Create(create) if create.kind == ObjectKind::Table => {
            let table = resolve_table(&create.name, analyzer.session, analyzer.tables)?;
            Show::CreateTable { path: table.path.clone() }
        }
        ast::Show::Create(create) => {
            return Err(PlannerError::not_built(format!("SHOW CREATE {}", create.kind.keyword())).at(create.span));
        }
        ast::Show::List(list) => list_of(analyzer, list)?,
        ast::Show::Columns(_) => return Err(PlannerError::not_built("SHOW COLUMNS").with_remedy("Use DESCRIBE.")),
        ast::Show::Partitions(_) => return Err(PlannerError::not_built("SHOW PARTITIONS")),
    };
    Ok(Action::Show(show))
}

fn list_of(analyzer: &Analyzer<'_>, list: &ShowList) -> Result<Show> {
    let filter = list.filter.clone();
    match list.kind {
        ShowKind::Catalogs => Ok(Show::Catalogs { filter }),
        ShowKind::Databases => {
            let name = list.scope.as_ref().map(one_part).transpose()?;
            Ok(Show::Databases { catalog: resolve_catalog(name, analyzer.session, analyzer.tables)?, filter })
        }
        ShowKind::Tables => {
            let (catalog, database) = match list.scope.as_ref().map(|scope| scope.name.parts.as_slice()) {
                None => (None, None),
                Some([database]) => (None, Some(database)),
                Some([catalog, database]) => (Some(catalog), Some(database)),
                Some(_) => {
                    let cause = "SHOW TABLES takes a database: [catalog.]database";
                    return Err(PlannerError::new(ErrorKind::Query, cause).at(list.span));
                }
            };
            let catalog = resolve_catalog(catalog, analyzer.session, analyzer.tables)?;
            let database = resolve_database(&catalog, database, analyzer.session, analyzer.tables)?;
            Ok(Show::Tables { catalog, database, filter })
        }
        other => Err(PlannerError::not_built(format!("SHOW {}", other.keyword())).at(list.span)),
    }
}

fn one_part(scope: &ShowScope) -> Result<&ast::Ident> {
    scope.name.as_simple().ok_or_else(|| {
        PlannerError::new(ErrorKind::Query, "SHOW DATABASES takes one name, that of a catalog").at(scope.name.span)
    })
}
