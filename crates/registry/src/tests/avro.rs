//! Avro: validity, canonical text, schema resolution.

use super::{backward, differences, parsed};
use crate::compat;
use crate::model::{CompatibilityLevel, CompatibilityPolicy, SchemaType};

fn text(schema: &str) -> String {
    parsed(SchemaType::Avro, schema).text()
}

fn field(ty: &str) -> String {
    format!(r#"{{"type":"record","name":"R","fields":[{{"name":"f","type":{ty}}}]}}"#)
}

fn reads(old: &str, new: &str) -> Vec<String> {
    backward(SchemaType::Avro, old, new)
}

#[test]
fn canonical_text_is_that_of_the_java_library() {
    let cases = [
        ("string", r#""string""#),
        (r#"{"type": "string"}"#, r#""string""#),
        (r#"{"logicalType":"date","type":"int"}"#, r#"{"type":"int","logicalType":"date"}"#),
        (
            r#"{"name":"a.b.C","fields":[{"type":"int","name":"x","doc":"d","default":1,"order":"ignore","aliases":["y"],"p":1}],"type":"record","doc":"top","aliases":["a.b.D","e.F"],"q":[1]}"#,
            r#"{"type":"record","name":"C","namespace":"a.b","doc":"top","fields":[{"name":"x","type":"int","doc":"d","default":1,"order":"ignore","aliases":["y"],"p":1}],"q":[1],"aliases":["D","e.F"]}"#,
        ),
        (
            r#"{"type":"record","name":"O","namespace":"n","fields":[{"name":"i","type":{"type":"enum","name":"E","symbols":["A","B"],"default":"A"}},{"name":"j","type":["null","n.E"]},{"name":"k","type":{"type":"fixed","name":"m.F","size":4}}]}"#,
            r#"{"type":"record","name":"O","namespace":"n","fields":[{"name":"i","type":{"type":"enum","name":"E","symbols":["A","B"],"default":"A"}},{"name":"j","type":["null","E"]},{"name":"k","type":{"type":"fixed","name":"F","namespace":"m","size":4}}]}"#,
        ),
        (
            r#"{"type":"record","name":"Node","fields":[{"name":"next","type":["null","Node"],"default":null}]}"#,
            r#"{"type":"record","name":"Node","fields":[{"name":"next","type":["null","Node"],"default":null}]}"#,
        ),
        (
            r#"{"type":"array","items":{"type":"map","values":"long"}}"#,
            r#"{"type":"array","items":{"type":"map","values":"long"}}"#,
        ),
    ];
    for (schema, canonical) in cases {
        assert_eq!(text(schema), canonical);
        assert_eq!(text(canonical), canonical, "canonical text is stable");
    }
}

#[test]
fn normalized_text_forgets_the_order_of_attributes() {
    let one =
        r#"{"type":"record","namespace":"a","name":"R","fields":[{"name":"f","type":"int","z":1,"b":{"y":1,"x":2}}]}"#;
    let two = r#"{"name":"a.R","type":"record","fields":[{"b":{"x":2,"y":1},"z":1,"type":"int","name":"f"}]}"#;
    assert_ne!(text(one), text(two));
    assert_eq!(parsed(SchemaType::Avro, one).normalized(), parsed(SchemaType::Avro, two).normalized());
}

#[test]
fn invalid_schemas_say_why() {
    let cases = [
        ("", "empty"),
        ("{", "not JSON"),
        ("12", "No type"),
        (r#"{"name":"x"}"#, "No type"),
        (r#"{"type":"wrong"}"#, "not a defined name"),
        (r#"{"type":"record","fields":[]}"#, "No name"),
        (r#"{"type":"record","name":"R"}"#, "no fields"),
        (r#"{"type":"record","name":"1R","fields":[]}"#, "Illegal initial"),
        (r#"{"type":"record","name":"int","fields":[]}"#, "primitives"),
        (r#"{"type":"record","name":"R","fields":[{"name":"a"}]}"#, "No field type"),
        (r#"{"type":"record","name":"R","fields":[{"type":"int"}]}"#, "No field name"),
        (
            r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}"#,
            "Duplicate field",
        ),
        (r#"{"type":"record","name":"R","fields":[{"name":"a-b","type":"int"}]}"#, "Illegal character"),
        (r#"{"type":"enum","name":"E"}"#, "no symbols"),
        (r#"{"type":"enum","name":"E","symbols":["A","A"]}"#, "Duplicate enum symbol"),
        (r#"{"type":"enum","name":"E","symbols":["A"],"default":"B"}"#, "not in the enum symbol set"),
        (r#"{"type":"fixed","name":"F"}"#, "size"),
        (r#"{"type":"fixed","name":"F","size":-1}"#, "size"),
        (r#"{"type":"array"}"#, "No items"),
        (r#"{"type":"map"}"#, "No values"),
        (r#"["int","int"]"#, "Duplicate in union"),
        (r#"["null",["int"]]"#, "Nested union"),
        (r#"[{"type":"fixed","name":"F","size":1},{"type":"fixed","name":"F","size":2}]"#, "redefine"),
    ];
    for (schema, why) in cases {
        let error = compat::parse(SchemaType::Avro, schema, &[]).expect_err(schema).to_string();
        assert!(error.contains(why), "{schema}: {error}");
    }
    let deep = format!("{}\"int\"{}", r#"{"type":"array","items":"#.repeat(5000), "}".repeat(5000));
    assert!(compat::parse(SchemaType::Avro, &deep, &[]).is_err());
}

#[test]
fn promotions() {
    let types = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];
    let allowed = [
        ("int", "long"),
        ("int", "float"),
        ("int", "double"),
        ("long", "float"),
        ("long", "double"),
        ("float", "double"),
        ("string", "bytes"),
        ("bytes", "string"),
    ];
    for writer in types {
        for reader in types {
            let found = reads(&format!("\"{writer}\""), &format!("\"{reader}\""));
            let fine = writer == reader || allowed.contains(&(writer, reader));
            assert_eq!(found.is_empty(), fine, "{writer} read as {reader}: {found:?}");
        }
    }
}

#[test]
fn resolution_rules() {
    let a = r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}"#;
    let with =
        |extra: &str| format!(r#"{{"type":"record","name":"R","fields":[{{"name":"a","type":"int"}},{extra}]}}"#);
    let enum_of = |symbols: &str, extra: &str| format!(r#"{{"type":"enum","name":"E","symbols":[{symbols}]{extra}}}"#);
    let fixed = |name: &str, size: u8| format!(r#"{{"type":"fixed","name":"{name}","size":{size}}}"#);
    let cases: Vec<(String, String, &[&str])> = vec![
        (a.into(), with(r#"{"name":"b","type":"int","default":0}"#), &[]),
        (a.into(), with(r#"{"name":"b","type":["null","int"],"default":null}"#), &[]),
        (a.into(), with(r#"{"name":"b","type":"int"}"#), &["READER_FIELD_MISSING_DEFAULT_VALUE"]),
        (with(r#"{"name":"b","type":"int"}"#), a.into(), &[]),
        (a.into(), r#"{"type":"record","name":"R","fields":[{"name":"z","type":"int","aliases":["a"]}]}"#.into(), &[]),
        (a.into(), a.replace("\"R\"", "\"S\""), &["NAME_MISMATCH"]),
        (a.into(), a.replace("\"R\"", "\"other.R\""), &[]),
        (a.into(), a.replace(r#""name":"R""#, r#""name":"S","aliases":["R"]"#), &[]),
        (field("\"int\""), field("\"string\""), &["TYPE_MISMATCH"]),
        (field("\"int\""), field(r#"["null","int"]"#), &[]),
        (field("\"int\""), field(r#"["null","string"]"#), &["MISSING_UNION_BRANCH"]),
        (field(r#"["null","int"]"#), field("\"int\""), &["TYPE_MISMATCH"]),
        (field(r#"["int","long"]"#), field("\"long\""), &[]),
        (field(r#"["null","int"]"#), field(r#"["null","int","string"]"#), &[]),
        (field(r#"["null","int","string"]"#), field(r#"["null","int"]"#), &["MISSING_UNION_BRANCH"]),
        (field(r#"["null","int"]"#), field(r#"["long","null"]"#), &[]),
        (enum_of(r#""A","B""#, ""), enum_of(r#""A","B","C""#, ""), &[]),
        (enum_of(r#""A","B""#, ""), enum_of(r#""A""#, ""), &["MISSING_ENUM_SYMBOLS"]),
        (enum_of(r#""A","B""#, ""), enum_of(r#""A""#, r#","default":"A""#), &[]),
        (fixed("F", 4), fixed("F", 4), &[]),
        (fixed("F", 4), fixed("F", 8), &["FIXED_SIZE_MISMATCH"]),
        (fixed("F", 4), fixed("G", 4), &["NAME_MISMATCH"]),
        (r#"{"type":"array","items":"int"}"#.into(), r#"{"type":"array","items":"long"}"#.into(), &[]),
        (r#"{"type":"array","items":"long"}"#.into(), r#"{"type":"array","items":"int"}"#.into(), &["TYPE_MISMATCH"]),
        (
            r#"{"type":"map","values":"string"}"#.into(),
            r#"{"type":"map","values":"boolean"}"#.into(),
            &["TYPE_MISMATCH"],
        ),
        (r#"{"type":"int","logicalType":"date"}"#.into(), "\"int\"".into(), &[]),
        (a.into(), "\"int\"".into(), &["TYPE_MISMATCH"]),
    ];
    for (old, new, kinds) in cases {
        assert_eq!(reads(&old, &new), kinds, "\n  {old}\n  {new}");
    }
}

#[test]
fn recursive_types_end() {
    let tree = |extra: &str| {
        format!(
            r#"{{"type":"record","name":"T","fields":[{{"name":"l","type":["null","T"],"default":null}},{{"name":"r","type":["null","T"],"default":null}}{extra}]}}"#
        )
    };
    assert!(reads(&tree(""), &tree(r#",{"name":"v","type":"int","default":0}"#)).is_empty());
    // The answer is the same whichever way the cycle is entered.
    assert!(!reads(&tree(""), &tree(r#",{"name":"v","type":"int"}"#)).is_empty());
}

#[test]
fn long_chains_of_types_are_refused_not_followed() {
    let mut names = String::from(r#"{"type":"record","name":"R0","fields":[]}"#);
    for i in 1..3000 {
        names.push_str(&format!(r#",{{"type":"record","name":"R{i}","fields":[{{"name":"f","type":"R{}"}}]}}"#, i - 1));
    }
    let schema = format!(r#"[{names},{{"type":"record","name":"Top","fields":[{{"name":"f","type":"R2999"}}]}}]"#);
    let top = |ns: &str| schema.replace("\"Top\"", &format!("\"{ns}.Top\""));
    let found =
        differences(SchemaType::Avro, CompatibilityLevel::Full, CompatibilityPolicy::Strict, &top("a"), &top("b"));
    assert!(found.is_empty() || found == ["TOO_COMPLEX"], "{found:?}");
}

#[test]
fn directions() {
    let old = field("\"int\"");
    let new = field("\"long\"");
    let at = |level| differences(SchemaType::Avro, level, CompatibilityPolicy::Strict, &old, &new).is_empty();
    assert!(at(CompatibilityLevel::Backward));
    assert!(!at(CompatibilityLevel::Forward));
    assert!(!at(CompatibilityLevel::Full));
    assert!(at(CompatibilityLevel::None));
}
