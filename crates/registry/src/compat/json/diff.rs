//! Can documents that were valid under one JSON Schema be read under another?
//!
//! The rules and the names of the kinds are those of Confluent's registry: the writer's schema is
//! the original, the reader's the update, and each change between them either keeps every old
//! document valid or is a difference. Only the latter are collected.

use super::{Criterion, Id, JsonSchema, Kind};
use crate::compat::memo::append;
use crate::compat::{Difference, Found, Memo, Roles, TooComplex};
use crate::model::CompatibilityPolicy;

/// What keeps `reader` from reading documents of `writer`, as messages.
pub(crate) fn reads(
    reader: &JsonSchema,
    writer: &JsonSchema,
    policy: CompatibilityPolicy,
    roles: Roles,
) -> Result<Vec<String>, TooComplex> {
    let pair = Pair { original: writer, update: reader, lenient: policy == CompatibilityPolicy::Lenient };
    let found = Memo::run(|memo| pair.compare(memo, Side::normal(writer.root, reader.root)))?;
    Ok(found.into_iter().map(|difference| message(&difference, roles)).collect())
}

/// The two schemas under comparison.
pub(super) struct Pair<'a> {
    pub original: &'a JsonSchema,
    pub update: &'a JsonSchema,
    pub lenient: bool,
}

/// Two nodes. Under `not` the roles are exchanged; under `additionalProperties` that cover listed
/// properties both nodes may come from one schema, so each says which one it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Side {
    pub original: Id,
    pub update: Id,
    pub swapped: bool,
}

impl Side {
    fn normal(original: Id, update: Id) -> Self {
        Self { original, update, swapped: false }
    }
}

pub(super) type PairMemo = Memo<Side>;

impl Pair<'_> {
    /// The pair of two nodes with the same orientation as `self`.
    pub fn nodes(&self, memo: &mut PairMemo, original: Id, update: Id, swapped: bool) -> Found {
        self.compare(memo, Side { original, update, swapped })
    }

    fn compare(&self, memo: &mut PairMemo, side: Side) -> Found {
        let (first, second) = self.schemas(side.swapped);
        let side = Side { original: first.deref(side.original), update: second.deref(side.update), ..side };
        memo.pair(side, |memo| self.types(memo, side))
    }

    /// The schemas that the two nodes of a side belong to.
    pub fn schemas(&self, swapped: bool) -> (&JsonSchema, &JsonSchema) {
        if swapped { (self.update, self.original) } else { (self.original, self.update) }
    }

    fn types(&self, memo: &mut PairMemo, side: Side) -> Found {
        let Side { original: o, update: u, swapped } = side;
        let (first, second) = self.schemas(swapped);
        let (original, update) = (first.kind(o), second.kind(u));
        if let Some(found) = self.one_sided(memo, side, original, update)? {
            return Ok(found);
        }
        let mut found = Vec::new();
        match (original, update) {
            (Kind::Text(a), Kind::Text(b)) => super::scalar::texts(&mut found, a, b),
            (Kind::Number(a), Kind::Number(b)) => super::scalar::numbers(&mut found, a, b),
            (Kind::Enum(a), Kind::Enum(b)) => super::scalar::enums(&mut found, a, b),
            (Kind::Const(a), Kind::Const(b)) => {
                if a != b {
                    found.push(Difference::new("ENUM_ARRAY_CHANGED", "/const", ""));
                }
            }
            (Kind::Object(a), Kind::Object(b)) => self.objects(memo, &mut found, a, b, swapped)?,
            (Kind::Array(a), Kind::Array(b)) => self.arrays(memo, &mut found, a, b, swapped)?,
            (Kind::Combined(ca, a), Kind::Combined(cb, b)) => {
                self.combined(memo, &mut found, (*ca, a), (*cb, b), swapped)?;
            }
            (Kind::Not(a), Kind::Not(b)) => {
                if !self.nodes(memo, *b, *a, !swapped)?.is_empty() {
                    found.push(Difference::new("NOT_TYPE_EXTENDED", "/not", ""));
                }
            }
            (
                Kind::Conditional { condition: ca, then: ta, otherwise: ea },
                Kind::Conditional { condition: cb, then: tb, otherwise: eb },
            ) => self.conditionals(memo, &mut found, [Some(*ca), *ta, *ea], [Some(*cb), *tb, *eb], swapped)?,
            (Kind::Null, Kind::Null) | (Kind::Boolean, Kind::Boolean) => {}
            (Kind::Never, _) | (_, Kind::Any) => {}
            _ if first.nodes[o].connect_bytes && second.nodes[u].connect_bytes => {}
            _ => found.push(Difference::new("TYPE_CHANGED", "", "")),
        }
        Ok(found)
    }

    /// A combination on one side only: some branch may do for the whole.
    fn one_sided(
        &self,
        memo: &mut PairMemo,
        side: Side,
        original: &Kind,
        update: &Kind,
    ) -> Result<Option<Vec<Difference>>, TooComplex> {
        let Side { original: o, update: u, swapped } = side;
        match (original, update) {
            (Kind::Combined(..), Kind::Combined(..)) => {}
            (_, Kind::Combined(criterion, branches)) if branches.len() == 1 || *criterion != Criterion::All => {
                for branch in branches {
                    if self.nodes(memo, o, *branch, swapped)?.is_empty() {
                        return Ok(Some(Vec::new()));
                    }
                }
            }
            (Kind::Combined(criterion, branches), _) if branches.len() == 1 || *criterion == Criterion::All => {
                for branch in branches {
                    if self.nodes(memo, *branch, u, swapped)?.is_empty() {
                        return Ok(Some(Vec::new()));
                    }
                }
            }
            _ => {}
        }
        Ok(None)
    }

    fn combined(
        &self,
        memo: &mut PairMemo,
        found: &mut Vec<Difference>,
        (oc, original): (Criterion, &[Id]),
        (uc, update): (Criterion, &[Id]),
        swapped: bool,
    ) -> Result<(), TooComplex> {
        let (single_o, single_u) = (original.len() == 1, update.len() == 1);
        let extended = oc == uc
            || uc == Criterion::Any
            || (single_o && single_u)
            || (single_o && uc == Criterion::One)
            || (single_u && oc == Criterion::All);
        if !extended {
            found.push(Difference::new("COMBINED_TYPE_CHANGED", "", ""));
            return Ok(());
        }
        if original.len() < update.len() && uc == Criterion::All {
            found.push(Difference::new("PRODUCT_TYPE_EXTENDED", "", ""));
        }
        if original.len() > update.len() && oc != Criterion::All {
            found.push(Difference::new("SUM_TYPE_NARROWED", "", ""));
        }
        let mut edges = vec![Vec::new(); original.len()];
        for (from, o) in original.iter().enumerate() {
            for (to, u) in update.iter().enumerate() {
                if self.nodes(memo, *o, *u, swapped)?.is_empty() {
                    edges[from].push(to);
                }
            }
        }
        if matching(&edges, update.len()) < original.len().min(update.len()) {
            found.push(Difference::new("COMBINED_TYPE_SUBSCHEMAS_CHANGED", format!("/{}", oc.keyword()), ""));
        }
        Ok(())
    }

    /// A conditional keeps its meaning only with the same condition; its branches may widen.
    fn conditionals(
        &self,
        memo: &mut PairMemo,
        found: &mut Vec<Difference>,
        original: [Option<Id>; 3],
        update: [Option<Id>; 3],
        swapped: bool,
    ) -> Result<(), TooComplex> {
        for (index, keyword) in ["/if", "/then", "/else"].into_iter().enumerate() {
            match (original[index], update[index]) {
                (_, None) => {}
                (None, Some(_)) => found.push(Difference::new("SCHEMA_ADDED", keyword, "")),
                (Some(o), Some(u)) => {
                    append(found, keyword, self.nodes(memo, o, u, swapped)?);
                    if index == 0 {
                        append(found, keyword, self.nodes(memo, u, o, !swapped)?);
                    }
                }
            }
        }
        Ok(())
    }
}

/// The size of a maximum matching (augmenting paths).
fn matching(edges: &[Vec<usize>], right: usize) -> usize {
    fn augment(edges: &[Vec<usize>], from: usize, seen: &mut [bool], taken: &mut [Option<usize>]) -> bool {
        for to in &edges[from] {
            if !std::mem::replace(&mut seen[*to], true)
                && taken[*to].is_none_or(|other| augment(edges, other, seen, taken))
            {
                taken[*to] = Some(from);
                return true;
            }
        }
        false
    }
    let mut taken = vec![None; right];
    (0..edges.len()).filter(|from| augment(edges, *from, &mut vec![false; right], &mut taken)).count()
}

fn message(difference: &Difference, Roles { reader, writer }: Roles) -> String {
    let Difference { kind, path, .. } = difference;
    let what = match *kind {
        "TYPE_CHANGED" => format!("the type of the {reader} schema does not cover that of the {writer} schema"),
        "TYPE_NARROWED" => format!("the {reader} schema takes integers where the {writer} schema has any number"),
        "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL" => {
            format!("the {reader} schema is closed and lacks a property of the {writer} schema")
        }
        "REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL" | "REQUIRED_ATTRIBUTE_ADDED" => {
            format!("the {reader} schema requires what the {writer} schema does not, and gives no default")
        }
        kind if kind.ends_with("ADDED_TO_OPEN_CONTENT_MODEL") => {
            format!(
                "the {writer} schema is open: its data may hold anything where the {reader} schema has a new definition"
            )
        }
        kind if kind.ends_with("PARTIALLY_OPEN_CONTENT_MODEL") => {
            format!("the {reader} and the {writer} schema do not agree on what else may be there")
        }
        kind if kind.ends_with("_ADDED") => {
            format!("the {reader} schema adds a constraint that the {writer} schema lacks")
        }
        kind if kind.ends_with("_REMOVED") => format!("the {reader} schema forbids what the {writer} schema allows"),
        _ => format!("the {reader} schema is narrower than the {writer} schema"),
    };
    format!("{{errorType:\"{kind}\", description:\"At path '#{path}' {what}\"}}")
}
