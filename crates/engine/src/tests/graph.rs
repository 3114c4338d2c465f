//! Cutting plans into tasks.

use nutkin_plan::operators::*;
use nutkin_plan::table::BoundedMode;
use nutkin_plan::{ChangelogMode, WindowSpec};

use crate::runtime::graph::JobGraph;
use crate::tests::plans::{BIGINT, PlanBuilder, counting_plan, schema};

#[test]
fn exchanges_are_the_cuts() {
    let plan = counting_plan(WindowSpec::Tumble { size: 10, offset: 0 }, BoundedMode::Unbounded);
    let graph = JobGraph::new(&plan, 3).unwrap();
    let tasks: Vec<_> = graph.tasks.iter().map(|task| (task.nodes.clone(), task.parallelism)).collect();
    assert_eq!(tasks, vec![(vec![0], 3), (vec![2, 3, 4], 3)]);
    let edge = &graph.edges[0];
    assert_eq!((edge.from_task, edge.from_node, edge.to_task, edge.to_node, edge.to_port), (0, 0, 1, 2, 0));
}

#[test]
fn a_single_exchange_and_a_shared_source() {
    let mut builder = PlanBuilder::new();
    let columns = schema(&[("v", BIGINT)]);
    let append = ChangelogMode::Append;
    let values = builder.node(Values { rows: vec![] }, &[], columns.clone(), append);
    let single = builder.node(Exchange { kind: ExchangeKind::Single }, &[values], columns.clone(), append);
    let limit = builder.node(Limit { offset: 0, fetch: 1 }, &[single], columns.clone(), append);
    let collect = Sink { target: SinkTarget::Collect, upsert_materialize: false, state_ttl: None };
    builder.node(collect.clone(), &[limit], columns.clone(), append);
    builder.node(collect, &[values], columns, append);
    let graph = JobGraph::new(&builder.plan, 4).unwrap();
    let tasks: Vec<_> = graph.tasks.iter().map(|task| (task.nodes.clone(), task.parallelism)).collect();
    assert_eq!(tasks, vec![(vec![0, 4], 4), (vec![2, 3], 1)]);
}
