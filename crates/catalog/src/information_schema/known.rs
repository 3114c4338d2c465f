//! Plans that a compute pool runs: the rows of the views stand in the plan, in the place of the scans.

use nutkin_plan::operators::Values;
use nutkin_plan::{Operator, Plan};

use super::evaluate::scanned;
use super::facts::Reader;
use crate::error::CatalogError;
use crate::statement::Submission;

/// More make a plan that is too large to be kept and sent.
const MOST_ROWS: usize = 100_000;

/// `plan` with what its scans read now.
///
/// # Errors
/// NUTKIN-3211 for too many rows; what the cluster or registry says when they cannot be asked.
pub(super) async fn with_rows(submission: &Submission<'_>, mut plan: Plan) -> Result<Plan, CatalogError> {
    let mut reader = Reader::new(submission);
    let mut found = Vec::new();
    let mut count = 0;
    for (position, node) in plan.nodes.iter().enumerate() {
        if let Operator::TableSourceScan(scan) = &node.operator {
            let rows = scanned(&mut reader, &plan, position, scan).await?;
            count += rows.len();
            found.push((position, rows));
        }
    }
    if count > MOST_ROWS {
        let what = format!("has {count} rows to sort or group, and {MOST_ROWS} is the most. Ask for fewer with WHERE");
        return Err(CatalogError::InformationSchema(what));
    }
    for (position, rows) in found {
        plan.nodes[position].operator = Operator::Values(Values { rows });
    }
    plan.tables.clear();
    Ok(plan)
}
