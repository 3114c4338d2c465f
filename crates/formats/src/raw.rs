//! The raw format: a column is the payload, as bytes, as UTF-8 text or as one big-endian number (Flink's raw format).

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, BinaryArray, BooleanArray, PrimitiveArray, StringArray};
use nutkin_types::{DataType, LogicalType, RowField};

use crate::columns::{BytesColumn, ColumnBuilder, ColumnFull, PrimitiveColumn};
use crate::encoder::RowWriter;
use crate::error::FormatError;
use crate::fault::{Fault, Outcome};
use crate::projection::Projection;

/// Reads one column, or none when nothing of the payload is wanted.
#[derive(Debug)]
pub(crate) struct RawReader {
    text: bool,
}

fn check(name: &str, data_type: &DataType) -> Result<(), FormatError> {
    match data_type.logical {
        LogicalType::Boolean
        | LogicalType::TinyInt
        | LogicalType::SmallInt
        | LogicalType::Int
        | LogicalType::BigInt
        | LogicalType::Float
        | LogicalType::Double
        | LogicalType::Char { .. }
        | LogicalType::VarChar { .. }
        | LogicalType::Binary { .. }
        | LogicalType::VarBinary { .. } => Ok(()),
        _ => Err(FormatError::UnsupportedType {
            format: "raw",
            path: name.to_owned(),
            what: data_type.to_string(),
            remedy: "use BOOLEAN, TINYINT to BIGINT, FLOAT, DOUBLE, a text or a binary type".to_owned(),
        }),
    }
}

fn only_one(columns: &[RowField]) -> Result<&RowField, FormatError> {
    match columns {
        [column] => Ok(column),
        _ => Err(FormatError::UnsupportedFormat {
            name: "raw".to_owned(),
            cause: format!("it holds one column, not {}", columns.len()),
        }),
    }
}

impl RawReader {
    pub fn new(projection: &Projection) -> Result<RawReader, FormatError> {
        let data_type = match &projection.root.logical {
            LogicalType::Row { fields } if fields.is_empty() => return Ok(RawReader { text: false }),
            LogicalType::Row { fields } => {
                let column = only_one(fields)?;
                check(&column.name, &column.data_type)?;
                &column.data_type
            }
            _ => {
                check("", &projection.root)?;
                &projection.root
            }
        };
        Ok(RawReader { text: data_type.logical.is_character_string() })
    }

    pub fn read(&self, payload: &[u8], out: &mut ColumnBuilder) -> Outcome {
        match out {
            ColumnBuilder::Row(row) => {
                if let Some(field) = row.fields.first_mut() {
                    let name = &field.name;
                    self.read_value(payload, &mut field.column).map_err(|fault| fault.within(name))?;
                }
                row.close();
                Ok(())
            }
            column => self.read_value(payload, column),
        }
    }

    fn read_value(&self, payload: &[u8], out: &mut ColumnBuilder) -> Outcome {
        match out {
            ColumnBuilder::Boolean(column) => {
                let [byte] = exactly::<1>(payload, "BOOLEAN")?;
                column.append(byte != 0);
                Ok(())
            }
            ColumnBuilder::Int8(column) => number(payload, column, "TINYINT", i8::from_be_bytes),
            ColumnBuilder::Int16(column) => number(payload, column, "SMALLINT", i16::from_be_bytes),
            ColumnBuilder::Int32(column) => number(payload, column, "INT", i32::from_be_bytes),
            ColumnBuilder::Int64(column) => number(payload, column, "BIGINT", i64::from_be_bytes),
            ColumnBuilder::Float32(column) => number(payload, column, "FLOAT", f32::from_be_bytes),
            ColumnBuilder::Float64(column) => number(payload, column, "DOUBLE", f64::from_be_bytes),
            ColumnBuilder::Bytes(column) => self.bytes(payload, column),
            _ => Err(Fault::new(0, "the column has a type that raw cannot hold")),
        }
    }

    fn bytes(&self, payload: &[u8], column: &mut BytesColumn) -> Outcome {
        if self.text
            && let Err(error) = std::str::from_utf8(payload)
        {
            return Err(Fault::new(error.valid_up_to(), "the text is not valid UTF-8"));
        }
        column.append(payload).map_err(|ColumnFull| Fault::new(0, ColumnFull::CAUSE))
    }
}

fn exactly<const N: usize>(payload: &[u8], name: &str) -> Outcome<[u8; N]> {
    payload.try_into().map_err(|_| Fault::new(0, format!("{} bytes where {name} has {N}", payload.len())))
}

fn number<T: Copy + Default, const N: usize>(
    payload: &[u8],
    column: &mut PrimitiveColumn<T>,
    name: &str,
    decode: fn([u8; N]) -> T,
) -> Outcome {
    column.append(decode(exactly(payload, name)?));
    Ok(())
}

/// Writes the one column.
#[derive(Debug)]
pub(crate) struct RawWriter {
    column: RowField,
}

/// The column's array, downcast.
pub(crate) struct Prepared<'a> {
    values: Values<'a>,
    name: &'a str,
    nullable: bool,
}

enum Values<'a> {
    Boolean(&'a BooleanArray),
    Int8(&'a PrimitiveArray<Int8Type>),
    Int16(&'a PrimitiveArray<Int16Type>),
    Int32(&'a PrimitiveArray<Int32Type>),
    Int64(&'a PrimitiveArray<Int64Type>),
    Float32(&'a PrimitiveArray<Float32Type>),
    Float64(&'a PrimitiveArray<Float64Type>),
    Text(&'a StringArray),
    Bytes(&'a BinaryArray),
}

impl RawWriter {
    pub fn new(columns: &[RowField]) -> Result<RawWriter, FormatError> {
        let column = only_one(columns)?;
        check(&column.name, &column.data_type)?;
        Ok(RawWriter { column: column.clone() })
    }

    pub fn prepare<'a>(&'a self, columns: &'a [ArrayRef]) -> Result<Prepared<'a>, FormatError> {
        let values = columns.first().and_then(|array| downcast(array, &self.column.data_type.logical));
        let values = values.ok_or_else(|| {
            FormatError::mismatch(&self.column.name, format!("the array is not one of {}", self.column.data_type))
        })?;
        Ok(Prepared { values, name: &self.column.name, nullable: self.column.data_type.nullable })
    }
}

fn downcast<'a>(array: &'a ArrayRef, logical: &LogicalType) -> Option<Values<'a>> {
    Some(match logical {
        LogicalType::Boolean => Values::Boolean(array.as_boolean_opt()?),
        LogicalType::TinyInt => Values::Int8(array.as_primitive_opt()?),
        LogicalType::SmallInt => Values::Int16(array.as_primitive_opt()?),
        LogicalType::Int => Values::Int32(array.as_primitive_opt()?),
        LogicalType::BigInt => Values::Int64(array.as_primitive_opt()?),
        LogicalType::Float => Values::Float32(array.as_primitive_opt()?),
        LogicalType::Double => Values::Float64(array.as_primitive_opt()?),
        LogicalType::Char { .. } | LogicalType::VarChar { .. } => Values::Text(array.as_string_opt()?),
        _ => Values::Bytes(array.as_binary_opt()?),
    })
}

impl RowWriter for Prepared<'_> {
    fn write(&self, row: usize, out: &mut Vec<u8>) -> Result<bool, FormatError> {
        let array: &dyn Array = match &self.values {
            Values::Boolean(array) => *array,
            Values::Int8(array) => *array,
            Values::Int16(array) => *array,
            Values::Int32(array) => *array,
            Values::Int64(array) => *array,
            Values::Float32(array) => *array,
            Values::Float64(array) => *array,
            Values::Text(array) => *array,
            Values::Bytes(array) => *array,
        };
        if array.is_null(row) {
            if self.nullable {
                return Ok(false);
            }
            return Err(FormatError::InvalidValue {
                column: self.name.to_owned(),
                row,
                cause: "it is NULL, but the column is NOT NULL".to_owned(),
            });
        }
        match &self.values {
            Values::Boolean(array) => out.push(u8::from(array.value(row))),
            Values::Int8(array) => out.extend_from_slice(&array.value(row).to_be_bytes()),
            Values::Int16(array) => out.extend_from_slice(&array.value(row).to_be_bytes()),
            Values::Int32(array) => out.extend_from_slice(&array.value(row).to_be_bytes()),
            Values::Int64(array) => out.extend_from_slice(&array.value(row).to_be_bytes()),
            Values::Float32(array) => out.extend_from_slice(&array.value(row).to_be_bytes()),
            Values::Float64(array) => out.extend_from_slice(&array.value(row).to_be_bytes()),
            Values::Text(array) => out.extend_from_slice(array.value(row).as_bytes()),
            Values::Bytes(array) => out.extend_from_slice(array.value(row)),
        }
        Ok(true)
    }
}
