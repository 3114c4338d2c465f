//! Tokens, identifiers, strings, reserved words (sql.md 2.10).

use crate::ast::{ExprKind, Literal};
use crate::{Position, TokenKind, is_reserved, parse_expression, parse_statement, reserved_words, tokenize};

fn literal(text: &str) -> Literal {
    match parse_expression(text).unwrap().kind {
        ExprKind::Literal(literal) => literal,
        other => panic!("{other:?}"),
    }
}

fn name(text: &str) -> Vec<String> {
    match parse_expression(text).unwrap().kind {
        ExprKind::Name(name) => name.values().map(str::to_owned).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn strings_are_read_in_all_spellings() {
    assert_eq!(literal("'it''s'"), Literal::String("it's".into()));
    assert_eq!(literal("'a' \n 'b'"), Literal::String("ab".into()));
    assert_eq!(literal("U&'\\00e9\\\\'"), Literal::String("é\\".into()));
    assert_eq!(literal("U&'!D83D!DE00' UESCAPE '!'"), Literal::String("😀".into()));
    assert_eq!(literal("_UTF-16LE'x'"), Literal::String("x".into()));
    assert_eq!(literal("x'0aFF'"), Literal::Binary(vec![0x0a, 0xff]));
}

#[test]
fn identifiers_keep_case_and_quoting() {
    assert_eq!(name("$rowtime"), ["$rowtime"]);
    assert_eq!(name("$$T_PROJECT.`EXPR$0`"), ["$$T_PROJECT", "EXPR$0"]);
    assert_eq!(name("`a``b`.C"), ["a`b", "C"]);
    assert_eq!(name("größe"), ["größe"]);
}

#[test]
fn numbers_end_where_they_end() {
    let kinds = |text: &str| -> Vec<String> {
        let tokens = tokenize(text).unwrap();
        tokens.iter().map(|token| token.span.text(text).to_owned()).collect()
    };
    assert_eq!(kinds("1e5 1.5E-3 .5 1."), ["1e5", "1.5E-3", ".5", "1.", "."]);
    assert_eq!(kinds("1e 2x")[..4], ["1", "e", "2", "x"]);
}

#[test]
fn comments_vanish_and_hints_stay() {
    let tokens = tokenize("/* a */ -- b\n// c\n/*+ X */ 1").unwrap();
    let kinds: Vec<TokenKind> = tokens.iter().map(|token| token.kind).collect();
    let expected = [TokenKind::HintStart, TokenKind::Word, TokenKind::HintEnd, TokenKind::Number, TokenKind::Eof];
    assert_eq!(kinds, expected);
}

#[test]
fn positions_count_lines_and_characters_from_one() {
    assert_eq!(Position::of("äb\nc", 2), Position { line: 1, column: 2 });
    assert_eq!(Position::of("äb\nc", 4), Position { line: 2, column: 1 });
    assert_eq!(Position::of("a", 99), Position { line: 1, column: 2 });
}

#[test]
fn reserved_words_are_sorted_and_need_back_ticks() {
    assert!(reserved_words().is_sorted());
    assert!(reserved_words().len() > 400);
    for word in reserved_words() {
        assert!(is_reserved(&word.to_ascii_lowercase()));
        assert!(parse_statement(&format!("SELECT a AS {word} FROM t")).is_err(), "{word}");
        let quoted = format!("SELECT a AS `{word}` FROM `{word}` AS `{word}`");
        let tree = parse_statement(&quoted).unwrap();
        assert_eq!(tree.to_string(), quoted);
    }
}

/// Clients use these as names without back-ticks (clients, section 1).
#[test]
fn words_of_the_grammar_that_are_names_too() {
    let words = [
        "schema",
        "database",
        "name",
        "type",
        "key",
        "map",
        "model",
        "metadata",
        "virtual",
        "columns",
        "partitions",
        "if",
        "json",
        "data",
        "source",
        "tools",
        "agents",
        "prompt",
        "input",
        "output",
        "jobs",
        "mode",
        "first",
        "last",
        "plan",
        "start_mode",
        "version",
        "week",
        "quarter",
        "level",
        "label",
        "state",
        "session",
        "descriptor",
        "options",
    ];
    for word in words {
        let text = format!("SELECT {word}, t.{word} AS {word} FROM {word} AS {word}");
        parse_statement(&text).unwrap_or_else(|error| panic!("{word}: {error}"));
        parse_statement(&format!("CREATE TABLE {word} ({word} INT)")).unwrap_or_else(|error| panic!("{word}: {error}"));
    }
}
