//! The shell without its terminal.

use crate::materialized::Materialized;
use crate::shell::tests_access::{Screen, SqlHelper, Typed, Vocabulary, frame, typed};
use nutkin_api::sql::ResultColumn;
use serde_json::json;

#[test]
fn exit_needs_no_semicolon() {
    assert_eq!(typed(" Exit "), Typed::Exit);
    assert_eq!(typed("quit;"), Typed::Exit);
    assert_eq!(typed("  \n"), Typed::Nothing);
    assert_eq!(typed("SELECT 1; USE x;"), Typed::Statements(vec!["SELECT 1".into(), "USE x".into()]));
}

#[test]
fn completion_offers_what_can_stand_there() {
    let vocabulary = Vocabulary::default();
    vocabulary.learn("SELECT * FROM fresh_orders");
    let helper = SqlHelper::new(vocabulary);
    let candidates = |line: &str| helper.candidates(line, line.len());
    assert_eq!(candidates("sel"), (0, vec!["SELECT".to_owned()]));
    assert_eq!(candidates("SELECT 1; desc").1, ["DESCRIBE", "DESCRIBE EXTENDED"]);
    assert_eq!(candidates("SELECT * FROM fre"), (14, vec!["fresh_orders".to_owned()]));
    assert_eq!(candidates("SELECT é fro"), (10, vec!["FROM".to_owned()]));
    helper.enabled.store(false, std::sync::atomic::Ordering::Relaxed);
    assert!(candidates("sel").1.is_empty());
}

#[test]
fn a_frame_fits_the_terminal_and_is_drawn_over() {
    let columns: Vec<ResultColumn> =
        serde_json::from_value(json!([{"name": "n", "type": {"type": "VARCHAR", "nullable": true}}])).unwrap();
    let mut rows = Materialized::new(None);
    let text = |n: usize| format!("row number {n}");
    rows.apply((0..50).map(|n| serde_json::from_value(json!({"row": [text(n)]})).unwrap()).collect());
    let drawn = frame(&columns, &rows, (12, 10));
    assert!(drawn.lines().count() < 10 && drawn.lines().all(|line| line.chars().count() <= 12), "{drawn}");
    let wide = frame(&columns, &rows, (80, 10));
    assert!(wide.contains("row number 49") && wide.ends_with("50 rows, the last 4 shown\n"), "{wide}");
    let (mut screen, mut out) = (Screen::default(), Vec::new());
    screen.draw("a\nb\n", &mut out).unwrap();
    screen.draw("c\n", &mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "a\nb\n\x1b[2A\r\x1b[Jc\n");
}
