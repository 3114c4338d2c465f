//! Objects: content models, required properties, dependencies, bounds.

use super::diff::{Pair, PairMemo};
use super::scalar::{Kinds, bound};
use super::{Id, JsonSchema, Kind, Object, Rest};
use crate::compat::memo::append;
use crate::compat::{Difference, TooComplex};

impl Pair<'_> {
    pub(super) fn objects(
        &self,
        memo: &mut PairMemo,
        found: &mut Vec<Difference>,
        original: &Object,
        update: &Object,
        swapped: bool,
    ) -> Result<(), TooComplex> {
        let (first, second) = self.schemas(swapped);
        for (name, id) in &update.properties {
            let newly = update.required.contains(name) && !original.required.contains(name);
            if newly && original.properties.contains_key(name) && !second.nodes[*id].defaulted {
                found.push(Difference::new("REQUIRED_ATTRIBUTE_ADDED", format!("/required/{name}"), ""));
            }
        }
        for (name, o) in &original.properties {
            let path = format!("/properties/{name}");
            match update.properties.get(name) {
                Some(u) => append(found, &path, self.nodes(memo, *o, *u, swapped)?),
                None => self.property_removed(memo, found, (name, *o), update, swapped, &path)?,
            }
        }
        for (name, u) in update.properties.iter().filter(|(name, _)| !original.properties.contains_key(*name)) {
            let path = format!("/properties/{name}");
            let defaulted = second.nodes[*u].defaulted;
            let required = update.required.contains(name);
            if open(first, original) {
                let any = matches!(second.kind(*u), Kind::Any);
                if !any && required && !defaulted {
                    found.push(Difference::new("REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL", path, ""));
                } else if !any && !self.lenient {
                    let kind = if required {
                        "REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL"
                    } else {
                        "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL"
                    };
                    found.push(Difference::new(kind, path, ""));
                }
                continue;
            }
            if let Some(cover) = cover(first, original, name) {
                let inner = self.nodes(memo, cover, *u, swapped)?;
                if !inner.is_empty() && !self.lenient {
                    append(found, &path, inner);
                    let kind = "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL";
                    found.push(Difference::new(kind, path.clone(), ""));
                }
            }
            if required && !defaulted {
                found.push(Difference::new("REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL", path, ""));
            }
        }
        self.dependencies(memo, found, original, update, swapped)?;
        self.rest(
            memo,
            found,
            ("/additionalProperties", &ADDITIONAL),
            original.additional,
            update.additional,
            swapped,
        )?;
        let unevaluated = (original.unevaluated, update.unevaluated);
        self.unevaluated(memo, found, ("/unevaluatedProperties", &UNEVALUATED), unevaluated, swapped)?;
        bound(found, "/maxProperties", original.max_properties, update.max_properties, &MAX_PROPERTIES, true);
        bound(found, "/minProperties", original.min_properties, update.min_properties, &MIN_PROPERTIES, false);
        Ok(())
    }

    fn property_removed(
        &self,
        memo: &mut PairMemo,
        found: &mut Vec<Difference>,
        (name, original): (&str, Id),
        update: &Object,
        swapped: bool,
        path: &str,
    ) -> Result<(), TooComplex> {
        let (first, second) = self.schemas(swapped);
        if self.lenient || open(second, update) {
            return Ok(());
        }
        if let Some(cover) = cover(second, update, name) {
            let inner = self.nodes(memo, original, cover, swapped)?;
            if !inner.is_empty() {
                append(found, path, inner);
                let kind = "PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL";
                found.push(Difference::new(kind, path, ""));
            }
        } else if !matches!(first.kind(original), Kind::Never) {
            found.push(Difference::new("PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL", path, ""));
        }
        Ok(())
    }

    fn dependencies(
        &self,
        memo: &mut PairMemo,
        found: &mut Vec<Difference>,
        original: &Object,
        update: &Object,
        swapped: bool,
    ) -> Result<(), TooComplex> {
        for (name, needs) in &update.dependent_required {
            let path = format!("/dependencies/{name}");
            match original.dependent_required.get(name) {
                None => found.push(Difference::new("DEPENDENCY_ARRAY_ADDED", path, "")),
                Some(before) if needs.is_subset(before) => {}
                Some(before) if before.is_subset(needs) => {
                    found.push(Difference::new("DEPENDENCY_ARRAY_EXTENDED", path, ""));
                }
                Some(_) => found.push(Difference::new("DEPENDENCY_ARRAY_CHANGED", path, "")),
            }
        }
        for (name, u) in &update.dependent_schemas {
            let path = format!("/dependencies/{name}");
            match original.dependent_schemas.get(name) {
                None => found.push(Difference::new("DEPENDENCY_SCHEMA_ADDED", path, "")),
                Some(o) => append(found, &path, self.nodes(memo, *o, *u, swapped)?),
            }
        }
        Ok(())
    }

    /// What is allowed beyond what is listed, for objects and arrays alike.
    pub(super) fn rest(
        &self,
        memo: &mut PairMemo,
        found: &mut Vec<Difference>,
        (path, kinds): (&str, &RestKinds),
        original: Rest,
        update: Rest,
        swapped: bool,
    ) -> Result<(), TooComplex> {
        let lenient = self.lenient && kinds.lenient;
        match (original, update) {
            (_, Rest::Open) | (Rest::Closed, _) => {}
            (_, Rest::Closed) if !lenient => found.push(Difference::new(kinds.removed, path, "")),
            (Rest::Open, Rest::Schema(_)) if !lenient => found.push(Difference::new(kinds.narrowed, path, "")),
            (Rest::Schema(o), Rest::Schema(u)) => append(found, path, self.nodes(memo, o, u, swapped)?),
            _ => {}
        }
        Ok(())
    }

    /// The same for the `unevaluated` keywords, where absent means open.
    pub(super) fn unevaluated(
        &self,
        memo: &mut PairMemo,
        found: &mut Vec<Difference>,
        named: (&str, &RestKinds),
        (original, update): (Option<Id>, Option<Id>),
        swapped: bool,
    ) -> Result<(), TooComplex> {
        let (first, second) = self.schemas(swapped);
        self.rest(memo, found, named, as_rest(first, original), as_rest(second, update), swapped)
    }
}

fn as_rest(schema: &JsonSchema, id: Option<Id>) -> Rest {
    match id.map(|id| (id, schema.kind(id))) {
        None | Some((_, Kind::Any)) => Rest::Open,
        Some((_, Kind::Never)) => Rest::Closed,
        Some((id, _)) => Rest::Schema(id),
    }
}

/// Names of the two ways to narrow what is left open.
pub(super) struct RestKinds {
    pub removed: &'static str,
    pub narrowed: &'static str,
    /// The lenient policy lets these through.
    pub lenient: bool,
}

const ADDITIONAL: RestKinds =
    RestKinds { removed: "ADDITIONAL_PROPERTIES_REMOVED", narrowed: "ADDITIONAL_PROPERTIES_NARROWED", lenient: true };
const UNEVALUATED: RestKinds =
    RestKinds { removed: "UNEVALUATED_PROPERTIES_REMOVED", narrowed: "UNEVALUATED_PROPERTIES_NARROWED", lenient: true };
const MAX_PROPERTIES: Kinds = Kinds { added: "MAX_PROPERTIES_ADDED", tightened: "MAX_PROPERTIES_DECREASED" };
const MIN_PROPERTIES: Kinds = Kinds { added: "MIN_PROPERTIES_ADDED", tightened: "MIN_PROPERTIES_INCREASED" };

/// Any other property may hold anything.
fn open(schema: &JsonSchema, object: &Object) -> bool {
    object.additional == Rest::Open && object.patterns.is_empty() && as_rest(schema, object.unevaluated) == Rest::Open
}

/// The schema that a property not listed must follow: of a matching pattern, else of the rest.
fn cover(schema: &JsonSchema, object: &Object, name: &str) -> Option<Id> {
    let matching = object.patterns.iter().find(|(pattern, _)| pattern.as_ref().is_some_and(|p| p.is_match(name)));
    matching.map(|(_, id)| *id).or(match (object.additional, as_rest(schema, object.unevaluated)) {
        (Rest::Schema(id), _) | (Rest::Open, Rest::Schema(id)) => Some(id),
        _ => None,
    })
}
