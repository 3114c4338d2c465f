//! Plans put together by hand, and the reading of what they wrote.

use std::collections::BTreeMap;

use nutkin_kafka::{BatchBuilder, Compression, RawBatch};
use nutkin_plan::operators::*;
use nutkin_plan::table::*;
use nutkin_plan::{AggregateCall, ChangelogMode, Expr, Node, Operator, OperatorId, Plan, WindowSpec};
use nutkin_types::{Column, DataType, LogicalType, Schema};

use crate::tests::fake::FakeKafka;

pub(crate) const BIGINT: LogicalType = LogicalType::BigInt;
pub(crate) const INSTANT: LogicalType = LogicalType::TimestampLtz { precision: 3 };

/// A plan that grows node by node.
pub(crate) struct PlanBuilder {
    pub plan: Plan,
}

impl PlanBuilder {
    pub fn new() -> PlanBuilder {
        PlanBuilder { plan: Plan::new("UTC") }
    }

    pub fn table(&mut self, table: Table) -> usize {
        self.plan.tables.push(table);
        self.plan.tables.len() - 1
    }

    pub fn node(
        &mut self,
        operator: impl Into<Operator>,
        inputs: &[usize],
        schema: Schema,
        mode: ChangelogMode,
    ) -> usize {
        let id = OperatorId(format!("node-{}", self.plan.nodes.len()));
        self.plan.nodes.push(Node {
            id,
            operator: operator.into(),
            inputs: inputs.to_vec(),
            schema,
            changelog_mode: mode,
            upsert_keys: Vec::new(),
        });
        self.plan.nodes.len() - 1
    }

    pub fn schema(&self, node: usize) -> Schema {
        self.plan.nodes[node].schema.clone()
    }
}

pub(crate) fn schema(columns: &[(&str, LogicalType)]) -> Schema {
    Schema::new(columns.iter().map(|(name, logical)| match *name {
        "rowtime" | "ltime" | "rtime" => Column::rowtime(*name, logical.clone().nullable()),
        name => Column::new(name, logical.clone().nullable()),
    }))
}

pub(crate) fn path(name: &str) -> TablePath {
    TablePath { catalog: "env".to_owned(), database: "cluster".to_owned(), name: name.to_owned() }
}

fn table(name: &str, columns: Vec<TableColumn>, mode: ChangelogMode, connector: Connector) -> Table {
    Table {
        path: path(name),
        columns,
        watermark: None,
        primary_key: None,
        distribution: None,
        changelog_mode: mode,
        options: BTreeMap::new(),
        comment: None,
        connector,
    }
}

fn physical(name: &str, logical: LogicalType) -> TableColumn {
    TableColumn { name: name.to_owned(), data_type: logical.nullable(), kind: ColumnKind::Physical, comment: None }
}

/// A topic whose value is one raw BIGINT, `v`.
pub(crate) fn raw_topic(name: &str, bounded: BoundedMode) -> Table {
    let field = FieldBinding { column: "v".to_owned(), field: "v".to_owned() };
    let value = Format { kind: FormatKind::Raw, schema: None, fields: vec![field], is_atomic: true, debezium: false };
    let kafka = KafkaTable {
        cluster_id: "lkc-1".to_owned(),
        registry_id: "lsrc-1".to_owned(),
        topic: name.to_owned(),
        partitions: 2,
        key: None,
        value,
        isolation: IsolationLevel::ReadCommitted,
        startup: StartupMode::EarliestOffset,
        bounded,
        error_handling: ErrorHandling::Fail,
        compression: nutkin_plan::table::Compression::None,
    };
    table(name, vec![physical("v", BIGINT)], ChangelogMode::Append, Connector::Kafka(Box::new(kafka)))
}

/// A topic with a raw BIGINT key and a raw text value.
pub(crate) fn keyed_topic(name: &str, key: &str, value: &str, value_type: LogicalType, mode: ChangelogMode) -> Table {
    let mut table = raw_topic(name, BoundedMode::Unbounded);
    table.columns = vec![physical(key, BIGINT), physical(value, value_type)];
    table.changelog_mode = mode;
    if let Connector::Kafka(kafka) = &mut table.connector {
        let side = |column: &str| Format {
            kind: FormatKind::Raw,
            schema: None,
            fields: vec![FieldBinding { column: column.to_owned(), field: column.to_owned() }],
            is_atomic: true,
            debezium: false,
        };
        kafka.key = Some(side(key));
        kafka.value = side(value);
    }
    table
}

pub(crate) fn generator(name: &str) -> Table {
    let generator = GeneratorTable { table: name.to_owned(), rows_per_second: 50, seed: 7 };
    let columns = vec![physical("product_id", LogicalType::STRING), physical("price", LogicalType::Double)];
    table(name, columns, ChangelogMode::Append, Connector::Generator(generator))
}

pub(crate) fn call(name: &str, function: &str, args: Vec<usize>, logical: LogicalType) -> AggregateCall {
    AggregateCall {
        name: name.to_owned(),
        function: function.to_owned(),
        args,
        literals: Vec::new(),
        distinct: false,
        filter: None,
        data_type: logical.nullable(),
    }
}

/// `SELECT v, COUNT(*) || encoded into one BIGINT` of tumbling windows: source -> exchange -> window -> calc -> sink.
/// Key of a record is the window's start, the value is `v * 1_000_000 + count`.
pub(crate) fn counting_plan(window: WindowSpec, bounded: BoundedMode) -> Plan {
    let mut builder = PlanBuilder::new();
    let source = builder.table(raw_topic("in", bounded));
    let target = builder.table(keyed_topic("out", "window_start", "packed", BIGINT, ChangelogMode::Append));
    let scanned = schema(&[("v", BIGINT), ("rowtime", INSTANT)]);
    let rowtime = Expr::input(1, INSTANT.nullable());
    let scan = TableSourceScan {
        table: source,
        columns: vec![ScanColumn::Physical("v".to_owned()), ScanColumn::Rowtime],
        watermark: Some(ScanWatermark::MaxSeen { rowtime }),
    };
    let append = ChangelogMode::Append;
    let scan = builder.node(scan, &[], scanned.clone(), append);
    let exchange = builder.node(Exchange { kind: ExchangeKind::Hash(vec![0]) }, &[scan], scanned, append);
    let aggregate = WindowAggregate {
        grouping: vec![0],
        calls: vec![call("n", "COUNT", vec![], BIGINT)],
        input: WindowInput::Assign { window, time_column: 1 },
        properties: vec![WindowProperty::Start],
    };
    let timestamp = LogicalType::Timestamp { precision: 3 };
    let aggregated = schema(&[("v", BIGINT), ("n", BIGINT), ("window_start", timestamp.clone())]);
    let aggregate = builder.node(aggregate, &[exchange], aggregated, append);
    let column = |index: usize| Expr::input(index, BIGINT.nullable());
    let number = |value: i64| Expr::literal(nutkin_types::Value::Integer(value), BIGINT.not_null());
    let times = |a: Expr, b: Expr| Expr::call("*", vec![a, b], BIGINT.nullable());
    let packed = Expr::call("+", vec![times(column(0), number(1_000_000)), column(1)], BIGINT.nullable());
    let calc = Calc { projection: vec![column(0), packed], condition: None };
    let calc = builder.node(calc, &[aggregate], schema(&[("k", BIGINT), ("packed", BIGINT)]), append);
    let sink = Sink { target: SinkTarget::Table(target), upsert_materialize: false, state_ttl: None };
    let sunk = builder.schema(calc);
    builder.node(sink, &[calc], sunk, append);
    let _: DataType = BIGINT.nullable();
    builder.plan
}

/// One record per batch: value `v` at `timestamp`.
pub(crate) fn number_batch(records: &[(i64, i64)]) -> RawBatch {
    let mut builder = BatchBuilder::new(Compression::None);
    for (timestamp, value) in records {
        builder.append(*timestamp, None, Some(&value.to_be_bytes()), &[]).unwrap();
    }
    builder.build().unwrap().unwrap()
}

/// The BIGINT values that a reader of committed records finds, sorted.
pub(crate) fn committed_numbers(kafka: &FakeKafka, topic: &str) -> Vec<i64> {
    let mut numbers = Vec::new();
    for set in kafka.committed(topic).iter().flatten() {
        for row in 0..set.len() {
            numbers.push(i64::from_be_bytes(set.value(row).unwrap().try_into().unwrap()));
        }
    }
    numbers.sort_unstable();
    numbers
}
