//! SELECT, INSERT and statement sets: a data plane runs them.

use nutkin_planner::{Execution, Warning};

use crate::error::CatalogError;
use crate::information_schema;
use crate::outcome::{Outcome, ResultTable, Traits};
use crate::statement::Submission;

pub(crate) async fn run(
    submission: &Submission<'_>,
    execution: Execution,
    warnings: Vec<Warning>,
) -> Result<Outcome, CatalogError> {
    if information_schema::concerns(&execution.plan) {
        return information_schema::answer(submission, execution, warnings).await;
    }
    submission.snapshot.check_writable(&execution.plan)?;
    let schema = (!execution.schema.is_empty()).then(|| execution.schema.clone());
    let traits = Traits {
        sql_kind: submission.sql_kind(),
        is_bounded: execution.is_bounded,
        is_append_only: execution.is_append_only,
        upsert_columns: execution.upsert_columns,
        schema,
    };
    if submission.session.dry_run {
        // `sql.dry-run`: what clients want of it are the traits.
        let detail = "The statement is valid. It was not run because 'sql.dry-run' is true.".to_owned();
        return Ok(Outcome::Executed { traits, result: ResultTable::default(), detail, warnings });
    }
    Ok(Outcome::Job { traits, plan: Box::new(execution.plan), warnings })
}
