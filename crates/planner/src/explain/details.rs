//! Details per operator: table, keys, changelog mode, state size.
//!
//! An operator that only passes inserts on and keeps nothing is left out.

use nutkin_plan::operators::SinkTarget;
use nutkin_plan::table::Table;
use nutkin_plan::{Node, Operator, Plan};

use super::state_size::state_size;

pub(super) fn details(plan: &Plan) -> String {
    let mut text = String::new();
    for (position, node) in plan.nodes.iter().enumerate() {
        let size = state_size(&node.operator);
        if size.is_none() && node.changelog_mode.is_append() {
            continue;
        }
        text.push_str(&format!("\n[{}] {}\n", position + 1, node.operator.name()));
        text.push_str(&table_lines(plan, &node.operator));
        text.push_str(&format!("Changelog mode: {}\n", node.changelog_mode));
        if let Some(key) = upsert_key(node) {
            text.push_str(&format!("Upsert key: ({key})\n"));
        }
        if let Some(size) = size {
            text.push_str(&format!("State size: {}\n", size.name()));
        }
    }
    text
}

fn table_lines(plan: &Plan, operator: &Operator) -> String {
    if let Operator::Sink(sink) = operator
        && sink.target == SinkTarget::Collect
    {
        return "Table: Foreground\n".to_owned();
    }
    let Some(table): Option<&Table> = operator.table().and_then(|table| plan.tables.get(table)) else {
        return String::new();
    };
    let mut text = format!("Table: {}\n", table.path);
    if let Some(key) = &table.primary_key {
        text.push_str(&format!("Primary key: ({})\n", key.columns.join(",")));
    }
    text
}

/// The first key by name, where rows are updated.
fn upsert_key(node: &Node) -> Option<String> {
    if node.changelog_mode.is_append() {
        return None;
    }
    let key = node.upsert_keys.first().filter(|key| !key.is_empty())?;
    let names: Option<Vec<&str>> =
        key.iter().map(|&column| node.schema.columns.get(column).map(|column| column.name.as_str())).collect();
    names.map(|names| names.join(","))
}
