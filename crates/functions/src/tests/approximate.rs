//! APPROX_COUNT_DISTINCT beside Apache Flink 2.2.1: its answers over the numbers 0 to 99 999 in many types, up to the last digit. They
//! reach through all three ways of estimating.

use arrow_array::{ArrayRef, BooleanArray, Int64Array};
use nutkin_types::value::array_of;
use nutkin_types::{DataType, Value};

use super::types::data_type;
use crate::aggregate::{self, Accumulator, AggregateOptions};

fn accumulator(arg: &DataType) -> Box<dyn Accumulator> {
    let result = data_type("BIGINT").unwrap();
    let options = AggregateOptions {
        arg_types: std::slice::from_ref(arg),
        literals: &[],
        distinct: false,
        result: &result,
        input_retracts: false,
    };
    let mut accumulator = aggregate::lookup("APPROX_COUNT_DISTINCT").unwrap().create(&options).unwrap();
    accumulator.resize(1);
    accumulator
}

fn value(accumulator: &dyn Accumulator) -> i64 {
    let found = accumulator.values(&[0]).unwrap();
    arrow_array::cast::AsArray::as_primitive::<arrow_array::types::Int64Type>(&found).value(0)
}

/// A type, how many numbers, the value of a number, and Flink's estimate.
type Case = (&'static str, i64, fn(i64) -> Value, i64);

/// The estimate over `value(n)` for n from 0 to below `end`, in two parts that are merged.
fn estimate(type_name: &str, end: i64, value_of: fn(i64) -> Value) -> i64 {
    let data_type = data_type(type_name).unwrap();
    let part = |from: i64, to: i64| {
        let values: Vec<Value> = (from..to).map(value_of).collect();
        let array = array_of(&values.iter().collect::<Vec<_>>(), &data_type.logical).unwrap();
        let mut accumulator = accumulator(&data_type);
        accumulator.update(&vec![0; values.len()], None, &[array], None).unwrap();
        accumulator
    };
    let (mut first, second) = (part(0, end * 2 / 3), part(end / 2, end));
    first.merge(&[0], second.as_ref(), &[0]).unwrap();
    value(first.as_ref())
}

#[test]
fn estimates_are_flinks() {
    const ALL: i64 = 100_000;
    /// 2020-01-01.
    const YEAR_2020: i64 = 1_577_836_800;
    let cases: [Case; 18] = [
        ("INT", ALL, Value::Integer, 101_521),
        ("BIGINT", ALL, Value::Integer, 100_425),
        ("STRING", ALL, |n| Value::String(n.to_string()), 99_374),
        ("DOUBLE", ALL, |n| Value::Double(n as f64), 100_088),
        ("FLOAT", ALL, |n| Value::Double(n as f64), 99_292),
        ("DECIMAL(10, 2)", ALL, |n| Value::Decimal(i128::from(n) * 100), 100_345),
        ("DECIMAL(30, 2)", ALL, |n| Value::Decimal(i128::from(n) * 100), 100_723),
        ("DECIMAL(30, 0)", ALL, |n| Value::Decimal(i128::from(-n)), 100_822),
        ("TINYINT", ALL, |n| Value::Integer(n % 100), 100),
        ("SMALLINT", ALL, |n| Value::Integer(n % 10_000), 10_050),
        ("TIMESTAMP(0)", ALL, |n| Value::Integer((YEAR_2020 + n) * 1000), 100_661),
        ("DATE", ALL, |n| Value::Integer(n - 25_567), 99_638),
        ("TIME(0)", ALL, |n| Value::Integer(n % 86_400 * 1000), 86_033),
        ("INT", 60_000, Value::Integer, 59_923),
        ("INT", 50_000, Value::Integer, 49_702),
        ("INT", 1_000, Value::Integer, 1_002),
        ("INT", 75_000, |n| Value::Integer(n * 7), 75_231),
        ("INT", 20_000, |n| Value::Integer(n * 7), 20_084),
    ];
    let mut wrong = Vec::new();
    for (type_name, end, value_of, wanted) in cases {
        let found = estimate(type_name, end, value_of);
        if found != wanted {
            wrong.push(format!("{type_name} up to {end}: {found} instead of {wanted}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_values_that_pass_count() {
    let bigint = data_type("BIGINT").unwrap();
    let array: ArrayRef = std::sync::Arc::new(Int64Array::from(vec![Some(1), None, Some(2), Some(3), Some(1)]));
    let mut counted = accumulator(&bigint);
    assert_eq!(value(counted.as_ref()), 0);
    let filter = BooleanArray::from(vec![Some(true), Some(true), Some(false), None, Some(true)]);
    counted.update(&[0; 5], None, std::slice::from_ref(&array), Some(&filter)).unwrap();
    assert_eq!(value(counted.as_ref()), 1);
    counted.update(&[0; 5], None, &[array], None).unwrap();
    assert_eq!(value(counted.as_ref()), 3);
    counted.clear(&[0]);
    assert_eq!(value(counted.as_ref()), 0);
}
