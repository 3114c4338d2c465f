//! Accumulators with more than one argument, and those that refuse some inputs. Answers were recorded from Apache Flink 2.2.

use arrow_array::ArrayRef;
use nutkin_types::value::array_of;
use nutkin_types::{DataType, LogicalType as T, Value};

use super::types::data_type;
use crate::aggregate::{self, Accumulator, AggregateOptions};
use crate::error::{AggregateError, SignatureError};
use crate::signature::{Argument, Inferred};

const ADD: u8 = 0;
const RETRACT: u8 = 3;

struct Call {
    accumulator: Box<dyn Accumulator>,
    inferred: Inferred,
}

fn infer(name: &str, args: &[&str]) -> Result<Inferred, SignatureError> {
    let given: Vec<DataType> = args.iter().map(|arg| data_type(arg).unwrap()).collect();
    let arguments: Vec<Argument<'_>> = given.iter().map(|t| Argument { data_type: t, literal: None }).collect();
    aggregate::lookup(name).unwrap().infer(&arguments)
}

/// `literals` stand for the last arguments.
fn call(name: &str, args: &[&str], literals: &[Value]) -> Call {
    let inferred = infer(name, args).unwrap();
    let options = AggregateOptions {
        arg_types: &inferred.arg_types[..args.len() - literals.len()],
        literals,
        distinct: false,
        result: &inferred.result,
        input_retracts: true,
    };
    let mut accumulator = aggregate::lookup(name).unwrap().create(&options).unwrap();
    accumulator.resize(1);
    Call { accumulator, inferred }
}

impl Call {
    fn feed(&mut self, kind: u8, rows: &[&[Value]]) -> Result<(), AggregateError> {
        let columns: Vec<ArrayRef> = (0..rows[0].len())
            .map(|i| {
                let values: Vec<&Value> = rows.iter().map(|row| &row[i]).collect();
                array_of(&values, &self.inferred.arg_types[i].logical).unwrap()
            })
            .collect();
        self.accumulator.update(&vec![0; rows.len()], Some(&vec![kind; rows.len()]), &columns, None)
    }

    fn value(&self) -> Value {
        let array = self.accumulator.values(&[0]).unwrap();
        Value::from_array(&array, &self.inferred.result.logical, 0).unwrap()
    }

    /// What another accumulator says that takes over the state.
    fn restored(&self, mut fresh: Call) -> Value {
        let state = self.accumulator.export(&[0]).unwrap();
        let types = self.accumulator.state_types();
        for (array, data_type) in state.iter().zip(&types) {
            assert_eq!(*array.data_type(), nutkin_types::arrow::arrow_type(&data_type.logical));
        }
        fresh.accumulator.import(&[0], &state).unwrap();
        fresh.value()
    }
}

fn double(value: f64) -> Value {
    Value::Double(value)
}

fn text(value: &str) -> Value {
    Value::String(value.to_owned())
}

#[test]
fn percentile_interpolates() {
    let make = || call("PERCENTILE", &["DOUBLE", "DOUBLE NOT NULL"], &[double(0.3)]);
    let mut percentile = make();
    assert_eq!(percentile.value(), Value::Null);
    let values = [1.0, 5.0, 4.0, 2.0, 9.0, 1.0, 4.0].map(|v| vec![double(v)]);
    percentile.feed(ADD, &values.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
    percentile.feed(ADD, &[&[Value::Null]]).unwrap();
    assert_eq!(percentile.value(), double(1.7999999999999998));
    assert_eq!(percentile.restored(make()), double(1.7999999999999998));
    percentile.feed(RETRACT, &[&[double(9.0)], &[double(5.0)], &[double(4.0)], &[double(4.0)]]).unwrap();
    assert_eq!(percentile.value(), double(1.0));
}

#[test]
fn percentile_takes_arrays_and_frequencies() {
    let list = |values: &[f64]| Value::List(values.iter().map(|v| double(*v)).collect());
    let mut percentile = call("PERCENTILE", &["INT", "ARRAY<DOUBLE NOT NULL> NOT NULL", "INT"], &[]);
    let percentages = list(&[0.0, 0.5, 1.0]);
    let row = |value: f64, weight: Value| vec![double(value), percentages.clone(), weight];
    let rows =
        [row(1.0, Value::Integer(1)), row(7.0, Value::Integer(3)), row(9.0, Value::Null), row(9.0, Value::Integer(-2))];
    percentile.feed(ADD, &rows.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
    assert_eq!(percentile.value(), list(&[1.0, 7.0, 7.0]));
    assert_eq!(percentile.inferred.result, T::array(T::Double.nullable()).nullable());
    let wrong = percentile.feed(ADD, &[&[double(1.0), list(&[-2.0]), Value::Integer(1)]]).unwrap_err().to_string();
    assert!(wrong.contains("between [0.0, 1.0], but was '-2.0'"), "{wrong}");
    assert!(infer("PERCENTILE", &["INT", "DOUBLE"]).is_err(), "a percentage that may be NULL");
}

#[test]
fn json_objects_are_sorted_and_their_keys_unique() {
    let make = || call("JSON_OBJECTAGG", &["STRING", "STRING"], &[]);
    let mut objects = make();
    assert_eq!(objects.value(), text("{}"));
    objects.feed(ADD, &[&[text("b"), text("1")], &[text("a\""), text("[2]")], &[text("c"), Value::Null]]).unwrap();
    assert_eq!(objects.value(), text(r#"{"a\"":[2],"b":1}"#));
    assert_eq!(objects.restored(make()), objects.value());
    objects.feed(RETRACT, &[&[text("b"), text("1")]]).unwrap();
    objects.feed(ADD, &[&[text("b"), text("3")]]).unwrap();
    assert_eq!(objects.value(), text(r#"{"a\"":[2],"b":3}"#));
    let twice = objects.feed(ADD, &[&[text("b"), text("4")]]).unwrap_err().to_string();
    assert!(twice.contains("already present"), "{twice}");
    let without_key = objects.feed(ADD, &[&[Value::Null, text("4")]]).unwrap_err().to_string();
    assert!(without_key.contains("must not be NULL"), "{without_key}");
}

#[test]
fn single_value_refuses_a_second_row() {
    let make = || call("SINGLE_VALUE", &["INT"], &[]);
    let mut single = make();
    assert_eq!(single.value(), Value::Null);
    single.feed(ADD, &[&[Value::Integer(1)]]).unwrap();
    assert_eq!(single.restored(make()), Value::Integer(1));
    single.feed(RETRACT, &[&[Value::Integer(1)]]).unwrap();
    single.feed(ADD, &[&[Value::Null]]).unwrap();
    assert_eq!(single.value(), Value::Null);
    single.feed(ADD, &[&[Value::Integer(2)]]).unwrap();
    assert!(single.accumulator.values(&[0]).unwrap_err().to_string().contains("more than one element"));
}
