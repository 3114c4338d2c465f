//! The two texts of an Avro schema.
//!
//! Canonical: as Avro's Java library prints. Normalised: full names everywhere, attributes in one
//! order and foreign attributes sorted, so that texts that differ only in these become one.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::{AvroSchema, Enum, Fixed, Id, Kind, Name, Order, Record};

pub(super) fn canonical(schema: &AvroSchema) -> String {
    Printer { schema, seen: foreign(schema), normal: false }.ty(schema.root, None).to_string()
}

pub(super) fn normalized(schema: &AvroSchema) -> String {
    Printer { schema, seen: foreign(schema), normal: true }.ty(schema.root, None).to_string()
}

fn foreign(schema: &AvroSchema) -> HashSet<Id> {
    schema.names.values().copied().filter(|id| *id < schema.foreign && *id != schema.root).collect()
}

struct Printer<'a> {
    schema: &'a AvroSchema,
    seen: HashSet<Id>,
    normal: bool,
}

impl Printer<'_> {
    fn ty(&mut self, id: Id, space: Option<&str>) -> Value {
        let node = &self.schema.nodes[id];
        let mut out = Map::new();
        match &node.kind {
            Kind::Primitive(primitive) if node.props.is_empty() => return json!(primitive.name()),
            Kind::Primitive(primitive) => {
                out.insert("type".into(), json!(primitive.name()));
                self.props(&mut out, &node.props);
            }
            Kind::Array(items) => {
                out.insert("type".into(), json!("array"));
                out.insert("items".into(), self.ty(*items, space));
                self.props(&mut out, &node.props);
            }
            Kind::Map(values) => {
                out.insert("type".into(), json!("map"));
                out.insert("values".into(), self.ty(*values, space));
                self.props(&mut out, &node.props);
            }
            Kind::Union(branches) => {
                return Value::Array(branches.iter().map(|branch| self.ty(*branch, space)).collect());
            }
            Kind::Record(record) if self.first(id) => self.record(&mut out, record, &node.props, space),
            Kind::Enum(symbols) if self.first(id) => self.enumeration(&mut out, symbols, &node.props, space),
            Kind::Fixed(fixed) if self.first(id) => self.fixed(&mut out, fixed, &node.props, space),
            Kind::Record(_) | Kind::Enum(_) | Kind::Fixed(_) => {
                return self.schema.name_of(id).map_or(Value::Null, |name| json!(self.qualified(name, space)));
            }
            // Parsing fills every node, so that none is pending here.
            Kind::Pending => return Value::Null,
        }
        Value::Object(out)
    }

    fn first(&mut self, id: Id) -> bool {
        self.seen.insert(id)
    }

    fn qualified(&self, name: &Name, space: Option<&str>) -> String {
        if !self.normal && name.namespace.as_deref() == space { name.simple.clone() } else { name.full() }
    }

    fn head(&self, out: &mut Map<String, Value>, ty: &str, name: &Name, space: Option<&str>) {
        if self.normal {
            out.insert("name".into(), json!(name.full()));
            out.insert("type".into(), json!(ty));
            return;
        }
        out.insert("type".into(), json!(ty));
        out.insert("name".into(), json!(name.simple));
        if name.namespace.as_deref() != space {
            out.insert("namespace".into(), json!(name.namespace.as_deref().unwrap_or_default()));
        }
    }

    /// What comes after the body: documentation and default (when normalising), properties, aliases.
    fn tail(&self, out: &mut Map<String, Value>, doc: Option<&str>, aliases: &[Name], space: Option<&str>) {
        if self.normal
            && let Some(doc) = doc.filter(|doc| !doc.is_empty())
        {
            out.insert("doc".into(), json!(doc));
        }
        if !aliases.is_empty() {
            let mut names: Vec<_> = aliases.iter().map(|alias| self.qualified(alias, space)).collect();
            if self.normal {
                names.sort();
            }
            out.insert("aliases".into(), json!(names));
        }
    }

    fn record(
        &mut self,
        out: &mut Map<String, Value>,
        record: &Record,
        props: &[(String, Value)],
        space: Option<&str>,
    ) {
        self.head(out, if record.error { "error" } else { "record" }, &record.name, space);
        if !self.normal
            && let Some(doc) = &record.doc
        {
            out.insert("doc".into(), json!(doc));
        }
        let inner = record.name.namespace.as_deref();
        let mut fields = Vec::with_capacity(record.fields.len());
        for field in &record.fields {
            let mut item = Map::new();
            item.insert("name".into(), json!(field.name));
            item.insert("type".into(), self.ty(field.ty, inner));
            if let Some(doc) = &field.doc {
                item.insert("doc".into(), json!(doc));
            }
            if let Some(default) = &field.default {
                item.insert("default".into(), default.clone());
            }
            match field.order {
                None => {}
                Some(Order::Descending) => drop(item.insert("order".into(), json!("descending"))),
                Some(Order::Ignore) => drop(item.insert("order".into(), json!("ignore"))),
            }
            if !field.aliases.is_empty() {
                let mut aliases = field.aliases.clone();
                if self.normal {
                    aliases.sort();
                }
                item.insert("aliases".into(), json!(aliases));
            }
            self.props(&mut item, &field.props);
            fields.push(Value::Object(item));
        }
        out.insert("fields".into(), Value::Array(fields));
        self.finish(out, record.doc.as_deref(), &record.aliases, props, inner);
    }

    fn enumeration(
        &mut self,
        out: &mut Map<String, Value>,
        symbols: &Enum,
        props: &[(String, Value)],
        space: Option<&str>,
    ) {
        self.head(out, "enum", &symbols.name, space);
        if !self.normal
            && let Some(doc) = &symbols.doc
        {
            out.insert("doc".into(), json!(doc));
        }
        out.insert("symbols".into(), json!(symbols.symbols));
        if let Some(default) = &symbols.default {
            out.insert("default".into(), json!(default));
        }
        let inner = symbols.name.namespace.as_deref();
        self.finish(out, symbols.doc.as_deref(), &symbols.aliases, props, inner);
    }

    fn fixed(&mut self, out: &mut Map<String, Value>, fixed: &Fixed, props: &[(String, Value)], space: Option<&str>) {
        self.head(out, "fixed", &fixed.name, space);
        if !self.normal
            && let Some(doc) = &fixed.doc
        {
            out.insert("doc".into(), json!(doc));
        }
        out.insert("size".into(), json!(fixed.size));
        let inner = fixed.name.namespace.as_deref();
        self.finish(out, fixed.doc.as_deref(), &fixed.aliases, props, inner);
    }

    fn finish(
        &self,
        out: &mut Map<String, Value>,
        doc: Option<&str>,
        aliases: &[Name],
        props: &[(String, Value)],
        space: Option<&str>,
    ) {
        if self.normal {
            self.tail(out, doc, aliases, space);
            self.props(out, props);
        } else {
            self.props(out, props);
            self.tail(out, doc, aliases, space);
        }
    }

    fn props(&self, out: &mut Map<String, Value>, props: &[(String, Value)]) {
        let mut props: Vec<_> = props.iter().collect();
        if self.normal {
            props.sort_by(|a, b| a.0.cmp(&b.0));
        }
        for (key, value) in props {
            let value = if self.normal { crate::compat::json::sorted(value) } else { value.clone() };
            out.insert(key.clone(), value);
        }
    }
}
