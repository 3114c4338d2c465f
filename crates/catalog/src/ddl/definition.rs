//! What a CREATE TABLE asks for, decided before anything is made (spec D-01 to D-04, sql.md 2.3). Pure.

use nutkin_formats::{DecodedColumn, Decoder, FormatConfig, SchemaKind, SchemaOptions, mapping};
use nutkin_kafka::NewTopic;
use nutkin_plan::table::{ColumnKind, FormatKind, MetadataKey, TableColumn};
use nutkin_plan::{ChangelogMode, TablePath};
use nutkin_planner::CreateTable;
use nutkin_registry::model::{Schema, SchemaType};
use nutkin_types::cast::{supports_explicit_cast, supports_implicit_cast};
use nutkin_types::{DataType, LogicalType, RowField};

use crate::error::CatalogError;
use crate::load;
use crate::record::{RecordColumn, RecordState, TableRecord};
use crate::table_options::{CleanupPolicy, ConnectorKind, FieldsInclude, TableOptions, topic};

/// Partitions of a table that does not say how many (D-01).
const DEFAULT_BUCKETS: u32 = 6;
const MOST_BUCKETS: u32 = 4096;

/// A table to be made.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Creation {
    /// In state `Creating`.
    pub record: TableRecord,
    /// None for a table without a topic.
    pub topic: Option<NewTopic>,
    pub schemas: Vec<NewSchema>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NewSchema {
    pub subject: String,
    pub schema: Schema,
}

/// # Errors
/// NUTKIN-3202 to 3205 for options and definitions that cannot be, 3000 to 3004 for columns that a format cannot hold.
pub(crate) fn decide(table: &CreateTable, blackhole: bool, statement: &str) -> Result<Creation, CatalogError> {
    let path = &table.path;
    let mut options = TableOptions::parse(&table.options)?;
    check_name(path)?;
    check_foreign(&options)?;
    for column in &table.columns {
        check_metadata(path, column)?;
    }
    options.changelog_mode = Some(changelog_mode(table, &options));
    let mut record = TableRecord::new(statement, RecordState::Creating);
    record.primary_key = table.primary_key.clone();
    record.watermark = table.watermark.clone();
    record.comment = table.comment.clone();
    if options.connector == ConnectorKind::Blackhole {
        check_blackhole(table, blackhole)?;
        record.columns = table.columns.iter().cloned().map(RecordColumn::Stored).collect();
        record.options = options.kept();
        return Ok(Creation { record, topic: None, schemas: Vec::new() });
    }
    record.key_columns = key_columns(table, &options)?;
    let sides = Sides::new(table, &record.key_columns, &mut options)?;
    record.columns = sides.record_columns(table, &options);
    record.options = options.kept();
    let new_topic = NewTopic {
        name: path.name.clone(),
        partitions: Some(buckets(table, &options)?.cast_signed()),
        replication_factor: None,
        configs: topic::settings(&options),
    };
    Ok(Creation { record, topic: Some(new_topic), schemas: sides.schemas(path, &options)? })
}

fn check_name(path: &TablePath) -> Result<(), CatalogError> {
    if !load::is_table_name(&path.name) {
        let problem = "a table is a topic, whose name has 1 to 249 letters, digits, dots, underscores and hyphens";
        return Err(CatalogError::definition(path, problem));
    }
    if load::is_internal_name(&path.name) {
        let problem = "names that begin with '__' or '_confluent' are kept for the system. Choose another name";
        return Err(CatalogError::definition(path, problem));
    }
    Ok(())
}

/// What only a topic that others write can have.
fn check_foreign(options: &TableOptions) -> Result<(), CatalogError> {
    for (side, of_side) in [("key", &options.key), ("value", &options.value)] {
        if of_side.debezium {
            let remedy = "Leave '-debezium' out. A topic whose registered schema is an envelope is read as one without any option.";
            let what = format!("Creating a table with a Debezium '{side}.format'");
            return Err(CatalogError::NotBuilt { what, remedy: remedy.to_owned() });
        }
        if !of_side.subjects.is_empty() {
            let problem = "a new table's schemas are registered under the topic's name. Set it by ALTER TABLE on a topic that others write";
            return Err(CatalogError::bad_option(&format!("{side}.format.subject-names"), problem));
        }
    }
    Ok(())
}

/// The declared type must take the key's value, and give it where it is written (D-03).
pub(super) fn check_metadata(path: &TablePath, column: &TableColumn) -> Result<(), CatalogError> {
    let ColumnKind::Metadata { key, is_virtual } = &column.kind else { return Ok(()) };
    let own = metadata_type(*key);
    let declared = &column.data_type.logical;
    // Header maps may be declared over text instead of bytes.
    let fits = |from: &LogicalType, to: &LogicalType| {
        supports_implicit_cast(from, to) || (*key == MetadataKey::Headers && is_text_map(from, to))
    };
    if !fits(&own, declared) || (!is_virtual && !fits(declared, &own)) {
        let problem = format!(
            "metadata column '{}' has the type {declared}, which does not fit the type {own} of the metadata key '{}'. Declare it as {own}",
            column.name,
            key.name()
        );
        return Err(CatalogError::definition(path, problem));
    }
    Ok(())
}

fn is_text_map(from: &LogicalType, to: &LogicalType) -> bool {
    let is_flat = |t: &LogicalType| match t {
        LogicalType::Map { key, value } => {
            [key, value].iter().all(|part| part.logical.is_character_string() || part.logical.is_binary_string())
        }
        _ => false,
    };
    is_flat(from) && is_flat(to) && (supports_explicit_cast(from, to) || supports_explicit_cast(to, from))
}

fn metadata_type(key: MetadataKey) -> LogicalType {
    match key {
        MetadataKey::Headers => LogicalType::map(LogicalType::BYTES.not_null(), LogicalType::BYTES.nullable()),
        MetadataKey::LeaderEpoch | MetadataKey::Partition => LogicalType::Int,
        MetadataKey::Offset => LogicalType::BigInt,
        MetadataKey::RawKey | MetadataKey::RawValue => LogicalType::BYTES,
        MetadataKey::Timestamp => LogicalType::TimestampLtz { precision: 3 },
        MetadataKey::TimestampType | MetadataKey::Topic => LogicalType::STRING,
    }
}

/// Whether raw bytes can be of that type: atomic ones, of which it is clear what their bytes mean (D-08).
pub(super) fn check_raw(column: &str, data_type: &DataType) -> Result<(), CatalogError> {
    let column = DecodedColumn { path: vec![column.to_owned()], data_type: data_type.clone() };
    Decoder::new(FormatConfig::raw(), &[column])?;
    Ok(())
}

/// By primary key, or by what the query of a CTAS gives.
fn changelog_mode(table: &CreateTable, options: &TableOptions) -> ChangelogMode {
    let updating = table.as_query.as_ref().is_some_and(|query| !query.is_append_only);
    let derived = match (&table.primary_key, updating) {
        (Some(_), _) => ChangelogMode::Upsert,
        (None, true) => ChangelogMode::Retract,
        (None, false) => ChangelogMode::Append,
    };
    options.changelog_mode.unwrap_or(derived)
}

fn check_blackhole(table: &CreateTable, allowed: bool) -> Result<(), CatalogError> {
    if !allowed {
        let problem =
            "the connector 'blackhole' exists only when the service runs with its benchmark flag. Leave the option out";
        return Err(CatalogError::bad_option("connector", problem));
    }
    let other = table.options.keys().find(|key| !matches!(key.as_str(), "connector" | "changelog.mode"));
    if let Some(key) = other {
        return Err(CatalogError::bad_option(key, "it has no effect on a table with the connector 'blackhole'"));
    }
    if table.distribution.is_some() {
        return Err(CatalogError::definition(&table.path, "a table with the connector 'blackhole' has no buckets"));
    }
    Ok(())
}

/// The columns of the records' key, with the rules between mode, primary key and distribution (D-04).
fn key_columns(table: &CreateTable, options: &TableOptions) -> Result<Vec<String>, CatalogError> {
    let wrong = |problem: String| Err(CatalogError::definition(&table.path, problem));
    let written = table.distribution.as_ref().map_or(&[][..], |distribution| &distribution.keys);
    let primary = table.primary_key.as_ref().map(|key| key.columns.as_slice());
    let upsert = options.changelog_mode == Some(ChangelogMode::Upsert);
    let Some(primary) = primary else {
        if upsert {
            let problem =
                "'changelog.mode' = 'upsert' needs a PRIMARY KEY (...) NOT ENFORCED. Add one, or use append or retract";
            return wrong(problem.to_owned());
        }
        check_compaction(&table.path, options.cleanup_policy(), written)?;
        return Ok(written.to_vec());
    };
    if written.is_empty() {
        return Ok(primary.to_vec());
    }
    check_keys(&table.path, options.changelog_mode.unwrap_or(ChangelogMode::Append), primary, written)?;
    Ok(written.to_vec())
}

/// A topic that is compacted takes no records without a key.
pub(super) fn check_compaction(path: &TablePath, policy: CleanupPolicy, keys: &[String]) -> Result<(), CatalogError> {
    if keys.is_empty() && policy != CleanupPolicy::Delete {
        let problem = "a compacted topic needs keys. Add DISTRIBUTED BY (...) or a PRIMARY KEY, or use 'kafka.cleanup-policy' = 'delete'";
        return Err(CatalogError::definition(path, problem));
    }
    Ok(())
}

/// The distribution key beside a primary key: in upsert mode the same columns, else some of them (D-04).
pub(super) fn check_keys(
    path: &TablePath,
    mode: ChangelogMode,
    primary: &[String],
    buckets: &[String],
) -> Result<(), CatalogError> {
    let wrong = |problem: String| Err(CatalogError::definition(path, problem));
    let primary_text = primary.join(", ");
    match buckets.iter().find(|column| !primary.contains(column)) {
        Some(column) => wrong(format!(
            "the distribution key '{column}' is not part of the primary key. Distribute by columns of the primary key ({primary_text})"
        )),
        None if mode == ChangelogMode::Upsert && buckets.len() != primary.len() => wrong(format!(
            "in upsert mode the distribution key must be the whole primary key ({primary_text}). Leave DISTRIBUTED BY out"
        )),
        None => Ok(()),
    }
}

fn buckets(table: &CreateTable, options: &TableOptions) -> Result<u32, CatalogError> {
    let written = table.distribution.as_ref().and_then(|distribution| distribution.buckets);
    if let (Some(buckets), Some(partitions)) = (written, options.partitions)
        && buckets != partitions
    {
        let problem = format!("the table is distributed INTO {buckets} BUCKETS. Write one of them");
        return Err(CatalogError::bad_option("kafka.partitions", problem));
    }
    let buckets = written.or(options.partitions).unwrap_or(DEFAULT_BUCKETS);
    if buckets > MOST_BUCKETS {
        let problem = format!("{buckets} buckets are more than {MOST_BUCKETS}, the most that a table may have");
        return Err(CatalogError::definition(&table.path, problem));
    }
    Ok(buckets)
}

/// The fields of both sides, under their names in the schemas.
struct Sides {
    key: Vec<RowField>,
    value: Vec<RowField>,
    key_columns: Vec<String>,
}

impl Sides {
    /// Sets the formats in `options` that are left to their default.
    fn new(table: &CreateTable, key_columns: &[String], options: &mut TableOptions) -> Result<Sides, CatalogError> {
        let path = &table.path;
        let physical: Vec<&TableColumn> =
            table.columns.iter().filter(|column| column.kind == ColumnKind::Physical).collect();
        let mut key = Vec::with_capacity(key_columns.len());
        for name in key_columns {
            let Some(column) = physical.iter().find(|column| column.name == *name) else {
                return Err(CatalogError::definition(path, format!("key column '{name}' is not a physical column")));
            };
            let prefix = options.key_prefix.as_str();
            let field = name.strip_prefix(prefix).filter(|field| !field.is_empty()).ok_or_else(|| {
                let problem = format!("key column '{name}' does not begin with '{prefix}' and go on after it");
                CatalogError::bad_option("key.fields-prefix", problem)
            })?;
            key.push(RowField { name: field.to_owned(), ..field_of(column) });
        }
        let all = options.fields_include == FieldsInclude::All;
        let of_value = physical.into_iter().filter(|column| all || !key_columns.contains(&column.name));
        let sides = Sides { key, value: of_value.map(field_of).collect(), key_columns: key_columns.to_vec() };
        sides.check_keyless(options)?;
        options.value.format = Some(options.value.format.unwrap_or(FormatKind::AvroRegistry));
        if !key_columns.is_empty() {
            options.key.format = Some(options.key.format.unwrap_or(FormatKind::AvroRegistry));
        }
        sides.check_raw("key", options.key.format, &sides.key, path)?;
        sides.check_raw("value", options.value.format, &sides.value, path)?;
        Ok(sides)
    }

    /// Options of the key without a key. `raw` says nothing about a key that is null, so it may stand.
    fn check_keyless(&self, options: &TableOptions) -> Result<(), CatalogError> {
        if !self.key.is_empty() {
            return Ok(());
        }
        let remedy = "the table has no key columns. Add DISTRIBUTED BY (...) or a PRIMARY KEY, or leave the option out";
        let has_format = !matches!(options.key.format, None | Some(FormatKind::Raw));
        let found = [
            ("key.format", has_format),
            ("key.format.schema-context", options.key.context.is_some()),
            ("key.fields-prefix", !options.key_prefix.is_empty()),
        ];
        match found.into_iter().find(|(_, is_set)| *is_set) {
            Some((key, _)) => Err(CatalogError::bad_option(key, remedy)),
            None => Ok(()),
        }
    }

    fn check_raw(
        &self,
        side: &str,
        format: Option<FormatKind>,
        fields: &[RowField],
        path: &TablePath,
    ) -> Result<(), CatalogError> {
        if format != Some(FormatKind::Raw) || (side == "key" && fields.is_empty()) {
            return Ok(());
        }
        let [field] = fields else {
            let problem = format!(
                "the format 'raw' holds one column, but the {side} has {}. Use 'avro-registry', or distribute the table so that one is left",
                fields.len()
            );
            return Err(CatalogError::definition(path, problem));
        };
        check_raw(&field.name, &field.data_type)
    }

    /// What the record says of each column: a name where a schema has the rest.
    fn record_columns(&self, table: &CreateTable, options: &TableOptions) -> Vec<RecordColumn> {
        let is_raw = |column: &TableColumn| {
            let in_key = self.key_columns.contains(&column.name);
            let of_key = in_key.then_some(options.key.format).flatten();
            match of_key {
                // The value may hold it too, and then its schema has the type.
                Some(FormatKind::Raw) => true,
                Some(_) => false,
                None => options.value.format == Some(FormatKind::Raw),
            }
        };
        let entry = |column: &TableColumn| match column.kind {
            ColumnKind::Physical if !is_raw(column) => RecordColumn::Registered(column.name.clone()),
            _ => RecordColumn::Stored(column.clone()),
        };
        table.columns.iter().map(entry).collect()
    }

    fn schemas(&self, path: &TablePath, options: &TableOptions) -> Result<Vec<NewSchema>, CatalogError> {
        let mut schemas = Vec::with_capacity(2);
        let sides = [("key", &options.key, &self.key), ("value", &options.value, &self.value)];
        for (side, of_side, fields) in sides {
            let Some((kind, schema_type)) = of_side.format.and_then(schema_kind) else { continue };
            let text = mapping::from_sql(kind, fields, &SchemaOptions::default())?;
            schemas.push(NewSchema {
                subject: load::subject(&path.name, side, of_side.context.as_deref()),
                schema: Schema::new(schema_type, text),
            });
        }
        Ok(schemas)
    }
}

fn field_of(column: &TableColumn) -> RowField {
    RowField { name: column.name.clone(), data_type: column.data_type.clone(), description: column.comment.clone() }
}

fn schema_kind(format: FormatKind) -> Option<(SchemaKind, SchemaType)> {
    match format {
        FormatKind::Raw => None,
        FormatKind::AvroRegistry => Some((SchemaKind::Avro, SchemaType::Avro)),
        FormatKind::JsonRegistry => Some((SchemaKind::Json, SchemaType::Json)),
        FormatKind::ProtoRegistry => Some((SchemaKind::Protobuf, SchemaType::Protobuf)),
    }
}
