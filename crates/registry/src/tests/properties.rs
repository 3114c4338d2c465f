//! Properties that hold for every schema and every history.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{backward, parsed};
use crate::compat;
use crate::core::{self, Limits, Registration, State};
use crate::model::{Schema, SchemaType, Subject};

/// Avro types of a few levels.
fn avro() -> impl Strategy<Value = Value> {
    let primitive = prop::sample::select(vec!["int", "long", "float", "double", "string", "bytes", "boolean"]);
    let leaf =
        prop_oneof![primitive.prop_map(|name| json!(name)), Just(json!({"type": "int", "logicalType": "date"})),];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|items| json!({"type": "array", "items": items})),
            inner.clone().prop_map(|values| json!({"type": "map", "values": values})),
            prop::collection::vec(inner, 0..4).prop_map(|types| json!({"type": "record", "name": "", "fields": types})),
        ]
    })
}

/// Gives every record and field a name of its own.
fn named(value: &Value, next: &mut u32) -> Value {
    let mut value = value.clone();
    if let Value::Object(entries) = &mut value {
        for key in ["items", "values"] {
            if let Some(inner) = entries.get(key).cloned() {
                entries.insert(key.into(), named(&inner, next));
            }
        }
        if let Some(Value::Array(types)) = entries.get("fields").cloned() {
            *next += 1;
            entries.insert("name".into(), json!(format!("R{next}")));
            let field = |(i, ty): (usize, &Value)| json!({"name": format!("f{i}"), "type": named(ty, &mut *next)});
            let fields: Vec<_> = types.iter().enumerate().map(field).collect();
            entries.insert("fields".into(), json!(fields));
        }
    }
    value
}

/// JSON that looks like a JSON Schema, valid or not.
fn jsonish() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(true)),
        Just(json!(false)),
        Just(json!({})),
        Just(json!(1)),
        Just(json!("x")),
        Just(Value::Null),
        Just(json!({"$ref": "#"})),
        Just(json!({"$ref": "#/a"})),
        Just(json!({"type": "string", "maxLength": 3})),
        Just(json!({"type": ["integer", "null"]})),
        Just(json!({"enum": [1, "a"]})),
    ];
    let key = prop::sample::select(vec![
        "type",
        "properties",
        "a",
        "items",
        "oneOf",
        "allOf",
        "anyOf",
        "not",
        "additionalProperties",
        "required",
        "$ref",
        "$id",
        "definitions",
        "patternProperties",
        "if",
        "then",
        "minimum",
        "prefixItems",
    ]);
    leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((key.clone(), inner), 0..5)
                .prop_map(|entries| Value::Object(entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
        ]
    })
}

const LIMITS: Limits = Limits { schema_bytes: 1 << 20, references: 100 };

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn avro_text_is_stable_and_reads_itself(schema in avro()) {
        let text = named(&schema, &mut 0).to_string();
        let once = parsed(SchemaType::Avro, &text);
        let twice = parsed(SchemaType::Avro, &once.text());
        prop_assert_eq!(once.text(), twice.text());
        let normal = parsed(SchemaType::Avro, &once.normalized());
        prop_assert_eq!(normal.normalized(), once.normalized());
        prop_assert!(backward(SchemaType::Avro, &text, &text).is_empty());
        prop_assert!(backward(SchemaType::Avro, &text, &once.normalized()).is_empty());
    }

    #[test]
    fn json_schemas_parse_or_say_why_and_read_themselves(schema in jsonish()) {
        let text = schema.to_string();
        if let Ok(parsed) = compat::parse(SchemaType::Json, &text, &[]) {
            prop_assert!(backward(SchemaType::Json, &text, &text).is_empty(), "{}", text);
            prop_assert_eq!(parsed.text(), text);
        }
    }

    #[test]
    fn any_text_is_no_panic(text in "[\\{\\}\\[\\]\":,a-z0-9 =;\"<>()]{0,80}") {
        for schema_type in SchemaType::ALL {
            let _ = compat::parse(schema_type, &text, &[]);
        }
    }

    /// Whatever is registered and deleted, the indexes agree with a state built from what is stored.
    #[test]
    fn state_is_what_its_entries_say(steps in prop::collection::vec((0..4u8, 0..3usize, 0..5usize, any::<bool>()), 1..40)) {
        let schemas = ["\"int\"", "\"long\"", "\"float\"", "\"double\"", "{\"type\":\"array\",\"items\":\"int\"}"];
        let mut state = State::default();
        let mut stored = std::collections::BTreeMap::new();
        let mut ids = std::collections::HashMap::new();
        for (what, subject, schema, permanent) in steps {
            let subject = Subject::plain(["a", "b", "c"][subject]);
            let entries = match what {
                0 | 1 => {
                    let request = Registration { schema: Schema::avro(schemas[schema]), version: None, id: None, normalize: false };
                    match core::register(&state, &subject, &request, &LIMITS) {
                        Ok(decision) => {
                            let known = ids.entry(decision.output.id).or_insert(schemas[schema]);
                            prop_assert_eq!(*known, schemas[schema], "an id is one schema for ever");
                            decision.entries
                        }
                        Err(_) => Vec::new(),
                    }
                }
                2 => core::delete_subject(&state, &subject, permanent).map(|d| d.entries).unwrap_or_default(),
                _ => {
                    let version = core::VersionSelector::Number(schema as i32 + 1);
                    core::delete_version(&state, &subject, version, permanent).map(|d| d.entries).unwrap_or_default()
                }
            };
            for entry in entries {
                if entry.removes() { stored.remove(&entry.key()); } else { stored.insert(entry.key(), entry.clone()); }
                state.apply(entry);
            }
            let again = State::of(stored.values().cloned());
            prop_assert_eq!(format!("{:?}", again.contexts()), format!("{:?}", state.contexts()));
            prop_assert_eq!(again.last_id("."), state.last_id("."));
            for id in ids.keys() {
                let uses = |state: &State| state.uses_of(".", *id).map(|s| (s.subject.clone(), s.version, s.deleted)).collect::<Vec<_>>();
                prop_assert_eq!(uses(&again), uses(&state));
            }
        }
    }
}
