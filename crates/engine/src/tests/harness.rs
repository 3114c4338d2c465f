//! Runs one operator by hand, and checks that what it puts out is a changelog.

use std::collections::BTreeMap;
use std::sync::Arc;

use nutkin_functions::EvaluatorOptions;
use nutkin_plan::operators::{Sink, SinkTarget};
use nutkin_plan::{ChangelogMode, Operator as PlanOperator, Plan};
use nutkin_types::{Batch, RowKind, Schema, Value};

use arrow_array::{RecordBatch, UInt8Array};
use nutkin_types::arrow::arrow_schema;
use nutkin_types::value::array_of;

use crate::operators::{Cx, Operator, OperatorOptions, create};
use crate::state::{KeyGroupRange, Part};
use crate::telemetry::Telemetry;
use crate::tests::plans::PlanBuilder;
use std::sync::atomic::Ordering::Relaxed;

pub(crate) type Row = Vec<Value>;
pub(crate) type Change = (RowKind, Row);

pub(crate) struct Harness {
    operator: Box<dyn Operator>,
    plan: Arc<Plan>,
    node: usize,
    batch_rows: usize,
    telemetry: Telemetry,
    /// Slots of a new operator mean nothing to files of an old one.
    is_fresh: bool,
    /// The first phase of an operator of two: what is pushed goes through it.
    before: Option<Box<Harness>>,
    pub watermark: i64,
    pub now: i64,
    /// Everything put out so far.
    pub out: Vec<Change>,
}

impl Harness {
    /// `operator` over inputs of these schemas and modes.
    pub fn new(
        operator: impl Into<PlanOperator>,
        inputs: &[(Schema, ChangelogMode)],
        output: (Schema, ChangelogMode),
        time_zone: &str,
        batch_rows: usize,
    ) -> Harness {
        let mut builder = PlanBuilder::new();
        builder.plan.time_zone = time_zone.to_owned();
        let inputs: Vec<usize> = inputs
            .iter()
            .map(|(schema, mode)| {
                builder.node(nutkin_plan::operators::Values { rows: vec![] }, &[], schema.clone(), *mode)
            })
            .collect();
        let node = builder.node(operator, &inputs, output.0, output.1);
        let plan = Arc::new(builder.plan);
        Harness {
            operator: make(&plan, node, batch_rows, KeyGroupRange::of(0, 1)),
            telemetry: Telemetry::new(&plan),
            is_fresh: true,
            before: None,
            plan,
            node,
            batch_rows,
            watermark: i64::MIN,
            now: 0,
            out: Vec::new(),
        }
    }

    /// In front of a sink that keeps the row that came last of those with its primary key.
    pub fn seen(self) -> Harness {
        let mut builder = PlanBuilder { plan: (*self.plan).clone() };
        let (schema, mode) = (builder.schema(self.node), builder.plan.nodes[self.node].changelog_mode);
        let sink = Sink { target: SinkTarget::Collect, upsert_materialize: true, state_ttl: None };
        builder.node(sink, &[self.node], schema, mode);
        let plan = Arc::new(builder.plan);
        let operator = make(&plan, self.node, self.batch_rows, KeyGroupRange::of(0, 1));
        Harness { operator, plan, ..self }
    }

    /// This operator as the second phase of `first`.
    pub fn behind(self, first: Harness) -> Harness {
        Harness { before: Some(Box::new(first)), ..self }
    }

    pub fn push(&mut self, port: usize, changes: &[Change]) {
        match &mut self.before {
            None => self.take(port, changes),
            Some(first) => {
                first.take(port, changes);
                let partials = std::mem::take(&mut first.out);
                self.take(port, &partials);
            }
        }
    }

    fn take(&mut self, port: usize, changes: &[Change]) {
        let input = self.plan.nodes[self.node].inputs[port];
        let node = &self.plan.nodes[input];
        let batch = batch_of(&node.schema, changes, node.changelog_mode.is_append());
        self.call(|operator, cx| operator.on_batch(port, batch, cx));
    }

    pub fn advance(&mut self, watermark: i64) {
        self.watermark = watermark;
        self.call(|operator, cx| operator.on_watermark(watermark, cx));
    }

    fn call(&mut self, act: impl FnOnce(&mut dyn Operator, &mut Cx<'_>) -> crate::error::Result<()>) {
        let mut out = Vec::new();
        let mut cx = Cx { now: self.now, watermark: self.watermark, telemetry: &self.telemetry, out: &mut out };
        act(&mut *self.operator, &mut cx).unwrap();
        let schema = self.plan.nodes[self.node].schema.clone();
        for batch in out {
            assert!(self.batch_rows > 1 || batch.num_rows() > 0);
            self.out.extend(changes_of(&schema, &batch));
        }
    }

    pub fn late(&self) -> u64 {
        self.telemetry.late_records.load(Relaxed)
    }

    /// State as files would hold it; the first one of an operator is full, as in a subtask.
    pub fn snapshot(&mut self, full: bool, part: &mut Part) {
        let full = std::mem::replace(&mut self.is_fresh, false) || full;
        let snapshot = self.operator.snapshot(full).unwrap();
        part.meta = snapshot.meta;
        for table in snapshot.tables {
            let batches = part.tables.entry(table.name.to_owned()).or_default();
            if table.full {
                batches.clear();
            }
            let file = nutkin_state::file::encode(&table.schema, &table.batches).unwrap();
            batches.extend(nutkin_state::file::decode("test", &file).unwrap().1);
        }
    }

    /// Goes on with a new operator that has read `parts`.
    pub fn replace(&mut self, parts: &[Part]) {
        self.operator = make(&self.plan, self.node, self.batch_rows, KeyGroupRange::of(0, 1));
        self.operator.restore(parts).unwrap();
        self.is_fresh = true;
    }

    /// Another operator of the same kind that owns part of the key groups.
    pub fn share(&self, parts: &[Part], index: u32, parallelism: u32) -> Harness {
        let range = KeyGroupRange::of(index, parallelism);
        let mut operator = make(&self.plan, self.node, self.batch_rows, range);
        operator.restore(parts).unwrap();
        Harness {
            operator,
            plan: self.plan.clone(),
            node: self.node,
            batch_rows: self.batch_rows,
            telemetry: Telemetry::new(&self.plan),
            is_fresh: true,
            before: None,
            watermark: self.watermark,
            now: self.now,
            out: Vec::new(),
        }
    }
}

fn make(plan: &Arc<Plan>, node: usize, batch_rows: usize, range: KeyGroupRange) -> Box<dyn Operator> {
    let time_zone = nutkin_functions::TimeZone::parse(&plan.time_zone).unwrap();
    let evaluator = EvaluatorOptions { time_zone };
    create(&OperatorOptions { plan, node, range, evaluator, batch_rows }).unwrap()
}

pub(crate) fn batch_of(schema: &Schema, changes: &[Change], append: bool) -> Batch {
    let columns = schema.columns.iter().enumerate().map(|(i, column)| {
        let cells: Vec<&Value> = changes.iter().map(|(_, row)| &row[i]).collect();
        array_of(&cells, &column.data_type.logical).unwrap()
    });
    let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(changes.len()));
    let rows = RecordBatch::try_new_with_options(arrow_schema(schema), columns.collect(), &options).unwrap();
    if append {
        return Batch::append(rows);
    }
    Batch::changelog(rows, UInt8Array::from_iter_values(changes.iter().map(|(kind, _)| *kind as u8))).unwrap()
}

pub(crate) fn changes_of(schema: &Schema, batch: &Batch) -> Vec<Change> {
    (0..batch.num_rows())
        .map(|row| {
            let cells = schema.columns.iter().enumerate();
            let values = cells.map(|(i, c)| Value::from_array(batch.column(i), &c.data_type.logical, row).unwrap());
            (batch.kind(row), values.collect())
        })
        .collect()
}

/// The table that a changelog describes: rows with how often they occur. Fails when a row goes that was not there, and when
/// -U is not followed by +U.
pub(crate) fn materialise(changes: &[Change]) -> BTreeMap<String, i64> {
    let mut table: BTreeMap<String, i64> = BTreeMap::new();
    for (index, (kind, row)) in changes.iter().enumerate() {
        let row = format!("{row:?}");
        let count = table.entry(row.clone()).or_default();
        *count += kind.sign();
        assert!(*count >= 0, "change {index}: {kind} of a row that is not there: {row}");
        if *count == 0 {
            table.remove(&row);
        }
        if *kind == RowKind::UpdateBefore {
            let next = changes.get(index + 1).map(|change| change.0);
            assert_eq!(next, Some(RowKind::UpdateAfter), "change {index}");
        }
    }
    table
}

/// The same for an upsert changelog with its key in the first `width` columns.
pub(crate) fn materialise_upsert(changes: &[Change], width: usize) -> BTreeMap<String, String> {
    let mut table = BTreeMap::new();
    for (kind, row) in changes {
        let key = format!("{:?}", &row[..width]);
        assert_ne!(*kind, RowKind::UpdateBefore);
        match kind.adds() {
            true => drop(table.insert(key, format!("{row:?}"))),
            false => assert!(table.remove(&key).is_some(), "a key is deleted that is not there"),
        }
    }
    table
}

pub(crate) fn int(value: i64) -> Value {
    Value::Integer(value)
}

pub(crate) fn insert(row: Row) -> Change {
    (RowKind::Insert, row)
}

/// Splits rows at random places.
pub(crate) fn chunks(changes: &[Change], sizes: &[usize]) -> Vec<Vec<Change>> {
    let mut rest = changes;
    let mut out = Vec::new();
    for &size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (head, tail) = rest.split_at(size.clamp(1, rest.len()));
        out.push(head.to_vec());
        rest = tail;
    }
    out
}
