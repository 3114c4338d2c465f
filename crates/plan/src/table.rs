//! A table as a statement saw it when it was submitted.
//!
//! Frozen into the plan: schemas, options and watermark of a running statement never change by themselves (spec sql.md
//! 2.4 no. 13). It holds no secrets and no addresses: a Kafka table names its cluster, whoever runs the plan knows how to
//! reach it.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};

use nutkin_types::DataType;
use nutkin_types::display::quote_identifier;
use serde::{Deserialize, Serialize};

use crate::changelog::ChangelogMode;

/// Catalog (environment), database (Kafka cluster) and table (topic), by their names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TablePath {
    pub catalog: String,
    pub database: String,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    pub path: TablePath,
    /// Every declared column in order; `$rowtime` is not among them.
    pub columns: Vec<TableColumn>,
    pub watermark: Option<Watermark>,
    pub primary_key: Option<PrimaryKey>,
    pub distribution: Option<Distribution>,
    pub changelog_mode: ChangelogMode,
    /// Options as SHOW CREATE TABLE prints them, defaults included.
    pub options: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    pub connector: Connector,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableColumn {
    pub name: String,
    pub data_type: DataType,
    pub kind: ColumnKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// Where a column's value comes from (spec D-02, D-03).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ColumnKind {
    /// Stored in the key or the value of the record.
    Physical,
    /// Read from (and, unless virtual, written to) the record's metadata.
    Metadata { key: MetadataKey, is_virtual: bool },
    /// Computed from other columns: SQL text, in Flink's own printing.
    Computed { expression: String },
}

/// Metadata of a Kafka record (spec D-03).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MetadataKey {
    Headers,
    LeaderEpoch,
    Offset,
    Partition,
    RawKey,
    RawValue,
    Timestamp,
    TimestampType,
    Topic,
}

/// How event time advances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Watermark {
    /// The rowtime column; `$rowtime` for the default.
    pub column: String,
    pub strategy: WatermarkStrategy,
    /// True when the user did not declare it: DESCRIBE EXTENDED shows it, DESCRIBE does not.
    pub is_default: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum WatermarkStrategy {
    /// `SOURCE_WATERMARK()`: from what was observed per partition (spec sql.md 2.6).
    Source,
    /// The largest timestamp seen: the tables of `examples` (spec sample-data.md).
    MaxSeen,
    /// An SQL expression over the table's columns.
    Expression(String),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PrimaryKey {
    pub name: String,
    pub columns: Vec<String>,
}

/// Which columns choose a row's partition; no keys means round robin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    pub keys: Vec<String>,
    pub buckets: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Connector {
    Kafka(Box<KafkaTable>),
    /// A table of `examples.marketplace`.
    Generator(GeneratorTable),
    /// Takes rows and drops them; only with the benchmark flag.
    Blackhole,
    /// Rows that whoever runs the plan holds in memory: tests of queries.
    Memory,
}

/// A topic as a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KafkaTable {
    /// `lkc-...`
    pub cluster_id: String,
    /// `lsrc-...`; schemas named below live there.
    pub registry_id: String,
    pub topic: String,
    pub partitions: u32,
    /// None: the table has no key columns, records are written with a null key.
    pub key: Option<Format>,
    pub value: Format,
    pub isolation: IsolationLevel,
    pub startup: StartupMode,
    pub bounded: BoundedMode,
    pub error_handling: ErrorHandling,
    pub compression: Compression,
}

/// One side (key or value) of a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Format {
    pub kind: FormatKind,
    /// The registered schema to write with and to read by; None for raw.
    pub schema: Option<FrozenSchema>,
    /// Which physical columns this side holds, and under which field name.
    pub fields: Vec<FieldBinding>,
    /// True for a single column that is the whole key or value rather than a field of a record.
    pub is_atomic: bool,
    /// The fields stand in `before` and `after` of a Debezium envelope with `op` (spec sql.md 2.4 no. 9). Only ever read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub debezium: bool,
}

/// Format names as in `key.format` and `value.format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FormatKind {
    Raw,
    AvroRegistry,
    JsonRegistry,
    ProtoRegistry,
}

/// A schema as it was in the registry at submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrozenSchema {
    pub subject: String,
    pub id: i32,
    pub version: i32,
    pub text: String,
    /// `(name, text)` of every schema it refers to, directly or not, dependencies first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldBinding {
    /// Name of the table's column.
    pub column: String,
    /// Name of the field in the schema (differs by `key.fields-prefix`).
    pub field: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IsolationLevel {
    ReadCommitted,
    ReadUncommitted,
}

/// Where a new statement begins to read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartupMode {
    EarliestOffset,
    LatestOffset,
    /// Milliseconds since the epoch.
    Timestamp(i64),
    /// Partition to first offset.
    SpecificOffsets(BTreeMap<i32, i64>),
}

/// Where reading ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BoundedMode {
    Unbounded,
    /// The end of each partition when the statement starts.
    LatestOffset,
    /// Milliseconds since the epoch.
    Timestamp(i64),
    /// Partition to first offset that is not read.
    SpecificOffsets(BTreeMap<i32, i64>),
}

/// What a record that cannot be decoded does (spec S002-049).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorHandling {
    Fail,
    Ignore,
}

/// `kafka.producer.compression.type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Compression {
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

/// A table of generated rows (spec sample-data.md).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GeneratorTable {
    /// `clicks`, `customers`, `orders` or `products`.
    pub table: String,
    pub rows_per_second: u32,
    pub seed: u64,
}

impl MetadataKey {
    /// The name used after METADATA FROM.
    pub fn name(self) -> &'static str {
        match self {
            MetadataKey::Headers => "headers",
            MetadataKey::LeaderEpoch => "leader-epoch",
            MetadataKey::Offset => "offset",
            MetadataKey::Partition => "partition",
            MetadataKey::RawKey => "raw-key",
            MetadataKey::RawValue => "raw-value",
            MetadataKey::Timestamp => "timestamp",
            MetadataKey::TimestampType => "timestamp-type",
            MetadataKey::Topic => "topic",
        }
    }

    pub const ALL: [MetadataKey; 9] = [
        MetadataKey::Headers,
        MetadataKey::LeaderEpoch,
        MetadataKey::Offset,
        MetadataKey::Partition,
        MetadataKey::RawKey,
        MetadataKey::RawValue,
        MetadataKey::Timestamp,
        MetadataKey::TimestampType,
        MetadataKey::Topic,
    ];

    pub fn from_name(name: &str) -> Option<MetadataKey> {
        MetadataKey::ALL.into_iter().find(|key| key.name() == name)
    }

    /// True for the keys that may also be written.
    pub fn is_writable(self) -> bool {
        matches!(self, MetadataKey::Headers | MetadataKey::Timestamp)
    }
}

impl FormatKind {
    /// The option value.
    pub fn name(self) -> &'static str {
        match self {
            FormatKind::Raw => "raw",
            FormatKind::AvroRegistry => "avro-registry",
            FormatKind::JsonRegistry => "json-registry",
            FormatKind::ProtoRegistry => "proto-registry",
        }
    }
}

impl Table {
    pub fn column(&self, name: &str) -> Option<&TableColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The columns an INSERT writes: physical ones and metadata that is not virtual, in order.
    pub fn persisted_columns(&self) -> impl Iterator<Item = &TableColumn> {
        self.columns.iter().filter(|column| match column.kind {
            ColumnKind::Physical => true,
            ColumnKind::Metadata { is_virtual, .. } => !is_virtual,
            ColumnKind::Computed { .. } => false,
        })
    }
}

impl Display for TablePath {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let [catalog, database, name] = [&self.catalog, &self.database, &self.name].map(|part| quote_identifier(part));
        write!(f, "{catalog}.{database}.{name}")
    }
}
