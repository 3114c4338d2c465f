//! What every plan must keep: columns exist, expressions have the types of the columns they read, schemas fit operators.

use nutkin_plan::operators::{ExchangeKind, JoinCondition, JoinKind, ScanWatermark, WindowInput};
use nutkin_plan::{AggregateCall, Expr, ExprKind, Node, Operator, Plan};
use nutkin_types::{LogicalType, Schema};

/// Panics with the operator that is wrong.
pub fn assert_consistent(plan: &Plan) {
    plan.check().unwrap();
    Plan::from_json(&plan.to_json().unwrap()).unwrap();
    for node in &plan.nodes {
        let inputs: Vec<&Schema> = node.inputs.iter().map(|&input| &plan.nodes[input].schema).collect();
        check(plan, node, &inputs);
        for key in &node.upsert_keys {
            assert!(key.iter().all(|&column| column < node.schema.len()), "upsert key of {node:?}");
        }
    }
}

fn check(plan: &Plan, node: &Node, inputs: &[&Schema]) {
    let width = node.schema.len();
    match &node.operator {
        Operator::TableSourceScan(op) => {
            assert_eq!(op.columns.len(), width);
            match &op.watermark {
                None => {}
                Some(ScanWatermark::Source { rowtime } | ScanWatermark::MaxSeen { rowtime }) => {
                    expression(rowtime, &node.schema);
                }
                Some(ScanWatermark::Expression { rowtime, watermark }) => {
                    expression(rowtime, &node.schema);
                    expression(watermark, &node.schema);
                }
            }
        }
        Operator::Values(op) => assert!(op.rows.iter().all(|row| row.len() == width)),
        Operator::Calc(op) => {
            assert_eq!(op.projection.len(), width);
            for (expr, column) in op.projection.iter().zip(node.schema.columns.iter()) {
                expression(expr, inputs[0]);
                assert_eq!(expr.data_type.logical, column.data_type.logical, "{node:?}");
            }
            op.condition.iter().for_each(|condition| expression(condition, inputs[0]));
        }
        Operator::Exchange(op) => {
            assert_eq!(types(&node.schema), types(inputs[0]));
            if let ExchangeKind::Hash(keys) = &op.kind {
                columns(keys, inputs[0]);
            }
        }
        Operator::Union(_) => inputs.iter().for_each(|input| assert_eq!(types(input), types(&node.schema), "{node:?}")),
        Operator::ChangelogNormalize(op) => columns(&op.key, inputs[0]),
        Operator::GroupAggregate(op) => {
            columns(&op.grouping, inputs[0]);
            calls(&op.calls, inputs[0]);
            assert_eq!(op.grouping.len() + op.calls.len(), width);
        }
        Operator::WindowTableFunction(op) => {
            timestamp(inputs[0], op.time_column);
            assert_eq!(inputs[0].len() + 3, width);
        }
        Operator::WindowAggregate(op) => {
            columns(&op.grouping, inputs[0]);
            calls(&op.calls, inputs[0]);
            assert_eq!(op.grouping.len() + op.calls.len() + op.properties.len(), width);
            match op.input {
                WindowInput::Assign { time_column, .. } => {
                    timestamp(inputs[0], time_column);
                }
                WindowInput::Attached { start_column, end_column, .. } => {
                    columns(&[start_column, end_column], inputs[0]);
                }
            }
        }
        Operator::LocalGroupAggregate(op) => {
            columns(&op.grouping, inputs[0]);
            calls(&op.calls, inputs[0]);
            assert_eq!(op.calls.len(), op.state_widths.len());
            assert_eq!(op.grouping.len() + op.state_widths.iter().sum::<usize>() + 1, width);
        }
        Operator::GlobalGroupAggregate(op) => {
            columns(&op.grouping, inputs[0]);
            op.calls.iter().for_each(|merged| calls(std::slice::from_ref(&merged.call), inputs[0]));
            columns(&[op.rows_column], inputs[0]);
            assert_eq!(op.grouping.len() + op.calls.len(), width);
        }
        Operator::IncrementalGroupAggregate(op) => {
            columns(&op.partial_grouping, inputs[0]);
            columns(&op.final_grouping, inputs[0]);
            op.calls.iter().for_each(|merged| calls(std::slice::from_ref(&merged.call), inputs[0]));
            columns(&[op.rows_column], inputs[0]);
            assert_eq!(op.final_grouping.len() + op.state_widths.iter().sum::<usize>() + 1, width);
        }
        Operator::LocalWindowAggregate(op) => {
            columns(&op.grouping, inputs[0]);
            calls(&op.calls, inputs[0]);
            assert_eq!(op.calls.len(), op.state_widths.len());
            assert_eq!(op.grouping.len() + op.state_widths.iter().sum::<usize>() + 2, width);
        }
        Operator::GlobalWindowAggregate(op) => {
            columns(&op.grouping, inputs[0]);
            op.calls.iter().for_each(|merged| calls(std::slice::from_ref(&merged.call), inputs[0]));
            columns(&[op.rows_column, op.end_column], inputs[0]);
            assert_eq!(op.grouping.len() + op.calls.len() + op.properties.len(), width);
        }
        Operator::TemporalJoin(op) => {
            columns(&op.left_keys, inputs[0]);
            columns(&op.right_keys, inputs[1]);
            assert!(inputs[0].columns[op.left_time].is_rowtime(), "{node:?}");
            assert!(inputs[1].columns[op.right_time].is_rowtime(), "{node:?}");
            assert_eq!(inputs[0].len() + inputs[1].len(), width);
            let both = Schema::new(inputs[0].columns.iter().chain(inputs[1].columns.iter()).cloned());
            op.condition.iter().for_each(|condition| expression(condition, &both));
        }
        Operator::DropUpdateBefore(_) => {
            assert_eq!(types(&node.schema), types(inputs[0]));
            assert_eq!(node.changelog_mode, nutkin_plan::ChangelogMode::Upsert);
        }
        Operator::Limit(_) | Operator::Sort(_) | Operator::TemporalSort(_) | Operator::SortLimit(_) => {
            assert_eq!(types(&node.schema), types(inputs[0]));
        }
        Operator::Join(op) => join(node, &op.on, op.kind, inputs),
        Operator::IntervalJoin(op) => {
            join(node, &op.on, op.kind, inputs);
            assert!(op.lower <= op.upper, "{node:?}");
            assert!(inputs[0].columns[op.left_time].time_attribute.is_some(), "{node:?}");
            assert!(inputs[1].columns[op.right_time].time_attribute.is_some(), "{node:?}");
        }
        Operator::WindowJoin(op) => {
            join(node, &op.on, op.kind, inputs);
            columns(&[op.left_window.start, op.left_window.end], inputs[0]);
            columns(&[op.right_window.start, op.right_window.end], inputs[1]);
        }
        Operator::LookupJoin(op) => {
            op.keys.iter().for_each(|(_, expr)| expression(expr, inputs[0]));
            assert_eq!(inputs[0].len() + op.columns.len(), width);
        }
        Operator::Correlate(op) => {
            op.call.args.iter().for_each(|arg| expression(arg, inputs[0]));
            op.condition.iter().for_each(|condition| expression(condition, &node.schema));
            assert_eq!(inputs[0].len() + op.call.rows.len(), width, "{node:?}");
        }
        Operator::Expand(op) => {
            for row in &op.projections {
                assert_eq!(row.len(), width);
                row.iter().for_each(|expr| expression(expr, inputs[0]));
                let given: Vec<String> = row.iter().map(|expr| expr.data_type.logical.to_string()).collect();
                assert_eq!(given, types(&node.schema), "{node:?}");
            }
        }
        Operator::OverAggregate(op) => {
            columns(&op.partition, inputs[0]);
            columns(&op.order.iter().map(|key| key.column).collect::<Vec<_>>(), inputs[0]);
            calls(&op.calls, inputs[0]);
            assert_eq!(inputs[0].len() + op.calls.len(), width);
        }
        Operator::Rank(op) => {
            columns(&op.partition, inputs[0]);
            columns(&op.order.iter().map(|key| key.column).collect::<Vec<_>>(), inputs[0]);
            assert_eq!(inputs[0].len() + usize::from(op.outputs_rank), width);
        }
        Operator::WindowRank(op) => {
            columns(&op.partition, inputs[0]);
            columns(&[op.columns.start, op.columns.end], inputs[0]);
            assert_eq!(inputs[0].len() + usize::from(op.outputs_rank), width);
        }
        Operator::Deduplicate(op) => {
            columns(&op.key, inputs[0]);
            assert!(inputs[0].columns[op.time].time_attribute.is_some(), "{node:?}");
            assert_eq!(types(&node.schema), types(inputs[0]));
        }
        Operator::WindowDeduplicate(op) => {
            columns(&[op.time, op.columns.start, op.columns.end], inputs[0]);
            assert_eq!(types(&node.schema), types(inputs[0]));
        }
        Operator::GroupWindowAggregate(op) => {
            columns(&op.grouping, inputs[0]);
            calls(&op.calls, inputs[0]);
            assert_eq!(op.grouping.len() + op.calls.len() + op.properties.len(), width);
        }
        Operator::Match(op) => {
            columns(&op.partition, inputs[0]);
            assert_eq!(op.partition.len() + op.measures.len(), width);
        }
        Operator::Sink(_) => {
            assert_eq!(types(&node.schema), types(inputs[0]));
            if let Some(table) = node.operator.table() {
                assert_eq!(plan.tables[table].persisted_columns().count(), width);
            }
        }
    }
}

fn join(node: &Node, on: &JoinCondition, kind: JoinKind, inputs: &[&Schema]) {
    columns(&on.left_keys, inputs[0]);
    columns(&on.right_keys, inputs[1]);
    assert_eq!(on.left_keys.len(), on.right_keys.len());
    assert_eq!(on.left_keys.len(), on.filter_nulls.len());
    for (&left, &right) in on.left_keys.iter().zip(&on.right_keys) {
        let logical = |schema: &Schema, column: usize| schema.columns[column].data_type.logical.clone();
        assert_eq!(logical(inputs[0], left), logical(inputs[1], right), "{node:?}");
    }
    let both = Schema::new(inputs[0].columns.iter().chain(inputs[1].columns.iter()).cloned());
    on.condition.iter().for_each(|condition| expression(condition, &both));
    let width = if kind.keeps_right() { both.len() } else { inputs[0].len() };
    assert_eq!(node.schema.len(), width, "{node:?}");
}

fn types(schema: &Schema) -> Vec<String> {
    schema.columns.iter().map(|column| column.data_type.logical.to_string()).collect()
}

/// Event time, or in a batch any timestamp.
fn timestamp(schema: &Schema, column: usize) {
    let logical = &schema.columns[column].data_type.logical;
    assert!(matches!(logical, LogicalType::Timestamp { .. } | LogicalType::TimestampLtz { .. }), "{logical}");
}

fn columns(columns: &[usize], schema: &Schema) {
    assert!(columns.iter().all(|&column| column < schema.len()), "{columns:?} of {schema:?}");
}

fn calls(calls: &[AggregateCall], schema: &Schema) {
    for call in calls {
        columns(&call.args, schema);
        columns(call.filter.as_slice(), schema);
    }
}

fn expression(expr: &Expr, schema: &Schema) {
    expr.walk(&mut |part| {
        if let ExprKind::Input(index) = part.kind {
            let column = schema.columns.get(index).unwrap_or_else(|| panic!("column {index} of {schema:?}"));
            assert_eq!(column.data_type.logical, part.data_type.logical, "{expr:?}");
        }
    });
}
