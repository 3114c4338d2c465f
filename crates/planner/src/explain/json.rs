//! EXPLAIN JSON_EXECUTION_PLAN: the plan for programs, with the numbers and ids of the text and an estimate of each operator.

use nutkin_plan::operators::SinkTarget;
use nutkin_plan::{Operator, Plan};
use serde::Serialize;

use super::estimate::{Estimate, Estimates};
use super::state_size::state_size;
use crate::warnings::Warning;

#[derive(Serialize)]
struct Document<'a> {
    operators: Vec<OneOperator<'a>>,
    /// Numbers of the operators that write.
    sinks: Vec<usize>,
    estimate: &'a Estimates,
    warnings: &'a [Warning],
}

#[derive(Serialize)]
struct OneOperator<'a> {
    /// The number in the text form.
    number: usize,
    /// The id that state and metrics go by.
    id: String,
    name: &'static str,
    /// Numbers of the inputs, left to right.
    inputs: Vec<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    primary_key: Option<&'a [String]>,
    changelog_mode: String,
    upsert_keys: Vec<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_size: Option<&'static str>,
    columns: Vec<OneColumn<'a>>,
    estimate: &'a Estimate,
}

#[derive(Serialize)]
struct OneColumn<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    data_type: String,
}

/// One JSON object, indented.
pub(super) fn json(plan: &Plan, warnings: &[Warning], estimates: &Estimates) -> serde_json::Result<String> {
    let operators = plan.nodes.iter().zip(&estimates.operators).enumerate();
    let operators = operators.map(|(position, (node, estimate))| {
        let table = node.operator.table().and_then(|table| plan.tables.get(table));
        let foreground = matches!(&node.operator, Operator::Sink(sink) if sink.target == SinkTarget::Collect);
        let name = |&column: &usize| node.schema.columns.get(column).map_or("", |column| column.name.as_str());
        OneOperator {
            number: position + 1,
            id: node.id.to_string(),
            name: node.operator.name(),
            inputs: node.inputs.iter().map(|input| input + 1).collect(),
            table: table.map(|table| table.path.to_string()).or(foreground.then(|| "Foreground".to_owned())),
            primary_key: table.and_then(|table| table.primary_key.as_ref()).map(|key| key.columns.as_slice()),
            changelog_mode: node.changelog_mode.to_string(),
            upsert_keys: node.upsert_keys.iter().map(|key| key.iter().map(name).collect()).collect(),
            state_size: state_size(&node.operator).map(super::state_size::StateSize::name),
            columns: node
                .schema
                .columns
                .iter()
                .map(|column| OneColumn { name: &column.name, data_type: column.data_type.to_string() })
                .collect(),
            estimate,
        }
    });
    let sinks = plan.sinks().map(|sink| sink + 1).collect();
    serde_json::to_string_pretty(&Document { operators: operators.collect(), sinks, estimate: estimates, warnings })
}
