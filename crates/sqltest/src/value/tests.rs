//! The encoding of case files there and back, and Java's texts.

use nutkin_types::{DataType, LogicalType as T, RowKind, Value};
use serde_json::{Value as Json, json};

use super::{change_text, equal, read, write};

fn decimal() -> T {
    T::Decimal { precision: 10, scale: 2 }
}

fn seconds() -> T {
    use nutkin_types::data_type::DayTimeResolution;
    T::IntervalDayTime { resolution: DayTimeResolution::Second, day_precision: 2, fractional_precision: 3 }
}

#[test]
fn every_type_is_written_as_it_was_read() {
    let row = T::row([("a", T::Int.nullable()), ("b", DataType::string())]);
    for (logical, json) in [
        (T::Boolean, json!(true)),
        (T::BigInt, json!(-9_223_372_036_854_775_808_i64)),
        (T::Double, json!(0.1)),
        (T::Double, json!("-Infinity")),
        (T::Float, json!(0.1)),
        (decimal(), json!("12.50")),
        (T::STRING, json!("a\"b")),
        (T::BYTES, json!("00ff")),
        (T::Date, json!("2024-02-29")),
        (T::Time { precision: 3 }, json!("12:34:56.789")),
        (T::Timestamp { precision: 3 }, json!("2024-02-29T12:34:56.789")),
        (T::Timestamp { precision: 9 }, json!("2024-02-29T12:34:56.123456789")),
        (T::TimestampLtz { precision: 0 }, json!("1969-12-31T23:59:59Z")),
        (seconds(), json!("PT1H2M3.004S")),
        (seconds(), json!("PT-0.5S")),
        (T::array(T::Int.nullable()), json!([1, null])),
        (T::map(DataType::string(), T::Int.nullable()), json!([["a", 1], ["b", null]])),
        (T::Multiset { element: Box::new(DataType::string()) }, json!([["a", 2]])),
        (row.clone(), json!([1, "x"])),
        (row, Json::Null),
    ] {
        let value = read(&json, &logical).unwrap();
        assert_eq!(write(&value, &logical), json, "{logical}");
        assert!(equal(&value, &value));
    }
}

#[test]
fn people_may_write_less() {
    assert_eq!(read(&json!(12.5), &decimal()).unwrap(), Value::Decimal(1250));
    assert_eq!(read(&json!(3.0), &T::Int).unwrap(), Value::Integer(3));
    let row = T::row([("a", T::Int.nullable()), ("b", DataType::string())]);
    assert_eq!(read(&json!({"b": "x"}), &row).unwrap(), Value::List(vec![Value::Null, Value::String("x".to_owned())]));
}

#[test]
fn what_does_not_fit_is_refused() {
    for (logical, json) in [
        (T::Int, json!("1")),
        (T::Int, json!(1.5)),
        (T::STRING, json!(1)),
        (T::Date, json!("29.02.2024")),
        (T::BYTES, json!("xy")),
        (T::array(T::Int.nullable()), json!(1)),
        (T::row([("a", T::Int.nullable())]), json!([1, 2])),
        (seconds(), json!("1 hour")),
    ] {
        assert!(read(&json, &logical).is_err(), "{json} as {logical}");
    }
}

#[test]
fn texts_are_those_of_java() {
    let text = |value: Value, logical: T| change_text(RowKind::Insert, &[value], &[logical]);
    for (value, expected) in [
        (1.0, "1.0"),
        (100.0, "100.0"),
        (0.001, "0.001"),
        (0.0001, "1.0E-4"),
        (1e7, "1.0E7"),
        (1_234_567.25, "1234567.25"),
        (123_456_789.0, "1.23456789E8"),
        (-0.0, "-0.0"),
        (f64::NAN, "NaN"),
        (f64::NEG_INFINITY, "-Infinity"),
    ] {
        assert_eq!(text(Value::Double(value), T::Double), format!("+I[{expected}]"));
    }
    let at = |json: &str, precision| read(&json!(json), &T::Timestamp { precision }).unwrap();
    let timestamp = T::Timestamp { precision: 3 };
    assert_eq!(text(at("2024-01-01T12:30:00", 3), timestamp.clone()), "+I[2024-01-01T12:30]");
    assert_eq!(text(at("2024-01-01T12:30:05", 3), timestamp.clone()), "+I[2024-01-01T12:30:05]");
    assert_eq!(text(at("2024-01-01T12:30:00.100", 3), timestamp), "+I[2024-01-01T12:30:00.100]");
    let micros = T::Timestamp { precision: 6 };
    assert_eq!(text(at("2024-01-01T00:00:00.000100", 6), micros), "+I[2024-01-01T00:00:00.000100]");
    assert_eq!(text(Value::Bytes(vec![0, 255]), T::BYTES), "+I[[0, -1]]");
    let map = T::map(DataType::string(), T::Int.nullable());
    let pair = (Value::String("a".to_owned()), Value::Integer(1));
    assert_eq!(text(Value::Map(vec![pair]), map), "+I[{a=1}]");
}
