//! Borders of literals, and operands of different types, as Apache Flink 2.2 answered.

use nutkin_plan::{Expr, ExprKind, Operator};
use nutkin_types::Value;

use super::support::Catalog;

fn expression(expression: &str) -> Result<Expr, String> {
    let catalog =
        Catalog::default().with("CREATE TABLE t (i INT, bi BIGINT, dc DECIMAL(10, 2), do DOUBLE, b BOOLEAN, s STRING)");
    let sql = format!("SELECT {expression} FROM t");
    let statement = nutkin_sql::parse_statement(&sql).map_err(|error| error.to_string())?;
    let analyzed = crate::analyze(&statement, &sql, &super::support::session(), &catalog);
    let crate::Action::Run(execution) = analyzed.map_err(|error| error.to_string())?.action else { panic!("{sql}") };
    let mut projections = execution.plan.nodes.iter().filter_map(|node| match &node.operator {
        Operator::Calc(calc) => Some(calc.projection[0].clone()),
        _ => None,
    });
    Ok(projections.next_back().unwrap())
}

fn constant(text: &str) -> (String, Value) {
    let found = expression(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let ExprKind::Literal(value) = found.kind else { panic!("{text}: {found:?}") };
    (found.data_type.logical.to_string(), value)
}

#[test]
fn signs_belong_to_numbers() {
    for (text, data_type, value) in [
        ("-(-2147483648)", "BIGINT", 2_147_483_648),
        ("-(-2147483649)", "BIGINT", 2_147_483_649),
        ("-(2147483648)", "INT", -2_147_483_648),
        ("+(-2147483648)", "INT", -2_147_483_648),
        ("-9223372036854775808", "BIGINT", i64::MIN),
        ("-(-(-5))", "INT", -5),
        ("- -5", "INT", 5),
    ] {
        assert_eq!(constant(text), (data_type.to_owned(), Value::Integer(value)), "{text}");
    }
    for text in ["-(-9223372036854775808)", "9223372036854775808", "-9223372036854775809", "1e400"] {
        let error = expression(text).unwrap_err();
        assert!(error.contains("out of range"), "{text}: {error}");
    }
}

#[test]
fn fields_of_intervals_have_their_digits() {
    for (text, value) in [
        ("INTERVAL '123' DAY(3)", 10_627_200_000),
        ("INTERVAL '1234' YEAR(4)", 14_808),
        ("INTERVAL '99' SECOND", 99_000),
        ("INTERVAL '90:00' MINUTE TO SECOND", 5_400_000),
        ("INTERVAL '1 3:4' DAY TO MINUTE", 97_440_000),
        ("INTERVAL '1 03:04:05.123456' DAY TO SECOND", 97_445_123),
        ("INTERVAL '-1.5' SECOND", -1_500),
        ("INTERVAL '1-11' YEAR TO MONTH", 23),
        ("INTERVAL '1.1234567' SECOND(2, 7)", 1_123),
        ("INTERVAL 123 DAY", 10_627_200_000),
    ] {
        assert_eq!(constant(text).1, Value::Integer(value), "{text}");
    }
    for (text, cause) in [
        ("INTERVAL '123' DAY", "Interval field value 123 exceeds precision of DAY(2) field"),
        ("INTERVAL '-123' DAY", "Interval field value -123 exceeds precision of DAY(2) field"),
        ("INTERVAL '100' SECOND", "exceeds precision of SECOND(2) field"),
        ("INTERVAL '100:10' HOUR TO MINUTE", "exceeds precision of HOUR(2) field"),
        ("INTERVAL '100-1' YEAR TO MONTH", "exceeds precision of YEAR(2) field"),
        ("INTERVAL '2147483648' DAY(10)", "exceeds precision of DAY(10) field"),
        ("INTERVAL '1' DAY(11)", "Interval leading field precision '11' out of range"),
        ("INTERVAL '10:100' HOUR TO MINUTE", "Illegal interval literal format"),
        ("INTERVAL '1 24' DAY TO HOUR", "Illegal interval literal format"),
        ("INTERVAL '1 003' DAY TO HOUR", "Illegal interval literal format"),
        ("INTERVAL '1-12' YEAR TO MONTH", "Illegal interval literal format"),
        ("INTERVAL '1.1234567' SECOND", "Illegal interval literal format"),
        ("INTERVAL '1 03:04:05.1234' DAY TO SECOND(3)", "Illegal interval literal format"),
    ] {
        let error = expression(text).unwrap_err();
        assert!(error.contains(cause), "{text}: {error}");
    }
}

#[test]
fn a_text_goes_on_in_another_line() {
    assert_eq!(constant("'a'\n'b'").1, Value::String("ab".to_owned()));
    assert!(expression("'a' 'b'").unwrap_err().contains("String literal continued on same line"));
}

#[test]
fn texts_beside_truth_values_and_numbers() {
    for (text, answer) in [
        ("TRUE = 'true'", false),
        ("'true' = TRUE", false),
        ("TRUE <> 'true'", true),
        ("FALSE < 'true'", true),
        ("9 < '10'", true),
        ("'5' > 10", false),
        ("2.5 < '3'", true),
        ("1e0 < '1.5'", true),
        ("3 BETWEEN '1' AND '20'", true),
    ] {
        assert_eq!(constant(text).1, Value::Boolean(answer), "{text}");
    }
    for text in ["b = s", "b <> 'x'", "i < s", "dc >= s", "do > '1'", "bi <= '7'"] {
        assert!(expression(text).is_ok(), "{text}");
    }
    for text in ["i = '5'", "i <> s", "do = '1'"] {
        assert!(expression(text).is_err(), "{text}");
    }
}
