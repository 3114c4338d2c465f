//! What the runner says of cases that are wrong, and of right ones.

use super::{report, test};

const TABLE: &str = "tables:\n  t: {columns: [v INT], rows: [[1], [2]]}\n";

fn reasons(text: &str) -> Vec<(String, String)> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("case.yaml");
    std::fs::write(&file, text).unwrap();
    let (lines, _) = report(directory.path(), &["--seed", "1", file.to_str().unwrap()]);
    let text = |line: &serde_json::Value, key: &str| line[key].as_str().unwrap().to_owned();
    lines.iter().map(|line| (text(line, "status"), text(line, "reason"))).collect()
}

fn reason(text: &str) -> (String, String) {
    reasons(text).remove(0)
}

#[test]
fn a_wrong_expectation_fails_with_the_rows_that_differ() {
    let (status, reason) = reason(&format!("{TABLE}sql: SELECT v FROM t\nexpect: {{result: [[1], [3]]}}\n"));
    assert_eq!((status.as_str(), reason.as_str()), ("failed", "result, straight: [2] instead of [3]"));
}

#[test]
fn an_error_that_does_not_come_fails() {
    let (status, reason) = reason(&format!("{TABLE}sql: SELECT v FROM t\nexpect: {{error: {{phase: runtime}}}}\n"));
    assert_eq!((status.as_str(), reason.as_str()), ("failed", "no error instead of runtime error"));
}

#[test]
fn an_error_of_another_phase_or_text_fails() {
    for expected in ["{phase: runtime}", "{code: NUTKIN-2002}", "{message: something else}"] {
        let (status, reason) = reason(&format!("{TABLE}sql: SELECT w FROM t\nexpect: {{error: {expected}}}\n"));
        assert_eq!(status, "failed", "{expected}");
        assert!(reason.starts_with("validation error NUTKIN-2001"), "{reason}");
    }
}

#[test]
fn an_error_that_is_not_expected_fails() {
    let (status, reason) = reason(&format!("{TABLE}sql: SELECT w FROM t\nexpect: {{result: []}}\n"));
    assert_eq!(status, "failed");
    assert!(reason.starts_with("validation error NUTKIN-2001"), "{reason}");
}

#[test]
fn a_case_without_an_expectation_fails() {
    let (status, _) = reason(&format!("{TABLE}sql: SELECT v FROM t\n"));
    assert_eq!(status, "failed");
}

#[test]
fn what_is_written_wrongly_is_named() {
    for (text, cause) in [
        ("sqll: SELECT 1\n", "sqll"),
        ("name: nothing to do\n", "there is no statement"),
        ("sql: SELECT 1\nexpect: {result: {row: []}}\n", "'row' is unknown"),
        ("sql: SELECT 1\nsteps: [{advance: 1 s, rows: {}}]\n", "a step is one of"),
        ("sql: SELECT 1\nexpect: {error: {fase: x}}\n", "'fase' is unknown"),
        (
            "tables: {t: {columns: [v INT], rows: [[x]]}}\nsql: SELECT v FROM t\nexpect: {result: []}\n",
            "row 1 of t: column v",
        ),
        (
            "tables: {t: {columns: [v INT], rows: [{w: 1}]}}\nsql: SELECT v FROM t\nexpect: {result: []}\n",
            "no column 'w'",
        ),
        (
            "tables: {t: {columns: [v INT], rows: [[1, 2]]}}\nsql: SELECT v FROM t\nexpect: {result: []}\n",
            "2 values for 1 columns",
        ),
        (
            "tables: {t: {columns: [v INT], options: {kafka.retention.time: 1 h}}}\nsql: SELECT v FROM t\nexpect: {result: []}\n",
            "kafka.retention.time",
        ),
    ] {
        let (status, reason) = reason(text);
        assert_ne!(status, "passed", "{text}");
        assert!(reason.contains(cause), "{text}: {reason}");
    }
}

#[test]
fn a_mid_way_expectation_counts() {
    let text = "tables:\n  t: {columns: [v INT], rows: [[1]]}\nsql: SELECT v FROM t\nsteps:\n  - expect: {result: [[2]]}\nexpect: {result: [[1]]}\n";
    let (status, reason) = reason(text);
    assert_eq!((status.as_str(), reason.as_str()), ("failed", "result, straight: [1] instead of [2]"));
}

#[test]
fn several_documents_are_several_cases() {
    let text = "name: one\nsql: SELECT 1\nexpect: {result: [[1]]}\n---\nskip: not today\nsql: SELECT 1\n";
    let found = reasons(text);
    assert_eq!(found[0].0, "passed", "{found:?}");
    assert_eq!((found[1].0.as_str(), found[1].1.as_str()), ("skipped", "not today"));
}

#[test]
fn recorded_cases_with_requirements_are_skipped_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("scalar.jsonl");
    let case = |id: &str, requires: &str, agrees: bool| {
        format!(
            r#"{{"id":"{id}","kind":"scalar","requires":[{requires}],"input":{{"columns":[],"row":[]}},"sql":"1","expect":{{"values":[2]}},"flink":{{"agrees":{agrees}}}}}"#
        )
    };
    let data = r#"{"ref":"x","columns":[],"rows":[]}"#;
    let event = r#"["+I",[1]]"#;
    let script = r#"{"id":"s","kind":"script"}"#;
    let cases = [case("a", "\"udf:f:F\"", true), case("b", "", false), case("c", "", true)];
    let text = [&cases[..], &[data, event, script].map(str::to_owned)].concat().join("\n");
    std::fs::write(&file, text).unwrap();
    let (lines, counts) = report(directory.path(), &[file.to_str().unwrap()]);
    let found: Vec<_> =
        lines.iter().map(|line| (line["status"].as_str().unwrap(), line["reason"].as_str().unwrap())).collect();
    assert_eq!(found[0], ("skipped", "requires udf:f:F"));
    assert_eq!(found[1], ("skipped", "real Flink does not agree"));
    assert_eq!(found[2], ("failed", "value: 1 instead of 2"));
    assert_eq!((found.len(), found[3].0), (4, "skipped"));
    assert_eq!(counts["failed"], 1);
    assert_eq!(counts["by_kind"]["scalar"]["skipped"], 2);
}

#[test]
fn lines_that_nobody_knows_fail() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("cases.jsonl");
    let texts = [
        (r#"{"id":"a","kind":"skalar","sql":"1"}"#, "'skalar' is no kind of case"),
        (r#"{"id":"a","sql":"1"}"#, "'' is no kind of case"),
        (r#"{"id":"a","kind":"batch","flink":{"agrees":true}}"#, "missing field"),
        ("no JSON", "no JSON"),
    ];
    for (text, cause) in texts {
        std::fs::write(&file, text).unwrap();
        let path = file.to_str().unwrap();
        let (lines, counts) = report(directory.path(), &[path]);
        let reason = lines[0]["reason"].as_str().unwrap();
        assert!(reason.starts_with("NUTKIN-6302") && reason.contains(cause), "{text}: {reason}");
        assert_eq!(counts["failed"], 1);
        assert!(!test(&[path]).unwrap());
    }
}

#[test]
fn cases_of_one_name_are_told_apart_by_their_directory_or_refused() {
    let directory = tempfile::tempdir().unwrap();
    let text = "name: one\nsql: SELECT 1\nexpect: {result: [[1]]}\n";
    for below in ["a", "b"] {
        std::fs::create_dir(directory.path().join(below)).unwrap();
        std::fs::write(directory.path().join(below).join("case.yaml"), text).unwrap();
    }
    let reports = tempfile::tempdir().unwrap();
    let (lines, _) = report(reports.path(), &[directory.path().to_str().unwrap()]);
    let ids: Vec<_> = lines.iter().map(|line| line["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["a/case/one", "b/case/one"]);
    let twins = reasons(&format!("{text}---\n{text}"));
    assert_eq!(twins[0].0, "passed");
    assert!(twins[1].1.contains("is a case of the same name"), "{twins:?}");
}

#[test]
fn what_is_not_built_is_counted_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("cases.yaml");
    let tables = "tables: {t: {columns: [v INT], options: {kafka.retention.time: 1 h}}}\n";
    let case = |name: &str| format!("name: {name}\n{tables}sql: SELECT v FROM t\nexpect: {{error: {{}}}}\n");
    std::fs::write(&file, format!("{}---\n{}", case("a"), case("b"))).unwrap();
    let (lines, counts) = report(directory.path(), &[file.to_str().unwrap()]);
    assert_eq!((&lines[0]["status"], &lines[1]["status"]), (&"not built".into(), &"not built".into()));
    let missing: Vec<_> = counts["missing"].as_object().unwrap().iter().collect();
    assert!(missing.len() == 1 && missing[0].0.contains("kafka.retention.time"), "{counts}");
    assert_eq!((missing[0].1, &counts["not_built"]), (&2.into(), &2.into()));
}

#[test]
fn a_ledger_makes_known_failures_pass_and_only_those() {
    let directory = tempfile::tempdir().unwrap();
    let (file, ledger) = (directory.path().join("case.yaml"), directory.path().join("known.tsv"));
    std::fs::write(&file, "sql: SELECT 1\nexpect: {result: [[2]]}\n").unwrap();
    let (file, ledger) = (file.to_str().unwrap(), ledger.to_str().unwrap());
    assert!(!test(&["--ledger", ledger, file]).unwrap());
    std::fs::write(ledger, "case\treason\n").unwrap();
    assert!(test(&["--ledger", ledger, file]).unwrap());
}

#[test]
fn junit_names_the_failure() {
    let directory = tempfile::tempdir().unwrap();
    let (file, xml) = (directory.path().join("case.yaml"), directory.path().join("report.xml"));
    std::fs::write(&file, "name: a < b\nsql: SELECT 1\nexpect: {result: [[2]]}\n").unwrap();
    test(&["--report", &format!("junit={}", xml.display()), file.to_str().unwrap()]).unwrap();
    let text = std::fs::read_to_string(xml).unwrap();
    assert!(text.contains("<testsuites tests=\"1\" failures=\"1\" skipped=\"0\""), "{text}");
    assert!(text.contains("name=\"case/a &lt; b\"") && text.contains("- [2]\n+ [1]"), "{text}");
}

#[test]
fn paths_and_filters_without_cases_are_errors() {
    let directory = tempfile::tempdir().unwrap();
    let empty = directory.path().to_str().unwrap();
    assert_eq!(test(&[empty]).unwrap_err().code(), "NUTKIN-6301");
    assert_eq!(test(&["/nowhere/at/all.yaml"]).unwrap_err().code(), "NUTKIN-6301");
    std::fs::write(directory.path().join("case.yaml"), "sql: SELECT 1\n").unwrap();
    assert_eq!(test(&["--filter", "other", empty]).unwrap_err().code(), "NUTKIN-6304");
    assert_eq!(test(&["--filter", "(", empty]).unwrap_err().code(), "NUTKIN-6304");
}
