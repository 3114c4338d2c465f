//! The evaluator: laziness, folding, clocks, filters.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, Int32Array, RecordBatch, StringArray};
use nutkin_plan::Expr;
use nutkin_types::{DataType, LogicalType as T, Value};

use super::sql::parse;
use crate::error::EvaluationError;
use crate::evaluator::{Evaluator, evaluate_constant, is_constant};
use crate::{EvaluationContext, EvaluatorOptions};

fn columns() -> Vec<(String, DataType)> {
    vec![("a".to_owned(), T::Int.nullable()), ("s".to_owned(), DataType::string())]
}

fn batch() -> RecordBatch {
    let a: ArrayRef = Arc::new(Int32Array::from(vec![Some(2), Some(0), None, Some(5)]));
    let s: ArrayRef = Arc::new(StringArray::from(vec![Some("7"), Some("x"), Some("9"), None]));
    RecordBatch::try_from_iter([("a", a), ("s", s)]).unwrap()
}

fn expr(sql: &str) -> Expr {
    parse(sql, &columns()).unwrap()
}

fn run(sql: &str) -> Result<ArrayRef, EvaluationError> {
    let evaluator = Evaluator::compile(&expr(sql), &EvaluatorOptions::default()).unwrap();
    evaluator.evaluate(&batch(), &EvaluationContext::streaming(1_600_000_000_123))
}

fn ints(sql: &str) -> Vec<Option<i32>> {
    run(sql).unwrap().as_primitive::<Int32Type>().iter().collect()
}

fn booleans(sql: &str) -> Vec<Option<bool>> {
    run(sql).unwrap().as_boolean().iter().collect()
}

#[test]
fn errors_of_branches_that_are_not_taken_do_not_surface() {
    assert_eq!(ints("CASE WHEN a <> 0 THEN 10 / a ELSE -1 END"), [Some(5), Some(-1), Some(-1), Some(2)]);
    assert_eq!(ints("IF(a = 0, 0, 10 / a)"), [Some(5), Some(0), None, Some(2)]);
    assert_eq!(booleans("a <> 0 AND 10 / a > 2"), [Some(true), Some(false), None, Some(false)]);
    assert_eq!(booleans("a = 0 OR 10 / a > 2"), [Some(true), Some(true), None, Some(false)]);
    assert_eq!(ints("COALESCE(a, CAST(s AS INT))"), [Some(2), Some(0), Some(9), Some(5)]);
}

#[test]
fn errors_of_what_is_taken_do() {
    let error = run("10 / a").unwrap_err();
    assert_eq!(error.code(), "NUTKIN-5001");
    assert!(error.to_string().contains("10"), "{error}");
    let error = run("CAST(s AS INT)").unwrap_err();
    assert_eq!(error.code(), "NUTKIN-5002");
    assert!(error.to_string().contains("'x'") && error.to_string().contains("TRY_CAST"), "{error}");
    assert_eq!(ints("TRY_CAST(s AS INT)"), [Some(7), None, Some(9), None]);
}

#[test]
fn constants_fold_but_clocks_do_not() {
    let options = EvaluatorOptions::default();
    assert_eq!(evaluate_constant(&expr("1 + 2 * 3"), &options).unwrap(), Some(Value::Integer(7)));
    assert_eq!(evaluate_constant(&expr("UPPER('a') || 'b'"), &options).unwrap(), Some(Value::String("Ab".to_owned())));
    assert_eq!(evaluate_constant(&expr("a + 1"), &options).unwrap(), None);
    assert!(evaluate_constant(&expr("1 / 0"), &options).is_err());
    for sql in ["CURRENT_TIMESTAMP", "RAND()", "UUID()"] {
        assert!(!is_constant(&expr(sql)), "{sql}");
    }
}

#[test]
fn the_clock_is_handed_in() {
    let evaluator = Evaluator::compile(&expr("CURRENT_TIMESTAMP"), &EvaluatorOptions::default()).unwrap();
    let streaming = EvaluationContext::streaming(5);
    let bounded = EvaluationContext { query_start_millis: Some(3), ..streaming };
    for (context, wanted) in [(streaming, 5), (bounded, 3)] {
        let array = evaluator.evaluate(&batch(), &context).unwrap();
        assert_eq!(array.len(), 4);
        assert_eq!(array.as_primitive::<TimestampMillisecondType>().value(3), wanted);
    }
}

#[test]
fn constants_have_one_value_per_row() {
    assert_eq!(ints("1 + 1"), [Some(2); 4]);
    assert_eq!(run("UUID()").unwrap().as_string::<i32>().iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
}

#[test]
fn filters_take_null_for_not_true() {
    let evaluator = Evaluator::compile(&expr("a > 1"), &EvaluatorOptions::default()).unwrap();
    let mask = evaluator.evaluate_filter(&batch(), &EvaluationContext::streaming(0)).unwrap();
    let kept = arrow_select::filter::filter_record_batch(&batch(), &mask).unwrap();
    assert_eq!(kept.num_rows(), 2);
}

#[test]
fn an_empty_batch_gives_an_empty_column() {
    let empty = batch().slice(0, 0);
    for sql in ["a + 1", "CASE WHEN a > 1 THEN s ELSE 'x' END", "COALESCE(s, 'y')", "a > 1 AND s LIKE 'a%'", "1"] {
        let evaluator = Evaluator::compile(&expr(sql), &EvaluatorOptions::default()).unwrap();
        assert_eq!(evaluator.evaluate(&empty, &EvaluationContext::streaming(0)).unwrap().len(), 0, "{sql}");
    }
}

#[test]
fn what_flink_refuses_is_refused() {
    let types = ["a % 1.5e0", "MOD(1e0, a)", "DATE_FORMAT(DATE '2020-01-01', 'yyyy')", "QUARTER(TIME '12:00:00')"];
    let units = ["EXTRACT(DOW FROM TIME '12:00:00')", "EXTRACT(MICROSECOND FROM TIME '12:00:00')"];
    let intervals = ["EXTRACT(DAY FROM INTERVAL '1-2' YEAR TO MONTH)", "EXTRACT(EPOCH FROM INTERVAL '1' DAY)"];
    for sql in types.into_iter().chain(units).chain(intervals) {
        assert!(parse(sql, &columns()).is_err(), "{sql}");
    }
    for sql in ["SHA2(s, a)", "INSTR(s, s, 1, a)", "TO_TIMESTAMP_LTZ(s)", "FROM_BASE64(s)"] {
        assert_eq!(run(sql).unwrap_err().code(), "NUTKIN-5003", "{sql}");
    }
}

#[test]
fn digits_of_rounding_may_be_any_int() {
    for number in ["CAST(a AS DECIMAL(5, 1))", "CAST(a AS DOUBLE)", "CAST(a AS FLOAT)", "CAST(a AS BIGINT)", "a"] {
        for function in ["ROUND", "TRUNCATE"] {
            let with = |digits: &str| ints(&format!("CAST({function}({number}, a - a {digits}) AS INT)"));
            assert_eq!(with("- 2147483647"), [Some(0), Some(0), None, Some(0)], "{function}({number})");
            assert_eq!(with("+ 2147483647"), [Some(2), Some(0), None, Some(5)], "{function}({number})");
        }
    }
}
