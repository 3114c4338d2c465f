use nutkin_types::data_type::{DayTimeResolution, YearMonthResolution};
use nutkin_types::{DataType, LogicalType as T, Value as V};
use serde_json::json;

use crate::cells::cell;

#[test]
fn cells_have_the_texts_that_clients_read() {
    let day_time =
        T::IntervalDayTime { resolution: DayTimeResolution::DayToSecond, day_precision: 2, fractional_precision: 3 };
    let year_month = T::IntervalYearMonth { resolution: YearMonthResolution::YearToMonth, precision: 2 };
    let cases = [
        (V::Null, T::Int, json!(null)),
        (V::Integer(42), T::BigInt, json!("42")),
        (V::Boolean(true), T::Boolean, json!("TRUE")),
        (V::Double(5.0), T::Double, json!("5.0")),
        (V::Double(f64::NEG_INFINITY), T::Double, json!("-Infinity")),
        (V::Double(0.1f32.into()), T::Float, json!("0.1")),
        (V::Decimal(-5), T::Decimal { precision: 5, scale: 2 }, json!("-0.05")),
        (V::Decimal(1200), T::Decimal { precision: 5, scale: 0 }, json!("1200")),
        (V::Bytes(vec![0x7f, 2]), T::BYTES, json!("x'7f02'")),
        (V::Integer(18_292), T::Date, json!("2020-01-31")),
        (V::Integer(45_296_500), T::Time { precision: 3 }, json!("12:34:56.500")),
        (V::Integer(-1), T::Timestamp { precision: 3 }, json!("1969-12-31 23:59:59.999")),
        (V::Integer(1_580_474_096_123_456), T::TimestampLtz { precision: 6 }, json!("2020-01-31 12:34:56.123456")),
        (V::Decimal(-1), T::Timestamp { precision: 9 }, json!("1969-12-31 23:59:59.999999999")),
        (
            V::Decimal(253_402_300_799_999_999_999),
            T::TimestampLtz { precision: 7 },
            json!("9999-12-31 23:59:59.9999999"),
        ),
        (V::Integer(18), year_month, json!("+1-06")),
        (V::Integer(14_400_000), day_time, json!("+0 04:00:00.000")),
        (V::List(vec![V::Integer(1), V::Null]), T::array(T::Int.nullable()), json!(["1", null])),
        (
            V::Map(vec![(V::String("k".into()), V::Integer(1))]),
            T::map(DataType::string(), T::Int.nullable()),
            json!([["k", "1"]]),
        ),
    ];
    for (value, logical, expected) in cases {
        assert_eq!(cell(&value, &logical), expected, "{value:?} as {logical}");
    }
}
