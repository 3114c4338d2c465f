//! Depth: too deep is an error, and what is allowed does not exhaust a thread's stack of two megabytes.

use crate::parse_statement;

fn nested(depth: usize, open: &str, inner: &str, close: &str) -> String {
    format!("SELECT {}{inner}{} FROM t", open.repeat(depth), close.repeat(depth))
}

fn is_too_deep(text: &str) -> bool {
    parse_statement(text).is_err_and(|error| error.code() == "NUTKIN-1002")
}

#[test]
fn nesting_is_limited() {
    let shapes = [
        ("(", "1", ")"),
        ("f(", "1", ")"),
        ("-(", "1", ")"),
        ("NOT ", "a", ""),
        ("CASE WHEN a THEN ", "1", " END"),
        ("(SELECT ", "1", ")"),
        ("a IN (SELECT ", "1", ")"),
        ("ARRAY[", "1", "]"),
        ("CAST(", "1", " AS INT)"),
        ("a[", "1", "]"),
    ];
    for (open, inner, close) in shapes {
        assert!(is_too_deep(&nested(100_000, open, inner, close)), "{open}");
        let fits = (1..120).filter(|depth| parse_statement(&nested(*depth, open, inner, close)).is_ok()).count();
        assert!(fits >= 30, "{open}: {fits}");
    }
    assert!(is_too_deep(&format!("SELECT CAST(a AS {}INT{})", "ARRAY<".repeat(5000), ">".repeat(5000))));
    assert!(is_too_deep(&format!("SELECT * FROM {}t{}", "(SELECT * FROM ".repeat(5000), ")".repeat(5000))));
    assert!(is_too_deep(&format!("SELECT * FROM {}t{}", "(".repeat(5000), ")".repeat(5000))));
    assert!(is_too_deep(&format!("{}SELECT 1{}", "(".repeat(5000), ")".repeat(5000))));
    assert!(is_too_deep(&format!("{}SHOW TABLES{}", "(".repeat(5000), ")".repeat(5000))));
    assert!(is_too_deep(&format!("{} SELECT 1", "EXPLAIN ".repeat(5000))));
    let pattern = format!("{}A{}", "(".repeat(5000), ")".repeat(5000));
    assert!(is_too_deep(&format!("SELECT * FROM t MATCH_RECOGNIZE (PATTERN ({pattern}))")));
}

#[test]
fn chains_are_limited() {
    let chain = |length: usize| format!("SELECT a{}", " + a".repeat(length));
    assert!(parse_statement(&chain(900)).is_ok());
    assert!(is_too_deep(&chain(100_000)));
    assert!(is_too_deep(&format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(5000))));
    assert!(is_too_deep(&format!("SELECT * FROM t{}", ", t".repeat(5000))));
    assert!(is_too_deep(&format!("SELECT a{}", "[1]".repeat(5000))));
    // Chains inside of nesting add up.
    let inner = format!("(a{})", " + a".repeat(300));
    let text = (0..5).fold(inner, |inner, _| format!("({inner}{})", " + a".repeat(300)));
    assert!(is_too_deep(&format!("SELECT {text}")));
}

#[test]
fn lists_may_be_long() {
    let list = vec!["1"; 50_000].join(", ");
    let text = format!("SELECT {list} FROM t WHERE a IN ({list})");
    assert!(parse_statement(&text).is_ok());
    let rows = vec!["(1, 'a')"; 20_000].join(", ");
    assert!(parse_statement(&format!("INSERT INTO t VALUES {rows}")).is_ok());
}

/// The highest tree that is accepted can be printed, compared and dropped.
#[test]
fn an_accepted_tree_can_be_walked() {
    let mut deepest = 1;
    while let Ok(tree) = parse_statement(&nested(deepest, "(a + (SELECT ", "1", "))")) {
        assert_eq!(parse_statement(&tree.to_string()).unwrap(), tree);
        deepest += 1;
    }
    assert!(deepest > 15, "{deepest}");
    let chain = format!("SELECT a{}", " OR a".repeat(950));
    let tree = parse_statement(&chain).unwrap();
    assert_eq!(tree.to_string(), chain);
    assert_eq!(tree.clone(), tree);
}

/// A sign before a sign is printed without parentheses, which would nest deeper than what was read.
#[test]
fn signs_in_a_row_are_printed_as_they_were_read() {
    for text in ["SELECT - - 1", "SELECT - + - (a + 1)", "SELECT + - a"] {
        assert_eq!(parse_statement(&parse_statement(text).unwrap().to_string()), parse_statement(text));
    }
    let deepest =
        (1..).map(|depth| nested(depth, "- ", "1", "")).take_while(|text| parse_statement(text).is_ok()).last();
    let tree = parse_statement(&deepest.unwrap()).unwrap();
    assert_eq!(parse_statement(&tree.to_string()), Ok(tree));
}

/// Looking for a query behind parentheses must not be tried again at every level.
#[test]
fn parentheses_before_a_query_cost_no_extra_time() {
    let level = |inner: String| format!("((((((((SELECT {inner}) + 1) + 1) + 1) + 1) + 1) + 1) + 1)");
    let text = (0..3).fold("1".to_owned(), |inner, _| level(inner));
    assert!(parse_statement(&format!("SELECT {text}")).is_ok());
}
