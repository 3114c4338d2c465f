//! Statements that are not built, or that the service refuses for good (spec D-24).

use nutkin_sql::ast::Statement;

use crate::error::{ErrorKind, PlannerError};

pub(super) fn refused(statement: &Statement) -> PlannerError {
    let what = match statement {
        Statement::CreateModel(_) => "CREATE MODEL",
        Statement::AlterModel(_) => "ALTER MODEL",
        Statement::CreateConnection(_) => "CREATE CONNECTION",
        Statement::AlterConnection(_) => "ALTER CONNECTION",
        Statement::CreateMaterializedTable(_) => "CREATE MATERIALIZED TABLE",
        Statement::AlterMaterializedTable(_) => "ALTER MATERIALIZED TABLE",
        Statement::CreateAgent(_) => "CREATE AGENT",
        Statement::AlterAgent(_) => "ALTER AGENT",
        Statement::CreateTool(_) => "CREATE TOOL",
        Statement::CreateNamespace(namespace) => return managed("CREATE", namespace.kind.keyword()),
        Statement::AlterNamespace(namespace) => return managed("ALTER", namespace.kind.keyword()),
        _ => "This statement",
    };
    PlannerError::not_built(what)
}

/// Catalogs and databases are environments and clusters.
fn managed(verb: &str, kind: &str) -> PlannerError {
    PlannerError::new(ErrorKind::Refused, format!("{verb} {kind} is not supported"))
        .with_remedy("Environments and clusters are managed by the API, the CLI and the console.")
}
