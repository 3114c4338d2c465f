//! One case of the format tests: topics, schemas, a plan between them, and what was written.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use nutkin_formats::mapping::{self, SchemaOptions};
use nutkin_formats::{DecodedColumn, Decoder, Encoder, FormatConfig, RegisteredSchema, Rows, SchemaKind};
use nutkin_kafka::{BatchBuilder, Compression, RawBatch};
use nutkin_plan::operators::*;
use nutkin_plan::table::{BoundedMode, FieldBinding, Format, FormatKind, FrozenSchema, Table};
use nutkin_plan::{ChangelogMode, Connector, Plan};
use nutkin_state::CheckpointStore;
use nutkin_types::value::array_of;
use nutkin_types::{Column, LogicalType, RowField, RowKind, Schema, Value};
use parking_lot::Mutex;

use crate::error::Failure;
use crate::job::context::SchemaSource;
use crate::tests::fake::FakeStorage;
use crate::tests::harness::int;
use crate::tests::job::{World, last_event, run, spec};
use crate::tests::plans::*;
use crate::{Job, JobContext, JobEvent, JobMetrics, RuntimeClock};

pub(in crate::tests) const FORMATS: [(SchemaKind, FormatKind); 3] = [
    (SchemaKind::Avro, FormatKind::AvroRegistry),
    (SchemaKind::Json, FormatKind::JsonRegistry),
    (SchemaKind::Protobuf, FormatKind::ProtoRegistry),
];
pub(in crate::tests) const KEY: i32 = 1;
pub(in crate::tests) const VALUE: i32 = 2;
pub(in crate::tests) const EVOLVED: i32 = 3;
pub(in crate::tests) const SINK_KEY: i32 = 11;
pub(in crate::tests) const SINK_VALUE: i32 = 12;

/// Where every schema is registered, in a context of its own.
const SUBJECT: &str = ":.here:s";

/// A registry that remembers what it was asked.
#[derive(Debug, Default)]
pub(in crate::tests) struct Registry {
    pub schemas: BTreeMap<i32, RegisteredSchema>,
    pub asked: Mutex<Vec<i32>>,
}

#[async_trait]
impl SchemaSource for Registry {
    async fn schema(&self, _: &str, subject: &str, schema_id: i32) -> Result<Option<RegisteredSchema>, Failure> {
        assert_eq!(subject, SUBJECT);
        self.asked.lock().push(schema_id);
        Ok(self.schemas.get(&schema_id).cloned())
    }

    /// The GUID of a schema is its id in every byte.
    async fn schema_of_guid(&self, _: &str, _: &str, guid: [u8; 16]) -> Result<Option<RegisteredSchema>, Failure> {
        self.asked.lock().push(i32::from(guid[0]));
        Ok(self.schemas.get(&i32::from(guid[0])).cloned())
    }
}

pub(in crate::tests) fn key_fields() -> Vec<RowField> {
    vec![RowField::new("id", BIGINT.not_null())]
}

pub(in crate::tests) fn value_fields() -> Vec<RowField> {
    let unit = LogicalType::Row {
        fields: [
            RowField::new("code", LogicalType::STRING.nullable()),
            RowField::new("size", LogicalType::Int.nullable()),
        ]
        .into(),
    };
    vec![
        RowField::new("name", LogicalType::STRING.nullable()),
        RowField::new("qty", LogicalType::Int.nullable()),
        RowField::new("price", LogicalType::Decimal { precision: 10, scale: 2 }.nullable()),
        RowField::new("tags", LogicalType::array(LogicalType::STRING.not_null()).not_null()),
        RowField::new("at", INSTANT.nullable()),
        RowField::new("unit", unit.nullable()),
        RowField::new("ratio", LogicalType::Double.not_null()),
    ]
}

/// A row of `value_fields`, different for each `n`, with NULLs here and there.
pub(in crate::tests) fn value_row(n: i64) -> Vec<Value> {
    let text = |text: String| Value::String(text);
    let or_null = |every: i64, value: Value| if n % every == every - 1 { Value::Null } else { value };
    vec![
        or_null(5, text(format!("näme \"{}\"", n % 7))),
        or_null(4, int(n * 3)),
        or_null(6, Value::Decimal(i128::from(n) * 101 - 500)),
        Value::List((0..n % 3).map(|i| text(format!("tag-{i}"))).collect()),
        or_null(7, int(1_700_000_000_000 + n * 1001)),
        or_null(3, Value::List(vec![text(format!("c{n}")), or_null(2, int(-n))])),
        Value::Double(n as f64 / 8.0),
    ]
}

pub(in crate::tests) fn registered(id: i32, kind: SchemaKind, fields: &[RowField]) -> RegisteredSchema {
    RegisteredSchema::new(id, kind, mapping::from_sql(kind, fields, &SchemaOptions::default()).unwrap())
}

/// One payload per row.
pub(in crate::tests) fn encode(schema: &RegisteredSchema, fields: &[RowField], rows: &[Vec<Value>]) -> Vec<Vec<u8>> {
    let encoder = Encoder::new(FormatConfig::registry(schema.clone()), fields).unwrap();
    let columns: Vec<_> = (0..fields.len())
        .map(|index| {
            let cells: Vec<&Value> = rows.iter().map(|row| &row[index]).collect();
            array_of(&cells, &fields[index].data_type.logical).unwrap()
        })
        .collect();
    let payloads = encoder.encode(&columns, &Rows::Range(0..rows.len())).unwrap();
    payloads.iter().map(|payload| payload.unwrap().to_vec()).collect()
}

pub(in crate::tests) fn decode(schema: &RegisteredSchema, fields: &[RowField], payload: &[u8]) -> Vec<Value> {
    let columns: Vec<DecodedColumn> =
        fields.iter().map(|field| DecodedColumn::field(&field.name, field.data_type.clone())).collect();
    let mut decoder = Decoder::new(FormatConfig::registry(schema.clone()), &columns).unwrap();
    let decoded = decoder.decode(&[Some(payload)]).unwrap();
    assert_eq!(decoded.errors, vec![]);
    let cells = decoded.columns.iter().zip(fields);
    cells.map(|(array, field)| Value::from_array(array, &field.data_type.logical, 0).unwrap()).collect()
}

pub(in crate::tests) struct Side {
    pub schema: RegisteredSchema,
    pub fields: Vec<RowField>,
}

impl Side {
    pub fn new(id: i32, kind: SchemaKind, fields: Vec<RowField>) -> Side {
        Side { schema: registered(id, kind, &fields), fields }
    }

    pub fn format(&self, kind: FormatKind) -> Format {
        let binding = |field: &RowField| FieldBinding { column: field.name.clone(), field: field.name.clone() };
        let frozen = FrozenSchema {
            subject: SUBJECT.to_owned(),
            id: self.schema.id,
            version: 1,
            text: self.schema.text.clone(),
            references: vec![],
        };
        Format {
            kind,
            schema: Some(frozen),
            fields: self.fields.iter().map(binding).collect(),
            is_atomic: false,
            debezium: false,
        }
    }
}

/// A topic with a key and a value in the same format.
pub(in crate::tests) fn table(name: &str, kind: FormatKind, mode: ChangelogMode, key: &Side, value: &Side) -> Table {
    let mut table = raw_topic(name, BoundedMode::LatestOffset);
    table.changelog_mode = mode;
    let column = |field: &RowField| nutkin_plan::table::TableColumn {
        name: field.name.clone(),
        data_type: field.data_type.clone(),
        kind: nutkin_plan::table::ColumnKind::Physical,
        comment: None,
    };
    table.columns = key.fields.iter().chain(&value.fields).map(column).collect();
    if let Connector::Kafka(kafka) = &mut table.connector {
        kafka.key = Some(key.format(kind));
        kafka.value = value.format(kind);
    }
    table
}

pub(in crate::tests) fn schema_of<'a>(fields: impl IntoIterator<Item = &'a RowField>) -> Schema {
    Schema::new(fields.into_iter().map(|field| Column::new(&field.name, field.data_type.logical.clone().nullable())))
}

/// Key, row (None for a deletion) and change kind of the header of a record.
pub(in crate::tests) type Sent = (i64, Option<Vec<Value>>, Option<RowKind>);
/// Per key, in order: the header `op`, and the row; None for a deletion.
pub(in crate::tests) type Written = BTreeMap<String, Vec<(Option<u8>, Option<Vec<Value>>)>>;

/// One case: a format and the two tables of a plan.
pub(in crate::tests) struct Case {
    pub kind: SchemaKind,
    pub format: FormatKind,
    pub key: Side,
    pub value: Side,
    pub world: World,
    pub registry: Arc<Registry>,
}

impl Case {
    pub fn new((kind, format): (SchemaKind, FormatKind)) -> Case {
        let world = World::new();
        world.kafka.create_topic("in", 2);
        world.kafka.create_topic("out", 3);
        Case {
            kind,
            format,
            key: Side::new(KEY, kind, key_fields()),
            value: Side::new(VALUE, kind, value_fields()),
            world,
            registry: Arc::default(),
        }
    }

    /// Records of one batch: key, row or deletion, and the change kind of the header.
    pub fn batch(&self, records: &[Sent]) -> RawBatch {
        let mut builder = BatchBuilder::new(Compression::None);
        for (id, row, kind) in records {
            let key = encode(&self.key.schema, &self.key.fields, &[vec![int(*id)]]).remove(0);
            let value = row
                .as_ref()
                .map(|row| encode(&self.value.schema, &self.value.fields, std::slice::from_ref(row)).remove(0));
            let op = kind.map(|kind| [kind as u8]);
            let headers: Vec<(&str, Option<&[u8]>)> = op.iter().map(|op| ("op", Some(&op[..]))).collect();
            builder.append(1_000, Some(&key), value.as_deref(), &headers).unwrap();
        }
        builder.build().unwrap().unwrap()
    }

    /// `in` -> scan of everything -> what `rest` adds -> `out`.
    pub fn plan(&self, mode: ChangelogMode, sink: (&Side, &Side, ChangelogMode), rest: Rest) -> Plan {
        let mut builder = PlanBuilder::new();
        let source = builder.table(table("in", self.format, mode, &self.key, &self.value));
        let target = builder.table(table("out", self.format, sink.2, sink.0, sink.1));
        let columns = schema_of(self.key.fields.iter().chain(&self.value.fields));
        let names = columns.columns.iter().map(|column| ScanColumn::Physical(column.name.clone()));
        let scan = TableSourceScan { table: source, columns: names.collect(), watermark: None };
        let scan = builder.node(scan, &[], columns, mode);
        let last = rest(&mut builder, scan);
        let (columns, mode) = (builder.schema(last), builder.plan.nodes[last].changelog_mode);
        let target = Sink { target: SinkTarget::Table(target), upsert_materialize: false, state_ttl: None };
        builder.node(target, &[last], columns, mode);
        builder.plan
    }

    pub fn run(&self, plan: Plan, parallelism: u32) -> (JobEvent, JobMetrics) {
        run(async {
            let steps = self.world.kafka.steps.clone();
            let storage = FakeStorage { inner: self.world.storage.clone(), steps };
            let context = JobContext {
                clock: Arc::new(RuntimeClock::starting_at(1_700_000_000_000)),
                ..JobContext::new(
                    Arc::new(self.world.kafka.clone()),
                    self.registry.clone(),
                    CheckpointStore::new(Arc::new(storage)),
                )
            };
            let mut spec = spec(plan, parallelism);
            spec.checkpoint_interval = Duration::from_millis(50);
            let (handle, mut events) = Job::start(spec, context);
            (last_event(&mut events).await, handle.metrics())
        })
    }

    /// What a reader of `out` finds: per key, in order, the header `op` and the row; None for a deletion.
    pub fn written(&self, key: &Side, value: &Side) -> Written {
        let mut found: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for set in self.world.kafka.committed("out").iter().flatten() {
            for row in 0..set.len() {
                let key = decode(&key.schema, &key.fields, set.key(row).unwrap());
                let value = set.value(row).map(|payload| decode(&value.schema, &value.fields, payload));
                let op = set.headers(row).find(|header| header.0 == "op").map(|header| header.1.unwrap()[0]);
                found.entry(format!("{key:?}")).or_default().push((op, value));
            }
        }
        found
    }
}

pub(in crate::tests) type Rest = fn(&mut PlanBuilder, usize) -> usize;
