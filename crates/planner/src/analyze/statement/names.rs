//! USE, SET and RESET: statements about the session (spec D-19, D-20).

use nutkin_sql::ast;

use crate::analyzed::{Action, Use};

pub(super) fn use_names(written: &ast::Use) -> Action {
    let part = |index: usize| written.name.parts.get(index).map(|part| part.value.clone());
    let names = match (written.catalog, written.name.parts.len()) {
        (true, _) => Use { catalog: part(0), database: None },
        (false, 1) => Use { catalog: None, database: part(0) },
        (false, _) => Use { catalog: part(0), database: part(1) },
    };
    Action::Use(names)
}

pub(super) fn set(written: &ast::Set) -> Action {
    let (key, value) = match &written.entry {
        None => (None, None),
        Some((key, value)) => (Some(key.value.clone()), Some(value.value.clone())),
    };
    Action::Set { key, value }
}

pub(super) fn reset(written: &ast::Reset) -> Action {
    let key = written.key.as_ref().map(|key| key.value.clone());
    Action::Reset { key }
}
