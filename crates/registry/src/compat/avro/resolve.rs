//! Schema resolution: can data written with one Avro schema be read with another?
//!
//! The rules are those of the Avro specification as Avro's Java library checks them (unqualified
//! names match, a reader's aliases match full names, a writer's union needs every branch readable).
//! Kinds of incompatibility and locations are named as there, because they appear in messages.

use super::{AvroSchema, Enum, Field, Id, Kind, Name, Primitive, Record};
use crate::compat::memo::append;
use crate::compat::{Difference, Found, Memo, Roles, TooComplex};

/// What keeps `reader` from reading data of `writer`, as messages.
pub(crate) fn reads(reader: &AvroSchema, writer: &AvroSchema, roles: Roles) -> Result<Vec<String>, TooComplex> {
    let pair = Pair { reader, writer };
    let found = Memo::run(|memo| pair.compare(memo, reader.root, writer.root))?;
    Ok(found.into_iter().map(|difference| message(&difference, roles)).collect())
}

struct Pair<'a> {
    reader: &'a AvroSchema,
    writer: &'a AvroSchema,
}

type PairMemo = Memo<(Id, Id)>;

impl Pair<'_> {
    fn compare(&self, memo: &mut PairMemo, reader: Id, writer: Id) -> Found {
        memo.pair((reader, writer), |memo| self.types(memo, reader, writer))
    }

    fn types(&self, memo: &mut PairMemo, r: Id, w: Id) -> Found {
        let mut found = Vec::new();
        match (self.reader.kind(r), self.writer.kind(w)) {
            (Kind::Union(_), Kind::Union(branches)) => {
                for (index, branch) in branches.iter().enumerate() {
                    if !self.compare(memo, r, *branch)?.is_empty() {
                        found.push(self.missing_branch(format!("/{index}"), *branch));
                    }
                }
            }
            (_, Kind::Union(branches)) => {
                for branch in branches {
                    append(&mut found, "", self.compare(memo, r, *branch)?);
                }
            }
            (Kind::Union(branches), _) => {
                for branch in branches {
                    if self.compare(memo, *branch, w)?.is_empty() {
                        return Ok(found);
                    }
                }
                found.push(self.missing_branch(String::new(), w));
            }
            (Kind::Array(r), Kind::Array(w)) => append(&mut found, "/items", self.compare(memo, *r, *w)?),
            (Kind::Map(r), Kind::Map(w)) => append(&mut found, "/values", self.compare(memo, *r, *w)?),
            (Kind::Fixed(r), Kind::Fixed(w)) => {
                names(&mut found, &r.name, &r.aliases, &w.name);
                if r.size != w.size {
                    let sizes = format!("expected: {}, found: {}", w.size, r.size);
                    found.push(Difference::new("FIXED_SIZE_MISMATCH", "/size", sizes));
                }
            }
            (Kind::Enum(r), Kind::Enum(w)) => enums(&mut found, r, w),
            (Kind::Record(r), Kind::Record(w)) => self.records(memo, &mut found, r, w)?,
            (Kind::Primitive(r), Kind::Primitive(w)) if promotes(*w, *r) => {}
            _ => {
                let (reader, writer) = (self.reader.kind_name(r), self.writer.kind_name(w));
                let types = format!("reader type: {reader} not compatible with writer type: {writer}");
                found.push(Difference::new("TYPE_MISMATCH", "", types));
            }
        }
        Ok(found)
    }

    fn missing_branch(&self, path: String, writer: Id) -> Difference {
        let ty = self.writer.kind_name(writer);
        Difference::new("MISSING_UNION_BRANCH", path, format!("reader union lacking writer type: {ty}"))
    }

    fn records(
        &self,
        memo: &mut PairMemo,
        found: &mut Vec<Difference>,
        reader: &Record,
        writer: &Record,
    ) -> Result<(), TooComplex> {
        names(found, &reader.name, &reader.aliases, &writer.name);
        if !found.is_empty() {
            // Another record altogether: its fields would only add noise, and large unions would
            // compare every field of every branch with every other.
            return Ok(());
        }
        for (index, field) in reader.fields.iter().enumerate() {
            let path = format!("/fields/{index}");
            match writer_field(writer, field) {
                Some(written) => {
                    append(found, &format!("{path}/type"), self.compare(memo, field.ty, written.ty)?);
                }
                None if field.default.is_some() || self.defaulted_enum(field) => {}
                None => found.push(Difference::new("READER_FIELD_MISSING_DEFAULT_VALUE", path, field.name.clone())),
            }
        }
        Ok(())
    }

    fn defaulted_enum(&self, field: &Field) -> bool {
        matches!(self.reader.kind(field.ty), Kind::Enum(Enum { default: Some(_), .. }))
    }
}

/// The field a reader's field takes its value from: the same name, else one of its aliases.
fn writer_field<'a>(writer: &'a Record, reader: &Field) -> Option<&'a Field> {
    let by_name = |name: &str| writer.fields.iter().find(|field| field.name == name);
    by_name(&reader.name).or_else(|| reader.aliases.iter().find_map(|alias| by_name(alias)))
}

fn names(found: &mut Vec<Difference>, reader: &Name, aliases: &[Name], writer: &Name) {
    if reader.simple != writer.simple && !aliases.contains(writer) {
        found.push(Difference::new("NAME_MISMATCH", "/name", format!("expected: {}", writer.full())));
    }
}

fn enums(found: &mut Vec<Difference>, reader: &Enum, writer: &Enum) {
    names(found, &reader.name, &reader.aliases, &writer.name);
    if reader.default.is_some() {
        return;
    }
    let missing: Vec<_> = writer.symbols.iter().filter(|symbol| !reader.symbols.contains(symbol)).cloned().collect();
    if !missing.is_empty() {
        found.push(Difference::new("MISSING_ENUM_SYMBOLS", "/symbols", format!("[{}]", missing.join(", "))));
    }
}

/// Every value of `from` is read as `to`.
fn promotes(from: Primitive, to: Primitive) -> bool {
    use Primitive::{Bytes, Double, Float, Int, Long, String};
    from == to
        || matches!(
            (from, to),
            (Int, Long | Float | Double) | (Long, Float | Double) | (Float, Double) | (String, Bytes) | (Bytes, String)
        )
}

fn message(difference: &Difference, Roles { reader, writer }: Roles) -> String {
    let Difference { kind, path, info } = difference;
    let path = if path.is_empty() { "/" } else { path.as_str() };
    let description = match *kind {
        "FIXED_SIZE_MISMATCH" => {
            format!(
                "The FIXED type at path '{path}' has another size in the {reader} schema than in the {writer} schema"
            )
        }
        "TYPE_MISMATCH" => {
            format!("The type at path '{path}' of the {reader} schema does not match with the {writer} schema")
        }
        "NAME_MISMATCH" => format!("The name of the schema has changed (path '{path}')"),
        "MISSING_ENUM_SYMBOLS" => {
            format!("The {reader} schema is missing enum symbols '{info}' at path '{path}' of the {writer} schema")
        }
        "MISSING_UNION_BRANCH" => {
            format!("The {reader} schema is missing a type inside a union at path '{path}' of the {writer} schema")
        }
        _ => format!(
            "The field '{info}' at path '{path}' in the {reader} schema has no default value and is missing in the {writer} schema"
        ),
    };
    format!("{{errorType:'{kind}', description:'{description}', additionalInfo:'{info}'}}")
}
