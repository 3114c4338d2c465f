//! From the catalog's traits and warnings to those of the API.

use chrono::{DateTime, SecondsFormat};
use nutkin_api::sql as wire;
use nutkin_catalog::Traits;
use nutkin_planner::{Severity, Warning};
use nutkin_types::data_type::{DayTimeResolution, YearMonthResolution};
use nutkin_types::{DataType, LogicalType};

pub fn to_wire(traits: &Traits) -> wire::StatementTraits {
    let column =
        |c: &nutkin_types::Column| wire::ResultColumn { name: c.name.clone(), data_type: result_type(&c.data_type) };
    wire::StatementTraits {
        sql_kind: traits.sql_kind.clone(),
        is_bounded: traits.is_bounded,
        is_append_only: traits.is_append_only,
        upsert_columns: traits.upsert_columns.as_ref().map(|columns| columns.iter().map(|&c| c as u32).collect()),
        schema: traits
            .schema
            .as_ref()
            .map(|schema| wire::ResultSchema { columns: schema.columns.iter().map(column).collect() }),
        connection_refs: Vec::new(),
    }
}

pub fn warnings(warnings: &[Warning], now: i64) -> Vec<wire::StatementWarning> {
    let one = |warning: &Warning| wire::StatementWarning {
        severity: match warning.severity {
            Severity::Low => "LOW",
            Severity::Moderate => "MODERATE",
            Severity::Critical => "CRITICAL",
        }
        .to_owned(),
        created_at: rfc3339(now),
        reason: warning.reason.clone(),
        message: warning.message.clone(),
    };
    warnings.iter().map(one).collect()
}

/// RFC 3339 with milliseconds.
pub fn rfc3339(millis: i64) -> String {
    DateTime::from_timestamp_millis(millis).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A type as clients read it (canonical names of clients' api-shapes).
pub fn result_type(data_type: &DataType) -> wire::ResultType {
    use LogicalType as T;
    let mut result = wire::ResultType { nullable: data_type.nullable, ..wire::ResultType::default() };
    let boxed = |t: &DataType| Some(Box::new(result_type(t)));
    let name = match &data_type.logical {
        T::Null => "NULL",
        T::Boolean => "BOOLEAN",
        T::TinyInt => "TINYINT",
        T::SmallInt => "SMALLINT",
        T::Int => "INTEGER",
        T::BigInt => "BIGINT",
        T::Float => "FLOAT",
        T::Double => "DOUBLE",
        T::Date => "DATE",
        T::Decimal { precision, scale } => {
            (result.precision, result.scale) = (Some(*precision), Some(*scale));
            "DECIMAL"
        }
        T::Char { length } => {
            result.length = Some(*length);
            "CHAR"
        }
        T::VarChar { length } => {
            result.length = Some(*length);
            "VARCHAR"
        }
        T::Binary { length } => {
            result.length = Some(*length);
            "BINARY"
        }
        T::VarBinary { length } => {
            result.length = Some(*length);
            "VARBINARY"
        }
        T::Time { precision } => {
            result.precision = Some(*precision);
            "TIME_WITHOUT_TIME_ZONE"
        }
        T::Timestamp { precision } => {
            result.precision = Some(*precision);
            "TIMESTAMP_WITHOUT_TIME_ZONE"
        }
        T::TimestampLtz { precision } => {
            result.precision = Some(*precision);
            "TIMESTAMP_WITH_LOCAL_TIME_ZONE"
        }
        T::IntervalYearMonth { resolution, precision } => {
            (result.precision, result.resolution) = (Some(*precision), Some(year_month(*resolution).to_owned()));
            "INTERVAL_YEAR_MONTH"
        }
        T::IntervalDayTime { resolution, day_precision, fractional_precision } => {
            (result.precision, result.fractional_precision) = (Some(*day_precision), Some(*fractional_precision));
            result.resolution = Some(day_time(*resolution).to_owned());
            "INTERVAL_DAY_TIME"
        }
        T::Array { element } => {
            result.element_type = boxed(element);
            "ARRAY"
        }
        T::Multiset { element } => {
            result.element_type = boxed(element);
            "MULTISET"
        }
        T::Map { key, value } => {
            (result.key_type, result.value_type) = (boxed(key), boxed(value));
            "MAP"
        }
        T::Row { fields } => {
            result.fields = Some(fields.iter().map(result_field).collect());
            "ROW"
        }
        T::Structured { class, fields } => {
            result.class_name = Some(class.to_string());
            result.fields = Some(fields.iter().map(result_field).collect());
            "STRUCTURED_TYPE"
        }
        T::Variant => "VARIANT",
    };
    result.type_name = name.to_owned();
    result
}

fn result_field(field: &nutkin_types::RowField) -> wire::ResultField {
    wire::ResultField {
        name: field.name.clone(),
        field_type: result_type(&field.data_type),
        description: field.description.clone(),
    }
}

fn year_month(resolution: YearMonthResolution) -> &'static str {
    match resolution {
        YearMonthResolution::Year => "YEAR",
        YearMonthResolution::YearToMonth => "YEAR_TO_MONTH",
        YearMonthResolution::Month => "MONTH",
    }
}

fn day_time(resolution: DayTimeResolution) -> &'static str {
    match resolution {
        DayTimeResolution::Day => "DAY",
        DayTimeResolution::DayToHour => "DAY_TO_HOUR",
        DayTimeResolution::DayToMinute => "DAY_TO_MINUTE",
        DayTimeResolution::DayToSecond => "DAY_TO_SECOND",
        DayTimeResolution::Hour => "HOUR",
        DayTimeResolution::HourToMinute => "HOUR_TO_MINUTE",
        DayTimeResolution::HourToSecond => "HOUR_TO_SECOND",
        DayTimeResolution::Minute => "MINUTE",
        DayTimeResolution::MinuteToSecond => "MINUTE_TO_SECOND",
        DayTimeResolution::Second => "SECOND",
    }
}
