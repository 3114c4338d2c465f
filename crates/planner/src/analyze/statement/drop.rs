//! DROP TABLE and DROP VIEW (spec D-09, D-10).

use nutkin_sql::ast::{DropObject, ObjectKind};

use super::absent::absent;
use super::function;
use crate::analyze::Analyzer;
use crate::analyzed::Action;
use crate::error::{ErrorKind, PlannerError, Result};
use crate::tables::resolve_path;

pub(super) fn drop(analyzer: &Analyzer<'_>, written: &DropObject) -> Result<Action> {
    match written.kind {
        ObjectKind::Table if !written.temporary => {
            let path = resolve_path(&written.name, analyzer.session, analyzer.tables)?;
            let action = Action::DropTable { path, if_exists: written.if_exists };
            Ok(action)
        }
        kind if written.temporary => {
            let cause = format!("Temporary objects are not supported: DROP TEMPORARY {}", kind.keyword());
            Err(PlannerError::new(ErrorKind::Refused, cause)
                .at(written.span)
                .with_remedy("There is nothing to drop; leave TEMPORARY out for a lasting object."))
        }
        ObjectKind::View => {
            let path = resolve_path(&written.name, analyzer.session, analyzer.tables)?;
            Ok(Action::DropView { path, if_exists: written.if_exists })
        }
        ObjectKind::Function => function::drop_function(analyzer, written),
        ObjectKind::Catalog | ObjectKind::Database => {
            let cause = format!("DROP {} is not supported", written.kind.keyword());
            Err(PlannerError::new(ErrorKind::Refused, cause)
                .at(written.span)
                .with_remedy("Environments and clusters are managed by the API, the CLI and the console."))
        }
        kind => Err(absent(format!("DROP {}", kind.keyword()), kind, written.span)),
    }
}
