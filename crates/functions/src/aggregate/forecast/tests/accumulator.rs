//! The functions as accumulators.

use nutkin_types::value::array_of;
use nutkin_types::{DataType, LogicalType as T, Value};

use super::simulated;
use crate::aggregate::{Accumulator, AggregateOptions, lookup_over};
use crate::signature::Argument;

const SETTINGS: &str = r#"{"minTrainingSize": 20, "horizon": 2, "enableStl": true, "m": 4}"#;

struct Function {
    accumulator: Box<dyn Accumulator>,
    result: DataType,
}

fn function(name: &str) -> Function {
    let (number, time) = (T::Int.nullable(), T::Timestamp { precision: 3 }.not_null());
    let (text, settings) = (T::STRING.not_null(), Value::String(SETTINGS.to_owned()));
    let argument = |data_type, literal| Argument { data_type, literal };
    let args = [argument(&number, None), argument(&time, None), argument(&text, Some(&settings))];
    let function = lookup_over(name).unwrap();
    let inferred = function.infer(&args).unwrap();
    let options = AggregateOptions {
        arg_types: &inferred.arg_types[..2],
        literals: std::slice::from_ref(&settings),
        distinct: false,
        result: &inferred.result,
        input_retracts: false,
    };
    let mut accumulator = function.create(&options).unwrap();
    accumulator.resize(2);
    Function { accumulator, result: inferred.result }
}

impl Function {
    fn feed(&mut self, slot: u32, first: i64, values: &[Option<f64>]) {
        let number = |value: &Option<f64>| value.map_or(Value::Null, Value::Double);
        let numbers: Vec<Value> = values.iter().map(number).collect();
        let times: Vec<Value> = (first..).take(values.len()).map(|at| Value::Integer(at * 1_000_000)).collect();
        let args = [
            array_of(&numbers.iter().collect::<Vec<_>>(), &T::Double).unwrap(),
            array_of(&times.iter().collect::<Vec<_>>(), &T::Timestamp { precision: 6 }).unwrap(),
        ];
        self.accumulator.update(&vec![slot; values.len()], None, &args, None).unwrap();
    }

    fn value(&self, slot: u32) -> Value {
        let array = self.accumulator.values(&[slot]).unwrap();
        Value::from_array(&array, &self.result.logical, 0).unwrap()
    }
}

fn values(count: usize, seed: u64) -> Vec<Option<f64>> {
    simulated(count, &[0.5], &[], 10.0, 0, seed).into_iter().map(Some).collect()
}

#[test]
fn there_is_nothing_until_there_are_enough_rows() {
    for name in ["ML_FORECAST", "ML_DETECT_ANOMALIES"] {
        let mut function = function(name);
        function.feed(0, 0, &values(19, 1));
        assert_eq!(function.value(0), Value::Null);
        function.feed(0, 19, &[Some(10.0)]);
        // The twentieth value trains the model, which judges the next one.
        assert_eq!(function.value(0) == Value::Null, name == "ML_DETECT_ANOMALIES");
        function.feed(0, 20, &[Some(10.0)]);
        assert_ne!(function.value(0), Value::Null);
        function.feed(0, 21, &[None]);
        assert_eq!(function.value(0), Value::Null);
        assert_eq!(function.value(1), Value::Null);
    }
}

#[test]
fn results_have_their_fields_in_order() {
    let mut forecast = function("ML_FORECAST");
    forecast.feed(0, 0, &values(40, 2));
    let Value::List(steps) = forecast.value(0) else { panic!("no array") };
    assert_eq!(steps.len(), 2);
    for (h, step) in (40..).zip(steps) {
        let Value::List(fields) = step else { panic!("no row") };
        let [time, expected, lower, upper, rmse, aic] = fields.try_into().unwrap();
        assert_eq!(time, Value::Integer(h * 1_000_000));
        let number = |value: Value| if let Value::Double(number) = value { number } else { panic!("{value:?}") };
        let (expected, lower, upper) = (number(expected), number(lower), number(upper));
        assert!(lower < expected && expected < upper);
        assert!(number(rmse) > 0.0 && number(aic) > 0.0);
    }
    let mut anomalies = function("ML_DETECT_ANOMALIES");
    anomalies.feed(0, 0, &values(40, 2));
    anomalies.feed(0, 40, &[Some(1000.0)]);
    let Value::List(fields) = anomalies.value(0) else { panic!("no row") };
    assert_eq!(fields.len(), 8);
    assert_eq!(fields[..2], [Value::Integer(40_000_000), Value::Double(1000.0)]);
    assert_eq!(fields[5], Value::Boolean(true));
}

#[test]
fn exported_state_continues() {
    for name in ["ML_FORECAST", "ML_DETECT_ANOMALIES"] {
        for length in [5, 30, 61] {
            let (mut whole, mut part, mut next) = (function(name), function(name), function(name));
            let values = values(length + 20, 3);
            whole.feed(0, 0, &values[..length]);
            part.feed(1, 0, &values[..length]);
            next.feed(0, 0, &[Some(7.0)]);
            let state = part.accumulator.export(&[1, 0]).unwrap();
            for (array, data_type) in state.iter().zip(part.accumulator.state_types()) {
                assert_eq!(*array.data_type(), nutkin_types::arrow::arrow_type(&data_type.logical));
            }
            next.accumulator.import(&[0, 1], &state).unwrap();
            assert_eq!(whole.value(0), next.value(0));
            whole.feed(0, length as i64, &values[length..]);
            next.feed(0, length as i64, &values[length..]);
            assert_eq!(whole.value(0), next.value(0));
            assert_eq!(next.value(1), Value::Null);
            assert!(next.accumulator.memory_size() > 8 * length);
            next.accumulator.clear(&[0]);
            assert_eq!(next.value(0), Value::Null);
        }
    }
}
