//! JSON records: leniency as in Flink, strictness as in JSON, unions, and what is skipped.

use nutkin_types::{DataType, LogicalType, Value};
use serde_json::json;

use super::support::{Table, decode, fields, row_type, rows, string, text_type};
use crate::{
    Decoded, DecodedColumn, Decoder, Encoder, FormatConfig, FormatKind, Framing, RegisteredSchema, SchemaKind,
};

/// Bare texts read by the columns' types alone.
fn read(columns: &[DecodedColumn], texts: &[&str]) -> Decoded {
    let config = FormatConfig { kind: FormatKind::Json, schema: None, framing: Framing::Bare };
    let mut decoder = Decoder::new(config, columns).unwrap();
    decoder.decode(&texts.iter().map(|text| Some(text.as_bytes())).collect::<Vec<_>>()).unwrap()
}

/// The value of column `a`, or the error.
fn one(data_type: DataType, text: &str) -> Result<Value, String> {
    let columns = [DecodedColumn::field("a", data_type)];
    let decoded = read(&columns, &[text]);
    match decoded.errors.first() {
        Some(error) => Err(error.message.clone()),
        None => Ok(rows(&decoded.columns, &columns)[0][0].clone()),
    }
}

fn value(logical: LogicalType, json: &str) -> Result<Value, String> {
    one(logical.nullable(), &format!("{{\"a\":{json}}}"))
}

#[test]
fn numbers_and_texts_of_numbers() {
    use LogicalType as T;
    assert_eq!(value(T::Int, "12"), Ok(Value::Integer(12)));
    assert_eq!(value(T::Int, "\"-12\""), Ok(Value::Integer(-12)));
    assert_eq!(value(T::BigInt, "9223372036854775807"), Ok(Value::Integer(i64::MAX)));
    assert_eq!(value(T::BigInt, "-9223372036854775808"), Ok(Value::Integer(i64::MIN)));
    assert_eq!(value(T::BigInt, "1.5e3"), Ok(Value::Integer(1500)));
    assert_eq!(value(T::Double, "-1.5e-3"), Ok(Value::Double(-0.0015)));
    assert_eq!(value(T::Double, "\"NaN\"").map(|v| format!("{v:?}")), Ok("Double(NaN)".to_owned()));
    let decimal = T::Decimal { precision: 6, scale: 2 };
    assert_eq!(value(decimal.clone(), "12.345"), Ok(Value::Decimal(1235)));
    assert_eq!(value(decimal.clone(), "-1e2"), Ok(Value::Decimal(-10000)));
    assert_eq!(value(decimal.clone(), "1e-300"), Ok(Value::Decimal(0)));
    assert_eq!(value(decimal.clone(), "1e-2147483647"), Ok(Value::Decimal(0)));
    assert_eq!(value(T::Int, &format!("0.{}", "0".repeat(50))), Ok(Value::Integer(0)));
    for (logical, bad) in [
        (T::TinyInt, "128"),
        (T::Int, "1.5"),
        (T::BigInt, "9223372036854775808"),
        (T::BigInt, "01"),
        (T::BigInt, "-"),
        (T::BigInt, "1."),
        (T::BigInt, "1e"),
        (T::BigInt, "true"),
        (decimal.clone(), "12345"),
        (decimal.clone(), "1e2147483647"),
        (decimal.clone(), "1e-2147483648"),
        (decimal, "-9.9e2147483647"),
        (T::Int, "1e2147483647"),
        (T::Double, "x"),
        (T::BigInt, "1e99999999999"),
        (T::BigInt, "\"\""),
    ] {
        assert!(value(logical.clone(), bad).is_err(), "{logical} {bad}");
    }
}

#[test]
fn texts_are_unescaped_and_other_values_kept_as_they_stand() {
    let text = |json: &str| value(LogicalType::STRING, json);
    assert_eq!(text(r#""a\"\\\/\b\f\n\r\tA\u00e9\ud83d\ude00""#), Ok(string("a\"\\/\u{8}\u{c}\n\r\tAé😀")));
    assert_eq!(text("12.50"), Ok(string("12.50")));
    assert_eq!(text(r#"{"x": [1, "}"]}"#), Ok(string(r#"{"x": [1, "}"]}"#)));
    for bad in [r#""\x""#, r#""\ud83d""#, r#""\u12""#, "\"a\nb\"", "\"a"] {
        assert!(text(bad).is_err(), "{bad}");
    }
}

/// Some writers escape `+`, and any character may be escaped.
#[test]
fn escapes_are_read_wherever_a_text_is() {
    use LogicalType as T;
    let instant = value(T::TimestampLtz { precision: 3 }, r#""2024-05-01T14:30:00.123\u002B02:00""#);
    assert_eq!(instant, Ok(Value::Integer(1_714_566_600_123)));
    assert_eq!(value(T::Int, r#""\u00312 ""#), Ok(Value::Integer(12)));
    assert_eq!(value(T::Boolean, r#""\u0074rue""#), Ok(Value::Boolean(true)));
    assert_eq!(value(T::BYTES, r#""\u0041A==""#), Ok(Value::Bytes(vec![0])));
    let map = T::map(T::Int.not_null(), T::Int.nullable());
    let entries = value(map, r#"[{"k\u0065y": 1, "\u0076alue": 2}]"#);
    assert_eq!(entries, Ok(Value::Map(vec![(Value::Integer(1), Value::Integer(2))])));
    assert!(value(T::Int, r#""\ud800""#).is_err());
}

#[test]
fn nexmark_timestamps_and_dates_are_texts_or_numbers() {
    use LogicalType as T;
    let millis = T::Timestamp { precision: 3 };
    let expected = Ok(Value::Integer(1_714_566_600_123));
    assert_eq!(value(millis.clone(), "\"2024-05-01 12:30:00.123\""), expected);
    assert_eq!(value(millis.clone(), "\"2024-05-01T12:30:00.123456Z\""), expected);
    assert_eq!(value(millis.clone(), "1714566600123"), expected);
    assert_eq!(value(T::TimestampLtz { precision: 3 }, "\"2024-05-01T14:30:00.123+02:00\""), expected);
    assert_eq!(value(T::Timestamp { precision: 6 }, "1714566600123"), Ok(Value::Integer(1_714_566_600_123_000)));
    assert_eq!(value(T::Date, "\"1970-02-01\""), Ok(Value::Integer(31)));
    assert_eq!(value(T::Date, "\"1969-12-31\""), Ok(Value::Integer(-1)));
    assert_eq!(value(T::Time { precision: 3 }, "\"00:01:00.5\""), Ok(Value::Integer(60_500)));
    for bad in ["\"2024-02-30 00:00:00\"", "\"2024-05-01\"", "\"2024-05-01T12:30:00+02:00\"", "\"\"", "true"] {
        assert!(value(millis.clone(), bad).is_err(), "{bad}");
    }
}

#[test]
fn missing_null_and_repeated_keys() {
    let columns = [
        DecodedColumn::field("a", LogicalType::Int.nullable()),
        DecodedColumn::field("b", LogicalType::Int.not_null()),
    ];
    let texts = [
        r#"{"b":1}"#,
        r#" { "b" : 2 , "a" : null } "#,
        r#"{"a":1,"a":3,"b":3}"#,
        r#"{"a":1}"#,
        r#"{"a":1,"b":null}"#,
        r#"{"\u0061":7,"b":4}"#,
        "null",
        "{}x",
    ];
    let decoded = read(&columns, &texts);
    let null = vec![Value::Null, Value::Null];
    let expected = vec![
        vec![Value::Null, Value::Integer(1)],
        vec![Value::Null, Value::Integer(2)],
        vec![Value::Integer(3), Value::Integer(3)],
        null.clone(),
        null.clone(),
        vec![Value::Integer(7), Value::Integer(4)],
        null.clone(),
        null,
    ];
    assert_eq!(rows(&decoded.columns, &columns), expected);
    let messages: Vec<(usize, &str)> = decoded.errors.iter().map(|e| (e.row, e.message.as_str())).collect();
    assert_eq!(messages[0], (3, "field 'b' at byte 7: it is missing, but the column is NOT NULL"));
    assert_eq!(messages[1], (4, "field 'b' at byte 11: it is null, but the column is NOT NULL"));
    assert_eq!(messages[2].0, 7);
}

#[test]
fn what_is_not_wanted_is_passed_over() {
    let columns =
        [DecodedColumn { path: vec!["p".to_owned(), "q".to_owned()], data_type: LogicalType::Int.not_null() }];
    let texts = [
        r#"{"x":{"q":[1,{"}":"]\""}]},"s":"\\","t":true,"f":false,"n":null,"d":-1.5e3,"p":{"r":1,"q":5,"s":[]},"z":[[]]}"#,
        r#"{"p":null}"#,
        r#"{"p":{"q":6}}"#,
    ];
    let decoded = read(&columns, &texts);
    assert_eq!(decoded.errors, vec![]);
    assert_eq!(rows(&decoded.columns, &columns), [[Value::Integer(5)], [Value::Null], [Value::Integer(6)]]);
    for bad in [r#"{"x":[1,2"#, r#"{"x":"a}"#, r#"{"x":tru}"#, r#"{"x":}"#, r#"{"x" 1}"#, r#"{"x":1,}"#, "[", ""] {
        assert_eq!(read(&columns, &[bad]).errors.len(), 1, "{bad}");
    }
}

#[test]
fn deep_nesting_is_an_error_of_its_record() {
    let columns = [DecodedColumn::field("a", LogicalType::Int.nullable())];
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let decoded = read(&columns, &[&deep, r#"{"a":1}"#]);
    assert_eq!(decoded.errors.len(), 1);
    assert!(decoded.errors[0].message.contains("nested deeper than 128 levels"));
    assert_eq!(rows(&decoded.columns, &columns), [[Value::Null], [Value::Integer(1)]]);
}

#[test]
fn maps_are_objects_or_entries() {
    let text_keys = LogicalType::map(text_type(), LogicalType::Int.nullable());
    let expected = Value::Map(vec![(string("k"), Value::Integer(1)), (string("l"), Value::Null)]);
    assert_eq!(value(text_keys.clone(), r#"{"k":1,"l":null}"#), Ok(expected.clone()));
    assert_eq!(value(text_keys, r#"[{"value":1,"key":"k"},{"key":"l"}]"#), Ok(expected));
    let numbers = LogicalType::map(LogicalType::Int.not_null(), LogicalType::Int.not_null());
    assert!(value(numbers.clone(), r#"[{"value":1}]"#).is_err());
    assert!(value(numbers.clone(), r#"[{"key":1}]"#).is_err());
    let one = Value::Map(vec![(Value::Integer(1), Value::Integer(2))]);
    assert_eq!(value(numbers, r#"[{"key":1,"value":2}]"#), Ok(one));
}

#[test]
fn unions_fill_the_column_of_the_branch_that_fits() {
    let schema = json!({"oneOf": [
        {"type": "object", "required": ["id", "amount"], "properties": {"id": {"type": "string"}, "amount": {"type": "number"}}},
        {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "to": {"type": "string"}}},
        {"type": "string"}]});
    let config = FormatConfig::registry(RegisteredSchema::new(1, SchemaKind::Json, schema.to_string()));
    let order = row_type(&[("amount", LogicalType::Double.not_null()), ("id", text_type())]);
    let columns = [
        DecodedColumn::field("connect_union_field_0", order.nullable()),
        DecodedColumn::field("connect_union_field_1", row_type(&[("to", DataType::string())]).nullable()),
        DecodedColumn::field("connect_union_field_2", DataType::string()),
    ];
    let texts: [Option<&[u8]>; 4] =
        [Some(br#"{"id":"a","amount":1}"#), Some(br#"{"to":"x","id":"b"}"#), Some(br#""plain""#), Some(b"[]")];
    let mut decoder = Decoder::new(config, &columns).unwrap();
    let decoded = decoder.decode(&texts).unwrap();
    let expected = [
        [Value::List(vec![Value::Double(1.0), string("a")]), Value::Null, Value::Null],
        [Value::Null, Value::List(vec![string("x")]), Value::Null],
        [Value::Null, Value::Null, string("plain")],
        [Value::Null, Value::Null, Value::Null],
    ];
    assert_eq!(rows(&decoded.columns, &columns), expected);
    assert_eq!(decoded.errors.len(), 1);
}

#[test]
fn rows_are_written_as_the_schema_says() {
    let columns = fields(&[
        ("a", LogicalType::Decimal { precision: 5, scale: 2 }.nullable()),
        ("b", DataType::string()),
        ("c", LogicalType::map(text_type(), LogicalType::Double.nullable()).not_null()),
        ("d", LogicalType::BYTES.not_null()),
    ]);
    let map = Value::Map(vec![(string("k\"\u{1}"), Value::Double(1e300)), (string("l"), Value::Null)]);
    let row = vec![Value::Decimal(-5), Value::Null, map, Value::Bytes(vec![1, 2])];
    let table = Table { columns: columns.clone(), rows: vec![row] };
    let own = crate::mapping::json::from_sql(&columns, &Default::default()).unwrap();
    let config = FormatConfig::registry(RegisteredSchema::new(258, SchemaKind::Json, own));
    let payloads = table.encode(&config);
    let payload = payloads.get(0).unwrap();
    assert_eq!(&payload[..5], &[0, 0, 0, 1, 2]);
    let expected = r#"{"a":-0.05,"b":null,"c":{"k\"\u0001":1e300,"l":null},"d":"AQI="}"#;
    assert_eq!(std::str::from_utf8(&payload[5..]).unwrap(), expected);
    assert_eq!(decode(&config, &table.wanted(), &payloads), table.rows);
    // A schema that has no null for an optional property gets it left out.
    let foreign = json!({"type": "object", "properties": {
        "a": {"type": "number"}, "b": {"type": "string"}, "c": {"type": "object", "additionalProperties": {"type": ["number", "null"]}},
        "d": {"type": "string", "connect.type": "bytes"}}});
    let config = FormatConfig::registry(RegisteredSchema::new(1, SchemaKind::Json, foreign.to_string()));
    let payloads = table.encode(&config);
    assert!(payloads.get(0).unwrap()[5..].starts_with(b"{\"a\":-0.05,\"c\":"));
}

#[test]
fn numbers_that_json_lacks_are_refused() {
    let columns = fields(&[("a", LogicalType::Double.nullable())]);
    let own = crate::mapping::json::from_sql(&columns, &Default::default()).unwrap();
    let config = FormatConfig::registry(RegisteredSchema::new(1, SchemaKind::Json, own));
    let encoder = Encoder::new(config, &columns).unwrap();
    let array = super::support::array(&[&Value::Double(f64::NAN)], &columns[0].data_type);
    let error = encoder.encode(&[array], &crate::Rows::Range(0..1)).unwrap_err();
    assert_eq!(error.to_string(), "NUTKIN-3005: column 'a', row 0: JSON has no NaN and no infinity");
}
