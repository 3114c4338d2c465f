//! Flink's JSON: rows that it reads, types and values that it answers with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nutkin_functions::decimal;
use nutkin_functions::time::text as time_text;
use nutkin_types::data_type::{DayTimeResolution as D, YearMonthResolution as Y};
use nutkin_types::{DataType, LogicalType as T, Moment, RowField, Value};
use serde_json::{Map, Value as Json, json};

/// The value as Flink's JSON format reads it.
pub fn write(value: &Value, logical: &T) -> Json {
    match (value, logical) {
        (Value::Null, _) => Json::Null,
        (Value::Boolean(value), _) => json!(value),
        (Value::Double(value), T::Float) => json!((*value as f32).to_string().replace("inf", "Infinity")),
        (Value::Double(value), _) => json!(value.to_string().replace("inf", "Infinity")),
        (Value::Decimal(value), T::Decimal { scale, .. }) => text(|out| decimal::write(*value, *scale, out)),
        (Value::String(value), _) => json!(value),
        (Value::Bytes(value), _) => json!(STANDARD.encode(value)),
        (Value::Integer(value), T::Date) => text(|out| time_text::write_date(*value as i32, out)),
        (Value::Integer(value), T::Time { precision }) => {
            text(|out| time_text::write_time(*value as i32, *precision, out))
        }
        (value, T::Timestamp { precision }) => timestamp(value, *precision, ""),
        (value, T::TimestampLtz { precision }) => timestamp(value, *precision, "Z"),
        (Value::Integer(value), _) => json!(value),
        (Value::List(items), T::Array { element }) => items.iter().map(|item| write(item, &element.logical)).collect(),
        (Value::List(items), T::Row { fields }) => {
            let named = items.iter().zip(fields.iter());
            Json::Object(named.map(|(item, f)| (f.name.clone(), write(item, &f.data_type.logical))).collect())
        }
        (Value::Map(entries), T::Map { value, .. }) => {
            let mut object = Map::new();
            for (key, held) in entries {
                let Value::String(key) = key else { unreachable!("keys of columns are texts") };
                object.insert(key.clone(), write(held, &value.logical));
            }
            Json::Object(object)
        }
        (other, logical) => unreachable!("{other:?} of {logical}"),
    }
}

fn text(write: impl FnOnce(&mut String)) -> Json {
    let mut out = String::new();
    write(&mut out);
    Json::String(out)
}

fn timestamp(value: &Value, precision: u8, zone: &str) -> Json {
    let moment = Moment::of_value(value, precision).expect("a timestamp");
    let mut out = String::new();
    time_text::write_timestamp(moment, precision, &mut out);
    Json::String(out.replacen(' ', "T", 1) + zone)
}

/// The same JSON with numbers as texts: digits that a double cannot hold are kept.
pub fn numbers_as_texts(json: &str) -> String {
    let (mut out, mut in_text, mut in_number, mut escaped) = (String::with_capacity(json.len()), false, false, false);
    for c in json.chars() {
        if in_text {
            in_text = escaped || c != '"';
            escaped = c == '\\' && !escaped;
        } else if c.is_ascii_digit() || (c == '-' && !in_number) {
            if !in_number {
                out.push('"');
            }
            in_number = true;
        } else {
            if in_number && !matches!(c, '.' | '+' | '-' | 'e' | 'E') {
                out.push('"');
                in_number = false;
            }
            in_text = c == '"';
        }
        out.push(c);
    }
    if in_number {
        out.push('"');
    }
    out
}

/// The type that the gateway describes, with numbers as texts. None: one that results are not compared of.
pub fn logical_type(json: &Json) -> Option<T> {
    let number = |name: &str| json[name].as_str().and_then(|text| text.parse::<u32>().ok());
    let precision = || number("precision").unwrap_or_default() as u8;
    let inner = |name: &str| Some(DataType::new(logical_type(&json[name])?, true));
    Some(match json["type"].as_str()? {
        "NULL" => T::Null,
        "BOOLEAN" => T::Boolean,
        "TINYINT" => T::TinyInt,
        "SMALLINT" => T::SmallInt,
        "INTEGER" => T::Int,
        "BIGINT" => T::BigInt,
        "FLOAT" => T::Float,
        "DOUBLE" => T::Double,
        "DECIMAL" => T::Decimal { precision: precision(), scale: number("scale")? as u8 },
        "CHAR" => T::Char { length: number("length")? },
        "VARCHAR" => T::VarChar { length: number("length")? },
        "BINARY" => T::Binary { length: number("length")? },
        "VARBINARY" => T::VarBinary { length: number("length")? },
        "DATE" => T::Date,
        "TIME_WITHOUT_TIME_ZONE" => T::Time { precision: precision() },
        "TIMESTAMP_WITHOUT_TIME_ZONE" => T::Timestamp { precision: precision() },
        "TIMESTAMP_WITH_LOCAL_TIME_ZONE" => T::TimestampLtz { precision: precision() },
        "INTERVAL_YEAR_MONTH" => {
            let resolution = match json["resolution"].as_str()? {
                "YEAR" => Y::Year,
                "MONTH" => Y::Month,
                _ => Y::YearToMonth,
            };
            T::IntervalYearMonth { resolution, precision: precision() }
        }
        "INTERVAL_DAY_TIME" => T::IntervalDayTime {
            resolution: day_time(json["resolution"].as_str()?)?,
            day_precision: precision(),
            fractional_precision: number("fractionalPrecision")? as u8,
        },
        "ARRAY" => T::array(inner("elementType")?),
        "MULTISET" => T::Multiset { element: Box::new(inner("elementType")?) },
        "MAP" => T::map(inner("keyType")?, inner("valueType")?),
        "ROW" => {
            let field = |field: &Json| {
                let data_type = DataType::new(logical_type(&field["fieldType"])?, true);
                Some(RowField::new(field["name"].as_str()?, data_type))
            };
            T::Row { fields: json["fields"].as_array()?.iter().map(field).collect::<Option<_>>()? }
        }
        _ => return None,
    })
}

fn day_time(text: &str) -> Option<D> {
    Some(match text {
        "DAY" => D::Day,
        "DAY_TO_HOUR" => D::DayToHour,
        "DAY_TO_MINUTE" => D::DayToMinute,
        "DAY_TO_SECOND" => D::DayToSecond,
        "HOUR" => D::Hour,
        "HOUR_TO_MINUTE" => D::HourToMinute,
        "HOUR_TO_SECOND" => D::HourToSecond,
        "MINUTE" => D::Minute,
        "MINUTE_TO_SECOND" => D::MinuteToSecond,
        "SECOND" => D::Second,
        _ => return None,
    })
}

/// The value of type `logical` that Flink wrote, with numbers as texts. None when it cannot be read.
pub fn read(json: &Json, logical: &T) -> Option<Value> {
    if json.is_null() {
        return Some(Value::Null);
    }
    Some(match logical {
        T::Array { element } => {
            let items = json.as_array()?.iter().map(|item| read(item, &element.logical));
            Value::List(items.collect::<Option<_>>()?)
        }
        T::Map { key, value } => entries(json, &key.logical, &value.logical)?,
        T::Multiset { element } => entries(json, &element.logical, &T::Int)?,
        T::Row { fields } => {
            let values = fields.iter().map(|field| read(json.get(&field.name)?, &field.data_type.logical));
            Value::List(values.collect::<Option<_>>()?)
        }
        T::Boolean => Value::Boolean(json.as_bool()?),
        other => read_text(json.as_str()?, other)?,
    })
}

fn entries(json: &Json, key: &T, value: &T) -> Option<Value> {
    let entry = |(k, v): (&String, &Json)| Some((read_text(k, key)?, read(v, value)?));
    Some(Value::Map(json.as_object()?.iter().map(entry).collect::<Option<_>>()?))
}

fn read_text(text: &str, logical: &T) -> Option<Value> {
    Some(match logical {
        T::TinyInt | T::SmallInt | T::Int | T::BigInt | T::IntervalYearMonth { .. } | T::IntervalDayTime { .. } => {
            Value::Integer(text.parse().ok()?)
        }
        T::Float => Value::Double(text.parse::<f32>().ok()?.into()),
        T::Double => Value::Double(text.parse().ok()?),
        T::Decimal { precision, scale } => Value::Decimal(decimal::parse(text, *precision, *scale)?),
        T::Char { .. } | T::VarChar { .. } => Value::String(text.to_owned()),
        T::Binary { .. } | T::VarBinary { .. } => Value::Bytes(STANDARD.decode(text).ok()?),
        T::Date => Value::Integer(time_text::parse_date(text)?.into()),
        T::Time { .. } => Value::Integer(time_text::parse_time(text.trim_end_matches('Z'))? / 1_000_000),
        T::Timestamp { precision } | T::TimestampLtz { precision } => {
            let (seconds, nanos) = time_text::parse_timestamp(text.trim_end_matches('Z'))?;
            Moment::of_seconds(seconds, nanos)?.value(*precision)?
        }
        _ => return None,
    })
}
