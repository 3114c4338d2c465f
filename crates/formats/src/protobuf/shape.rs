//! What a Protobuf field is to SQL: well-known messages, wrappers, maps and Flink's annotations told apart.

use hashbrown::HashMap;
use prost_reflect::{ExtensionDescriptor, FieldDescriptor, Kind, MapKey, MessageDescriptor, Value};

use super::pool::ProtoSchema;

/// A field's value, or the element of a repeated field.
#[derive(Debug, Clone)]
pub(crate) enum Shape {
    Scalar,
    Enum,
    Timestamp,
    Date,
    TimeOfDay,
    Decimal,
    /// `google.protobuf.Int32Value` and its like: their only field.
    Wrapper(FieldDescriptor),
    /// Flink's own wrapper for what Protobuf cannot say: its only field.
    Wrapped(FieldDescriptor),
    /// An entry of a map, always repeated.
    Entry {
        key: FieldDescriptor,
        value: FieldDescriptor,
    },
    Message(MessageDescriptor),
}

/// Annotations of a field: `params` of `confluent.field_meta`.
#[derive(Debug, Default, Clone)]
pub(crate) struct Meta {
    params: HashMap<String, String>,
    pub doc: Option<String>,
}

impl Meta {
    pub fn of(field: &FieldDescriptor, extension: Option<&ExtensionDescriptor>) -> Meta {
        let Some(extension) = extension else { return Meta::default() };
        let options = field.options();
        if !options.has_extension(extension) {
            return Meta::default();
        }
        let value = options.get_extension(extension);
        let Some(message) = value.as_message() else { return Meta::default() };
        let doc = message.get_field_by_name("doc").and_then(|doc| doc.as_str().map(str::to_owned));
        let mut params = HashMap::new();
        if let Some(map) = message.get_field_by_name("params")
            && let Some(map) = map.as_map()
        {
            for (key, value) in map {
                if let (MapKey::String(key), Value::String(value)) = (key, value) {
                    params.insert(key.clone(), value.clone());
                }
            }
        }
        Meta { params, doc: doc.filter(|doc| !doc.is_empty()) }
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.params.get(key).map(String::as_str)
    }

    pub fn number<T: std::str::FromStr>(&self, key: &str) -> Option<T> {
        self.get(key)?.parse().ok()
    }

    pub fn is_true(&self, key: &str) -> bool {
        self.get(key) == Some("true")
    }

    pub fn is_multiset(&self) -> bool {
        self.get("flink.type") == Some("multiset")
    }
}

/// The shape of `field` or, when it is repeated, of its elements.
pub(crate) fn shape(field: &FieldDescriptor, meta: &Meta) -> Shape {
    let message = match field.kind() {
        Kind::Message(message) => message,
        Kind::Enum(_) => return Shape::Enum,
        _ => return Shape::Scalar,
    };
    if meta.is_true("flink.wrapped")
        && let Some(inner) = only_field(&message)
    {
        return Shape::Wrapped(inner);
    }
    if (field.is_list() || field.is_map())
        && let Some((key, value)) = entry(&message)
    {
        return Shape::Entry { key, value };
    }
    match message.full_name() {
        "google.protobuf.Timestamp" => Shape::Timestamp,
        "google.type.Date" => Shape::Date,
        "google.type.TimeOfDay" => Shape::TimeOfDay,
        "confluent.type.Decimal" => Shape::Decimal,
        "google.protobuf.DoubleValue"
        | "google.protobuf.FloatValue"
        | "google.protobuf.Int64Value"
        | "google.protobuf.UInt64Value"
        | "google.protobuf.Int32Value"
        | "google.protobuf.UInt32Value"
        | "google.protobuf.BoolValue"
        | "google.protobuf.StringValue"
        | "google.protobuf.BytesValue" => match only_field(&message) {
            Some(inner) => Shape::Wrapper(inner),
            None => Shape::Message(message),
        },
        _ => Shape::Message(message),
    }
}

fn only_field(message: &MessageDescriptor) -> Option<FieldDescriptor> {
    let mut fields = message.fields();
    let first = fields.next()?;
    fields.next().is_none().then_some(first)
}

/// A map entry, written as `map<K, V>` or, as Connect and Flink do, as a message `...Entry` of key and value.
fn entry(message: &MessageDescriptor) -> Option<(FieldDescriptor, FieldDescriptor)> {
    let named = message.is_map_entry() || message.name().ends_with("Entry");
    let fields = (message.get_field_by_name("key")?, message.get_field_by_name("value")?);
    (named && message.fields().len() == 2).then_some(fields)
}

/// Fields as the text has them.
pub(crate) fn declared(message: &MessageDescriptor) -> Vec<FieldDescriptor> {
    let names = message.descriptor_proto().field.iter().map(|field| field.name().to_owned());
    names.filter_map(|name| message.get_field_by_name(&name)).collect()
}

/// The oneof that `field` belongs to; the hidden one of `optional` is none.
pub(crate) fn oneof(field: &FieldDescriptor) -> Option<prost_reflect::OneofDescriptor> {
    field.containing_oneof().filter(|oneof| !oneof.is_synthetic())
}

/// The messages that records are of, with their index in the file. One message is the record itself; of several, those
/// that no other one uses (spec sql.md 2.4 no. 7).
#[derive(Debug)]
pub(crate) enum Roots {
    Single(usize, MessageDescriptor),
    Several(Vec<(usize, MessageDescriptor)>),
}

pub(crate) fn roots(schema: &ProtoSchema) -> Option<Roots> {
    let mut messages: Vec<MessageDescriptor> = schema.file.messages().collect();
    if messages.is_empty() {
        // A file without messages stands for those it imports publicly.
        messages = schema.file.public_dependencies().flat_map(|file| file.messages().collect::<Vec<_>>()).collect();
    }
    if let [only] = messages.as_slice() {
        return Some(Roots::Single(0, only.clone()));
    }
    let is_used =
        |message: &MessageDescriptor| messages.iter().any(|other| other != message && uses(other, message, 0));
    let mut roots: Vec<_> = messages.iter().cloned().enumerate().filter(|(_, message)| !is_used(message)).collect();
    if roots.is_empty() {
        // All of them use each other, or there is none.
        roots.extend(messages.first().cloned().map(|message| (0, message)));
    }
    (!roots.is_empty()).then_some(Roots::Several(roots))
}

fn uses(message: &MessageDescriptor, wanted: &MessageDescriptor, depth: usize) -> bool {
    let direct = message.fields().any(|field| matches!(field.kind(), Kind::Message(kind) if kind == *wanted));
    direct || (depth < 32 && message.child_messages().any(|child| uses(&child, wanted, depth + 1)))
}
