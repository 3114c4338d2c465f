//! What JSON_VALUE, JSON_QUERY and JSON_EXISTS have in common: a text, a path, and what is found or wrong.

use std::cell::RefCell;

use nutkin_types::Value;

use crate::error::{EvaluationError, FunctionError};
use crate::json::Json;
use crate::json::find::{Found, find};
use crate::json::locate::locate;
use crate::json::parse::parse;
use crate::json::path::{Mode, Path, PathError};
use crate::registry::Site;

/// The paths of a call: one that is a literal is read once, others when they change.
pub(super) struct Paths {
    function: &'static str,
    constant: Option<Result<Path, String>>,
}

/// What a path found in a row's text.
pub(super) enum Outcome<'f, 'j, 'a> {
    Found(Mode, &'f Found<'j, 'a>),
    /// A lax path found nothing, or found a JSON null.
    Nothing,
    /// Text or path are malformed, or a strict path found nothing or a null; with the reason.
    Failed(String),
}

impl Paths {
    /// Errors when a literal path uses what is not built.
    pub fn new(site: &Site<'_>, function: &'static str) -> Result<Paths, FunctionError> {
        let constant = match site.literals.get(1) {
            Some(Some(Value::String(text))) => Some(read(text, function)?),
            _ => None,
        };
        Ok(Paths { function, constant })
    }

    /// Gives `use_outcome` what `path` finds in `text`. `last` remembers the last path that was no literal.
    pub fn apply<R>(
        &self,
        last: &RefCell<Option<(String, Result<Path, String>)>>,
        text: &str,
        path: &str,
        use_outcome: impl FnOnce(Outcome<'_, '_, '_>) -> Result<R, EvaluationError>,
    ) -> Result<R, EvaluationError> {
        if let Some(constant) = &self.constant {
            return search(constant, text, use_outcome);
        }
        let known = last.borrow().as_ref().is_some_and(|(known, _)| known == path);
        if !known {
            *last.borrow_mut() = Some((path.to_owned(), read(path, self.function)?));
        }
        match last.borrow().as_ref() {
            Some((_, path)) => search(path, text, use_outcome),
            None => Err(EvaluationError::Internal("the path of a JSON function is lost".to_owned())),
        }
    }
}

/// The path, or why it is malformed. Errors when it uses what is not built.
fn read(text: &str, function: &'static str) -> Result<Result<Path, String>, EvaluationError> {
    match Path::parse(text) {
        Ok(path) => Ok(Ok(path)),
        Err(error @ PathError::Malformed(_)) => Ok(Err(error.to_string())),
        Err(error @ PathError::NotBuilt(_)) => {
            Err(EvaluationError::InvalidArgument { function, value: text.to_owned(), reason: error.to_string() })
        }
    }
}

fn search<R>(
    path: &Result<Path, String>,
    text: &str,
    use_outcome: impl FnOnce(Outcome<'_, '_, '_>) -> Result<R, EvaluationError>,
) -> Result<R, EvaluationError> {
    let path = match path {
        Ok(path) => path,
        Err(reason) => return use_outcome(Outcome::Failed(reason.clone())),
    };
    // Most paths name one value: it is found without reading the rest into a tree.
    let (text, steps) = match locate(text, &path.steps) {
        None => (Some(text), path.steps.as_slice()),
        Some(Ok(part)) => (part, [].as_slice()),
        Some(Err(malformed)) => return use_outcome(broken(path.mode, malformed.at)),
    };
    let Some(text) = text else { return use_outcome(missing(path.mode)) };
    let tree = match parse(text) {
        Ok(tree) => tree,
        Err(malformed) => return use_outcome(broken(path.mode, malformed.at)),
    };
    if tree == Json::Null && path.steps.is_empty() {
        return use_outcome(Outcome::Failed("the text is a JSON null".to_owned()));
    }
    match find(&tree, steps) {
        Ok(found) if found.is_null() => match path.mode {
            Mode::Lax => use_outcome(Outcome::Nothing),
            Mode::Strict => use_outcome(Outcome::Failed("the value at the strict path is null".to_owned())),
        },
        Ok(found) => use_outcome(Outcome::Found(path.mode, &found)),
        Err(_) => use_outcome(missing(path.mode)),
    }
}

fn broken<'f, 'j, 'a>(mode: Mode, at: usize) -> Outcome<'f, 'j, 'a> {
    match mode {
        Mode::Lax => Outcome::Nothing,
        Mode::Strict => Outcome::Failed(format!("it is not JSON (byte {at})")),
    }
}

fn missing<'f, 'j, 'a>(mode: Mode) -> Outcome<'f, 'j, 'a> {
    match mode {
        Mode::Lax => Outcome::Nothing,
        Mode::Strict => Outcome::Failed("there is nothing at the strict path".to_owned()),
    }
}

/// The failure of a call whose clause says ERROR.
pub(super) fn failure(function: &'static str, text: &str, reason: impl Into<String>) -> EvaluationError {
    let mut value: String = text.chars().take(200).collect();
    if value.len() < text.len() {
        value.push_str("...");
    }
    EvaluationError::InvalidArgument { function, value, reason: reason.into() }
}
