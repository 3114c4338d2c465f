//! Scans that read only the fields that are looked at.

use nutkin_plan::operators::*;
use nutkin_plan::{ChangelogMode, Expr, ExprKind, Operator, Plan};
use nutkin_types::{DataType, LogicalType, RowField};

use crate::runtime::pruning::prune;
use crate::tests::plans::*;
use nutkin_plan::table::BoundedMode;

fn row() -> LogicalType {
    let field = |name: &str| RowField::new(name, BIGINT.nullable());
    LogicalType::Row { fields: [field("a"), field("b"), field("c"), field("t")].into() }
}

fn field(index: usize) -> Expr {
    let arg = Box::new(Expr::input(0, row().nullable()));
    Expr { kind: ExprKind::Field { arg, index }, data_type: BIGINT.nullable() }
}

/// A scan of one ROW with these Calcs above it.
fn plan(projections: Vec<Vec<Expr>>, watermark: Option<ScanWatermark>) -> Plan {
    let mut builder = PlanBuilder::new();
    let table = builder.table(raw_topic("in", BoundedMode::Unbounded));
    let scan = TableSourceScan { table, columns: vec![ScanColumn::Physical("r".to_owned())], watermark };
    let scan = builder.node(scan, &[], schema(&[("r", row())]), ChangelogMode::Append);
    for projection in projections {
        let condition = None;
        builder.node(Calc { projection, condition }, &[scan], schema(&[]), ChangelogMode::Append);
    }
    builder.plan
}

fn read(plan: &Plan) -> Vec<String> {
    let LogicalType::Row { fields } = &plan.nodes[0].schema.columns[0].data_type.logical else { panic!() };
    fields.iter().map(|field| field.name.clone()).collect()
}

fn positions(plan: &Plan, node: usize) -> Vec<(usize, DataType)> {
    let Operator::Calc(calc) = &plan.nodes[node].operator else { panic!() };
    let mut found = Vec::new();
    for expr in &calc.projection {
        expr.walk(&mut |part| {
            if let ExprKind::Field { arg, index } = &part.kind {
                found.push((*index, arg.data_type.clone()));
            }
        });
    }
    found
}

#[test]
fn only_fields_that_are_looked_at_are_read() {
    let double = Expr::call("+", vec![field(3), field(1)], BIGINT.nullable());
    let pruned = prune(plan(vec![vec![double], vec![field(1)]], None));
    assert_eq!(read(&pruned), ["b", "t"]);
    let narrow = pruned.nodes[0].schema.columns[0].data_type.clone();
    assert_eq!(positions(&pruned, 1), vec![(1, narrow.clone()), (0, narrow.clone())]);
    assert_eq!(positions(&pruned, 2), vec![(0, narrow)]);
    pruned.check().unwrap();
}

#[test]
fn event_time_is_looked_at_too() {
    let watermark = Some(ScanWatermark::Expression { rowtime: field(3), watermark: field(3) });
    let pruned = prune(plan(vec![vec![field(0)]], watermark));
    assert_eq!(read(&pruned), ["a", "t"]);
    let Operator::TableSourceScan(scan) = &pruned.nodes[0].operator else { panic!() };
    let Some(ScanWatermark::Expression { rowtime, watermark }) = &scan.watermark else { panic!() };
    assert!(matches!(rowtime.kind, ExprKind::Field { index: 1, .. }) && rowtime == watermark);
}

#[test]
fn a_row_that_is_used_as_a_whole_stays() {
    let whole = Expr::call("IS NULL", vec![Expr::input(0, row().nullable())], LogicalType::Boolean.not_null());
    for plan in [
        plan(vec![vec![field(0)], vec![whole]], None),
        plan(vec![vec![field(0), field(1), field(2), field(3)]], None),
        plan(vec![vec![]], None),
    ] {
        assert_eq!(prune(plan.clone()), plan);
    }
    // Whoever is not a Calc sees the whole row.
    let mut with_sink = plan(vec![vec![field(0)]], None);
    let mut sink = with_sink.nodes[1].clone();
    sink.id = nutkin_plan::OperatorId("sink".to_owned());
    sink.operator = Sink { target: SinkTarget::Collect, upsert_materialize: false, state_ttl: None }.into();
    with_sink.nodes.push(sink);
    assert_eq!(prune(with_sink.clone()), with_sink);
}
