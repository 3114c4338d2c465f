//! JSON Schema: validity and the rules of content models, bounds and combinations.

use serde_json::{Value, json};

use super::{backward, differences, parsed};
use crate::compat::{self, Resolved};
use crate::model::{CompatibilityLevel, CompatibilityPolicy, SchemaType};

fn reads(old: &Value, new: &Value) -> Vec<String> {
    backward(SchemaType::Json, &old.to_string(), &new.to_string())
}

fn open(properties: Value) -> Value {
    json!({"type": "object", "properties": properties})
}

fn closed(properties: Value) -> Value {
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

fn rest(properties: Value, rest: Value) -> Value {
    json!({"type": "object", "properties": properties, "additionalProperties": rest})
}

fn required(properties: Value, names: &[&str]) -> Value {
    json!({"type": "object", "properties": properties, "required": names, "additionalProperties": false})
}

#[test]
fn content_models() {
    let a = json!({"a": {"type": "string"}});
    let ab = json!({"a": {"type": "string"}, "b": {"type": "integer"}});
    let ab_any = json!({"a": {"type": "string"}, "b": {}});
    let ab_default = json!({"a": {"type": "string"}, "b": {"type": "integer", "default": 1}});
    let text = json!({"type": "string"});
    let number = json!({"type": "number"});
    let cases: Vec<(Value, Value, &[&str])> = vec![
        (open(a.clone()), open(ab.clone()), &["OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL"]),
        (open(a.clone()), open(ab_any), &[]),
        (open(ab.clone()), open(a.clone()), &[]),
        (closed(a.clone()), closed(ab.clone()), &[]),
        (closed(ab.clone()), closed(a.clone()), &["PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL"]),
        (closed(a.clone()), open(a.clone()), &[]),
        (open(a.clone()), closed(a.clone()), &["ADDITIONAL_PROPERTIES_REMOVED"]),
        (open(a.clone()), rest(a.clone(), text.clone()), &["ADDITIONAL_PROPERTIES_NARROWED"]),
        (rest(a.clone(), text.clone()), open(a.clone()), &[]),
        (
            rest(a.clone(), number.clone()),
            rest(ab.clone(), number.clone()),
            &["TYPE_NARROWED", "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"],
        ),
        (rest(a.clone(), json!({"type": "integer"})), rest(ab.clone(), json!({"type": "integer"})), &[]),
        (rest(ab.clone(), number.clone()), rest(a.clone(), number), &[]),
        (
            rest(ab.clone(), text.clone()),
            rest(a.clone(), text),
            &["TYPE_CHANGED", "PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"],
        ),
        (
            required(a.clone(), &["a"]),
            required(ab.clone(), &["a", "b"]),
            &["REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL"],
        ),
        (required(a.clone(), &["a"]), required(ab_default, &["a", "b"]), &[]),
        (required(ab.clone(), &["a"]), required(ab.clone(), &["a", "b"]), &["REQUIRED_ATTRIBUTE_ADDED"]),
        (required(ab.clone(), &["a", "b"]), required(ab, &["a"]), &[]),
    ];
    for (old, new, kinds) in cases {
        assert_eq!(reads(&old, &new), kinds, "\n  {old}\n  {new}");
    }
}

#[test]
fn lenient_policy_lets_open_models_grow() {
    let old = open(json!({"a": {"type": "string"}})).to_string();
    let new = open(json!({"a": {"type": "string"}, "b": {"type": "integer"}})).to_string();
    let at = |policy| differences(SchemaType::Json, CompatibilityLevel::Backward, policy, &old, &new);
    assert!(!at(CompatibilityPolicy::Strict).is_empty());
    assert!(at(CompatibilityPolicy::Lenient).is_empty());
}

#[test]
fn types_and_bounds() {
    let cases: Vec<(Value, Value, &[&str])> = vec![
        (json!({"type": "integer"}), json!({"type": "number"}), &[]),
        (json!({"type": "number"}), json!({"type": "integer"}), &["TYPE_NARROWED"]),
        (json!({"type": "string"}), json!({"type": "integer"}), &["TYPE_CHANGED"]),
        (json!({"type": "string"}), json!(true), &[]),
        (json!({"type": "string"}), json!({}), &[]),
        (json!({}), json!({"type": "string"}), &["TYPE_CHANGED"]),
        (json!(false), json!({"type": "string"}), &[]),
        (json!({"type": "string"}), json!({"type": ["string", "null"]}), &[]),
        (json!({"type": ["string", "null"]}), json!({"type": "string"}), &["TYPE_CHANGED"]),
        (json!({"type": ["string", "null"]}), json!({"type": ["null", "string", "integer"]}), &[]),
        (json!({"type": "string", "maxLength": 5}), json!({"type": "string", "maxLength": 6}), &[]),
        (
            json!({"type": "string", "maxLength": 5}),
            json!({"type": "string", "maxLength": 4}),
            &["MAX_LENGTH_DECREASED"],
        ),
        (json!({"type": "string"}), json!({"type": "string", "maxLength": 4}), &["MAX_LENGTH_ADDED"]),
        (json!({"type": "string", "maxLength": 5}), json!({"type": "string"}), &[]),
        (
            json!({"type": "string", "minLength": 1}),
            json!({"type": "string", "minLength": 2}),
            &["MIN_LENGTH_INCREASED"],
        ),
        (json!({"type": "string", "pattern": "a"}), json!({"type": "string", "pattern": "b"}), &["PATTERN_CHANGED"]),
        (json!({"type": "string"}), json!({"type": "string", "pattern": "b"}), &["PATTERN_ADDED"]),
        (json!({"type": "number", "maximum": 5}), json!({"type": "number", "maximum": 4}), &["MAXIMUM_DECREASED"]),
        (json!({"type": "number", "minimum": 5}), json!({"type": "number", "minimum": 4}), &[]),
        (json!({"type": "number"}), json!({"type": "number", "exclusiveMinimum": 1}), &["EXCLUSIVE_MINIMUM_ADDED"]),
        (
            json!({"type": "number", "maximum": 5, "exclusiveMaximum": true}),
            json!({"type": "number", "exclusiveMaximum": 5}),
            &[],
        ),
        (json!({"type": "number", "multipleOf": 0.5}), json!({"type": "number", "multipleOf": 0.25}), &[]),
        (
            json!({"type": "number", "multipleOf": 0.1}),
            json!({"type": "number", "multipleOf": 0.3}),
            &["MULTIPLE_OF_EXPANDED"],
        ),
        (
            json!({"type": "number", "multipleOf": 2}),
            json!({"type": "number", "multipleOf": 3}),
            &["MULTIPLE_OF_CHANGED"],
        ),
        (json!({"enum": ["a", "b"]}), json!({"enum": ["a", "b", "c"]}), &[]),
        (json!({"enum": ["a", "b"]}), json!({"enum": ["a"]}), &["ENUM_ARRAY_NARROWED"]),
        (json!({"enum": ["a", "b"]}), json!({"enum": ["a", "c"]}), &["ENUM_ARRAY_CHANGED"]),
        (json!({"type": "string", "enum": ["a"]}), json!({"type": "string"}), &[]),
        (json!({"const": 1}), json!({"const": 2}), &["ENUM_ARRAY_CHANGED"]),
        (json!({"not": {"type": "number"}}), json!({"not": {"type": "integer"}}), &[]),
        (json!({"not": {"type": "integer"}}), json!({"not": {"type": "number"}}), &["NOT_TYPE_EXTENDED"]),
    ];
    for (old, new, kinds) in cases {
        assert_eq!(reads(&old, &new), kinds, "\n  {old}\n  {new}");
    }
}

#[test]
fn arrays() {
    let items = |items: Value| json!({"type": "array", "items": items});
    let tuple = |items: Value, rest: Value| json!({"type": "array", "items": items, "additionalItems": rest});
    let (text, number) = (json!({"type": "string"}), json!({"type": "number"}));
    let cases: Vec<(Value, Value, &[&str])> = vec![
        (items(json!({"type": "integer"})), items(number.clone()), &[]),
        (items(number.clone()), items(json!({"type": "integer"})), &["TYPE_NARROWED"]),
        (json!({"type": "array"}), items(number.clone()), &["SCHEMA_ADDED"]),
        (items(number.clone()), json!({"type": "array"}), &[]),
        (tuple(json!([text]), json!(false)), tuple(json!([text, number]), json!(false)), &[]),
        (
            tuple(json!([text, number]), json!(false)),
            tuple(json!([text]), json!(false)),
            &["ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL"],
        ),
        (
            tuple(json!([text]), json!(true)),
            tuple(json!([text, number]), json!(true)),
            &["ITEM_ADDED_TO_OPEN_CONTENT_MODEL"],
        ),
        (json!({"type": "array", "maxItems": 3}), json!({"type": "array", "maxItems": 2}), &["MAX_ITEMS_DECREASED"]),
        (json!({"type": "array"}), json!({"type": "array", "minItems": 2}), &["MIN_ITEMS_ADDED"]),
        (json!({"type": "array"}), json!({"type": "array", "uniqueItems": true}), &["UNIQUE_ITEMS_ADDED"]),
        (json!({"type": "array", "uniqueItems": true}), json!({"type": "array"}), &[]),
        (
            json!({"type": "array", "prefixItems": [text], "items": false}),
            json!({"type": "array", "prefixItems": [text, number], "items": false}),
            &[],
        ),
    ];
    for (old, new, kinds) in cases {
        assert_eq!(reads(&old, &new), kinds, "\n  {old}\n  {new}");
    }
}

#[test]
fn combinations() {
    let (text, number, flag) = (json!({"type": "string"}), json!({"type": "number"}), json!({"type": "boolean"}));
    let cases: Vec<(Value, Value, &[&str])> = vec![
        (json!({"oneOf": [text, number]}), json!({"oneOf": [number, text, flag]}), &[]),
        (json!({"oneOf": [text, number, flag]}), json!({"oneOf": [text, number]}), &["SUM_TYPE_NARROWED"]),
        (json!({"oneOf": [text, number]}), json!({"anyOf": [text, number]}), &[]),
        (json!({"anyOf": [text, number]}), json!({"oneOf": [text, number]}), &["COMBINED_TYPE_CHANGED"]),
        (json!({"oneOf": [text, number]}), json!({"oneOf": [text, flag]}), &["COMBINED_TYPE_SUBSCHEMAS_CHANGED"]),
        (json!({"allOf": [{"type": "string"}, {"maxLength": 3}]}), json!({"allOf": [{"type": "string"}]}), &[]),
        (
            json!({"allOf": [{"type": "string"}]}),
            json!({"allOf": [{"type": "string"}, {"type": "string", "maxLength": 3}]}),
            &["PRODUCT_TYPE_EXTENDED"],
        ),
        (text.clone(), json!({"oneOf": [number, text]}), &[]),
        (json!({"oneOf": [text]}), text.clone(), &[]),
        (json!({"oneOf": [text, number]}), text, &["TYPE_CHANGED"]),
    ];
    for (old, new, kinds) in cases {
        assert_eq!(reads(&old, &new), kinds, "\n  {old}\n  {new}");
    }
}

#[test]
fn references_inside_and_cycles() {
    let tree = |value: &str| {
        json!({"$ref": "#/definitions/tree", "definitions": {"tree": {"type": "object", "additionalProperties": false,
            "properties": {"value": {"type": value}, "left": {"$ref": "#/definitions/tree"}, "right": {"$ref": "#"}}}}})
    };
    assert!(reads(&tree("integer"), &tree("number")).is_empty());
    assert!(!reads(&tree("number"), &tree("integer")).is_empty());
    let named = json!({"$id": "http://x/root.json", "properties": {"a": {"$ref": "#here"}, "b": {"$ref": "sub.json"}},
        "definitions": {"h": {"$anchor": "here", "type": "string"}, "s": {"$id": "sub.json", "type": "number"}}});
    assert!(reads(&named, &named).is_empty());
}

#[test]
fn invalid_schemas_say_why() {
    let cases = [
        (json!(12), "object or a boolean"),
        (json!({"type": "text"}), "unknown type"),
        (json!({"type": 1}), "type must be"),
        (json!({"properties": {"a": 1}}), "#/properties/a"),
        (json!({"type": "object", "properties": []}), "properties must be an object"),
        (json!({"type": "object", "required": "a"}), "required must be"),
        (json!({"type": "string", "maxLength": -1}), "maxLength"),
        (json!({"type": "string", "maxLength": "x"}), "maxLength"),
        (json!({"oneOf": []}), "must not be empty"),
        (json!({"$ref": "#/definitions/none"}), "unresolved reference"),
        (json!({"$ref": "other.json"}), "no schema reference has the name"),
        (json!({"$ref": "#"}), "leads only to itself"),
    ];
    for (schema, why) in cases {
        let error = compat::parse(SchemaType::Json, &schema.to_string(), &[]).expect_err(why).to_string();
        assert!(error.contains(why), "{schema}: {error}");
    }
}

#[test]
fn references_of_the_registry_resolve_by_name() {
    let resolved = Resolved { name: "point.json".into(), schema: json!({"type": "object"}).to_string().into() };
    let line = json!({"properties": {"from": {"$ref": "point.json"}, "to": {"$ref": "point.json#"}}}).to_string();
    compat::parse(SchemaType::Json, &line, &[resolved]).unwrap();
}

#[test]
fn canonical_keeps_order_and_normalized_sorts() {
    let schema = parsed(SchemaType::Json, "{ \"type\" : \"object\", \"a\": {\"z\": 1, \"b\": [ 1 ]} }");
    assert_eq!(schema.text(), r#"{"type":"object","a":{"z":1,"b":[1]}}"#);
    assert_eq!(schema.normalized(), r#"{"a":{"b":[1],"z":1},"type":"object"}"#);
}
