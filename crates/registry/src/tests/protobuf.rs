//! Protobuf: compilation, printing, wire compatibility.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::{backward, parsed};
use crate::compat::{self, Resolved};
use crate::model::SchemaType;

fn proto3(body: &str) -> String {
    format!("syntax = \"proto3\";\npackage p;\n{body}")
}

fn message(fields: &str) -> String {
    proto3(&format!("message M {{ {fields} }}"))
}

fn reads(old: &str, new: &str) -> Vec<String> {
    backward(SchemaType::Protobuf, old, new)
}

const RICH: &str = r#"syntax = "proto2";
package a.b;
import "google/protobuf/timestamp.proto";
import "google/protobuf/descriptor.proto";
import "confluent/meta.proto";
option java_package = "com.x";
option java_multiple_files = true;
extend google.protobuf.FieldOptions { optional string note = 50001; repeated int32 codes = 50002; }
// A comment.
message Outer {
  option deprecated = true;
  option (confluent.message_meta) = { doc: "hello", tags: ["PII"] };
  reserved 5, 7 to 9, 100 to max;
  reserved "gone";
  required int32 id = 1 [(note) = "x\"y", (codes) = 1, (codes) = 2];
  optional string name = 2 [default = "a\nb", json_name = "nomen"];
  repeated Inner inner = 3;
  map<string, .google.protobuf.Timestamp> times = 4;
  oneof choice { bytes raw = 20; Kind kind = 21; }
  optional group Part = 22 { optional bool ok = 1; }
  optional Kind other = 23 [default = SECOND];
  optional bytes b = 24 [default = "\001x"];
  message Inner { optional double d = 1; enum Deep { Z = 0; } }
  enum Kind { option allow_alias = true; FIRST = 0; SECOND = 1; ALSO = 1 [deprecated = true]; reserved 4 to 5; }
}
service Shop { rpc Get (Outer) returns (stream Outer.Inner) { option deprecated = true; } rpc Put (Outer) returns (Outer); }
"#;

#[test]
fn printed_text_compiles_to_the_same_file() {
    let schema = parsed(SchemaType::Protobuf, RICH);
    assert_eq!(schema.text(), RICH.trim(), "the text is kept as sent");
    let printed = schema.identity();
    let again = parsed(SchemaType::Protobuf, &printed);
    assert_eq!(again.identity(), printed, "printing is stable:\n{printed}");
    for part in [
        "group Part = 22",
        "map<string, .google.protobuf.Timestamp> times = 4;",
        "json_name = \"nomen\"",
        "(a.b.note) = \"x\\\"y\"",
        "reserved 5, 7 to 9, 100 to max;",
        "returns (stream .a.b.Outer.Inner)",
        "PII",
    ] {
        assert!(printed.contains(part), "{part} is missing in\n{printed}");
    }
    let both = schema.formatted("serialized").unwrap();
    let from_bytes = parsed(SchemaType::Protobuf, &both);
    assert_eq!(from_bytes.identity(), printed, "the serialized form is the same schema");
    assert!(reads(RICH, &both).is_empty() && reads(&both, RICH).is_empty());
}

#[test]
fn layout_and_comments_do_not_matter() {
    let one = parsed(SchemaType::Protobuf, &message("int32 a = 1; // first\n"));
    let two = parsed(SchemaType::Protobuf, "syntax='proto3'; package p; message M{int32 a=1;}");
    assert_eq!(one.identity(), two.identity());
    let ordered = parsed(SchemaType::Protobuf, &message("string b = 2; int32 a = 1;"));
    let other = parsed(SchemaType::Protobuf, &message("int32 a = 1; string b = 2;"));
    assert_ne!(ordered.identity(), other.identity());
    assert_eq!(ordered.normalized(), other.normalized());
}

#[test]
fn invalid_schemas_say_why() {
    let deep = format!("{}{}", "message A { ".repeat(200), "}".repeat(200));
    let garbage = BASE64_STANDARD.encode([0xff_u8; 40]);
    for schema in [
        "",
        "message",
        "syntax = \"proto3\";",
        "message M { Unknown u = 1; }",
        &deep,
        &garbage,
        "syntax = \"proto3\"; import \"nowhere.proto\"; message M {}",
    ] {
        let error = compat::parse(SchemaType::Protobuf, schema, &[]).expect_err(schema).to_string();
        assert!(!error.is_empty(), "{schema}");
    }
    let error = compat::parse(SchemaType::Protobuf, "syntax = \"proto3\"; import \"nowhere.proto\"; message M {}", &[]);
    assert!(error.unwrap_err().to_string().contains("nowhere.proto"));
}

#[test]
fn references_are_imports() {
    let resolved = Resolved {
        name: "dir/other.proto".into(),
        schema: "syntax = \"proto3\"; package o; message O { int32 x = 1; }".into(),
    };
    let text = "syntax = \"proto3\"; import \"dir/other.proto\"; message M { o.O o = 1; }";
    let schema = compat::parse(SchemaType::Protobuf, text, &[resolved]).unwrap();
    assert!(schema.identity().contains(".o.O o = 1;"));
}

#[test]
fn scalar_groups() {
    let groups: [&[&str]; 7] = [
        &["int32", "int64", "uint32", "uint64", "bool"],
        &["sint32", "sint64"],
        &["string", "bytes"],
        &["fixed32", "sfixed32"],
        &["fixed64", "sfixed64"],
        &["float"],
        &["double"],
    ];
    for (i, from_group) in groups.iter().enumerate() {
        for (j, to_group) in groups.iter().enumerate() {
            for from in *from_group {
                for to in *to_group {
                    let found = reads(&message(&format!("{from} f = 1;")), &message(&format!("{to} f = 1;")));
                    let expected: &[&str] = if i == j { &[] } else { &["FIELD_SCALAR_KIND_CHANGED"] };
                    assert_eq!(found, expected, "{from} to {to}");
                }
            }
        }
    }
}

#[test]
fn message_rules() {
    let two = |m: &str, n: &str| proto3(&format!("message M {{ {m} }} message N {{ {n} }}"));
    let cases: Vec<(String, String, &[&str])> = vec![
        (message("int32 a = 1;"), message("int32 a = 1; string b = 2;"), &[]),
        (message("int32 a = 1; string b = 2;"), message("int32 a = 1;"), &[]),
        (message("int32 a = 1;"), message("int32 renamed = 1;"), &[]),
        (message("int32 a = 1;"), message("int32 a = 1;").replace("package p", "package q"), &["PACKAGE_CHANGED"]),
        (two("int32 a = 1;", ""), message("int32 a = 1;"), &["MESSAGE_REMOVED"]),
        (message("int32 a = 1;"), two("int32 a = 1;", ""), &[]),
        (two("N n = 1;", "int32 a = 1;"), two("int32 n = 1;", "int32 a = 1;"), &["FIELD_KIND_CHANGED"]),
        (two("N n = 1;", "int32 a = 1;"), two("N n = 1;", "string a = 1;"), &["FIELD_SCALAR_KIND_CHANGED"]),
        (two("N n = 1;", ""), two("M n = 1;", ""), &["FIELD_NAMED_TYPE_CHANGED"]),
        (message("map<string, int32> m = 1;"), message("map<string, int64> m = 1;"), &[]),
        (message("map<string, int32> m = 1;"), message("map<string, string> m = 1;"), &["FIELD_SCALAR_KIND_CHANGED"]),
        (message("repeated string s = 1;"), message("optional string s = 1;"), &[]),
        (message("repeated int32 s = 1;"), message("optional int32 s = 1;"), &["FIELD_NUMERIC_LABEL_CHANGED"]),
        (
            message("oneof o { int32 a = 1; int32 b = 2; }"),
            message("oneof o { int32 a = 1; int32 b = 2; int32 c = 3; }"),
            &[],
        ),
        (
            message("oneof o { int32 a = 1; int32 b = 2; }"),
            message("oneof o { int32 a = 1; }"),
            &["ONEOF_FIELD_REMOVED"],
        ),
        (message("int32 x = 9; oneof o { int32 a = 1; int32 b = 2; }"), message("int32 x = 9;"), &[]),
        (message("int32 a = 1;"), message("oneof o { int32 a = 1; }"), &[]),
        (
            message("int32 a = 1; int32 b = 2;"),
            message("oneof o { int32 a = 1; int32 b = 2; }"),
            &["MULTIPLE_FIELDS_MOVED_TO_ONEOF"],
        ),
        (
            message("int32 a = 1; oneof o { int32 b = 2; }"),
            message("oneof o { int32 a = 1; int32 b = 2; }"),
            &["FIELD_MOVED_TO_EXISTING_ONEOF"],
        ),
        (message("oneof o { int32 a = 1; int32 b = 2; }"), message("int32 a = 1; int32 b = 2;"), &[]),
        (message("oneof o { int32 a = 1; int32 b = 2; }"), message("oneof renamed { int32 a = 1; int32 b = 2; }"), &[]),
        (
            message("oneof o { int32 a = 1; int32 b = 2; }"),
            message("oneof o { string a = 1; int32 b = 2; }"),
            &["FIELD_SCALAR_KIND_CHANGED"],
        ),
        (
            proto3("enum E { Z = 0; A = 1; } message M { E e = 1; }"),
            proto3("enum E { Z = 0; } message M { int32 e = 1; }"),
            &[],
        ),
        ("message M { }".into(), "message M { required int32 a = 1; }".into(), &["REQUIRED_FIELD_ADDED"]),
        ("message M { required int32 a = 1; }".into(), "message M { }".into(), &["REQUIRED_FIELD_REMOVED"]),
        (
            message("message I { int32 a = 1; } I i = 1;"),
            message("message I { string a = 1; } I i = 1;"),
            &["FIELD_SCALAR_KIND_CHANGED"],
        ),
        (message("M next = 1; int32 v = 2;"), message("M next = 1; int64 v = 2;"), &[]),
    ];
    for (old, new, kinds) in cases {
        assert_eq!(reads(&old, &new), kinds, "\n  {old}\n  {new}");
    }
}
