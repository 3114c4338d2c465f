//! Arrays: items by position, items in general, bounds.

use super::diff::{Pair, PairMemo};
use super::object::RestKinds;
use super::scalar::{Kinds, bound};
use super::{Array, Id, JsonSchema, Kind, Rest};
use crate::compat::memo::append;
use crate::compat::{Difference, TooComplex};

const ADDITIONAL: RestKinds =
    RestKinds { removed: "ADDITIONAL_ITEMS_REMOVED", narrowed: "ADDITIONAL_ITEMS_NARROWED", lenient: false };
const UNEVALUATED: RestKinds =
    RestKinds { removed: "UNEVALUATED_ITEMS_REMOVED", narrowed: "UNEVALUATED_ITEMS_NARROWED", lenient: false };
const MAX_ITEMS: Kinds = Kinds { added: "MAX_ITEMS_ADDED", tightened: "MAX_ITEMS_DECREASED" };
const MIN_ITEMS: Kinds = Kinds { added: "MIN_ITEMS_ADDED", tightened: "MIN_ITEMS_INCREASED" };
const MAX_CONTAINS: Kinds = Kinds { added: "MAX_CONTAINS_ADDED", tightened: "MAX_CONTAINS_DECREASED" };
const MIN_CONTAINS: Kinds = Kinds { added: "MIN_CONTAINS_ADDED", tightened: "MIN_CONTAINS_INCREASED" };

impl Pair<'_> {
    pub(super) fn arrays(
        &self,
        memo: &mut PairMemo,
        found: &mut Vec<Difference>,
        original: &Array,
        update: &Array,
        swapped: bool,
    ) -> Result<(), TooComplex> {
        match (original.items, update.items) {
            (Some(o), Some(u)) => append(found, "/items", self.nodes(memo, o, u, swapped)?),
            (None, Some(u)) if !matches!(self.schemas(swapped).1.kind(u), Kind::Any) => {
                found.push(Difference::new("SCHEMA_ADDED", "/items", ""));
            }
            _ => {}
        }
        self.tuples(memo, found, original, update, swapped)?;
        self.rest(memo, found, ("/additionalItems", &ADDITIONAL), original.additional, update.additional, swapped)?;
        let unevaluated = (original.unevaluated, update.unevaluated);
        self.unevaluated(memo, found, ("/unevaluatedItems", &UNEVALUATED), unevaluated, swapped)?;
        bound(found, "/maxItems", original.max_items, update.max_items, &MAX_ITEMS, true);
        bound(found, "/minItems", original.min_items, update.min_items, &MIN_ITEMS, false);
        bound(found, "/maxContains", original.max_contains, update.max_contains, &MAX_CONTAINS, true);
        bound(found, "/minContains", original.min_contains, update.min_contains, &MIN_CONTAINS, false);
        if update.unique && !original.unique {
            found.push(Difference::new("UNIQUE_ITEMS_ADDED", "/uniqueItems", ""));
        }
        Ok(())
    }

    fn tuples(
        &self,
        memo: &mut PairMemo,
        found: &mut Vec<Difference>,
        original: &Array,
        update: &Array,
        swapped: bool,
    ) -> Result<(), TooComplex> {
        let (first, second) = self.schemas(swapped);
        for index in 0..original.tuple.len().max(update.tuple.len()) {
            let path = format!("/items/{index}");
            match (original.tuple.get(index), update.tuple.get(index)) {
                (Some(o), Some(u)) => append(found, &path, self.nodes(memo, *o, *u, swapped)?),
                (Some(o), None) if !open(second, update) => match cover(second, update) {
                    Some(cover) => {
                        let inner = self.nodes(memo, *o, cover, swapped)?;
                        if !inner.is_empty() {
                            append(found, &path, inner);
                            let kind = "ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL";
                            found.push(Difference::new(kind, path, ""));
                        }
                    }
                    None if matches!(first.kind(*o), Kind::Never) => {}
                    None => found.push(Difference::new("ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL", path, "")),
                },
                (None, Some(u)) if open(first, original) && matches!(second.kind(*u), Kind::Any) => {}
                (None, Some(_)) if open(first, original) => {
                    found.push(Difference::new("ITEM_ADDED_TO_OPEN_CONTENT_MODEL", path, ""));
                }
                (None, Some(u)) => {
                    if let Some(cover) = cover(first, original) {
                        let inner = self.nodes(memo, cover, *u, swapped)?;
                        if !inner.is_empty() {
                            append(found, &path, inner);
                            let kind = "ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL";
                            found.push(Difference::new(kind, path, ""));
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn open(schema: &JsonSchema, array: &Array) -> bool {
    array.additional == Rest::Open && array.unevaluated.is_none_or(|id| matches!(schema.kind(id), Kind::Any))
}

fn cover(schema: &JsonSchema, array: &Array) -> Option<Id> {
    match (array.additional, array.unevaluated) {
        (Rest::Schema(id), _) => Some(id),
        (Rest::Open, Some(id)) if !matches!(schema.kind(id), Kind::Any | Kind::Never) => Some(id),
        _ => None,
    }
}
