//! Errors: wording as Flink's, place, remedy, code.

use crate::{SyntaxErrorKind, parse_data_type, parse_expression, parse_statement};

fn message(text: &str) -> String {
    parse_statement(text).unwrap_err().message()
}

#[test]
fn an_unexpected_token_is_named_with_its_place_and_what_could_stand_there() {
    let error = parse_statement("SELECT *\n  FORM t").unwrap_err();
    let expected =
        "SQL parse failed. Encountered \"FORM\" at line 2, column 3.\nWas expecting one of:\n    <EOF>\n    \",\" ...";
    assert!(error.message().starts_with(expected), "{}", error.message());
    assert!(error.message().contains("\n    \"FROM\" ..."));
    assert_eq!(error.code(), "NUTKIN-1001");
    assert_eq!((error.span.start, error.span.end), (11, 15));
}

#[test]
fn a_hyphen_in_a_name_is_flinks_own_example() {
    let text = "SELECT * FROM my_env-1.t";
    assert!(message(text).starts_with("SQL parse failed. Encountered \"-\" at line 1, column 21."));
}

#[test]
fn the_end_of_the_text_is_placed_at_its_last_character() {
    assert!(message("SELECT").starts_with("SQL parse failed. Encountered \"<EOF>\" at line 1, column 6."));
    assert!(message("").starts_with("SQL parse failed. Encountered \"<EOF>\" at line 1, column 1."));
}

#[test]
fn a_reserved_word_as_a_name_comes_with_the_remedy() {
    for text in ["CREATE TABLE t (value INT)", "SELECT a AS value FROM t", "SELECT value FROM t", "SELECT 1 FROM value"]
    {
        let message = message(text);
        assert!(message.contains("Encountered \"value\""), "{message}");
        let remedy = "VALUE is a reserved word: to use it as a name, write it in back-ticks: `value`.";
        assert!(message.ends_with(remedy), "{message}");
    }
}

#[test]
fn a_second_statement_comes_with_the_remedy() {
    assert!(message("SELECT 1; SELECT 2").contains("\nSend one statement at a time"));
}

#[test]
fn double_quotes_are_a_lexical_error_with_the_remedy() {
    let message = message("SELECT \"a\" FROM t");
    assert!(message.starts_with("SQL parse failed. Lexical error at line 1, column 8. Encountered: \"\\\"\" (34)"));
    assert!(message.contains("back-ticks"));
}

#[test]
fn what_has_no_end_is_reported_where_it_starts() {
    for (text, column) in [("SELECT 'abc", 8), ("SELECT `abc", 8), ("SELECT 1 /* abc", 10)] {
        let error = parse_statement(text).unwrap_err();
        assert!(matches!(error.kind, SyntaxErrorKind::Lexical { .. }), "{error}");
        assert_eq!(error.position.column, column);
    }
}

/// D-24: refused by name.
#[test]
fn statements_that_do_not_exist_here_are_named() {
    for keyword in ["ANALYZE", "CALL", "DELETE", "UPDATE", "TRUNCATE", "LOAD", "UNLOAD", "MERGE", "REMOVE"] {
        let error = parse_statement(&format!("{keyword} x y z")).unwrap_err();
        assert_eq!(error.code(), "NUTKIN-1003");
        assert!(error.message().contains(&format!("The statement {keyword} is not supported")), "{error}");
    }
    for text in ["ALTER FUNCTION f AS 'x'", "USE MODULES a", "SELECT * FROM t TABLESAMPLE SYSTEM(10)"] {
        assert_eq!(parse_statement(text).unwrap_err().code(), "NUTKIN-1003", "{text}");
    }
    assert_eq!(parse_data_type("STRUCTURED<c, a INT>").unwrap_err().code(), "NUTKIN-1001");
}

#[test]
fn texts_that_no_grammar_takes_are_refused() {
    let refused = [
        "SELECT FROM t",
        "SELECT (1",
        "SELECT 1)",
        "SELECT 1 2",
        "SELECT a b c",
        "SELECT 1; SELECT 2",
        "SELECT * FROM",
        "SELECT * FROM t WHERE",
        "SELECT * FROM (a JOIN b) AS c",
        "SELECT a FROM t ORDER a",
        "SELECT CASE END",
        "SELECT CAST(a, INT)",
        "SELECT MAP['a']",
        "SELECT x'abc'",
        "SELECT x'zz'",
        "SELECT U&'\\00'",
        "SELECT INTERVAL '1' WEEK TO DAY",
        "SELECT INTERVAL '1'",
        "SELECT a NOT b",
        "SELECT a IS 1",
        "SELECT f(a b)",
        "SELECT /*+ X(' FROM t",
        "INSERT t SELECT 1",
        "INSERT INTO t",
        "CREATE t (a INT)",
        "CREATE TABLE t (a)",
        "CREATE TABLE t (a INT,)",
        "CREATE TABLE t (a INT) WITH (k = 'v')",
        "CREATE TABLE t (a INT, WATERMARK FOR a AS a, WATERMARK FOR b AS b)",
        "CREATE TABLE t (a INT) LIKE u AS SELECT 1",
        "CREATE OR ALTER TABLE t (a INT)",
        "CREATE OR REPLACE FUNCTION f AS 'x'",
        "DISTRIBUTED INTO 3",
        "CREATE TABLE t (a INT) DISTRIBUTED INTO 0x BUCKETS",
        "EXECUTE STATEMENT SET BEGIN END",
        "EXPLAIN SHOW TABLES",
        "EXPLAIN CREATE TABLE t (a INT)",
        "SHOW",
        "SHOW TABLES NOT",
        "SET a = b",
        "ALTER TABLE t",
        "DROP t",
        "SELECT * FROM t FOR SYSTEM_TIME AS OF a FOR SYSTEM_TIME AS OF b",
        "SELECT a FROM t LIMIT 1 LIMIT 2",
        "SELECT JSON_VALUE(a, '$' NULL ON ERROR NULL ON ERROR)",
    ];
    for text in refused {
        let result = parse_statement(text);
        assert!(result.is_err(), "{text}: {}", result.unwrap());
    }
}

#[test]
fn errors_inside_expressions_stand_where_the_reader_looks() {
    for (text, column) in [("a + ", 3), ("a + * b", 5), ("f(a,)", 5), ("a BETWEEN 1 OR 2", 13), ("(a, b", 5)] {
        let error = parse_expression(text).unwrap_err();
        assert_eq!(error.position.column, column, "{text}: {error}");
    }
}
