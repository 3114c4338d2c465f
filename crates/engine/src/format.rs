//! From the plan's formats to the formats room's.

use nutkin_formats::mapping::COMBINED;
use nutkin_formats::{FormatConfig, FormatKind, Framing, RegisteredSchema, SchemaKind, SchemaReference};
use nutkin_plan::table::{Format, FormatKind as PlanFormat, Table};
use nutkin_types::{DataType, LogicalType};

use crate::error::{Failure, Result};

/// How one side of `table` is read and written.
pub(crate) fn config(format: &Format) -> FormatConfig {
    let (kind, schema_kind) = match format.kind {
        PlanFormat::Raw => return FormatConfig::raw(),
        PlanFormat::AvroRegistry => (FormatKind::Avro, SchemaKind::Avro),
        PlanFormat::JsonRegistry => (FormatKind::Json, SchemaKind::Json),
        PlanFormat::ProtoRegistry => (FormatKind::Protobuf, SchemaKind::Protobuf),
    };
    let schema = format.schema.as_ref().map(|schema| RegisteredSchema {
        references: schema
            .references
            .iter()
            .map(|(name, text)| SchemaReference { name: name.clone(), text: text.clone() })
            .collect(),
        ..RegisteredSchema::new(schema.id, schema_kind, schema.text.clone())
    });
    // Records of several schemas say which one is theirs: a bare body would be none of them.
    let combined = schema.as_ref().is_some_and(|schema| schema.id == COMBINED);
    FormatConfig { kind, schema, framing: if combined { Framing::Registry } else { Framing::default() } }
}

/// Type of a column of `table`.
pub(crate) fn column_type(table: &Table, name: &str) -> Result<DataType> {
    let column = table.column(name);
    let data_type = column.map(|column| column.data_type.clone());
    data_type.ok_or_else(|| Failure::internal(format!("table {} has no column {name}", table.path)))
}

/// True for the type of a `headers` column whose names and values are texts.
pub(crate) fn is_text(logical: &LogicalType) -> bool {
    logical.is_character_string()
}
