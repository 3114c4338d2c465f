//! Which operators behind another one see the order in which its keys change.

use nutkin_plan::ChangelogMode::Retract;
use nutkin_plan::Operator;
use nutkin_plan::operators::*;

use crate::operators::arrival::order_is_seen;
use crate::tests::plans::{BIGINT, PlanBuilder, call, schema};

/// Whether it is seen in front of these operators, one behind the other.
fn is_seen(behind: Vec<Operator>) -> bool {
    let mut builder = PlanBuilder::new();
    let columns = schema(&[("k", BIGINT), ("v", BIGINT)]);
    let first = builder.node(Values { rows: vec![] }, &[], columns.clone(), Retract);
    behind.into_iter().fold(first, |input, operator| builder.node(operator, &[input], columns.clone(), Retract));
    order_is_seen(&builder.plan, first)
}

fn sink(upsert_materialize: bool) -> Operator {
    Sink { target: SinkTarget::Collect, upsert_materialize, state_ttl: None }.into()
}

fn aggregate(function: &str) -> Operator {
    let calls = vec![call("v", function, vec![1], BIGINT)];
    GroupAggregate { grouping: vec![0], calls, at_end: false, generate_update_before: true, state_ttl: None }.into()
}

fn over(unit: FrameUnit) -> Operator {
    let frame = Frame { unit, start: FrameBound::UnboundedPreceding, end: FrameBound::CurrentRow };
    OverAggregate {
        partition: vec![0],
        order: vec![SortKey { column: 1, descending: false, nulls_first: true }],
        frame,
        calls: vec![call("v", "SUM", vec![1], BIGINT)],
        at_end: false,
        generate_update_before: true,
        state_ttl: None,
    }
    .into()
}

#[test]
fn a_sink_sees_it_where_the_last_row_of_a_primary_key_stands() {
    let exchange = || Operator::from(Exchange { kind: ExchangeKind::Hash(vec![1]) });
    assert!(!is_seen(vec![exchange(), sink(false)]));
    assert!(is_seen(vec![exchange(), sink(true)]));
    assert!(is_seen(vec![aggregate("SUM"), exchange(), sink(true)]));
    assert!(!is_seen(vec![]));
}

#[test]
fn an_aggregation_sees_it_by_its_functions() {
    assert!(!is_seen(vec![aggregate("SUM"), sink(false)]));
    for function in ["FIRST_VALUE", "LAST_VALUE", "LISTAGG", "ARRAY_AGG", "JSON_ARRAYAGG"] {
        assert!(is_seen(vec![aggregate(function), sink(false)]), "{function}");
    }
}

#[test]
fn a_window_of_rows_sees_it_and_one_of_values_does_not() {
    assert!(is_seen(vec![over(FrameUnit::Rows), sink(false)]));
    assert!(!is_seen(vec![over(FrameUnit::Range), sink(false)]));
}
