//! From a topic, its schemas and what the metastore adds to a table (spec sql.md 2.4). Pure.
//!
//! Columns always come from the registered schemas; a record only adds what those cannot say. A topic without a record is a
//! table by rules alone, so a topic made by any Kafka client can be read at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use nutkin_formats::SchemaKind;
use nutkin_plan::table::{
    Distribution, FormatKind, FrozenSchema, KafkaTable, PrimaryKey, Watermark, WatermarkStrategy,
};
use nutkin_plan::{ChangelogMode, Connector, Table, TablePath};
use nutkin_types::DataType;

use crate::error::CatalogError;
use crate::record::TableRecord;
use crate::snapshot::{Loaded, ReadOnly};
use crate::table_options::{TableOptions, topic};

mod blackhole;
mod columns;
mod debezium;
mod side;

pub(crate) use blackhole::blackhole;
use columns::Merged;
use side::Side;

/// Why rows cannot be written to a topic of envelopes.
const ENVELOPE: ReadOnly = ReadOnly {
    what: "writing Debezium envelopes",
    remedy: "Only the connector knows what stands in them beside the row. Write to a table made by CREATE TABLE.",
};

/// Why rows cannot be written to a topic with several subjects.
const SEVERAL: ReadOnly = ReadOnly {
    what: "writing records of several subjects",
    remedy: "Read the table, and write to one whose 'subject-names' is a single subject, or to a table made by CREATE TABLE.",
};

/// What was read of a topic.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub cluster_id: String,
    pub registry_id: String,
    pub topic: String,
    pub partitions: u32,
    /// Kafka's names and values.
    pub settings: BTreeMap<String, String>,
    pub key: Option<SideSchema>,
    pub value: Option<SideSchema>,
}

/// The newest schema of one side.
#[derive(Debug, Clone)]
pub(crate) struct SideSchema {
    pub frozen: FrozenSchema,
    pub kind: SchemaKind,
    /// What SQL sees: a ROW, or the atomic type of an atomic schema.
    pub data_type: DataType,
}

/// The table that the facts make.
///
/// # Errors
/// NUTKIN-3207 when record and registry contradict each other.
pub(crate) fn table(path: &TablePath, facts: Facts, record: Option<&TableRecord>) -> Result<Loaded, CatalogError> {
    let mut options = match record {
        Some(record) => TableOptions::parse(&record.options)?,
        None => TableOptions::default(),
    };
    topic::read(&mut options, &facts.settings);
    // What CREATE TABLE made is as its record says; all else follows the rules, whatever ALTER TABLE adds.
    let made = record.filter(|record| !record.inferred);
    let key = side::key(path, &facts, made, &options)?;
    let value = side::value(path, &facts, made, &options)?;
    options.key.format = key.as_ref().map(|side| side.kind);
    options.value.format = Some(value.kind);
    options.value.debezium = value.debezium;
    let Merged { mut columns, key_columns, key_fields, value_fields } =
        columns::merge(key.as_ref(), &value, record, &mut options);
    let changelog_mode = match options.changelog_mode {
        Some(mode) => mode,
        // What CREATE TABLE takes by default (D-04), and rule 9.
        None if made.is_some_and(|record| record.primary_key.is_some()) => ChangelogMode::Upsert,
        None if topic::is_compacted(&options) => ChangelogMode::Upsert,
        None if value.debezium => ChangelogMode::Retract,
        None => ChangelogMode::Append,
    };
    options.changelog_mode = Some(changelog_mode);
    let declared = record.and_then(|record| record.primary_key.clone());
    // Rule 9: the key of a topic that is upserted identifies its rows.
    let is_implied = made.is_none() && changelog_mode == ChangelogMode::Upsert;
    let primary_key = declared.or_else(|| is_implied.then(|| primary_key(&key_columns)));
    if changelog_mode == ChangelogMode::Upsert && primary_key.is_none() {
        let problem = "'changelog.mode' = 'upsert' needs a primary key, and the table has none. Use append or retract";
        return Err(CatalogError::bad_option("changelog.mode", problem));
    }
    for name in primary_key.iter().flat_map(|key| &key.columns) {
        if let Some(column) = columns.iter_mut().find(|column| column.name == *name) {
            column.data_type.nullable = false;
        }
    }
    columns::retype(&mut columns);
    let several = value.is_combined() || key.as_ref().is_some_and(Side::is_combined);
    let read_only = value.debezium.then_some(ENVELOPE).or(several.then_some(SEVERAL));
    let connector = KafkaTable {
        cluster_id: facts.cluster_id,
        registry_id: facts.registry_id,
        topic: facts.topic,
        partitions: facts.partitions,
        key: key.map(|side| side.format(key_fields)),
        value: value.format(value_fields),
        isolation: options.isolation,
        startup: options.startup_mode()?,
        bounded: options.bounded_mode()?,
        error_handling: options.error_handling,
        compression: options.compression,
    };
    let table = Table {
        path: path.clone(),
        columns,
        watermark: Some(watermark(record)),
        primary_key,
        distribution: Some(Distribution { keys: key_columns, buckets: connector.partitions }),
        changelog_mode,
        options: options.printed(),
        comment: record.and_then(|record| record.comment.clone()),
        connector: Connector::Kafka(Box::new(connector)),
    };
    Ok(Loaded { table: Arc::new(table), read_only })
}

/// Declared, or the default strategy on `$rowtime` (spec sql.md 2.6).
fn watermark(record: Option<&TableRecord>) -> Watermark {
    record.and_then(|record| record.watermark.clone()).unwrap_or_else(|| Watermark {
        column: "$rowtime".to_owned(),
        strategy: WatermarkStrategy::Source,
        is_default: true,
    })
}

fn primary_key(columns: &[String]) -> PrimaryKey {
    PrimaryKey { name: format!("PK_{}", columns.join("_")), columns: columns.to_vec() }
}

/// The format that reads a schema of that kind.
pub(crate) fn format_of(kind: SchemaKind) -> FormatKind {
    match kind {
        SchemaKind::Avro => FormatKind::AvroRegistry,
        SchemaKind::Json => FormatKind::JsonRegistry,
        SchemaKind::Protobuf => FormatKind::ProtoRegistry,
    }
}
