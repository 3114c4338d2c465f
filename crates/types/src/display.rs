//! The text of types, as Flink's `asSummaryString` prints it: `VARCHAR(2147483647)`, `ROW<`a` INT NOT NULL>`.

use std::fmt::{Display, Formatter, Result};

use crate::data_type::{DataType, DayTimeResolution, LogicalType, MAX_LENGTH, RowField, YearMonthResolution};

impl Display for DataType {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.logical.fmt(f)?;
        if self.nullable || self.logical == LogicalType::Null { Ok(()) } else { f.write_str(" NOT NULL") }
    }
}

impl Display for LogicalType {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            LogicalType::Null => f.write_str("NULL"),
            LogicalType::Boolean => f.write_str("BOOLEAN"),
            LogicalType::TinyInt => f.write_str("TINYINT"),
            LogicalType::SmallInt => f.write_str("SMALLINT"),
            LogicalType::Int => f.write_str("INT"),
            LogicalType::BigInt => f.write_str("BIGINT"),
            LogicalType::Float => f.write_str("FLOAT"),
            LogicalType::Double => f.write_str("DOUBLE"),
            LogicalType::Decimal { precision, scale } => write!(f, "DECIMAL({precision}, {scale})"),
            LogicalType::Char { length } => write!(f, "CHAR({length})"),
            LogicalType::VarChar { length } => write!(f, "VARCHAR({length})"),
            LogicalType::Binary { length } => write!(f, "BINARY({length})"),
            LogicalType::VarBinary { length } => write!(f, "VARBINARY({length})"),
            LogicalType::Date => f.write_str("DATE"),
            LogicalType::Time { precision } => write!(f, "TIME({precision})"),
            LogicalType::Timestamp { precision } => write!(f, "TIMESTAMP({precision})"),
            LogicalType::TimestampLtz { precision } => write!(f, "TIMESTAMP_LTZ({precision})"),
            LogicalType::IntervalYearMonth { resolution, precision } => match resolution {
                YearMonthResolution::Year => write!(f, "INTERVAL YEAR({precision})"),
                YearMonthResolution::YearToMonth => write!(f, "INTERVAL YEAR({precision}) TO MONTH"),
                YearMonthResolution::Month => f.write_str("INTERVAL MONTH"),
            },
            LogicalType::IntervalDayTime { resolution, day_precision: d, fractional_precision: s } => {
                match resolution {
                    DayTimeResolution::Day => write!(f, "INTERVAL DAY({d})"),
                    DayTimeResolution::DayToHour => write!(f, "INTERVAL DAY({d}) TO HOUR"),
                    DayTimeResolution::DayToMinute => write!(f, "INTERVAL DAY({d}) TO MINUTE"),
                    DayTimeResolution::DayToSecond => write!(f, "INTERVAL DAY({d}) TO SECOND({s})"),
                    DayTimeResolution::Hour => f.write_str("INTERVAL HOUR"),
                    DayTimeResolution::HourToMinute => f.write_str("INTERVAL HOUR TO MINUTE"),
                    DayTimeResolution::HourToSecond => write!(f, "INTERVAL HOUR TO SECOND({s})"),
                    DayTimeResolution::Minute => f.write_str("INTERVAL MINUTE"),
                    DayTimeResolution::MinuteToSecond => write!(f, "INTERVAL MINUTE TO SECOND({s})"),
                    DayTimeResolution::Second => write!(f, "INTERVAL SECOND({s})"),
                }
            }
            LogicalType::Array { element } => write!(f, "ARRAY<{element}>"),
            LogicalType::Map { key, value } => write!(f, "MAP<{key}, {value}>"),
            LogicalType::Multiset { element } => write!(f, "MULTISET<{element}>"),
            LogicalType::Row { fields } => {
                f.write_str("ROW<")?;
                write_fields(f, fields)
            }
            LogicalType::Structured { class, fields } => {
                write!(f, "STRUCTURED<{}, ", quote_text(class))?;
                write_fields(f, fields)
            }
            LogicalType::Variant => f.write_str("VARIANT"),
        }
    }
}

fn write_fields(f: &mut Formatter<'_>, fields: &[RowField]) -> Result {
    for (i, field) in fields.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        field.fmt(f)?;
    }
    f.write_str(">")
}

impl Display for RowField {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{} {}", quote_identifier(&self.name), self.data_type)?;
        match &self.description {
            Some(text) => write!(f, " {}", quote_text(text)),
            None => Ok(()),
        }
    }
}

/// The name between back-ticks, back-ticks inside doubled.
pub fn quote_identifier(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// The text between quotes, quotes inside doubled.
pub fn quote_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Short names for people, as Flink's `asSummaryString` gives them: `STRING` and `BYTES` instead of the longest VARCHAR and
/// VARBINARY, at every depth; else as `Display`.
pub fn short_type(data_type: &DataType) -> String {
    let base = match &data_type.logical {
        LogicalType::VarChar { length: MAX_LENGTH } => "STRING".to_owned(),
        LogicalType::VarBinary { length: MAX_LENGTH } => "BYTES".to_owned(),
        LogicalType::Array { element } => format!("ARRAY<{}>", short_type(element)),
        LogicalType::Multiset { element } => format!("MULTISET<{}>", short_type(element)),
        LogicalType::Map { key, value } => format!("MAP<{}, {}>", short_type(key), short_type(value)),
        LogicalType::Row { fields } => format!("ROW<{}>", short_fields(fields)),
        LogicalType::Structured { class, fields } => {
            format!("STRUCTURED<{}, {}>", quote_text(class), short_fields(fields))
        }
        other => other.to_string(),
    };
    if data_type.nullable || data_type.logical == LogicalType::Null { base } else { format!("{base} NOT NULL") }
}

fn short_fields(fields: &[RowField]) -> String {
    let field = |field: &RowField| {
        let name = format!("{} {}", quote_identifier(&field.name), short_type(&field.data_type));
        match &field.description {
            Some(text) => format!("{name} {}", quote_text(text)),
            None => name,
        }
    };
    fields.iter().map(field).collect::<Vec<_>>().join(", ")
}
