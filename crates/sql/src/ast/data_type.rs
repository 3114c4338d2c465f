//! Type syntax: every form Flink accepts, synonyms folded (`DEC` is DECIMAL, `INTEGER` is INT).

use super::{Ident, ObjectName, StringLiteral};
use crate::span::Span;

/// A type with its nullability as written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DataType {
    /// The type without nullability.
    pub kind: DataTypeKind,
    /// `Some(false)` for `NOT NULL`, `Some(true)` for `NULL`, `None` when nothing is written (nullable).
    pub nullable: Option<bool>,
    /// Where it stands.
    pub span: Span,
}

impl DataType {
    /// A type without nullability or place.
    pub fn new(kind: DataTypeKind) -> Self {
        Self { kind, nullable: None, span: Span::default() }
    }

    /// Whether NULL is allowed.
    pub fn is_nullable(&self) -> bool {
        self.nullable != Some(false)
    }
}

/// The type forms. Lengths and precisions are as written; `None` means Flink's default.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum DataTypeKind {
    /// `CHAR[(n)]`
    Char(Option<u32>),
    /// `VARCHAR[(n)]`
    Varchar(Option<u32>),
    /// `STRING` = VARCHAR(2147483647)
    String,
    /// `BOOLEAN`
    Boolean,
    /// `BINARY[(n)]`
    Binary(Option<u32>),
    /// `VARBINARY[(n)]`
    Varbinary(Option<u32>),
    /// `BYTES` = VARBINARY(2147483647)
    Bytes,
    /// `DECIMAL[(p[, s])]`, `DEC`, `NUMERIC`
    Decimal {
        /// Total digits.
        precision: Option<u32>,
        /// Digits right of the point.
        scale: Option<u32>,
    },
    /// `TINYINT`
    TinyInt,
    /// `SMALLINT`
    SmallInt,
    /// `INT`, `INTEGER`
    Int,
    /// `BIGINT`
    BigInt,
    /// `FLOAT`
    Float,
    /// `REAL` (Flink's FLOAT)
    Real,
    /// `DOUBLE [PRECISION]`
    Double,
    /// `DATE`
    Date,
    /// `TIME[(p)] [WITHOUT TIME ZONE]`
    Time(Option<u32>),
    /// `TIMESTAMP[(p)] [WITH[OUT] [LOCAL] TIME ZONE]`, `TIMESTAMP_LTZ[(p)]`
    Timestamp {
        /// Digits of the second's fraction.
        precision: Option<u32>,
        /// Which of the three timestamp types.
        zone: TimeZoneKind,
    },
    /// `INTERVAL DAY(p) TO SECOND(s)` and the like
    Interval(IntervalQualifier),
    /// `ARRAY<t>`, `t ARRAY`
    Array(Box<DataType>),
    /// `MULTISET<t>`, `t MULTISET`
    Multiset(Box<DataType>),
    /// `MAP<k, v>`
    Map(Box<DataType>, Box<DataType>),
    /// `ROW<name type 'comment', …>`, `ROW(…)`
    Row(Vec<RowField>),
    /// `STRUCTURED<'class', name type 'comment', …>`
    Structured {
        /// Class name.
        class: StringLiteral,
        /// Its attributes.
        fields: Vec<RowField>,
    },
    /// `NULL`
    Null,
    /// `RAW('class', 'serializer snapshot')`
    Raw {
        /// Class name.
        class: StringLiteral,
        /// Serializer snapshot in base 64.
        serializer: StringLiteral,
    },
    /// `VARIANT`
    Variant,
    /// A type by name (user-defined).
    Named(ObjectName),
}

/// Which timestamp type is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimeZoneKind {
    /// `TIMESTAMP [WITHOUT TIME ZONE]`
    Without,
    /// `TIMESTAMP WITH TIME ZONE`
    With,
    /// `TIMESTAMP WITH LOCAL TIME ZONE`, `TIMESTAMP_LTZ`
    Local,
}

/// A field of a ROW or STRUCTURED type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RowField {
    /// Field name.
    pub name: Ident,
    /// Field type.
    pub data_type: DataType,
    /// `'comment'`
    pub comment: Option<StringLiteral>,
}

/// `DAY`, `DAY(3) TO SECOND(6)`, `YEAR TO MONTH`, …
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IntervalQualifier {
    /// First (or only) unit.
    pub start: TimeUnit,
    /// Digits of the first unit.
    pub start_precision: Option<u32>,
    /// Last unit of a range.
    pub end: Option<TimeUnit>,
    /// Digits of the second's fraction: `SECOND(p, s)` or `TO SECOND(s)`.
    pub fraction_precision: Option<u32>,
}

impl IntervalQualifier {
    /// One unit without precision.
    pub fn unit(start: TimeUnit) -> Self {
        Self { start, start_precision: None, end: None, fraction_precision: None }
    }
}

/// A unit of time; `SQL_TSI_…` and plural names mean the same units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TimeUnit {
    Millennium,
    Century,
    Decade,
    Year,
    Quarter,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
    Epoch,
    Doy,
    Dow,
    Isodow,
    Isoyear,
}

impl TimeUnit {
    /// Every unit with its keyword.
    pub const ALL: [(TimeUnit, &'static str); 19] = [
        (TimeUnit::Millennium, "MILLENNIUM"),
        (TimeUnit::Century, "CENTURY"),
        (TimeUnit::Decade, "DECADE"),
        (TimeUnit::Year, "YEAR"),
        (TimeUnit::Quarter, "QUARTER"),
        (TimeUnit::Month, "MONTH"),
        (TimeUnit::Week, "WEEK"),
        (TimeUnit::Day, "DAY"),
        (TimeUnit::Hour, "HOUR"),
        (TimeUnit::Minute, "MINUTE"),
        (TimeUnit::Second, "SECOND"),
        (TimeUnit::Millisecond, "MILLISECOND"),
        (TimeUnit::Microsecond, "MICROSECOND"),
        (TimeUnit::Nanosecond, "NANOSECOND"),
        (TimeUnit::Epoch, "EPOCH"),
        (TimeUnit::Doy, "DOY"),
        (TimeUnit::Dow, "DOW"),
        (TimeUnit::Isodow, "ISODOW"),
        (TimeUnit::Isoyear, "ISOYEAR"),
    ];

    /// The unit's keyword.
    pub fn keyword(self) -> &'static str {
        Self::ALL.iter().find(|(unit, _)| *unit == self).map_or("", |(_, keyword)| keyword)
    }
}
