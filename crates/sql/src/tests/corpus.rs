//! The crate's own corpus: every text parses, and what is printed parses to the same tree and prints the same again.

use crate::{parse_data_type, parse_expression, parse_statement, parse_statements};
use std::fmt::Display;

const EXPRESSIONS: &str = include_str!("../../tests-data/expressions.sql");
const TYPES: &str = include_str!("../../tests-data/types.sql");
const QUERIES: &str = include_str!("../../tests-data/queries.sql");
/// As clients sent them, names apart.
const CLIENTS: &str = include_str!("../../tests-data/clients.sql");
const STATEMENTS: &str = include_str!("../../tests-data/statements.sql");

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with("-- "))
}

fn assert_round_trip<T: PartialEq + Display + std::fmt::Debug>(
    text: &str,
    parse: impl Fn(&str) -> Result<T, crate::SyntaxError>,
) {
    let tree = parse(text).unwrap_or_else(|error| panic!("{text}\n{error}"));
    let printed = tree.to_string();
    let again = parse(&printed).unwrap_or_else(|error| panic!("{text}\nprinted: {printed}\n{error}"));
    assert_eq!(again, tree, "{text}\nprinted: {printed}");
    assert_eq!(again.to_string(), printed, "{text}");
}

#[test]
fn expressions() {
    for line in lines(EXPRESSIONS) {
        assert_round_trip(line, parse_expression);
    }
}

#[test]
fn data_types() {
    for line in lines(TYPES) {
        assert_round_trip(line, parse_data_type);
    }
}

#[test]
fn expressions_are_select_items_and_conditions() {
    for line in lines(EXPRESSIONS).filter(|line| !line.contains("--")) {
        assert_round_trip(&format!("SELECT {line} AS x, {line} FROM t WHERE {line}"), parse_statement);
    }
}

#[test]
fn queries_and_statements() {
    for script in [QUERIES, STATEMENTS, CLIENTS] {
        let statements = parse_statements(script).unwrap_or_else(|error| panic!("{error}"));
        assert!(statements.len() > 25);
        for (tree, span) in statements {
            let text = span.text(script);
            assert_eq!(parse_statement(text).unwrap(), tree, "{text}");
            assert_round_trip(text, parse_statement);
            assert_round_trip(&format!("{text}\n ; -- end"), parse_statement);
            assert_round_trip(&format!("/* {{\"a\": 1}} */ ({text})"), parse_statement);
        }
    }
}

/// Any prefix of a text either parses or gives an error that lies in it; nothing panics.
#[test]
fn cut_texts_do_no_harm() {
    for text in [EXPRESSIONS, QUERIES, STATEMENTS, TYPES] {
        for line in lines(text) {
            for (end, _) in line.char_indices() {
                for result in [
                    parse_statement(&line[..end]).err(),
                    parse_expression(&line[..end]).err(),
                    parse_data_type(&line[..end]).err(),
                ] {
                    assert!(result.is_none_or(|error| error.span.end <= end && !error.message().is_empty()));
                }
            }
        }
    }
}
