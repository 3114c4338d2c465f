//! Warning 1: the sink's primary key is not the query's upsert key.

use nutkin_plan::operators::SinkTarget;
use nutkin_plan::{Node, Operator, Plan};

use super::{Severity, Warning};

pub(super) fn check(plan: &Plan) -> Vec<Warning> {
    plan.nodes.iter().filter_map(|node| of_sink(plan, node)).collect()
}

fn of_sink(plan: &Plan, node: &Node) -> Option<Warning> {
    let Operator::Sink(sink) = &node.operator else { return None };
    let SinkTarget::Table(table) = sink.target else { return None };
    if !sink.upsert_materialize {
        return None;
    }
    let primary_key = plan.tables.get(table)?.primary_key.as_ref()?.columns.join(", ");
    let name = |&column: &usize| node.schema.columns.get(column).map_or("", |column| column.name.as_str());
    let upsert_key: Vec<&str> = node.upsert_keys.first().into_iter().flatten().map(name).collect();
    let message = format!(
        "The primary key \"{primary_key}\" does not match the upsert key \"{}\" that is derived from the query. If the primary key and upsert key don't match, the system needs to add a state-intensive operation for correction, which can result in a DEGRADED statement and higher CFU consumption. If possible, revisit the table declaration with the primary key or change your query. For more information, see https://cnfl.io/primary_vs_upsert_key.",
        upsert_key.join(", ")
    );
    Some(Warning { severity: Severity::Moderate, reason: "PRIMARY_KEY_DIFFERS_FROM_UPSERT_KEY".to_owned(), message })
}
