//! [`LogicalType`] and [`DataType`]: Flink's type system without its Java classes (spec sql.md 2.5).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The longest CHAR, VARCHAR, BINARY or VARBINARY; `STRING` and `BYTES` are the VAR types of this length.
pub const MAX_LENGTH: u32 = i32::MAX as u32;
/// Precision of `DECIMAL` without arguments.
pub const DEFAULT_DECIMAL_PRECISION: u8 = 10;
/// Precision of `TIMESTAMP` and `TIMESTAMP_LTZ` without arguments.
pub const DEFAULT_TIMESTAMP_PRECISION: u8 = 6;
/// Highest precision of a DECIMAL.
pub const MAX_DECIMAL_PRECISION: u8 = 38;

/// A type without nullability.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LogicalType {
    /// The type of a bare `NULL`.
    Null,
    Boolean,
    TinyInt,
    SmallInt,
    Int,
    BigInt,
    Float,
    Double,
    /// Exact number: `precision` digits in all (1..=38), `scale` of them after the point (0..=precision).
    Decimal {
        precision: u8,
        scale: u8,
    },
    /// Text of exactly `length` characters, padded with blanks.
    Char {
        length: u32,
    },
    /// Text of at most `length` characters.
    VarChar {
        length: u32,
    },
    /// Exactly `length` bytes.
    Binary {
        length: u32,
    },
    /// At most `length` bytes.
    VarBinary {
        length: u32,
    },
    Date,
    /// Time of day; `precision` fractional digits are declared, milliseconds are kept, as in Flink.
    Time {
        precision: u8,
    },
    /// Date and time without zone; 0..=9 fractional digits.
    Timestamp {
        precision: u8,
    },
    /// An instant; 0..=9 fractional digits.
    TimestampLtz {
        precision: u8,
    },
    /// Months. `resolution` keeps the declared fields for printing.
    IntervalYearMonth {
        resolution: YearMonthResolution,
        precision: u8,
    },
    /// Milliseconds. `resolution` keeps the declared fields for printing.
    IntervalDayTime {
        resolution: DayTimeResolution,
        day_precision: u8,
        fractional_precision: u8,
    },
    Array {
        element: Box<DataType>,
    },
    Map {
        key: Box<DataType>,
        value: Box<DataType>,
    },
    /// A bag: each element with its number of occurrences.
    Multiset {
        element: Box<DataType>,
    },
    Row {
        fields: Arc<[RowField]>,
    },
    /// A ROW of a class: `STRUCTURED<'class', ...>`. The class is a name only; it need not exist.
    Structured {
        class: Arc<str>,
        fields: Arc<[RowField]>,
    },
    /// A value that brings its own type, such as parsed JSON: the open binary encoding of variants, its metadata and then its value.
    Variant,
}

/// Fields of a year-month interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum YearMonthResolution {
    Year,
    YearToMonth,
    Month,
}

/// Fields of a day-time interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DayTimeResolution {
    Day,
    DayToHour,
    DayToMinute,
    DayToSecond,
    Hour,
    HourToMinute,
    HourToSecond,
    Minute,
    MinuteToSecond,
    Second,
}

/// One field of a ROW.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RowField {
    pub name: String,
    pub data_type: DataType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A logical type that admits NULL or not.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DataType {
    pub logical: LogicalType,
    pub nullable: bool,
}

/// Groups of types that behave alike in casts, comparisons and arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TypeFamily {
    Null,
    Boolean,
    /// TINYINT to BIGINT.
    ExactInteger,
    Decimal,
    /// FLOAT and DOUBLE.
    Approximate,
    CharacterString,
    BinaryString,
    Date,
    Time,
    Timestamp,
    TimestampLtz,
    IntervalYearMonth,
    IntervalDayTime,
    Array,
    Map,
    Multiset,
    Row,
    Structured,
    Variant,
}

impl LogicalType {
    /// `VARCHAR(2147483647)`.
    pub const STRING: LogicalType = LogicalType::VarChar { length: MAX_LENGTH };
    /// `VARBINARY(2147483647)`.
    pub const BYTES: LogicalType = LogicalType::VarBinary { length: MAX_LENGTH };

    pub fn family(&self) -> TypeFamily {
        match self {
            LogicalType::Null => TypeFamily::Null,
            LogicalType::Boolean => TypeFamily::Boolean,
            LogicalType::TinyInt | LogicalType::SmallInt | LogicalType::Int | LogicalType::BigInt => {
                TypeFamily::ExactInteger
            }
            LogicalType::Float | LogicalType::Double => TypeFamily::Approximate,
            LogicalType::Decimal { .. } => TypeFamily::Decimal,
            LogicalType::Char { .. } | LogicalType::VarChar { .. } => TypeFamily::CharacterString,
            LogicalType::Binary { .. } | LogicalType::VarBinary { .. } => TypeFamily::BinaryString,
            LogicalType::Date => TypeFamily::Date,
            LogicalType::Time { .. } => TypeFamily::Time,
            LogicalType::Timestamp { .. } => TypeFamily::Timestamp,
            LogicalType::TimestampLtz { .. } => TypeFamily::TimestampLtz,
            LogicalType::IntervalYearMonth { .. } => TypeFamily::IntervalYearMonth,
            LogicalType::IntervalDayTime { .. } => TypeFamily::IntervalDayTime,
            LogicalType::Array { .. } => TypeFamily::Array,
            LogicalType::Map { .. } => TypeFamily::Map,
            LogicalType::Multiset { .. } => TypeFamily::Multiset,
            LogicalType::Row { .. } => TypeFamily::Row,
            LogicalType::Structured { .. } => TypeFamily::Structured,
            LogicalType::Variant => TypeFamily::Variant,
        }
    }

    pub fn is_numeric(&self) -> bool {
        matches!(self.family(), TypeFamily::ExactInteger | TypeFamily::Decimal | TypeFamily::Approximate)
    }

    pub fn is_character_string(&self) -> bool {
        self.family() == TypeFamily::CharacterString
    }

    pub fn is_binary_string(&self) -> bool {
        self.family() == TypeFamily::BinaryString
    }

    /// DATE, TIME, TIMESTAMP or TIMESTAMP_LTZ.
    pub fn is_datetime(&self) -> bool {
        matches!(self.family(), TypeFamily::Date | TypeFamily::Time | TypeFamily::Timestamp | TypeFamily::TimestampLtz)
    }

    /// ROW, STRUCTURED, or a collection: values that hold values of declared types.
    pub fn is_nested(&self) -> bool {
        matches!(
            self.family(),
            TypeFamily::Array | TypeFamily::Map | TypeFamily::Multiset | TypeFamily::Row | TypeFamily::Structured
        )
    }

    /// The fields of a ROW or of a STRUCTURED type.
    pub fn fields(&self) -> Option<&Arc<[RowField]>> {
        match self {
            LogicalType::Row { fields } | LogicalType::Structured { fields, .. } => Some(fields),
            _ => None,
        }
    }

    pub fn is_interval(&self) -> bool {
        matches!(self.family(), TypeFamily::IntervalYearMonth | TypeFamily::IntervalDayTime)
    }

    /// The DECIMAL that holds every value of an integer type: TINYINT (3,0) up to BIGINT (19,0); a DECIMAL is itself.
    pub fn as_decimal(&self) -> Option<(u8, u8)> {
        match self {
            LogicalType::TinyInt => Some((3, 0)),
            LogicalType::SmallInt => Some((5, 0)),
            LogicalType::Int => Some((10, 0)),
            LogicalType::BigInt => Some((19, 0)),
            LogicalType::Decimal { precision, scale } => Some((*precision, *scale)),
            _ => None,
        }
    }

    pub fn nullable(self) -> DataType {
        DataType { logical: self, nullable: true }
    }

    pub fn not_null(self) -> DataType {
        DataType { logical: self, nullable: false }
    }

    /// A ROW of `(name, type)` pairs.
    pub fn row<N: Into<String>>(fields: impl IntoIterator<Item = (N, DataType)>) -> LogicalType {
        LogicalType::Row {
            fields: fields.into_iter().map(|(name, data_type)| RowField::new(name, data_type)).collect(),
        }
    }

    pub fn array(element: DataType) -> LogicalType {
        LogicalType::Array { element: Box::new(element) }
    }

    pub fn map(key: DataType, value: DataType) -> LogicalType {
        LogicalType::Map { key: Box::new(key), value: Box::new(value) }
    }
}

impl RowField {
    pub fn new(name: impl Into<String>, data_type: DataType) -> RowField {
        RowField { name: name.into(), data_type, description: None }
    }
}

impl DataType {
    pub fn new(logical: LogicalType, nullable: bool) -> DataType {
        DataType { logical, nullable }
    }

    /// Nullable `STRING`.
    pub fn string() -> DataType {
        LogicalType::STRING.nullable()
    }

    /// The same type with this nullability.
    pub fn with_nullable(&self, nullable: bool) -> DataType {
        DataType { logical: self.logical.clone(), nullable }
    }

    pub fn family(&self) -> TypeFamily {
        self.logical.family()
    }

    /// Equal when nullability is left out at every level (how the recorded cases compare types).
    pub fn same_ignoring_nullability(&self, other: &DataType) -> bool {
        self.erase_nullability() == other.erase_nullability()
    }

    /// The type with every level made nullable.
    pub fn erase_nullability(&self) -> DataType {
        let logical = match &self.logical {
            LogicalType::Array { element } => LogicalType::Array { element: Box::new(element.erase_nullability()) },
            LogicalType::Multiset { element } => {
                LogicalType::Multiset { element: Box::new(element.erase_nullability()) }
            }
            LogicalType::Map { key, value } => LogicalType::map(key.erase_nullability(), value.erase_nullability()),
            LogicalType::Row { fields } => LogicalType::Row { fields: erased(fields) },
            LogicalType::Structured { class, fields } => {
                LogicalType::Structured { class: class.clone(), fields: erased(fields) }
            }
            other => other.clone(),
        };
        DataType { logical, nullable: true }
    }
}

fn erased(fields: &[RowField]) -> Arc<[RowField]> {
    let field = |field: &RowField| RowField { data_type: field.data_type.erase_nullability(), ..field.clone() };
    fields.iter().map(field).collect()
}
