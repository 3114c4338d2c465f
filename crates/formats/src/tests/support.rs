//! Random types and values, and the round trip through a format.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef};
use nutkin_types::data_type::MAX_LENGTH;
use nutkin_types::{DataType, LogicalType, Moment, RowField, Value};
use proptest::prelude::*;

use crate::columns::ColumnBuilder;
use crate::{DecodedColumn, Decoder, Encoder, FormatConfig, Payloads, Rows, SchemaKind};

/// What a format can hold.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub timestamp_precision: u8,
    pub time_precision: u8,
    /// Text keys lose length and nullability.
    pub plain_text_keys: bool,
}

pub fn limits(kind: SchemaKind) -> Limits {
    match kind {
        SchemaKind::Avro => Limits { timestamp_precision: 6, time_precision: 3, plain_text_keys: true },
        SchemaKind::Json => Limits { timestamp_precision: 3, time_precision: 3, plain_text_keys: true },
        SchemaKind::Protobuf => Limits { timestamp_precision: 9, time_precision: 3, plain_text_keys: false },
    }
}

fn leaf(limits: Limits) -> impl Strategy<Value = LogicalType> {
    prop_oneof![
        Just(LogicalType::Boolean),
        Just(LogicalType::TinyInt),
        Just(LogicalType::SmallInt),
        Just(LogicalType::Int),
        Just(LogicalType::BigInt),
        Just(LogicalType::Float),
        Just(LogicalType::Double),
        (1u8..=38)
            .prop_flat_map(|p| (Just(p), 0..=p))
            .prop_map(|(precision, scale)| LogicalType::Decimal { precision, scale }),
        Just(LogicalType::STRING),
        (1u32..40).prop_map(|length| LogicalType::VarChar { length }),
        (1u32..40).prop_map(|length| LogicalType::Char { length }),
        Just(LogicalType::BYTES),
        (1u32..40).prop_map(|length| LogicalType::VarBinary { length }),
        (1u32..8).prop_map(|length| LogicalType::Binary { length }),
        Just(LogicalType::Date),
        (0..=limits.time_precision).prop_map(|precision| LogicalType::Time { precision }),
        (0..=limits.timestamp_precision).prop_map(|precision| LogicalType::Timestamp { precision }),
        (0..=limits.timestamp_precision).prop_map(|precision| LogicalType::TimestampLtz { precision }),
    ]
}

fn key(limits: Limits) -> BoxedStrategy<DataType> {
    leaf(limits)
        .prop_map(move |logical| {
            if logical.is_character_string() && limits.plain_text_keys {
                return LogicalType::STRING.not_null();
            }
            logical.not_null()
        })
        .boxed()
}

/// A type that schemas of `kind` can hold without loss.
pub fn data_type(limits: Limits) -> BoxedStrategy<DataType> {
    let leaf_type = (leaf(limits), any::<bool>()).prop_map(|(logical, nullable)| DataType::new(logical, nullable));
    leaf_type
        .prop_recursive(3, 12, 4, move |inner| {
            let logical = prop_oneof![
                inner.clone().prop_map(LogicalType::array),
                (key(limits), inner.clone()).prop_map(|(key, value)| LogicalType::map(key, value)),
                key(limits).prop_map(|key| LogicalType::Multiset { element: Box::new(key) }),
                prop::collection::vec(inner, 1..4).prop_map(row),
            ];
            (logical, any::<bool>()).prop_map(|(logical, nullable)| DataType::new(logical, nullable))
        })
        .boxed()
}

fn row(types: Vec<DataType>) -> LogicalType {
    LogicalType::row(types.into_iter().enumerate().map(|(index, data_type)| (format!("f{index}"), data_type)))
}

/// Columns of a table.
pub fn columns(limits: Limits) -> BoxedStrategy<Vec<RowField>> {
    prop::collection::vec(data_type(limits), 1..6)
        .prop_map(|types| {
            let named = types.into_iter().enumerate();
            named.map(|(index, data_type)| RowField::new(format!("c_{index}"), data_type)).collect()
        })
        .boxed()
}

/// A value of the type.
pub fn value(data_type: &DataType) -> BoxedStrategy<Value> {
    let some = not_null_value(&data_type.logical);
    if data_type.nullable { prop_oneof![1 => Just(Value::Null), 4 => some].boxed() } else { some }
}

/// The years 1 to 9999.
const SECONDS: std::ops::Range<i64> = -62_135_596_800..253_402_300_800;

fn integer(range: std::ops::RangeInclusive<i64>) -> BoxedStrategy<Value> {
    range.prop_map(Value::Integer).boxed()
}

pub fn not_null_value(logical: &LogicalType) -> BoxedStrategy<Value> {
    match logical {
        LogicalType::Null => Just(Value::Null).boxed(),
        LogicalType::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        LogicalType::TinyInt => integer(i8::MIN.into()..=i8::MAX.into()),
        LogicalType::SmallInt => integer(i16::MIN.into()..=i16::MAX.into()),
        LogicalType::Int => integer(i32::MIN.into()..=i32::MAX.into()),
        LogicalType::BigInt => integer(i64::MIN..=i64::MAX),
        LogicalType::Float => {
            any::<f32>().prop_filter("finite", |f| f.is_finite()).prop_map(|f| Value::Double(f.into())).boxed()
        }
        LogicalType::Double => any::<f64>().prop_filter("finite", |f| f.is_finite()).prop_map(Value::Double).boxed(),
        LogicalType::Decimal { precision, .. } => {
            let limit = 10i128.pow(u32::from(*precision)) - 1;
            (-limit..=limit).prop_map(Value::Decimal).boxed()
        }
        LogicalType::Char { length } => text(*length as usize, *length as usize),
        LogicalType::VarChar { length } => text(0, (*length as usize).min(12)),
        LogicalType::Binary { length } => bytes(*length as usize, *length as usize),
        LogicalType::VarBinary { length } => bytes(0, (*length as usize).min(12)),
        LogicalType::Date => integer(-719_162..=2_932_896),
        LogicalType::Time { .. } => integer(0..=86_399_999),
        LogicalType::Timestamp { precision } | LogicalType::TimestampLtz { precision } => {
            let precision = *precision;
            let moment = move |(seconds, nanos)| {
                Moment::of_seconds(seconds, nanos).unwrap().truncated(precision).value(precision).unwrap()
            };
            (SECONDS, 0..1_000_000_000i64).prop_map(moment).boxed()
        }
        LogicalType::IntervalYearMonth { .. } | LogicalType::IntervalDayTime { .. } => integer(0..=1000),
        LogicalType::Array { element } => prop::collection::vec(value(element), 0..4).prop_map(Value::List).boxed(),
        LogicalType::Map { key, value: item } => {
            prop::collection::vec((value(&key.with_nullable(false)), value(item)), 0..4).prop_map(unique).boxed()
        }
        LogicalType::Multiset { element } => {
            prop::collection::vec((value(&element.with_nullable(false)), integer(1..=9)), 0..4).prop_map(unique).boxed()
        }
        LogicalType::Variant => bytes(0, 12),
        LogicalType::Row { fields } | LogicalType::Structured { fields, .. } => {
            let values: Vec<_> = fields.iter().map(|field| value(&field.data_type)).collect();
            values.prop_map(Value::List).boxed()
        }
    }
}

/// Keys of a map occur once.
fn unique(entries: Vec<(Value, Value)>) -> Value {
    let mut kept: Vec<(Value, Value)> = Vec::new();
    for (key, value) in entries {
        if !kept.iter().any(|(known, _)| *known == key) {
            kept.push((key, value));
        }
    }
    Value::Map(kept)
}

fn text(min: usize, max: usize) -> BoxedStrategy<Value> {
    let character = prop_oneof![8 => prop::char::range(' ', '~'), 1 => any::<char>()];
    prop::collection::vec(character, min..=max).prop_map(|chars| Value::String(chars.into_iter().collect())).boxed()
}

fn bytes(min: usize, max: usize) -> BoxedStrategy<Value> {
    prop::collection::vec(any::<u8>(), min..=max).prop_map(Value::Bytes).boxed()
}

/// A table with rows of values.
#[derive(Debug, Clone)]
pub struct Table {
    pub columns: Vec<RowField>,
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    pub fn arrays(&self) -> Vec<ArrayRef> {
        let column = |index: usize| {
            let values: Vec<&Value> = self.rows.iter().map(|row| &row[index]).collect();
            array(&values, &self.columns[index].data_type)
        };
        (0..self.columns.len()).map(column).collect()
    }

    pub fn wanted(&self) -> Vec<DecodedColumn> {
        self.columns.iter().map(|c| DecodedColumn::field(&c.name, c.data_type.clone())).collect()
    }

    pub fn encode(&self, config: &FormatConfig) -> Payloads {
        let encoder = Encoder::new(config.clone(), &self.columns).unwrap();
        encoder.encode(&self.arrays(), &Rows::Range(0..self.rows.len())).unwrap()
    }
}

pub fn table(limits: Limits) -> BoxedStrategy<Table> {
    columns(limits)
        .prop_flat_map(|columns| {
            let row: Vec<_> = columns.iter().map(|column| value(&column.data_type)).collect();
            (Just(columns), prop::collection::vec(row, 1..6))
        })
        .prop_map(|(columns, rows)| Table { columns, rows })
        .boxed()
}

pub fn array(values: &[&Value], data_type: &DataType) -> ArrayRef {
    let mut builder = ColumnBuilder::new(&data_type.logical);
    values.iter().for_each(|value| append(value, &mut builder));
    builder.finish(&data_type.logical).unwrap()
}

fn append(value: &Value, out: &mut ColumnBuilder) {
    match (value, out) {
        (Value::Null, out) => out.append_null(),
        (Value::Boolean(value), ColumnBuilder::Boolean(column)) => column.append(*value),
        (Value::Integer(value), ColumnBuilder::Int8(column)) => column.append(*value as i8),
        (Value::Integer(value), ColumnBuilder::Int16(column)) => column.append(*value as i16),
        (Value::Integer(value), ColumnBuilder::Int32(column)) => column.append(*value as i32),
        (Value::Integer(value), ColumnBuilder::Int64(column)) => column.append(*value),
        (Value::Double(value), ColumnBuilder::Float32(column)) => column.append(*value as f32),
        (Value::Double(value), ColumnBuilder::Float64(column)) => column.append(*value),
        (Value::Decimal(value), ColumnBuilder::Decimal(column)) => column.append(*value),
        (Value::String(value), ColumnBuilder::Bytes(column)) => column.append(value.as_bytes()).unwrap(),
        (Value::Bytes(value), ColumnBuilder::Bytes(column)) => column.append(value).unwrap(),
        (Value::List(values), ColumnBuilder::List(list)) => {
            values.iter().for_each(|value| append(value, &mut list.element));
            list.close().unwrap();
        }
        (Value::Map(entries), ColumnBuilder::Map(map)) => {
            for (key, value) in entries {
                append(key, &mut map.key);
                append(value, &mut map.value);
            }
            map.close().unwrap();
        }
        (Value::List(values), ColumnBuilder::Row(row)) => {
            values.iter().zip(&mut row.fields).for_each(|(value, field)| append(value, &mut field.column));
            row.close();
        }
        (value, out) => panic!("{value:?} into {out:?}"),
    }
}

/// All rows of decoded columns.
pub fn rows(arrays: &[ArrayRef], columns: &[DecodedColumn]) -> Vec<Vec<Value>> {
    let length = arrays.first().map_or(0, |array| array.len());
    let cell = |row: usize, index: usize| {
        Value::from_array(arrays[index].as_ref(), &columns[index].data_type.logical, row).unwrap()
    };
    (0..length).map(|row| (0..arrays.len()).map(|index| cell(row, index)).collect()).collect()
}

/// Decodes payloads whose schemas are all known, without errors.
pub fn decode(config: &FormatConfig, columns: &[DecodedColumn], payloads: &Payloads) -> Vec<Vec<Value>> {
    let payloads: Vec<Option<&[u8]>> = payloads.iter().collect();
    let mut decoder = Decoder::new(config.clone(), columns).unwrap();
    let decoded = decoder.decode(&payloads).unwrap();
    assert_eq!(decoded.errors, vec![]);
    for (array, column) in decoded.columns.iter().zip(columns) {
        assert_eq!(array.data_type(), &nutkin_types::arrow::arrow_type(&column.data_type.logical));
        assert_eq!(array.len(), payloads.len());
    }
    rows(&decoded.columns, columns)
}

pub fn string(text: &str) -> Value {
    Value::String(text.to_owned())
}

pub fn fields(fields: &[(&str, DataType)]) -> Vec<RowField> {
    fields.iter().map(|(name, data_type)| RowField::new(*name, data_type.clone())).collect()
}

/// `STRING NOT NULL`.
pub fn text_type() -> DataType {
    LogicalType::VarChar { length: MAX_LENGTH }.not_null()
}

pub fn row_type(fields: &[(&str, DataType)]) -> LogicalType {
    LogicalType::Row { fields: Arc::from(self::fields(fields)) }
}

/// Maps in a fixed order, at every level.
pub fn sort_maps(value: &mut Value) {
    match value {
        Value::List(values) => values.iter_mut().for_each(sort_maps),
        Value::Map(entries) => {
            entries.iter_mut().for_each(|(_, value)| sort_maps(value));
            entries.sort_by_key(|(key, _)| format!("{key:?}"));
        }
        _ => {}
    }
}
