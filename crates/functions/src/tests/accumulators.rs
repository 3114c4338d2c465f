//! Accumulators: results and types, and the laws that hold for each of them: retracting undoes, merging equals feeding,
//! exported state continues.

use arrow_array::{ArrayRef, BooleanArray};
use nutkin_types::value::array_of;
use nutkin_types::{DataType, LogicalType as T, Value};

use super::types::data_type;
use crate::aggregate::{self, Accumulator, AggregateOptions, Read};
use crate::signature::Argument;

struct Call {
    accumulator: Box<dyn Accumulator>,
    result: DataType,
    args: Vec<DataType>,
    given: Vec<DataType>,
}

fn call(name: &str, arg: &str, distinct: bool, retracts: bool) -> Call {
    let given = if arg.is_empty() { Vec::new() } else { vec![data_type(arg).unwrap()] };
    let function = aggregate::lookup(name).unwrap();
    let arguments: Vec<Argument<'_>> = given.iter().map(|t| Argument { data_type: t, literal: None }).collect();
    let inferred = function.infer(&arguments).unwrap();
    let options = AggregateOptions {
        arg_types: &inferred.arg_types,
        literals: &[],
        distinct,
        result: &inferred.result,
        input_retracts: retracts,
    };
    let mut accumulator = function.create(&options).unwrap();
    accumulator.resize(2);
    Call { accumulator, result: inferred.result, args: inferred.arg_types, given }
}

impl Call {
    /// Feeds integers as values of the argument's type into slot 0.
    fn feed(&mut self, values: &[Option<i64>], kinds: Option<&[u8]>) {
        let args: Vec<ArrayRef> = self.args.iter().map(|t| column(values, &t.logical)).collect();
        self.accumulator.update(&vec![0; values.len()], kinds, &args, None).unwrap();
    }

    fn value(&self, slot: u32) -> Value {
        let array = self.accumulator.values(&[slot]).unwrap();
        Value::from_array(&array, &self.result.logical, 0).unwrap()
    }
}

fn of(value: i64, logical: &T) -> Value {
    match logical {
        T::Float | T::Double => Value::Double(value as f64),
        T::Decimal { scale, .. } => Value::Decimal(i128::from(value) * 10i128.pow(u32::from(*scale))),
        T::Char { .. } | T::VarChar { .. } => Value::String(format!("t{value}")),
        T::Timestamp { precision: 7.. } => Value::Decimal(value.into()),
        T::Boolean => Value::Boolean(value > 0),
        T::Array { element } => Value::List(vec![of(value, &element.logical)]),
        _ => Value::Integer(value),
    }
}

fn column(values: &[Option<i64>], logical: &T) -> ArrayRef {
    let values: Vec<Value> = values.iter().map(|v| v.map_or(Value::Null, |v| of(v, logical))).collect();
    array_of(&values.iter().collect::<Vec<_>>(), logical).unwrap()
}

const VALUES: [Option<i64>; 5] = [Some(3), None, Some(1), Some(3), Some(5)];

#[test]
fn results_and_types() {
    let cases: &[(&str, &str, &str, Value)] = &[
        ("COUNT", "", "BIGINT NOT NULL", Value::Integer(5)),
        ("COUNT", "INT", "BIGINT NOT NULL", Value::Integer(4)),
        ("SUM", "INT", "INT", Value::Integer(12)),
        ("SUM", "TINYINT", "TINYINT", Value::Integer(12)),
        ("SUM", "FLOAT", "FLOAT", Value::Double(12.0)),
        ("SUM", "DECIMAL(10, 2)", "DECIMAL(38, 2)", Value::Decimal(1200)),
        ("AVG", "INT", "INT", Value::Integer(3)),
        ("AVG", "BIGINT", "BIGINT", Value::Integer(3)),
        ("AVG", "DOUBLE", "DOUBLE", Value::Double(3.0)),
        ("AVG", "FLOAT", "FLOAT", Value::Double(3.0)),
        ("AVG", "DECIMAL(10, 2)", "DECIMAL(38, 6)", Value::Decimal(3_000_000)),
        ("MIN", "INT", "INT", Value::Integer(1)),
        ("MAX", "DOUBLE", "DOUBLE", Value::Double(5.0)),
        ("MIN", "STRING", "VARCHAR(2147483647)", Value::String("t1".to_owned())),
        ("MAX", "TIMESTAMP(3)", "TIMESTAMP(3)", Value::Integer(5)),
        ("MAX", "TIMESTAMP(9)", "TIMESTAMP(9)", Value::Decimal(5)),
        ("MAX", "DATE", "DATE", Value::Integer(5)),
        ("MAX", "DECIMAL(5, 1)", "DECIMAL(5, 1)", Value::Decimal(50)),
        ("FIRST_VALUE", "INT", "INT", Value::Integer(3)),
        ("LAST_VALUE", "STRING", "VARCHAR(2147483647)", Value::String("t5".to_owned())),
        ("LISTAGG", "STRING", "VARCHAR(2147483647)", Value::String("t3,t1,t3,t5".to_owned())),
        ("JSON_ARRAYAGG", "STRING", "VARCHAR(2000) NOT NULL", Value::String("[t3,t1,t3,t5]".to_owned())),
        (
            "ARRAY_AGG",
            "INT",
            "ARRAY<INT>",
            Value::List(VALUES.iter().map(|v| v.map_or(Value::Null, Value::Integer)).collect()),
        ),
        ("VAR_POP", "DOUBLE", "DOUBLE", Value::Double(2.0)),
        ("STDDEV_POP", "INT", "INT", Value::Integer(1)),
        (
            "COLLECT",
            "INT",
            "MULTISET<INT> NOT NULL",
            Value::Map(vec![
                (Value::Integer(1), Value::Integer(1)),
                (Value::Integer(3), Value::Integer(2)),
                (Value::Integer(5), Value::Integer(1)),
            ]),
        ),
    ];
    for (name, arg, wanted_type, wanted) in cases {
        for retracts in [false, true] {
            let mut call = call(name, arg, false, retracts);
            call.feed(&VALUES, None);
            assert_eq!(call.result, data_type(wanted_type).unwrap(), "{name}({arg})");
            // Without arguments feed() has no columns but as many rows.
            assert_eq!(&call.value(0), wanted, "{name}({arg}) {retracts}");
        }
    }
}

#[test]
fn empty_groups() {
    for (name, wanted) in
        [("COUNT", Value::Integer(0)), ("SUM", Value::Null), ("AVG", Value::Null), ("MAX", Value::Null)]
    {
        let mut call = call(name, "INT", false, false);
        assert_eq!(call.value(1), wanted);
        call.feed(&[None], None);
        assert_eq!(call.value(0), wanted);
    }
    assert_eq!(call("$SUM0", "INT", false, false).value(0), Value::Integer(0));
}

/// Every function with every kind of argument it takes.
fn every_call(retracts: bool) -> Vec<(String, Call)> {
    let mut calls = Vec::new();
    for function in aggregate::all() {
        for arg in [
            "",
            "INT",
            "DOUBLE",
            "FLOAT",
            "DECIMAL(10, 2)",
            "STRING",
            "TIMESTAMP(3)",
            "TIMESTAMP(9)",
            "BOOLEAN",
            "ARRAY<INT>",
        ] {
            let given: Vec<DataType> = if arg.is_empty() { Vec::new() } else { vec![data_type(arg).unwrap()] };
            let arguments: Vec<Argument<'_>> = given.iter().map(|t| Argument { data_type: t, literal: None }).collect();
            // SINGLE_VALUE refuses groups of more than one row, which the laws are tested with.
            let refuses = function.infer(&arguments).is_err() || (retracts && !function.retractable);
            if refuses || function.name == "SINGLE_VALUE" {
                continue;
            }
            for distinct in [false, true] {
                if distinct && arg.is_empty() {
                    continue;
                }
                let label =
                    format!("{}({} {arg}) retracts {retracts}", function.name, if distinct { "DISTINCT" } else { "" });
                calls.push((label, call(function.name, arg, distinct, retracts)));
            }
        }
    }
    assert!(calls.len() > 100);
    calls
}

fn again(call: &Call, label: &str, retracts: bool) -> Call {
    let name = label.split('(').next().unwrap();
    let arg = call.given.first().map(ToString::to_string).unwrap_or_default();
    self::call(name, &arg, label.contains("(DISTINCT"), retracts)
}

#[test]
fn retraction_undoes() {
    for (label, mut call) in every_call(true) {
        call.feed(&[Some(2), Some(4)], None);
        let before = call.value(0);
        call.feed(&VALUES, None);
        // The same rows leave again, in another order.
        call.feed(&[Some(5), Some(3), None, Some(3), Some(1)], Some(&[3, 1, 3, 1, 3]));
        assert_eq!(call.value(0), before, "{label}");
        call.feed(&[Some(2), Some(4)], Some(&[3, 3]));
        assert_eq!(call.value(0), call.value(1), "{label}");
    }
}

#[test]
fn distinct_values_count_once_until_the_last_leaves() {
    let mut call = call("COUNT", "STRING", true, true);
    call.feed(&[Some(1), Some(1), Some(2)], None);
    assert_eq!(call.value(0), Value::Integer(2));
    call.feed(&[Some(1)], Some(&[3]));
    assert_eq!(call.value(0), Value::Integer(2));
    call.feed(&[Some(1)], Some(&[1]));
    assert_eq!(call.value(0), Value::Integer(1));
}

#[test]
fn merging_equals_feeding() {
    for retracts in [false, true] {
        for (label, mut call) in every_call(retracts) {
            let mut whole = again(&call, &label, retracts);
            let mut part = again(&call, &label, retracts);
            call.feed(&[Some(2), Some(3)], None);
            part.feed(&VALUES, None);
            whole.feed(&[Some(2), Some(3)], None);
            whole.feed(&VALUES, None);
            call.accumulator.merge(&[0, 1], part.accumulator.as_ref(), &[0, 0]).unwrap();
            assert_eq!(call.value(0), whole.value(0), "{label}");
            assert_eq!(call.value(1), part.value(0), "{label}");
        }
    }
}

#[test]
fn exported_state_continues() {
    for retracts in [false, true] {
        for (label, mut call) in every_call(retracts) {
            call.feed(&VALUES, None);
            let state = call.accumulator.export(&[0, 1]).unwrap();
            let types = call.accumulator.state_types();
            assert_eq!(state.len(), types.len(), "{label}");
            for (array, t) in state.iter().zip(&types) {
                assert_eq!(*array.data_type(), nutkin_types::arrow::arrow_type(&t.logical), "{label}");
            }
            let mut other = again(&call, &label, retracts);
            other.feed(&[Some(77)], None);
            other.accumulator.import(&[0, 1], &state).unwrap();
            for target in [&mut call, &mut other] {
                target.feed(&[Some(9), Some(1)], None);
                if retracts {
                    target.feed(&[Some(3)], Some(&[3]));
                }
            }
            assert_eq!(call.value(0), other.value(0), "{label}");
            other.accumulator.clear(&[0]);
            assert_eq!(other.value(0), other.value(1), "{label}");
            assert!(other.accumulator.memory_size() > 0, "{label}");
        }
    }
}

#[test]
fn a_trace_reads_what_folding_in_steps_would_show() {
    for retracts in [false, true] {
        for (label, mut call) in every_call(retracts) {
            let mut steps = again(&call, &label, retracts);
            let rows =
                [(0, Some(3), 0u8), (1, Some(4), 0), (0, None, 0), (0, Some(1), 2), (1, Some(4), 3), (0, Some(5), 0)];
            let rows: Vec<_> = rows.into_iter().filter(|(_, _, kind)| retracts || *kind != 3).collect();
            let slots: Vec<u32> = rows.iter().map(|row| row.0).collect();
            let kinds: Vec<u8> = rows.iter().map(|row| row.2).collect();
            let values: Vec<Option<i64>> = rows.iter().map(|row| row.1).collect();
            let kinds = retracts.then_some(kinds.as_slice());
            let args: Vec<ArrayRef> = call.args.iter().map(|t| column(&values, &t.logical)).collect();
            // The third row does not pass.
            let filter: BooleanArray = (0..rows.len()).map(|row| Some(row != 2)).collect();
            let reads: Vec<Read> = [(0, 1), (1, 0), (1, 1), (3, 0), (4, 1), (4, 0)]
                .into_iter()
                .map(|(after, slot)| Read { after, slot })
                .collect();
            let found = call.accumulator.trace(&slots, kinds, &args, Some(&filter), &reads).unwrap();
            let mut done = 0;
            for (i, read) in reads.iter().enumerate() {
                for row in done..read.after as usize {
                    let args: Vec<ArrayRef> = args.iter().map(|arg| arg.slice(row, 1)).collect();
                    let (kinds, filter) = (kinds.map(|kinds| &kinds[row..=row]), filter.slice(row, 1));
                    steps.accumulator.update(&slots[row..=row], kinds, &args, Some(&filter)).unwrap();
                }
                done = read.after as usize;
                let value = Value::from_array(&found, &call.result.logical, i).unwrap();
                assert_eq!(value, steps.value(read.slot), "{label} {read:?}");
            }
            assert_eq!(found.len(), reads.len());
            let rest: Vec<ArrayRef> = args.iter().map(|arg| arg.slice(done, rows.len() - done)).collect();
            let kinds = kinds.map(|kinds| &kinds[done..]);
            steps.accumulator.update(&slots[done..], kinds, &rest, None).unwrap();
            assert_eq!((call.value(0), call.value(1)), (steps.value(0), steps.value(1)), "{label}");
        }
    }
}

#[test]
fn filters_and_slots() {
    let mut call = call("SUM", "INT", false, false);
    let values = column(&[Some(1), Some(2), Some(4), Some(8)], &T::Int);
    let mask = BooleanArray::from(vec![Some(true), None, Some(true), Some(false)]);
    call.accumulator.update(&[0, 1, 1, 0], None, &[values], Some(&mask)).unwrap();
    assert_eq!((call.value(0), call.value(1)), (Value::Integer(1), Value::Integer(4)));
}

#[test]
fn sums_wrap_and_decimals_overflow_to_null() {
    let mut sum = call("SUM", "TINYINT", false, false);
    sum.feed(&[Some(127), Some(1)], None);
    assert_eq!(sum.value(0), Value::Integer(-128));
    let mut call = call("SUM", "DECIMAL(38, 0)", false, false);
    let large = Value::Decimal(10i128.pow(38) - 1);
    let array = array_of(&[&large, &large], &T::Decimal { precision: 38, scale: 0 }).unwrap();
    call.accumulator.update(&[0, 0], None, &[array], None).unwrap();
    assert_eq!(call.value(0), Value::Null);
}
