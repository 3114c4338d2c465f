//! Statements that are not built, or that the service refuses for good (spec D-24).

use nutkin_sql::ast::{ObjectKind, Statement};

use super::absent::absent;
use crate::error::{ErrorKind, PlannerError};

pub(super) fn refused(statement: &Statement) -> PlannerError {
    let (verb, kind, span) = match statement {
        Statement::CreateModel(written) => ("CREATE", ObjectKind::Model, written.span),
        Statement::AlterModel(written) => ("ALTER", ObjectKind::Model, written.span),
        Statement::CreateConnection(written) => ("CREATE", ObjectKind::Connection, written.span),
        Statement::AlterConnection(written) => ("ALTER", ObjectKind::Connection, written.span),
        Statement::CreateMaterializedTable(written) => ("CREATE", ObjectKind::MaterializedTable, written.span),
        Statement::AlterMaterializedTable(written) => ("ALTER", ObjectKind::MaterializedTable, written.span),
        Statement::CreateAgent(written) => ("CREATE", ObjectKind::Agent, written.span),
        Statement::AlterAgent(written) => ("ALTER", ObjectKind::Agent, written.span),
        Statement::CreateTool(written) => ("CREATE", ObjectKind::Tool, written.span),
        Statement::CreateNamespace(namespace) => return managed("CREATE", namespace.kind.keyword()),
        Statement::AlterNamespace(namespace) => return managed("ALTER", namespace.kind.keyword()),
        _ => return PlannerError::not_built("This statement"),
    };
    absent(format!("{verb} {}", kind.keyword()), kind, span)
}

/// Catalogs and databases are environments and clusters.
fn managed(verb: &str, kind: &str) -> PlannerError {
    PlannerError::new(ErrorKind::Refused, format!("{verb} {kind} is not supported"))
        .with_remedy("Environments and clusters are managed by the API, the CLI and the console.")
}
