//! Where a `$ref` leads: JSON pointers, anchors, `$id`s and the registry's references.
//!
//! Every document and every embedded schema with an absolute or relative `$id` is a resource. A
//! reference is looked up as written among the names of the registry's references first (that is how
//! Confluent's registry resolves them), then resolved against the `$id` around it.

use std::collections::HashMap;

use serde_json::Value;

use crate::compat::{Invalid, Resolved};

/// A place: document and JSON pointer in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub doc: usize,
    pub pointer: String,
}

pub(super) struct Documents {
    pub docs: Vec<Value>,
    /// Resource URI or reference name to its root.
    resources: HashMap<String, Place>,
    /// (document, anchor) to its place.
    anchors: HashMap<(usize, String), Place>,
}

impl Documents {
    /// Document 0 is the schema, the others its references.
    pub fn new(main: &Value, references: &[Resolved]) -> Result<Self, Invalid> {
        let mut documents = Self { docs: vec![main.clone()], resources: HashMap::new(), anchors: HashMap::new() };
        for reference in references {
            let value = serde_json::from_str(&reference.schema)
                .map_err(|e| Invalid(format!("reference {}: not JSON: {e}", reference.name)))?;
            let root = Place { doc: documents.docs.len(), pointer: String::new() };
            documents.docs.push(value);
            documents.resources.insert(reference.name.clone(), root);
        }
        for doc in 0..documents.docs.len() {
            let value = documents.docs[doc].clone();
            documents.scan(doc, &value, String::new(), "");
        }
        Ok(documents)
    }

    fn scan(&mut self, doc: usize, value: &Value, pointer: String, base: &str) {
        let mut base = base.to_owned();
        match value {
            Value::Object(entries) => {
                let place = || Place { doc, pointer: pointer.clone() };
                if let Some(id) = entries.get("$id").or_else(|| entries.get("id")).and_then(Value::as_str) {
                    if let Some(anchor) = id.strip_prefix('#') {
                        self.anchors.insert((doc, anchor.to_owned()), place());
                    } else {
                        base = join(&base, id.trim_end_matches('#'));
                        self.resources.entry(base.clone()).or_insert_with(place);
                    }
                }
                for keyword in ["$anchor", "$dynamicAnchor"] {
                    if let Some(anchor) = entries.get(keyword).and_then(Value::as_str) {
                        self.anchors.insert((doc, anchor.to_owned()), place());
                    }
                }
                for (key, inner) in entries {
                    // Plain data, not schemas.
                    if !matches!(key.as_str(), "enum" | "const" | "default" | "examples") {
                        self.scan(doc, inner, format!("{pointer}/{}", escape(key)), &base);
                    }
                }
            }
            Value::Array(items) => {
                for (index, inner) in items.iter().enumerate() {
                    self.scan(doc, inner, format!("{pointer}/{index}"), &base);
                }
            }
            _ => {}
        }
    }

    /// The schema at a place.
    pub fn at(&self, place: &Place) -> Option<&Value> {
        self.docs.get(place.doc)?.pointer(&place.pointer)
    }

    /// Where `reference`, written at `from`, leads. `None` for the meta-schemas, which mean any schema.
    pub fn resolve(&self, from: &Place, reference: &str) -> Result<Option<Place>, Invalid> {
        let (uri, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let root = if uri.is_empty() {
            self.resource_around(from)
        } else if let Some(root) = self.resources.get(uri).or_else(|| self.resources.get(&join(&self.base(from), uri)))
        {
            root.clone()
        } else if uri.contains("json-schema.org/") {
            return Ok(None);
        } else {
            return Err(Invalid(format!(
                "unresolved reference \"{reference}\": no schema reference has the name \"{uri}\""
            )));
        };
        let unresolved = || Invalid(format!("unresolved reference \"{reference}\": nothing is there"));
        let place = if fragment.is_empty() {
            root
        } else if fragment.starts_with('/') {
            Place { doc: root.doc, pointer: format!("{}{}", root.pointer, decode(fragment)) }
        } else {
            self.anchors.get(&(root.doc, fragment.to_owned())).cloned().ok_or_else(unresolved)?
        };
        if self.at(&place).is_some() { Ok(Some(place)) } else { Err(unresolved()) }
    }

    /// The root of the innermost resource with an `$id` around a place.
    fn resource_around(&self, from: &Place) -> Place {
        let around = self.resources.values().filter(|root| encloses(root, from));
        let innermost = around.max_by_key(|root| root.pointer.len());
        innermost.cloned().unwrap_or(Place { doc: from.doc, pointer: String::new() })
    }

    fn base(&self, from: &Place) -> String {
        let around = self.resources.iter().filter(|(_, root)| encloses(root, from));
        around.max_by_key(|(uri, root)| (root.pointer.len(), *uri)).map(|(uri, _)| uri.clone()).unwrap_or_default()
    }
}

fn encloses(root: &Place, place: &Place) -> bool {
    root.doc == place.doc
        && place.pointer.strip_prefix(&root.pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A relative URI against a base; enough of RFC 3986 for the paths that schemas use.
fn join(base: &str, uri: &str) -> String {
    if uri.contains("://") || uri.starts_with("urn:") || base.is_empty() {
        return uri.to_owned();
    }
    let authority =
        base.find("://").map_or(0, |at| base[at + 3..].find('/').map_or(base.len(), |slash| at + 3 + slash));
    if uri.starts_with('/') {
        return format!("{}{uri}", &base[..authority]);
    }
    let folder = base.rfind('/').filter(|slash| *slash >= authority).map_or("", |slash| &base[..=slash]);
    let mut folder = folder.to_owned();
    let mut rest = uri;
    loop {
        if let Some(stripped) = rest.strip_prefix("./") {
            rest = stripped;
        } else if let Some(stripped) = rest.strip_prefix("../") {
            rest = stripped;
            let parent = folder.trim_end_matches('/').rfind('/').filter(|slash| *slash >= authority);
            folder.truncate(parent.map_or(authority, |slash| slash + 1));
        } else {
            return format!("{folder}{rest}");
        }
    }
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Undoes percent-encoding in a fragment.
fn decode(fragment: &str) -> String {
    let bytes = fragment.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        match hex.and_then(|hex| std::str::from_utf8(hex).ok()).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
