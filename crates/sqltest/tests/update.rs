//! `--update`.

use super::test;

#[test]
fn what_comes_out_is_written_and_nothing_else_changes() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("case.yaml");
    let head = "# A comment.\nname: first\ntables:\n  t:\n    columns: [k STRING, v INT]\n    rows: [[a, 1], [b, 2]]\n";
    let tail = "---\n# Another one.\nname: second\nsql: SELECT w FROM t\n";
    let text = format!("{head}expect:\n  result: [[wrong]]\n\nsql: SELECT k, v FROM t # the query\n{tail}");
    std::fs::write(&file, &text).unwrap();
    let path = file.to_str().unwrap();
    assert!(!test(&["--update", path]).unwrap());
    let written = std::fs::read_to_string(&file).unwrap();
    let rows = "expect:\n  \"result\":\n    rows:\n      - [\"a\", 1]\n      - [\"b\", 2]\n";
    assert!(written.starts_with(&format!("{head}{rows}sql: SELECT k, v FROM t # the query\n{tail}")), "{written}");
    assert!(written.contains("expect:\n  error:\n    phase: validation\n    code: NUTKIN-2001\n"), "{written}");
    assert!(test(&[path]).unwrap(), "{written}");
}
