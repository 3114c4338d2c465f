//! Can messages written with one Protobuf schema be read with another?
//!
//! The rules and the names of the kinds are those of Confluent's registry: fields are compared by
//! number over the whole message, whatever `oneof` they stand in; scalar types within one wire group
//! may change into each other; types from other files are compared where a field uses them.

use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::prost_types::field_descriptor_proto::Label;
use prost_reflect::{FieldDescriptor, FileDescriptor, Kind, MessageDescriptor, Syntax};

use super::{FILE, ProtobufSchema};
use crate::compat::memo::append;
use crate::compat::{Difference, Found, Memo, Roles, TooComplex};

/// What keeps `reader` from reading messages of `writer`, as messages.
pub(crate) fn reads(reader: &ProtobufSchema, writer: &ProtobufSchema, roles: Roles) -> Result<Vec<String>, TooComplex> {
    let found = Memo::run(|memo| files(memo, &writer.file, &reader.file))?;
    Ok(found.into_iter().map(|difference| message(&difference, roles)).collect())
}

type PairMemo = Memo<(String, String)>;

fn files(memo: &mut PairMemo, original: &FileDescriptor, update: &FileDescriptor) -> Found {
    let mut found = Vec::new();
    if original.package_name() != update.package_name() {
        found.push(Difference::new("PACKAGE_CHANGED", "/", ""));
    }
    types(memo, &mut found, original.messages().collect(), update.messages().collect())?;
    Ok(found)
}

/// Messages of one scope, by name. Enums may change in any way: unknown numbers are kept by readers.
fn types(
    memo: &mut PairMemo,
    found: &mut Vec<Difference>,
    original: Vec<MessageDescriptor>,
    update: Vec<MessageDescriptor>,
) -> Result<(), TooComplex> {
    for old in original.iter().filter(|message| !message.is_map_entry()) {
        let path = format!("/{}", old.name());
        match update.iter().find(|new| new.name() == old.name()) {
            Some(new) => append(found, &path, messages(memo, old, new)?),
            None => found.push(Difference::new("MESSAGE_REMOVED", path, "")),
        }
    }
    Ok(())
}

fn messages(memo: &mut PairMemo, original: &MessageDescriptor, update: &MessageDescriptor) -> Found {
    let key = (original.full_name().to_owned(), update.full_name().to_owned());
    memo.pair(key, |memo| {
        let mut found = Vec::new();
        fields(memo, &mut found, original, update)?;
        types(memo, &mut found, original.child_messages().collect(), update.child_messages().collect())?;
        Ok(found)
    })
}

fn oneof_of(field: &FieldDescriptor) -> Option<String> {
    field.containing_oneof().filter(|oneof| !oneof.is_synthetic()).map(|oneof| oneof.name().to_owned())
}

fn fields(
    memo: &mut PairMemo,
    found: &mut Vec<Difference>,
    original: &MessageDescriptor,
    update: &MessageDescriptor,
) -> Result<(), TooComplex> {
    let old: BTreeMap<u32, FieldDescriptor> = original.fields().map(|field| (field.number(), field)).collect();
    let new: BTreeMap<u32, FieldDescriptor> = update.fields().map(|field| (field.number(), field)).collect();
    newly_exclusive(found, update, &old);
    let numbers: BTreeSet<u32> = old.keys().chain(new.keys()).copied().collect();
    for number in numbers {
        let path = format!("/{number}");
        match (old.get(&number), new.get(&number)) {
            (Some(old), None) => match oneof_of(old) {
                // A member that is gone while others live on: its data would be lost silently.
                Some(oneof) if !wholly_deleted(original, update, &oneof, &new) => {
                    found.push(Difference::new("ONEOF_FIELD_REMOVED", format!("/{oneof}{path}"), ""));
                }
                None if old.is_required() => found.push(Difference::new("REQUIRED_FIELD_REMOVED", path, "")),
                _ => {}
            },
            (None, Some(new)) if new.is_required() => found.push(Difference::new("REQUIRED_FIELD_ADDED", path, "")),
            (Some(old), Some(new)) => field(memo, found, old, new, &path)?,
            _ => {}
        }
    }
    Ok(())
}

fn wholly_deleted(
    original: &MessageDescriptor,
    update: &MessageDescriptor,
    oneof: &str,
    new: &BTreeMap<u32, FieldDescriptor>,
) -> bool {
    let same_name = update.oneofs().any(|known| !known.is_synthetic() && known.name() == oneof);
    let mut members = original.fields().filter(|field| oneof_of(field).as_deref() == Some(oneof));
    !same_name && !members.any(|member| new.contains_key(&member.number()))
}

/// Fields that could be set together before and exclude each other now.
fn newly_exclusive(found: &mut Vec<Difference>, update: &MessageDescriptor, old: &BTreeMap<u32, FieldDescriptor>) {
    for oneof in update.oneofs().filter(|oneof| !oneof.is_synthetic()) {
        let known: Vec<_> = oneof.fields().filter_map(|member| old.get(&member.number())).collect();
        let free = known.iter().filter(|field| oneof_of(field).is_none()).count();
        let origins: BTreeSet<_> = known.iter().filter_map(|field| oneof_of(field)).collect();
        if origins.len() + free > 1 {
            let kind = if free > 1 { "MULTIPLE_FIELDS_MOVED_TO_ONEOF" } else { "FIELD_MOVED_TO_EXISTING_ONEOF" };
            found.push(Difference::new(kind, format!("/{}", oneof.name()), ""));
        }
    }
}

fn field(
    memo: &mut PairMemo,
    found: &mut Vec<Difference>,
    old: &FieldDescriptor,
    new: &FieldDescriptor,
    path: &str,
) -> Result<(), TooComplex> {
    let (before, after) = (Shape::of(old), Shape::of(new));
    match (before, after) {
        (Shape::Scalar(a), Shape::Scalar(b)) if a != b => {
            found.push(Difference::new("FIELD_SCALAR_KIND_CHANGED", path, ""));
        }
        (Shape::Scalar(group), Shape::Scalar(_)) => {
            let labels = (explicit_label(old), explicit_label(new));
            if let (Some(a), Some(b)) = labels
                && a != b
                && group != Group::Text
            {
                found.push(Difference::new("FIELD_NUMERIC_LABEL_CHANGED", path, ""));
            }
        }
        (Shape::Map(a), Shape::Map(b)) => {
            field(memo, found, &a.map_entry_key_field(), &b.map_entry_key_field(), path)?;
            field(memo, found, &a.map_entry_value_field(), &b.map_entry_value_field(), path)?;
        }
        (Shape::Message(a), Shape::Message(b)) => {
            if local_name(&a) != local_name(&b) {
                found.push(Difference::new("FIELD_NAMED_TYPE_CHANGED", path, ""));
            } else if a.parent_file().name() != FILE || b.parent_file().name() != FILE {
                // Types of the two files themselves are compared where they are declared.
                let inner = messages(memo, &a, &b)?;
                if !inner.is_empty() {
                    append(found, path, inner);
                    found.push(Difference::new("FIELD_NAMED_TYPE_CHANGED", path, ""));
                }
            }
        }
        _ => found.push(Difference::new("FIELD_KIND_CHANGED", path, "")),
    }
    Ok(())
}

fn local_name(message: &MessageDescriptor) -> String {
    let full = message.full_name();
    let package = message.package_name();
    full.strip_prefix(package).map_or(full, |rest| rest.trim_start_matches('.')).to_owned()
}

/// The label as written; proto3 fields without one have none.
fn explicit_label(field: &FieldDescriptor) -> Option<Label> {
    let raw = field.field_descriptor_proto();
    let implicit =
        field.parent_file().syntax() == Syntax::Proto3 && !raw.proto3_optional() || oneof_of(field).is_some();
    match raw.label() {
        Label::Optional if implicit => None,
        label => Some(label),
    }
}

enum Shape {
    Scalar(Group),
    Map(MessageDescriptor),
    Message(MessageDescriptor),
}

/// Scalar types that share a wire form and may change into each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Varint,
    ZigZag,
    Text,
    Fixed32,
    Fixed64,
    Float,
    Double,
}

impl Shape {
    fn of(field: &FieldDescriptor) -> Self {
        Self::Scalar(match field.kind() {
            Kind::Message(message) if field.is_map() => return Self::Map(message),
            Kind::Message(message) => return Self::Message(message),
            Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 | Kind::Bool | Kind::Enum(_) => Group::Varint,
            Kind::Sint32 | Kind::Sint64 => Group::ZigZag,
            Kind::String | Kind::Bytes => Group::Text,
            Kind::Fixed32 | Kind::Sfixed32 => Group::Fixed32,
            Kind::Fixed64 | Kind::Sfixed64 => Group::Fixed64,
            Kind::Float => Group::Float,
            Kind::Double => Group::Double,
        })
    }
}

fn message(difference: &Difference, Roles { reader, writer }: Roles) -> String {
    let Difference { kind, path, .. } = difference;
    let what = match *kind {
        "PACKAGE_CHANGED" => format!("the package of the {reader} schema is not that of the {writer} schema"),
        "MESSAGE_REMOVED" => format!("the {reader} schema is missing a message of the {writer} schema"),
        "FIELD_KIND_CHANGED" => {
            format!(
                "a field is scalar, map or message in the {reader} schema and another of these in the {writer} schema"
            )
        }
        "FIELD_SCALAR_KIND_CHANGED" => {
            format!("the scalar type in the {reader} schema has another wire form than in the {writer} schema")
        }
        "FIELD_NAMED_TYPE_CHANGED" => {
            format!("the message type of a field in the {reader} schema does not match that in the {writer} schema")
        }
        "FIELD_NUMERIC_LABEL_CHANGED" => {
            format!("the label of a numeric field in the {reader} schema is not that in the {writer} schema")
        }
        "REQUIRED_FIELD_ADDED" => format!("the {reader} schema requires a field that the {writer} schema lacks"),
        "REQUIRED_FIELD_REMOVED" => format!("the {reader} schema lacks a field that the {writer} schema requires"),
        "ONEOF_FIELD_REMOVED" => format!("the {reader} schema is missing a member of a oneof of the {writer} schema"),
        _ => format!("fields in a oneof of the {reader} schema are not in one oneof of the {writer} schema"),
    };
    format!("{{errorType:\"{kind}\", description:\"At path '#{path}' {what}\"}}")
}
