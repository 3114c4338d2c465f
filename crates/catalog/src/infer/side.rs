//! One side (key or value) of a topic's records: its format and fields (spec sql.md 2.4 nos. 1 to 3, 7, 8).

use nutkin_formats::mapping::COMBINED;
use nutkin_plan::TablePath;
use nutkin_plan::table::{ColumnKind, FieldBinding, Format, FormatKind, FrozenSchema, TableColumn};
use nutkin_types::{LogicalType, RowField};

use super::{Facts, SideSchema, debezium, format_of};
use crate::error::CatalogError;
use crate::record::{RecordColumn, TableRecord};
use crate::table_options::{SideOptions, TableOptions};

/// Column of a key that is no record.
const KEY: &str = "key";
/// Column of a value that is no record (decision 4).
const VALUE: &str = "val";

#[derive(Debug)]
pub(super) struct Side {
    pub kind: FormatKind,
    pub schema: Option<FrozenSchema>,
    pub fields: Vec<RowField>,
    /// The one field is the whole payload and has no name of its own.
    pub is_atomic: bool,
    pub debezium: bool,
}

impl Side {
    /// True when records are of one of several schemas.
    pub fn is_combined(&self) -> bool {
        self.schema.as_ref().is_some_and(|schema| schema.id == COMBINED)
    }

    pub fn format(self, fields: Vec<FieldBinding>) -> Format {
        Format { kind: self.kind, schema: self.schema, fields, is_atomic: self.is_atomic, debezium: self.debezium }
    }

    fn raw(field: RowField) -> Side {
        Side { kind: FormatKind::Raw, schema: None, fields: vec![field], is_atomic: true, debezium: false }
    }
}

/// None: records have no key.
pub(super) fn key(
    path: &TablePath,
    facts: &Facts,
    record: Option<&TableRecord>,
    options: &TableOptions,
) -> Result<Option<Side>, CatalogError> {
    let Some(record) = record else {
        let schema = chosen(path, "key", &options.key, facts.key.as_ref())?;
        let raw = || Side::raw(RowField::new(KEY, LogicalType::BYTES.nullable()));
        return Ok(Some(schema.map_or_else(raw, |schema| of_schema(schema, KEY))));
    };
    let Some(first) = record.key_columns.first() else { return Ok(None) };
    if options.key.format == Some(FormatKind::Raw) {
        let column = record.stored(first).ok_or_else(|| incomplete(path))?;
        return Ok(Some(Side::raw(field(column))));
    }
    let schema = facts.key.as_ref().ok_or_else(|| missing(path, "key"))?;
    Ok(Some(of_schema(schema, first)))
}

pub(super) fn value(
    path: &TablePath,
    facts: &Facts,
    record: Option<&TableRecord>,
    options: &TableOptions,
) -> Result<Side, CatalogError> {
    let Some(record) = record else {
        let Some(schema) = chosen(path, "value", &options.value, facts.value.as_ref())? else {
            return Ok(Side::raw(RowField::new(VALUE, LogicalType::BYTES.nullable())));
        };
        let side = of_schema(schema, VALUE);
        // An envelope is known by its fields, unless an option says what it is.
        if options.value.format.is_some() && !options.value.debezium {
            return Ok(side);
        }
        let side = debezium::unwrapped(side);
        if options.value.debezium && !side.debezium {
            let problem = "the schema is no Debezium envelope: it has no rows 'before' and 'after' and no text 'op'";
            return Err(CatalogError::bad_option("value.format", problem));
        }
        return Ok(side);
    };
    if options.value.format == Some(FormatKind::Raw) {
        let stored = record.columns.iter().find_map(|column| match column {
            RecordColumn::Stored(column) if column.kind == ColumnKind::Physical => {
                (!record.key_columns.contains(&column.name)).then_some(column)
            }
            _ => None,
        });
        return Ok(Side::raw(field(stored.ok_or_else(|| incomplete(path))?)));
    }
    let schema = facts.value.as_ref().ok_or_else(|| missing(path, "value"))?;
    Ok(of_schema(schema, VALUE))
}

/// The schema of a side that nobody created: what is registered, unless an option says another format.
fn chosen<'a>(
    path: &TablePath,
    side: &str,
    options: &SideOptions,
    registered: Option<&'a SideSchema>,
) -> Result<Option<&'a SideSchema>, CatalogError> {
    let Some(format) = options.format else { return Ok(registered) };
    if format == FormatKind::Raw {
        return Ok(None);
    }
    let schema = registered.ok_or_else(|| missing(path, side))?;
    let found = format_of(schema.kind);
    if found != format {
        let problem = format!("'{}' is of the format {}. Write that", schema.frozen.subject, found.name());
        return Err(CatalogError::bad_option(&format!("{side}.format"), problem));
    }
    Ok(Some(schema))
}

/// The fields of a record, or one field named `name`.
fn of_schema(schema: &SideSchema, name: &str) -> Side {
    let (fields, is_atomic) = match &schema.data_type.logical {
        LogicalType::Row { fields } => (fields.to_vec(), false),
        _ => (vec![RowField::new(name, schema.data_type.clone())], true),
    };
    Side { kind: format_of(schema.kind), schema: Some(schema.frozen.clone()), fields, is_atomic, debezium: false }
}

fn field(column: &TableColumn) -> RowField {
    RowField { name: column.name.clone(), data_type: column.data_type.clone(), description: column.comment.clone() }
}

fn missing(path: &TablePath, side: &str) -> CatalogError {
    let subject = format!("{}-{side}", path.name);
    CatalogError::unusable(
        path,
        format!("the schema of its {side} is gone. Register it again under the subject '{subject}', or drop the table"),
    )
}

fn incomplete(path: &TablePath) -> CatalogError {
    CatalogError::unusable(
        path,
        "its stored definition lacks the column of a raw format. Drop the table and create it again",
    )
}
