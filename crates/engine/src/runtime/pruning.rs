//! [`prune`]: sources read only those fields of a ROW that somebody looks at.
//!
//! The plan names whole columns, as Flink's does. Where every reader of a scan is a Calc that takes single fields out of a ROW, the
//! others need not be decoded: the scan gets a narrower ROW and the expressions the new positions. Operator ids and
//! state stay what they were.

use nutkin_plan::operators::ScanWatermark;
use nutkin_plan::table::Connector;
use nutkin_plan::{Expr, ExprKind, Operator, Plan};
use nutkin_types::{DataType, LogicalType};

/// The plan with narrower scans.
pub(crate) fn prune(mut plan: Plan) -> Plan {
    for scan in 0..plan.nodes.len() {
        let readers: Vec<usize> = plan.consumers(scan).collect();
        if !reads_topic(&plan, scan) || !readers.iter().all(|&r| matches!(plan.nodes[r].operator, Operator::Calc(_))) {
            continue;
        }
        for column in 0..plan.nodes[scan].schema.columns.len() {
            prune_column(&mut plan, scan, &readers, column);
        }
    }
    plan
}

fn reads_topic(plan: &Plan, node: usize) -> bool {
    let Operator::TableSourceScan(scan) = &plan.nodes[node].operator else { return false };
    plan.tables.get(scan.table).is_some_and(|table| matches!(table.connector, Connector::Kafka(_)))
}

fn prune_column(plan: &mut Plan, scan: usize, readers: &[usize], column: usize) {
    let LogicalType::Row { fields } = &plan.nodes[scan].schema.columns[column].data_type.logical else { return };
    let mut used = vec![false; fields.len()];
    let mut whole = false;
    for &node in readers.iter().chain([&scan]) {
        for expr in expressions(&mut plan.nodes[node].operator) {
            whole |= !mark(expr, column, &mut used);
        }
    }
    let count = used.iter().filter(|used| **used).count();
    if whole || count == 0 || count == used.len() {
        return;
    }
    let mut columns = plan.nodes[scan].schema.columns.to_vec();
    let narrow = &mut columns[column].data_type;
    let LogicalType::Row { fields } = &mut narrow.logical else { return };
    *fields = fields.iter().zip(&used).filter(|(_, used)| **used).map(|(field, _)| field.clone()).collect();
    let narrow = narrow.clone();
    plan.nodes[scan].schema.columns = columns.into();
    for &node in readers.iter().chain([&scan]) {
        for expr in expressions(&mut plan.nodes[node].operator) {
            rewrite(expr, column, &used, &narrow);
        }
    }
}

/// Expressions over the columns of a scan, in the scan itself or in a Calc above it.
fn expressions(operator: &mut Operator) -> Vec<&mut Expr> {
    match operator {
        Operator::Calc(calc) => calc.projection.iter_mut().chain(&mut calc.condition).collect(),
        Operator::TableSourceScan(scan) => match &mut scan.watermark {
            None => Vec::new(),
            Some(ScanWatermark::Source { rowtime } | ScanWatermark::MaxSeen { rowtime }) => vec![rowtime],
            Some(ScanWatermark::Expression { rowtime, watermark }) => vec![rowtime, watermark],
        },
        _ => Vec::new(),
    }
}

/// Marks the fields of `column` that are taken out of it. False when something needs all of it.
fn mark(expr: &Expr, column: usize, used: &mut [bool]) -> bool {
    match &expr.kind {
        ExprKind::Input(index) => *index != column,
        ExprKind::Field { arg, index } if matches!(arg.kind, ExprKind::Input(input) if input == column) => {
            used.get_mut(*index).map(|used| *used = true).is_some()
        }
        _ => expr.children().into_iter().all(|child| mark(child, column, used)),
    }
}

/// Gives field accesses their new positions.
fn rewrite(expr: &mut Expr, column: usize, used: &[bool], narrow: &DataType) {
    if let ExprKind::Field { arg, index } = &mut expr.kind
        && matches!(arg.kind, ExprKind::Input(input) if input == column)
    {
        *index = used[..*index].iter().filter(|used| **used).count();
        arg.data_type = narrow.clone();
        return;
    }
    expr.children_mut().into_iter().for_each(|child| rewrite(child, column, used, narrow));
}
