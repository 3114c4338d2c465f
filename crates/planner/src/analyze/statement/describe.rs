//! DESCRIBE of a table (spec D-16).

use nutkin_sql::ast::{Describe, ObjectKind};

use crate::analyze::Analyzer;
use crate::analyzed::Action;
use crate::error::{PlannerError, Result};
use crate::tables::resolve_table;

pub(super) fn describe(analyzer: &Analyzer<'_>, written: &Describe) -> Result<Action> {
    if written.kind != ObjectKind::Table {
        return Err(PlannerError::not_built(format!("DESCRIBE {}", written.kind.keyword())).at(written.span));
    }
    let table = resolve_table(&written.name, analyzer.session, analyzer.tables)?;
    let action = Action::Describe { path: table.path.clone(), extended: written.extended };
    Ok(action)
}
