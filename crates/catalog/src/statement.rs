//! What is done for each kind of statement: one line per kind, one file per kind.

use nutkin_planner::{Action, Analyzed, Session};
use nutkin_sql::ast::Statement;

use crate::catalog::Inner;
use crate::error::CatalogError;
use crate::outcome::{Outcome, StatementRequest};
use crate::snapshot::Snapshot;
use crate::{ddl, describe, describe_function, explain, run, session, show};

/// A statement with everything that was read for it.
pub(crate) struct Submission<'a> {
    pub catalog: &'a Inner,
    pub request: &'a StatementRequest,
    pub statement: &'a Statement,
    pub session: Session,
    pub snapshot: Snapshot,
}

impl Submission<'_> {
    /// `sql_kind` of the traits (spec L-06).
    pub fn sql_kind(&self) -> String {
        self.statement.kind().to_string()
    }
}

pub(crate) async fn carry_out(submission: Submission<'_>, analyzed: Analyzed) -> Result<Outcome, CatalogError> {
    let kind = submission.sql_kind();
    let properties = &submission.request.properties;
    match analyzed.action {
        Action::Run(execution) => run::run(&submission, execution, analyzed.warnings).await,
        Action::CreateTable(table) => ddl::create_table(submission, *table, analyzed.warnings).await,
        Action::AlterTable { path, changes } => ddl::alter_table(&submission, &path, changes).await,
        Action::DropTable { path, if_exists } => ddl::drop_table(&submission, &path, if_exists).await,
        Action::CreateView(view) => ddl::create_view(&submission, *view).await,
        Action::AlterView { path, change } => ddl::alter_view(&submission, &path, change).await,
        Action::DropView { path, if_exists } => ddl::drop_view(&submission, &path, if_exists).await,
        Action::DescribeView { path, schema, extended } => {
            describe::describe_view(&submission, &path, &schema, extended)
        }
        Action::DescribeFunction { name, extended } => Ok(describe_function::describe_function(kind, &name, extended)),
        Action::DescribeUserFunction { path, extended } => {
            describe_function::describe_user_function(&submission, &path, extended)
        }
        Action::CreateFunction(function) => ddl::create_function(&submission, *function).await,
        Action::DropFunction { path, if_exists } => ddl::drop_function(&submission, &path, if_exists).await,
        Action::Describe { path, extended } => describe::describe(&submission, &path, extended),
        Action::Show(show) => show::show(&submission, show).await,
        Action::Explain(text) => Ok(explain::explain(kind, text)),
        Action::Use(names) => Ok(session::use_names(kind, names)),
        Action::Set { key, value } => session::set(kind, key.zip(value), properties),
        Action::Reset { key } => session::reset(kind, key.as_deref(), properties),
    }
}
