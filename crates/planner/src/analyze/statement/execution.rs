//! From relations with their targets to a plan with its traits.

use nutkin_plan::Connector;
use nutkin_plan::table::BoundedMode;
use nutkin_plan::{Operator, Plan, Table};
use nutkin_types::Schema;

use super::snapshot;
use crate::analyze::Analyzer;
use crate::analyzed::Execution;
use crate::error::{ErrorKind, PlannerError, Result};
use crate::physical::{Builder, Target, changes};
use crate::relational::Rel;
use crate::rules::{final_rows, optimize, share_scans::share_scans};
use crate::warnings;

/// A plan with one sink per relation. `schema`: what the client sees.
pub(super) fn execution(analyzer: &Analyzer<'_>, sinks: Vec<(Rel, Target<'_>)>, schema: Schema) -> Result<Execution> {
    let (rels, targets): (Vec<Rel>, Vec<Target<'_>>) = sinks.into_iter().unzip();
    let optimized = rels.into_iter().map(|rel| optimize(rel, analyzer.session, analyzer.tables));
    let mut rels: Vec<Rel> = optimized.collect::<Result<_>>()?;
    if analyzer.session.is_batch() {
        let updated = |rel: &Rel| !changes(rel).is_append();
        rels = rels.into_iter().map(|rel| if updated(&rel) { final_rows::once(rel) } else { rel }).collect();
    }
    share_scans(&mut rels);
    let mut builder = Builder::new(analyzer.session);
    for (rel, target) in rels.iter().zip(targets) {
        builder.sink(rel, target)?;
    }
    let plan = builder.finish()?;
    if analyzer.session.snapshot {
        snapshot::check(&plan)?;
    }
    if analyzer.session.batch {
        check_bounded(&plan)?;
    }
    // State goes with the query where that ends.
    let of_state = |warning: &warnings::Warning| analyzer.session.is_batch() && warning.is_about_state();
    warnings::of_plan(&plan)
        .into_iter()
        .filter(|warning| !of_state(warning))
        .for_each(|warning| analyzer.warn(warning));
    let sink = plan.sinks().next().and_then(|sink| plan.nodes.get(sink));
    let is_append_only = sink.is_none_or(|sink| sink.changelog_mode.is_append());
    let upsert_columns = sink.filter(|_| !is_append_only).and_then(|sink| sink.upsert_keys.first().cloned());
    Ok(Execution { is_bounded: is_bounded(&plan), schema, is_append_only, upsert_columns, plan })
}

/// True when every source ends by itself.
fn is_bounded(plan: &Plan) -> bool {
    endless(plan).is_none()
}

/// A table that is read and does not end.
fn endless(plan: &Plan) -> Option<&Table> {
    let scanned = plan.nodes.iter().filter_map(|node| match &node.operator {
        Operator::TableSourceScan(scan) => plan.tables.get(scan.table),
        _ => None,
    });
    scanned.into_iter().find(|table| match &table.connector {
        Connector::Kafka(kafka) => kafka.bounded == BoundedMode::Unbounded,
        Connector::Memory => false,
        _ => true,
    })
}

fn check_bounded(plan: &Plan) -> Result<()> {
    let Some(table) = endless(plan) else { return Ok(()) };
    let cause = format!(
        "Querying an unbounded table '{}' in batch mode is not allowed. The table source is unbounded.",
        table.path
    );
    Err(PlannerError::new(ErrorKind::Query, cause).with_remedy(
        "Give the table an end: the hint /*+ OPTIONS('scan.bounded.mode' = 'latest-offset') */, or the property 'sql.tables.scan.bounded.mode'.",
    ))
}
