use proptest::prelude::*;

use crate::value::array_of;
use crate::{DataType, LogicalType, Value};

fn typed_value() -> impl Strategy<Value = (LogicalType, Vec<Value>)> {
    let leaf = prop_oneof![
        Just(LogicalType::Boolean),
        Just(LogicalType::TinyInt),
        Just(LogicalType::Int),
        Just(LogicalType::BigInt),
        Just(LogicalType::Double),
        Just(LogicalType::STRING),
        Just(LogicalType::BYTES),
        Just(LogicalType::Date),
        (0u8..=9).prop_map(|precision| LogicalType::Timestamp { precision }),
        (0u8..=9).prop_map(|precision| LogicalType::TimestampLtz { precision }),
        Just(LogicalType::Decimal { precision: 20, scale: 4 }),
    ];
    let nested = leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|t| LogicalType::array(t.nullable())),
            inner.clone().prop_map(|t| LogicalType::map(DataType::string(), t.nullable())),
            prop::collection::vec(inner, 1..3).prop_map(|ts| LogicalType::row(
                ts.into_iter().enumerate().map(|(i, t)| (format!("f{i}"), t.nullable()))
            )),
        ]
    });
    nested.prop_flat_map(|logical| {
        let values = prop::collection::vec(value_of(&logical), 0..6);
        (Just(logical), values)
    })
}

fn value_of(logical: &LogicalType) -> BoxedStrategy<Value> {
    let some = match logical {
        LogicalType::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        LogicalType::TinyInt => any::<i8>().prop_map(|i| Value::Integer(i.into())).boxed(),
        LogicalType::Int | LogicalType::Date => any::<i32>().prop_map(|i| Value::Integer(i.into())).boxed(),
        LogicalType::Double => (-1e9..1e9f64).prop_map(Value::Double).boxed(),
        LogicalType::VarChar { .. } => "[a-z]{0,8}".prop_map(Value::String).boxed(),
        LogicalType::VarBinary { .. } => prop::collection::vec(any::<u8>(), 0..6).prop_map(Value::Bytes).boxed(),
        LogicalType::Decimal { .. } => (-1_000_000i128..1_000_000).prop_map(Value::Decimal).boxed(),
        LogicalType::Array { element } => {
            prop::collection::vec(value_of(&element.logical), 0..3).prop_map(Value::List).boxed()
        }
        LogicalType::Map { value, .. } => {
            prop::collection::vec(("[a-z]{1,4}".prop_map(Value::String), value_of(&value.logical)), 0..3)
                .prop_map(Value::Map)
                .boxed()
        }
        LogicalType::Row { fields } => {
            fields.iter().map(|f| value_of(&f.data_type.logical)).collect::<Vec<_>>().prop_map(Value::List).boxed()
        }
        LogicalType::Timestamp { precision: 7.. } | LogicalType::TimestampLtz { precision: 7.. } => {
            (-1i128 << 80..1i128 << 80).prop_map(Value::Decimal).boxed()
        }
        _ => any::<i64>().prop_map(Value::Integer).boxed(),
    };
    prop_oneof![4 => some, 1 => Just(Value::Null)].boxed()
}

proptest! {
    #[test]
    fn values_survive_the_way_through_arrow((logical, values) in typed_value()) {
        let array = array_of(&values.iter().collect::<Vec<_>>(), &logical).unwrap();
        prop_assert_eq!(array.len(), values.len());
        for (i, value) in values.iter().enumerate() {
            prop_assert_eq!(&Value::from_array(&array, &logical, i).unwrap(), value);
        }
    }
}

#[test]
fn a_null_row_may_hold_fields_that_are_not_null() {
    let inner = LogicalType::row([("a", LogicalType::Int.not_null())]);
    let outer =
        LogicalType::row([("r", inner.clone().not_null()), ("list", LogicalType::array(inner.not_null()).not_null())]);
    let one = Value::List(vec![
        Value::List(vec![Value::Integer(1)]),
        Value::List(vec![Value::List(vec![Value::Integer(2)])]),
    ]);
    let array = array_of(&[&one, &Value::Null], &outer).unwrap();
    assert_eq!(Value::from_array(&array, &outer, 0).unwrap(), one);
    assert_eq!(Value::from_array(&array, &outer, 1).unwrap(), Value::Null);
}

#[test]
fn a_value_that_does_not_fit_is_an_error() {
    assert!(Value::Integer(300).to_array(&LogicalType::TinyInt.nullable(), 1).is_err());
    assert!(Value::String("x".into()).to_array(&LogicalType::Int.nullable(), 1).is_err());
}

#[test]
fn values_of_128_bits_are_stored_in_documents() {
    for number in [0, -1, i64::MIN.into(), i64::MAX.into(), 253_402_300_799_999_999_999, i128::MIN, i128::MAX] {
        let value = Value::List(vec![Value::Decimal(number)]);
        let document = serde_json::to_value(&value).unwrap();
        assert_eq!(serde_json::from_value::<Value>(document).unwrap(), value);
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
    // As 64 bits always were.
    assert_eq!(serde_json::to_string(&Value::Decimal(-5)).unwrap(), r#"{"Decimal":-5}"#);
    assert!(serde_json::from_str::<Value>(r#"{"Decimal":"x"}"#).is_err());
}
