//! Sinks whose primary key is not the key of their rows: what Flink's operator puts out for the same changes.

use std::sync::Arc;

use nutkin_functions::{EvaluatorOptions, TimeZone};
use nutkin_plan::ChangelogMode;
use nutkin_plan::operators::{Exchange, ExchangeKind, Sink, SinkTarget, Values};
use nutkin_types::RowKind::{self, *};
use proptest::prelude::*;

use crate::operators::upsert_materializer;
use crate::operators::{Cx, Operator, OperatorOptions};
use crate::state::{KeyGroupRange, Part};
use crate::telemetry::Telemetry;
use crate::tests::harness::*;
use crate::tests::plans::{BIGINT, PlanBuilder, schema};

/// An operator over columns `p`, the primary key, `k` and `v`.
struct Corrected {
    plan: Arc<nutkin_plan::Plan>,
    operator: Box<dyn Operator>,
    upsert_key: Vec<usize>,
    ttl: Option<i64>,
    now: i64,
    out: Vec<Change>,
}

impl Corrected {
    fn new(upsert_key: &[usize], ttl: Option<i64>) -> Corrected {
        let mut builder = PlanBuilder::new();
        let columns = schema(&[("p", BIGINT), ("k", BIGINT), ("v", BIGINT)]);
        let retract = ChangelogMode::Retract;
        let values = builder.node(Values { rows: vec![] }, &[], columns.clone(), retract);
        let exchange = Exchange { kind: ExchangeKind::Hash(vec![0]) };
        let exchange = builder.node(exchange, &[values], columns.clone(), retract);
        let sink = Sink { target: SinkTarget::Collect, upsert_materialize: true, state_ttl: ttl };
        builder.node(sink, &[exchange], columns, retract);
        let plan = Arc::new(builder.plan);
        let operator = make(&plan, upsert_key, ttl);
        Corrected { plan, operator, upsert_key: upsert_key.to_vec(), ttl, now: 0, out: Vec::new() }
    }

    fn push(&mut self, changes: &[(RowKind, [i64; 3])]) {
        let changes: Vec<Change> = changes.iter().map(|(kind, row)| change(*kind, *row)).collect();
        let batch = batch_of(&self.plan.nodes[1].schema, &changes, false);
        let (mut out, telemetry) = (Vec::new(), Telemetry::new(&self.plan));
        let mut cx = Cx { now: self.now, watermark: i64::MIN, telemetry: &telemetry, out: &mut out };
        self.operator.on_batch(0, batch, &mut cx).unwrap();
        let schema = &self.plan.nodes[1].schema;
        self.out.extend(out.iter().flat_map(|batch| changes_of(schema, batch)));
    }

    /// A watermark.
    fn advance(&mut self) {
        let (mut out, telemetry) = (Vec::new(), Telemetry::new(&self.plan));
        let mut cx = Cx { now: self.now, watermark: 0, telemetry: &telemetry, out: &mut out };
        self.operator.on_watermark(0, &mut cx).unwrap();
        assert!(out.is_empty());
    }

    /// Rows in state.
    fn kept(&mut self) -> usize {
        let snapshot = self.operator.snapshot(true).unwrap();
        snapshot.tables.iter().flat_map(|table| &table.batches).map(|batch| batch.num_rows()).sum()
    }

    /// Goes on with another operator that has read the state of this one.
    fn replace(&mut self) {
        let snapshot = self.operator.snapshot(true).unwrap();
        let mut part = Part { meta: snapshot.meta, ..Part::default() };
        for table in snapshot.tables {
            part.tables.insert(table.name.to_owned(), table.batches);
        }
        self.operator = make(&self.plan, &self.upsert_key, self.ttl);
        self.operator.restore(&[part]).unwrap();
    }
}

fn make(plan: &Arc<nutkin_plan::Plan>, upsert_key: &[usize], ttl: Option<i64>) -> Box<dyn Operator> {
    let evaluator = EvaluatorOptions { time_zone: TimeZone::Utc };
    let options = OperatorOptions { plan, node: 2, range: KeyGroupRange::of(0, 1), evaluator, batch_rows: 1 };
    upsert_materializer::create(&[0], upsert_key, ttl, &options).unwrap()
}

fn change(kind: RowKind, row: [i64; 3]) -> Change {
    (kind, row.iter().map(|value| int(*value)).collect())
}

#[test]
fn the_last_row_stands_and_the_one_before_comes_back() {
    let mut h = Corrected::new(&[1], None);
    h.push(&[(Insert, [1, 10, 0]), (Insert, [1, 20, 0])]);
    assert_eq!(h.out, [change(Insert, [1, 10, 0]), change(UpdateAfter, [1, 20, 0])]);
    // An update of a row that is not the last keeps its place.
    h.push(&[(UpdateAfter, [1, 10, 5])]);
    assert_eq!(h.out[2..], [change(UpdateAfter, [1, 10, 5])]);
    h.replace();
    h.push(&[(Delete, [1, 20, 0])]);
    assert_eq!(h.out[3..], [change(UpdateAfter, [1, 10, 5])]);
    h.push(&[(UpdateBefore, [1, 10, 5])]);
    assert_eq!(h.out[4..], [change(Delete, [1, 10, 5])]);
    // What is not there cannot go.
    h.push(&[(Delete, [1, 10, 5])]);
    assert_eq!(h.out.len(), 5);
}

#[test]
fn a_row_that_goes_below_another_changes_nothing() {
    let mut h = Corrected::new(&[1], None);
    h.push(&[(Insert, [1, 10, 0]), (Insert, [1, 20, 0]), (Delete, [1, 10, 0])]);
    assert_eq!(h.out.len(), 2);
    h.push(&[(Delete, [1, 20, 0])]);
    assert_eq!(h.out[2..], [change(Delete, [1, 20, 0])]);
}

#[test]
fn without_an_upsert_key_rows_are_told_apart_by_all_they_hold() {
    let mut h = Corrected::new(&[], None);
    h.push(&[(Insert, [1, 10, 0]), (Insert, [1, 10, 1]), (Delete, [1, 10, 1])]);
    assert_eq!(h.out[2..], [change(UpdateAfter, [1, 10, 0])]);
}

#[test]
fn rows_go_after_their_time_to_live() {
    let mut h = Corrected::new(&[1], Some(100));
    h.push(&[(Insert, [1, 10, 0])]);
    h.now = 100;
    h.push(&[(Insert, [1, 20, 0])]);
    assert_eq!(h.out[1..], [change(Insert, [1, 20, 0])]);
}

/// A watermark drops what nothing was heard of for so long; a restart makes nothing younger.
#[test]
fn rows_go_at_watermarks_too() {
    let mut h = Corrected::new(&[1], Some(100));
    h.push(&[(Insert, [1, 10, 0]), (Insert, [1, 20, 0])]);
    h.now = 60;
    h.push(&[(Insert, [2, 10, 0])]);
    assert_eq!(h.kept(), 3);
    h.replace();
    h.now = 99;
    h.advance();
    assert_eq!(h.kept(), 3);
    h.now = 100;
    h.advance();
    assert_eq!(h.kept(), 1);
    h.push(&[(Delete, [1, 20, 0]), (Delete, [2, 10, 0])]);
    assert_eq!(h.out[3..], [change(Delete, [2, 10, 0])]);
}

/// The time of a key is that of its last change, also where the row that stays was written before.
#[test]
fn a_row_that_stays_is_as_young_as_its_key() {
    let mut h = Corrected::new(&[1], Some(100));
    h.push(&[(Insert, [1, 10, 0])]);
    h.now = 90;
    h.push(&[(Insert, [1, 20, 0])]);
    h.replace();
    h.now = 150;
    h.push(&[(Delete, [1, 20, 0])]);
    assert_eq!(h.out[2..], [change(UpdateAfter, [1, 10, 0])]);
}

proptest! {
    /// What is left of the changes put out is the last row of each primary key, over any restores.
    #[test]
    fn the_table_holds_the_last_row_of_each_key(steps in prop::collection::vec((0..3i64, 0..3i64, prop::bool::ANY), 1..60)) {
        let mut h = Corrected::new(&[1], None);
        let mut lists: Vec<Vec<i64>> = vec![Vec::new(); 3];
        for (number, (p, k, adds)) in steps.into_iter().enumerate() {
            let list = &mut lists[p as usize];
            match (adds, list.iter().position(|other| *other == k)) {
                (true, None) => list.push(k),
                (true, Some(_)) => continue,
                (false, Some(at)) => drop(list.remove(at)),
                (false, None) => {}
            }
            h.push(&[(if adds { Insert } else { Delete }, [p, k, 0])]);
            if number % 5 == 4 {
                h.replace();
            }
        }
        let mut table = std::collections::BTreeMap::new();
        for (kind, row) in &h.out {
            let p = format!("{:?}", row[0]);
            if kind.adds() { table.insert(p, row.clone()); } else { table.remove(&p); }
        }
        let expected: std::collections::BTreeMap<String, Row> = lists
            .iter()
            .enumerate()
            .filter_map(|(p, list)| Some((format!("{:?}", int(p as i64)), vec![int(p as i64), int(*list.last()?), int(0)])))
            .collect();
        prop_assert_eq!(table, expected);
    }
}
