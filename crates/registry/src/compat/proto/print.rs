//! A compiled file as `.proto` text.
//!
//! Printing goes from descriptors, so that two texts that compile to the same file print alike.
//! `sorted` also puts imports, options, fields and reserved ranges in order.

use prost_reflect::prost_types::field_descriptor_proto::{Label, Type};
use prost_reflect::prost_types::{DescriptorProto, EnumDescriptorProto, FieldDescriptorProto};
use prost_reflect::{
    DynamicMessage, EnumDescriptor, ExtensionDescriptor, FieldDescriptor, FileDescriptor, MessageDescriptor,
    ServiceDescriptor, Syntax,
};

use super::options::{assignments, quoted};

pub(super) fn file(file: &FileDescriptor, sorted: bool) -> String {
    let mut printer = Printer { out: String::new(), indent: 0, sorted, proto3: file.syntax() == Syntax::Proto3 };
    printer.file(file);
    printer.out
}

struct Printer {
    out: String,
    indent: usize,
    sorted: bool,
    proto3: bool,
}

impl Printer {
    fn line(&mut self, text: &str) {
        for _ in 0..self.indent {
            self.out.push_str("  ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn block(&mut self, head: &str, body: impl FnOnce(&mut Self)) {
        self.line(&format!("{head} {{"));
        self.indent += 1;
        body(self);
        self.indent -= 1;
        self.line("}");
    }

    fn options(&mut self, options: &DynamicMessage) {
        for assignment in assignments(options, self.sorted) {
            self.line(&format!("option {assignment};"));
        }
    }

    fn file(&mut self, file: &FileDescriptor) {
        let proto = file.file_descriptor_proto();
        self.line(&format!("syntax = \"{}\";", if self.proto3 { "proto3" } else { "proto2" }));
        if !proto.package().is_empty() {
            self.line(&format!("package {};", proto.package()));
        }
        let mut imports: Vec<_> = proto.dependency.iter().enumerate().collect();
        if self.sorted {
            imports.sort_by_key(|(_, name)| *name);
        }
        if !imports.is_empty() {
            self.out.push('\n');
        }
        for (index, name) in imports {
            let index = index as i32;
            let public = if proto.public_dependency.contains(&index) {
                "public "
            } else if proto.weak_dependency.contains(&index) {
                "weak "
            } else {
                ""
            };
            self.line(&format!("import {public}{};", quoted(name.as_bytes())));
        }
        let before = self.out.len();
        self.options(&file.options());
        if self.out.len() > before {
            self.out.insert(before, '\n');
        }
        for message in file.messages() {
            self.out.push('\n');
            self.message(&message);
        }
        for values in file.enums() {
            self.out.push('\n');
            self.enumeration(&values);
        }
        self.extensions(&proto.extension, &file.extensions().collect::<Vec<_>>());
        for service in file.services() {
            self.out.push('\n');
            self.service(&service);
        }
    }

    fn message(&mut self, message: &MessageDescriptor) {
        self.block(&format!("message {}", message.name()), |printer| printer.body(message));
    }

    fn body(&mut self, message: &MessageDescriptor) {
        let proto = message.descriptor_proto();
        let mut options = message.options();
        options.clear_field_by_name("map_entry");
        self.options(&options);
        self.reserved(proto);
        for range in &proto.extension_range {
            self.line(&format!("extensions {};", span(range.start(), range.end() - 1, 536_870_911)));
        }
        let mut groups = Vec::new();
        let mut fields: Vec<FieldDescriptor> = message.fields().collect();
        if self.sorted {
            fields.sort_by_key(FieldDescriptor::number);
        } else {
            // Descriptors index fields by number; the file's order is that of the raw message.
            let position = |field: &FieldDescriptor| proto.field.iter().position(|raw| raw.name() == field.name());
            fields.sort_by_key(position);
        }
        let mut printed = Vec::new();
        for field in &fields {
            let oneof = field.containing_oneof().filter(|oneof| !oneof.is_synthetic());
            if field.is_group() {
                groups.push(field.kind().as_message().map(|group| group.full_name().to_owned()).unwrap_or_default());
            }
            match oneof {
                None => self.field(field.field_descriptor_proto(), field, false),
                Some(oneof) if !printed.contains(&oneof.name().to_owned()) => {
                    printed.push(oneof.name().to_owned());
                    self.block(&format!("oneof {}", oneof.name()), |printer| {
                        printer.options(&oneof.options());
                        for member in fields.iter().filter(|member| member.containing_oneof().as_ref() == Some(&oneof))
                        {
                            printer.field(member.field_descriptor_proto(), member, true);
                        }
                    });
                }
                Some(_) => {}
            }
        }
        for nested in message.child_messages() {
            if !nested.is_map_entry() && !groups.contains(&nested.full_name().to_owned()) {
                self.message(&nested);
            }
        }
        for values in message.child_enums() {
            self.enumeration(&values);
        }
        self.extensions(&proto.extension, &message.child_extensions().collect::<Vec<_>>());
    }

    fn field(&mut self, raw: &FieldDescriptorProto, field: &FieldDescriptor, member: bool) {
        let mut extras = Vec::new();
        if let Some(default) = &raw.default_value {
            let text = if raw.r#type() == Type::String { quoted(default.as_bytes()) } else { default.clone() };
            let text = if raw.r#type() == Type::Bytes { format!("\"{default}\"") } else { text };
            extras.push(format!("default = {text}"));
        }
        if raw.json_name.as_ref().is_some_and(|json| *json != json_name(raw.name())) {
            extras.push(format!("json_name = {}", quoted(raw.json_name().as_bytes())));
        }
        extras.extend(assignments(&field.options(), self.sorted));
        let label = if member || field.is_map() { "" } else { self.label(raw) };
        if let Some(group) = field.kind().as_message().filter(|_| field.is_group()) {
            self.block(&format!("{label}group {} = {}{}", group.name(), raw.number(), bracketed(&extras)), |printer| {
                printer.body(group);
            });
            return;
        }
        let ty = match field.kind().as_message().filter(|_| field.is_map()) {
            Some(entry) => {
                let value = type_name(entry.map_entry_value_field().field_descriptor_proto());
                format!("map<{}, {value}>", type_name(entry.map_entry_key_field().field_descriptor_proto()))
            }
            None => type_name(raw),
        };
        self.line(&format!("{label}{ty} {} = {}{};", raw.name(), raw.number(), bracketed(&extras)));
    }

    fn label(&self, raw: &FieldDescriptorProto) -> &'static str {
        match raw.label() {
            Label::Repeated => "repeated ",
            Label::Required => "required ",
            Label::Optional if self.proto3 && !raw.proto3_optional() => "",
            Label::Optional => "optional ",
        }
    }

    fn reserved(&mut self, proto: &DescriptorProto) {
        let mut ranges: Vec<_> = proto.reserved_range.iter().map(|range| (range.start(), range.end() - 1)).collect();
        let mut names = proto.reserved_name.clone();
        self.reserved_lines(&mut ranges, &mut names, 536_870_911);
    }

    fn reserved_lines(&mut self, ranges: &mut [(i32, i32)], names: &mut [String], max: i32) {
        if self.sorted {
            ranges.sort_unstable();
            names.sort();
        }
        if !ranges.is_empty() {
            let spans: Vec<_> = ranges.iter().map(|(start, end)| span(*start, *end, max)).collect();
            self.line(&format!("reserved {};", spans.join(", ")));
        }
        if !names.is_empty() {
            let names: Vec<_> = names.iter().map(|name| quoted(name.as_bytes())).collect();
            self.line(&format!("reserved {};", names.join(", ")));
        }
    }

    fn enumeration(&mut self, values: &EnumDescriptor) {
        self.block(&format!("enum {}", values.name()), |printer| {
            printer.options(&values.options());
            let proto: &EnumDescriptorProto = values.enum_descriptor_proto();
            let mut ranges: Vec<_> = proto.reserved_range.iter().map(|range| (range.start(), range.end())).collect();
            let mut names = proto.reserved_name.clone();
            printer.reserved_lines(&mut ranges, &mut names, i32::MAX);
            let mut constants: Vec<_> = values.values().collect();
            let position = |name: &str| proto.value.iter().position(|raw| raw.name() == name);
            constants.sort_by_key(|value| position(value.name()));
            for value in constants {
                let options = bracketed(&assignments(&value.options(), printer.sorted));
                printer.line(&format!("{} = {}{options};", value.name(), value.number()));
            }
        });
    }

    fn extensions(&mut self, raws: &[FieldDescriptorProto], extensions: &[ExtensionDescriptor]) {
        for raw in raws {
            let Some(extension) = extensions.iter().find(|extension| extension.name() == raw.name()) else { continue };
            self.block(&format!("extend {}", raw.extendee()), |printer| {
                let label = printer.label(raw);
                let mut extras = Vec::new();
                if let Some(default) = &raw.default_value {
                    let text = matches!(raw.r#type(), Type::String | Type::Bytes);
                    extras
                        .push(format!("default = {}", if text { quoted(default.as_bytes()) } else { default.clone() }));
                }
                extras.extend(assignments(&extension.options(), printer.sorted));
                printer.line(&format!(
                    "{label}{} {} = {}{};",
                    type_name(raw),
                    raw.name(),
                    raw.number(),
                    bracketed(&extras)
                ));
            });
        }
    }

    fn service(&mut self, service: &ServiceDescriptor) {
        self.block(&format!("service {}", service.name()), |printer| {
            printer.options(&service.options());
            for method in service.methods() {
                let stream = |is: bool| if is { "stream " } else { "" };
                let head = format!(
                    "rpc {} ({}.{}) returns ({}.{})",
                    method.name(),
                    stream(method.is_client_streaming()),
                    method.input().full_name(),
                    stream(method.is_server_streaming()),
                    method.output().full_name()
                );
                let options = method.options();
                if assignments(&options, false).is_empty() {
                    printer.line(&format!("{head};"));
                } else {
                    printer.block(&head, |printer| printer.options(&options));
                }
            }
        });
    }
}

fn bracketed(extras: &[String]) -> String {
    if extras.is_empty() { String::new() } else { format!(" [{}]", extras.join(", ")) }
}

fn span(start: i32, end: i32, max: i32) -> String {
    match end {
        end if end == start => start.to_string(),
        end if end >= max => format!("{start} to max"),
        end => format!("{start} to {end}"),
    }
}

const SCALARS: [(Type, &str); 15] = [
    (Type::Double, "double"),
    (Type::Float, "float"),
    (Type::Int64, "int64"),
    (Type::Uint64, "uint64"),
    (Type::Int32, "int32"),
    (Type::Fixed64, "fixed64"),
    (Type::Fixed32, "fixed32"),
    (Type::Bool, "bool"),
    (Type::String, "string"),
    (Type::Bytes, "bytes"),
    (Type::Uint32, "uint32"),
    (Type::Sfixed32, "sfixed32"),
    (Type::Sfixed64, "sfixed64"),
    (Type::Sint32, "sint32"),
    (Type::Sint64, "sint64"),
];

/// The type as written: a scalar's keyword, or the full name with a leading dot.
fn type_name(raw: &FieldDescriptorProto) -> String {
    let scalar = SCALARS.iter().find(|(ty, _)| *ty == raw.r#type());
    scalar.map_or_else(|| raw.type_name().to_owned(), |(_, name)| (*name).to_owned())
}

/// The JSON name a field has unless it says otherwise.
fn json_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut upper = false;
    for c in name.chars() {
        if c == '_' {
            upper = true;
        } else {
            out.push(if std::mem::take(&mut upper) { c.to_ascii_uppercase() } else { c });
        }
    }
    out
}
