//! From a schema's references to the texts it is compiled with.

use std::collections::HashSet;
use std::sync::Arc;

use super::state::State;
use super::{Deleted, Limits, VersionSelector};
use crate::compat::Resolved;
use crate::error::Error;
use crate::model::{Reference, Schema, Subject};
use crate::store::StoredSchema;

/// References deeper than this are refused: a chain that long is a mistake.
const MAX_DEPTH: usize = 64;

/// The transitive references of a schema in `context`, each after those it uses, each once.
///
/// A schema that cannot be found is an invalid schema of the referrer. Versions that were soft
/// deleted since count only with [`Deleted::With`]: what exists must stay readable.
pub(crate) fn resolve(
    state: &State,
    context: &str,
    references: &[Reference],
    deleted: Deleted,
    limits: &Limits,
) -> Result<Vec<(String, Arc<StoredSchema>)>, Error> {
    let mut walk = Walk { state, deleted, limits, seen: HashSet::new(), out: Vec::new() };
    walk.visit(context, references, 0)?;
    Ok(walk.out)
}

/// The same as texts for the parsers.
pub(super) fn texts(resolved: &[(String, Arc<StoredSchema>)]) -> Vec<Resolved> {
    resolved
        .iter()
        .map(|(name, stored)| Resolved { name: name.clone(), schema: stored.schema.schema.clone() })
        .collect()
}

struct Walk<'a> {
    state: &'a State,
    deleted: Deleted,
    limits: &'a Limits,
    seen: HashSet<(String, Subject, i32)>,
    out: Vec<(String, Arc<StoredSchema>)>,
}

impl Walk<'_> {
    fn visit(&mut self, context: &str, references: &[Reference], depth: usize) -> Result<(), Error> {
        if depth > MAX_DEPTH || self.seen.len() + references.len() > self.limits.references {
            let most = self.limits.references;
            return Err(Error::TooLarge(format!(
                "a schema may build on at most {most} others, {MAX_DEPTH} levels deep"
            )));
        }
        for reference in references {
            let subject = Subject::parse_named(&reference.subject, context)?;
            if !self.seen.insert((reference.name.clone(), subject.clone(), reference.version)) {
                continue;
            }
            let version = VersionSelector::Number(reference.version);
            // Inside the graph a deleted target is as good as any: its referrer is registered.
            let deleted = if depth == 0 { self.deleted } else { Deleted::With };
            let stored = self.state.get(&subject, version, deleted).map_err(|_| {
                Error::InvalidSchema(format!(
                    "Invalid schema: no schema reference found for subject \"{}\" and version {} (reference \"{}\")",
                    reference.subject, reference.version, reference.name
                ))
            })?;
            let Schema { references, .. } = &stored.schema;
            self.visit(subject.context(), references, depth + 1)?;
            self.out.push((reference.name.clone(), stored.clone()));
        }
        Ok(())
    }
}
