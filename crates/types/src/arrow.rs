//! Which Arrow array holds which type. The one place that decides; all kernels, decoders and state rely on it.
//!
//! | SQL | Arrow |
//! |---|---|
//! | BOOLEAN, TINYINT..BIGINT, FLOAT, DOUBLE | Boolean, Int8..Int64, Float32, Float64 |
//! | DECIMAL(p, s) | Decimal128(p, s) |
//! | CHAR, VARCHAR | Utf8 |
//! | BINARY, VARBINARY | Binary |
//! | DATE | Date32 |
//! | TIME | Time32(Millisecond) |
//! | TIMESTAMP(p) | Timestamp(ms for p <= 3, us for p <= 6, no zone); [`NANOSECONDS`] for p > 6 |
//! | TIMESTAMP_LTZ(p) | the same with zone "UTC"; [`NANOSECONDS`] for p > 6 |
//! | INTERVAL YEAR TO MONTH | Interval(YearMonth) |
//! | INTERVAL DAY TO SECOND | Duration(Millisecond) |
//! | ARRAY, MAP, ROW | List, Map ([`crate::map`]), Struct |
//! | STRUCTURED | Struct, as ROW |
//! | VARIANT | Binary: metadata and value, one after the other |
//! | MULTISET<T> | Map of T to an Int32 count |
//! | NULL | Null |
//!
//! The unit follows the declared precision: milliseconds, which Kafka and most schemas use, and microseconds hold the years
//! 1 to 9999 in 64 bits. Nanoseconds in 64 bits would hold the years 1677 to 2262 only, so these take 128. [`crate::moment`]
//! reads and writes all three. All that lies in lists, maps and rows is nullable to Arrow, whatever it is declared: Flink
//! lets NULLs pass there and checks NOT NULL at sinks only, so nullability is the plan's, and arrays of one SQL type
//! have one Arrow type.

use std::sync::Arc;

use arrow_schema::{DataType as ArrowType, Field, IntervalUnit, Schema as ArrowSchema, SchemaRef, TimeUnit};

use crate::data_type::{DataType, LogicalType};
use crate::map::map_type;
use crate::schema::Schema;

/// The zone name that marks a TIMESTAMP_LTZ array.
pub const UTC: &str = "UTC";

/// Nanoseconds since the epoch, of timestamps of more than six fractional digits: sorted, compared and hashed as the number.
/// The negative scale marks it, since no SQL DECIMAL has one: an array of either is never taken for one of the other.
pub const NANOSECONDS: ArrowType = ArrowType::Decimal128(38, -9);

/// Ticks in a second of a timestamp array of `precision` fractional digits.
pub fn ticks_per_second(precision: u8) -> i64 {
    match precision {
        0..=3 => 1_000,
        4..=6 => 1_000_000,
        _ => 1_000_000_000,
    }
}

/// The Arrow type of timestamps of `precision`.
fn timestamps(precision: u8, zone: Option<&str>) -> ArrowType {
    match precision {
        0..=3 => ArrowType::Timestamp(TimeUnit::Millisecond, zone.map(Into::into)),
        4..=6 => ArrowType::Timestamp(TimeUnit::Microsecond, zone.map(Into::into)),
        _ => NANOSECONDS,
    }
}

/// The Arrow type that holds `logical`.
pub fn arrow_type(logical: &LogicalType) -> ArrowType {
    match logical {
        LogicalType::Null => ArrowType::Null,
        LogicalType::Boolean => ArrowType::Boolean,
        LogicalType::TinyInt => ArrowType::Int8,
        LogicalType::SmallInt => ArrowType::Int16,
        LogicalType::Int => ArrowType::Int32,
        LogicalType::BigInt => ArrowType::Int64,
        LogicalType::Float => ArrowType::Float32,
        LogicalType::Double => ArrowType::Float64,
        LogicalType::Decimal { precision, scale } => ArrowType::Decimal128(*precision, *scale as i8),
        LogicalType::Char { .. } | LogicalType::VarChar { .. } => ArrowType::Utf8,
        LogicalType::Binary { .. } | LogicalType::VarBinary { .. } | LogicalType::Variant => ArrowType::Binary,
        LogicalType::Date => ArrowType::Date32,
        LogicalType::Time { .. } => ArrowType::Time32(TimeUnit::Millisecond),
        LogicalType::Timestamp { precision } => timestamps(*precision, None),
        LogicalType::TimestampLtz { precision } => timestamps(*precision, Some(UTC)),
        LogicalType::IntervalYearMonth { .. } => ArrowType::Interval(IntervalUnit::YearMonth),
        LogicalType::IntervalDayTime { .. } => ArrowType::Duration(TimeUnit::Millisecond),
        LogicalType::Array { element } => ArrowType::List(Arc::new(field("element", element))),
        LogicalType::Map { key, value } => map_type(key, value),
        LogicalType::Multiset { element } => map_type(element, &LogicalType::Int.not_null()),
        LogicalType::Row { fields } | LogicalType::Structured { fields, .. } => {
            ArrowType::Struct(fields.iter().map(|f| field(&f.name, &f.data_type)).collect())
        }
    }
}

/// The Arrow field of a part of a nested value or of a column, always nullable.
pub fn field(name: &str, data_type: &DataType) -> Field {
    Field::new(name, arrow_type(&data_type.logical), true)
}

/// The Arrow schema of `schema`. Every top-level column is nullable there: operators check NOT NULL where Flink does
/// (at the sink), not where Arrow would.
pub fn arrow_schema(schema: &Schema) -> SchemaRef {
    let fields: Vec<Field> = schema.columns.iter().map(|c| field(&c.name, &c.data_type)).collect();
    Arc::new(ArrowSchema::new(fields))
}
