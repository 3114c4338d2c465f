//! Tables as the service makes them: topics of an in-memory cluster, records in Avro, JSON or Protobuf, `$rowtime` from the
//! record, and the default watermark. What is written into them and read from them goes through the formats.

use nutkin_engine::{MemoryCluster, MemoryRow, MemoryTables};
use nutkin_formats::{SchemaKind, SchemaOptions, mapping};
use nutkin_kafka::{BatchBuilder, Compression as KafkaCompression, RawBatch, RecordSet};
use nutkin_plan::operators::{ScanColumn, Sink, SinkTarget, TableSourceScan};
use nutkin_plan::table::{
    BoundedMode, ColumnKind, Compression, ErrorHandling, FieldBinding, Format, FormatKind, FrozenSchema,
    IsolationLevel, KafkaTable, MetadataKey, StartupMode, TableColumn, Watermark, WatermarkStrategy,
};
use nutkin_plan::{ChangelogMode, Connector, Node, Operator, OperatorId, Plan, Table};
use nutkin_planner::{CreateTable, ErrorKind, PlannerError};
use nutkin_types::{Column, LogicalType, RowField, Schema, Value};

use super::World;
use super::job::{Course, Site, Way, virtually};
use super::schedule::{Feed, Stage};
use crate::random::Random;
use crate::refusal::Refusal;

/// Options of WITH that have a meaning in a test.
const OPTIONS: &[&str] = &["connector", "changelog.mode", "key.format", "value.format", "value.fields-include"];

impl World {
    /// Makes a table and its topic.
    ///
    /// # Errors
    /// Options that a test does not know, and columns that a format cannot hold.
    pub fn create_topic(&mut self, created: CreateTable) -> Result<(), Refusal> {
        let table = frozen(created)?;
        if let Connector::Kafka(kafka) = &table.connector {
            self.cluster.create_topic(&kafka.topic, kafka.partitions);
        }
        self.put(table);
        Ok(())
    }

    /// Rows as records of the table's topic, in order, each with its partition.
    pub(super) fn encoded(
        &self,
        table: &Table,
        kafka: &KafkaTable,
        rows: &[MemoryRow],
    ) -> Result<Vec<(i32, RawBatch)>, Refusal> {
        let (plan, rows) = loading(table, rows);
        let (memory, cluster) = (MemoryTables::default(), MemoryCluster::default());
        cluster.create_topic(&kafka.topic, kafka.partitions);
        virtually(async {
            let feed = Feed::Memory { path: plan.tables[0].path.clone(), rows };
            let site = Site::new(memory, cluster.clone(), "load", super::START);
            let course = Course { stages: &[Stage::Feed(vec![feed])], ends: true, check: &mut |_| Ok(()) };
            site.run(&plan, course, Way::Straight, &mut Random::new(0, "")).await
        })?;
        let mut records = Vec::new();
        for (partition, sets) in (0..).zip(cluster.records(&kafka.topic)?) {
            for set in &sets {
                single_records(set, partition, &mut records)?;
            }
        }
        Ok(records)
    }
}

/// Every record of a set as a batch of its own.
fn single_records(set: &RecordSet, partition: i32, records: &mut Vec<(i32, RawBatch)>) -> Result<(), Refusal> {
    let wrong = |error: nutkin_kafka::Error| Refusal::internal(error.to_string());
    for row in 0..set.len() {
        let owned: Vec<_> = set.headers(row).collect();
        let headers: Vec<nutkin_kafka::Header<'_>> =
            owned.iter().map(|(name, value)| (name.as_ref(), *value)).collect();
        let mut builder = BatchBuilder::new(KafkaCompression::None);
        let timestamp = set.timestamps().get(row).copied().unwrap_or_default();
        builder.append(timestamp, set.key(row), set.value(row), &headers).map_err(wrong)?;
        records.extend(builder.build().map_err(wrong)?.map(|batch| (partition, batch)));
    }
    Ok(())
}

/// A plan that writes memory rows into the table's topic with their timestamps, and the rows as it reads them.
fn loading(table: &Table, rows: &[MemoryRow]) -> (Plan, Vec<MemoryRow>) {
    let instant = LogicalType::TimestampLtz { precision: 3 };
    let mut target = table.clone();
    let own = target
        .columns
        .iter()
        .position(|c| matches!(c.kind, ColumnKind::Metadata { key: MetadataKey::Timestamp, is_virtual: false }));
    if own.is_none() {
        target.columns.push(TableColumn {
            name: "$rowtime".to_owned(),
            data_type: instant.nullable(),
            kind: ColumnKind::Metadata { key: MetadataKey::Timestamp, is_virtual: false },
            comment: None,
        });
    }
    let columns: Vec<TableColumn> = target.persisted_columns().cloned().collect();
    let physical = columns.iter().map(|column| TableColumn { kind: ColumnKind::Physical, ..column.clone() });
    let source = Table {
        path: nutkin_plan::TablePath { name: format!("rows of {}", table.path.name), ..table.path.clone() },
        columns: physical.collect(),
        watermark: None,
        primary_key: None,
        connector: Connector::Memory,
        ..target.clone()
    };
    let schema = Schema::new(columns.iter().map(|column| Column::new(&column.name, column.data_type.clone())));
    let node = |id: &str, operator: Operator, inputs: Vec<usize>| Node {
        id: OperatorId(id.to_owned()),
        operator,
        inputs,
        schema: schema.clone(),
        changelog_mode: table.changelog_mode,
        upsert_keys: Vec::new(),
    };
    let names = columns.iter().map(|column| ScanColumn::Physical(column.name.clone()));
    let scan = TableSourceScan { table: 0, columns: names.collect(), watermark: None };
    let sink = Sink { target: SinkTarget::Table(1), upsert_materialize: false, state_ttl: None };
    let mut plan = Plan::new("UTC");
    plan.nodes = vec![node("scan", scan.into(), vec![]), node("sink", sink.into(), vec![0])];
    plan.tables = vec![source, target];
    let rows = rows.iter().map(|row| stored(table, row, own.is_none())).collect();
    (plan, rows)
}

/// The values of the columns that are written: virtual metadata is left out, the timestamp comes last.
fn stored(table: &Table, row: &MemoryRow, with_timestamp: bool) -> MemoryRow {
    let columns = table.columns.iter().filter(|column| !matches!(column.kind, ColumnKind::Computed { .. }));
    let written = columns.zip(&row.values);
    let written = written.filter(|(c, _)| !matches!(c.kind, ColumnKind::Metadata { is_virtual: true, .. }));
    let mut values: Vec<Value> = written.map(|(_, value)| value.clone()).collect();
    values.extend(with_timestamp.then_some(Value::Integer(row.timestamp)));
    MemoryRow { values, ..row.clone() }
}

/// The table as the service would freeze it.
fn frozen(created: CreateTable) -> Result<Table, Refusal> {
    let wrong = |problem: String| Refusal::from(PlannerError::new(ErrorKind::Definition, problem));
    let options = &created.options;
    if let Some(key) = options.keys().find(|key| !OPTIONS.contains(&key.as_str())) {
        let known = OPTIONS.join(", ");
        return Err(Refusal::not_built(format!("The option '{key}' in a test. A test knows {known}")));
    }
    let updating = created.as_query.as_ref().is_some_and(|query| !query.is_append_only);
    let changelog_mode = match (options.get("changelog.mode"), &created.primary_key) {
        (Some(mode), _) => {
            ChangelogMode::from_name(mode).ok_or_else(|| wrong(format!("'{mode}' is no changelog.mode")))?
        }
        (None, Some(_)) => ChangelogMode::Upsert,
        (None, None) if updating => ChangelogMode::Retract,
        (None, None) => ChangelogMode::Append,
    };
    if changelog_mode == ChangelogMode::Upsert && created.primary_key.is_none() {
        return Err(wrong(format!("'changelog.mode' = 'upsert' of {} needs a PRIMARY KEY", created.path)));
    }
    let written = created.distribution.as_ref().map_or(&[][..], |distribution| &distribution.keys);
    let keys = match (&created.primary_key, written.is_empty()) {
        (Some(key), true) => key.columns.clone(),
        _ => written.to_vec(),
    };
    let all = options.get("value.fields-include").is_some_and(|include| include == "all");
    let physical = created.columns.iter().filter(|column| column.kind == ColumnKind::Physical);
    let (in_key, others): (Vec<&TableColumn>, Vec<&TableColumn>) =
        physical.partition(|column| keys.contains(&column.name));
    let mut in_value: Vec<&TableColumn> = if all { in_key.clone() } else { Vec::new() };
    in_value.extend(others);
    let key = (!in_key.is_empty()).then(|| format(&created, "key", &in_key)).transpose()?;
    let connector = KafkaTable {
        cluster_id: "lkc-test".to_owned(),
        registry_id: "lsrc-test".to_owned(),
        topic: created.path.name.clone(),
        partitions: created.distribution.as_ref().and_then(|d| d.buckets).unwrap_or(1),
        key,
        value: format(&created, "value", &in_value)?,
        isolation: IsolationLevel::ReadCommitted,
        startup: StartupMode::EarliestOffset,
        bounded: BoundedMode::Unbounded,
        error_handling: ErrorHandling::Fail,
        compression: Compression::None,
    };
    let default = || Watermark { column: "$rowtime".to_owned(), strategy: WatermarkStrategy::Source, is_default: true };
    Ok(Table {
        path: created.path,
        columns: created.columns,
        watermark: Some(created.watermark.unwrap_or_else(default)),
        primary_key: created.primary_key,
        distribution: None,
        changelog_mode,
        options: created.options,
        comment: created.comment,
        connector: Connector::Kafka(Box::new(connector)),
    })
}

/// One side of a record; a schema is made from the columns as CREATE TABLE registers it.
fn format(created: &CreateTable, side: &str, columns: &[&TableColumn]) -> Result<Format, Refusal> {
    let wrong = |problem: String| Refusal::from(PlannerError::new(ErrorKind::Definition, problem));
    let name = created.options.get(&format!("{side}.format")).map_or("avro-registry", String::as_str);
    let (kind, schema_kind) = match name {
        "avro-registry" => (FormatKind::AvroRegistry, Some(SchemaKind::Avro)),
        "json-registry" => (FormatKind::JsonRegistry, Some(SchemaKind::Json)),
        "proto-registry" => (FormatKind::ProtoRegistry, Some(SchemaKind::Protobuf)),
        "raw" => (FormatKind::Raw, None),
        other => return Err(wrong(format!("'{other}' is no format"))),
    };
    let fields: Vec<RowField> =
        columns.iter().map(|column| RowField::new(&column.name, column.data_type.clone())).collect();
    let schema = match schema_kind {
        None => None,
        Some(schema_kind) => {
            let text = mapping::from_sql(schema_kind, &fields, &SchemaOptions::default());
            let text = text.map_err(|error| wrong(error.to_string()))?;
            let subject = format!("{}-{side}", created.path.name);
            Some(FrozenSchema { subject, id: 1, version: 1, text, references: Vec::new() })
        }
    };
    let bindings = fields.iter().map(|f| FieldBinding { column: f.name.clone(), field: f.name.clone() });
    Ok(Format { kind, schema, fields: bindings.collect(), is_atomic: schema_kind.is_none(), debezium: false })
}
