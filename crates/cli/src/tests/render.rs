use nutkin_api::sql::{ResultColumn, ResultRow};
use serde_json::{Value, json};

use crate::caret::point_at;
use crate::materialized::Materialized;
use crate::render::{Format, cell_text, clip, printable, width, writer};

fn columns() -> Vec<ResultColumn> {
    serde_json::from_value(json!([
        {"name": "id", "type": {"type": "BIGINT", "nullable": false}},
        {"name": "name", "type": {"type": "VARCHAR", "nullable": true}},
        {"name": "tags", "type": {"type": "ARRAY", "nullable": true, "element_type": {"type": "INTEGER", "nullable": true}}},
    ]))
    .unwrap()
}

fn row(op: u8, cells: Value) -> ResultRow {
    serde_json::from_value(json!({"op": op, "row": cells})).unwrap()
}

fn written(format: Format, with_op: bool, batches: &[Vec<ResultRow>]) -> String {
    let (mut out, mut writer) = (Vec::new(), writer(format, &columns(), with_op));
    for batch in batches {
        writer.rows(batch, &mut out).unwrap();
    }
    writer.finish(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_table_is_straight_and_data_cannot_move_the_cursor() {
    let batches = [vec![row(0, json!(["1", "a\u{1b}[2J", ["1", "2"]]))], vec![row(3, json!(["2", null, null]))]];
    let expected = "\
+----+--------------+------------+--------+
| op | id           | name       | tags   |
+----+--------------+------------+--------+
| +I | 1            | a\\u{1b}[2J | [1, 2] |
| -D | 2            | NULL       | NULL   |
+----+--------------+------------+--------+
2 rows
";
    assert_eq!(written(Format::Table, true, &batches), expected);
    assert_eq!(written(Format::Table, false, &[]), "Empty set\n");
}

#[test]
fn a_text_of_several_lines_is_printed_as_it_is() {
    let column: Vec<ResultColumn> =
        serde_json::from_value(json!([{"name": "Plan", "type": {"type": "VARCHAR", "nullable": false}}])).unwrap();
    let (mut out, mut writer) = (Vec::new(), writer(Format::Table, &column, false));
    writer.rows(&[row(0, json!(["== Plan ==\n  +- Scan\u{1b}\n"]))], &mut out).unwrap();
    writer.finish(&mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "== Plan ==\n  +- Scan\\u{1b}\n");
}

#[test]
fn json_lines_have_types() {
    let rows = [vec![row(2, json!(["9007199254740993", "x", ["1", null]]))]];
    let object = "{\"id\":9007199254740993,\"name\":\"x\",\"tags\":[1,null]}";
    assert_eq!(written(Format::Json, false, &rows), format!("{object}\n"));
    assert_eq!(written(Format::Json, true, &rows), format!("{{\"op\":\"+U\",\"row\":{object}}}\n"));
}

#[test]
fn csv_quotes_what_needs_it() {
    let rows = [vec![
        row(0, json!(["1", "a,\"b\"\n", []])),
        row(0, json!(["2", null, ["1"]])),
        row(0, json!(["3", "", null])),
    ]];
    assert_eq!(written(Format::Csv, false, &rows), "id,name,tags\n1,\"a,\"\"b\"\"\n\",[]\n2,,[1]\n3,\"\",\n");
    assert_eq!(written(Format::Csv, true, &[]), "op,id,name,tags\n");
}

#[test]
fn nested_cells_read_as_in_flink() {
    let row_type = json!({"type": "ROW", "nullable": true, "fields": [
        {"name": "a", "field_type": {"type": "INTEGER", "nullable": true}},
        {"name": "m", "field_type": {"type": "MAP", "nullable": true,
            "key_type": {"type": "VARCHAR", "nullable": true}, "value_type": {"type": "INTEGER", "nullable": true}}},
    ]});
    let data_type = serde_json::from_value(row_type).unwrap();
    assert_eq!(cell_text(&json!(["1", [["k", "2"], ["l", null]]]), &data_type), "(1, {k=2, l=NULL})");
}

#[test]
fn widths_are_those_of_a_terminal() {
    assert_eq!((width("héllo"), width("日本"), width("e\u{301}")), (5, 4, 1));
    assert_eq!((clip("hello", 5).as_str(), clip("hello!", 5).as_str()), ("hello", "hell…"));
    assert_eq!(printable("a\tb\nc"), "a\\tb\\nc");
}

/// Spec statements.md 3.5: the texts that name a place.
#[test]
fn a_caret_stands_under_the_place_of_an_error() {
    let error = "SQL parse failed. Encountered \"FORM\" at line 2, column 5.\nWas expecting one of:";
    assert_eq!(point_at(error, "SELECT 1\n  x FORM y").unwrap(), "  x FORM y\n    ^");
    assert_eq!(point_at("From line 1, column 3 to line 1, column 4: no", "\tSELECT").unwrap(), "\tSELECT\n\t ^");
    assert_eq!(point_at("at line 1, column 9", "SELECT 1").unwrap(), "SELECT 1\n        ^");
    for (error, sql) in [
        ("no place", "SELECT 1"),
        ("line 7, column 1", "SELECT 1"),
        ("line 1, column 0", "S"),
        ("line 0, column 1", "S"),
    ] {
        assert_eq!(point_at(error, sql), None, "{error}");
    }
}

fn names(rows: &Materialized) -> Vec<String> {
    rows.last(100).iter().map(|row| row.row[1].as_str().unwrap().to_owned()).collect()
}

#[test]
fn changes_by_key_leave_the_latest_rows() {
    let mut rows = Materialized::new(Some(vec![0]));
    rows.apply(vec![
        row(0, json!(["1", "a"])),
        row(0, json!(["2", "b"])),
        row(1, json!(["1", "a"])),
        row(2, json!(["1", "c"])),
    ]);
    assert_eq!(names(&rows), ["c", "b"]);
    rows.apply(vec![row(3, json!(["1", null]))]);
    assert_eq!(names(&rows), ["b"]);
}

#[test]
fn changes_without_a_key_are_those_of_whole_rows() {
    let mut rows = Materialized::new(None).with_limit(3);
    rows.apply(vec![
        row(0, json!(["1", "a"])),
        row(0, json!(["1", "a"])),
        row(1, json!(["1", "a"])),
        row(2, json!(["1", "b"])),
    ]);
    assert_eq!(names(&rows), ["a", "b"]);
    rows.apply(vec![row(3, json!(["9", "unknown"])), row(0, json!(["2", "c"])), row(0, json!(["3", "d"]))]);
    assert_eq!(names(&rows), ["b", "c", "d"]);
    rows.apply(vec![row(3, json!(["1", "a"])), row(3, json!(["2", "c"]))]);
    assert_eq!((names(&rows), rows.len()), (vec!["b".to_owned(), "d".to_owned()], 2));
}
