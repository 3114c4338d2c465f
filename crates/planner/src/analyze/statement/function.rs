//! CREATE FUNCTION and DROP FUNCTION (spec D-11): what is written is judged, the artifact is not looked at.

use nutkin_sql::ast::{self, DropObject, FunctionLanguage, FunctionResource, ResourceKind};

use crate::analyze::Analyzer;
use crate::analyzed::{Action, CreateFunction};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::tables::resolve_path;

const SCHEME: &str = "confluent-artifact://";
const FORM: &str =
    "Write USING JAR 'confluent-artifact://<artifact id>' or 'confluent-artifact://<artifact id>/<version id>'.";

pub(super) fn create_function(analyzer: &Analyzer<'_>, written: &ast::CreateFunction) -> Result<Action> {
    if written.temporary {
        return Err(PlannerError::new(ErrorKind::Refused, "Temporary functions are not supported")
            .at(written.name.span)
            .with_remedy("Write CREATE FUNCTION ... USING JAR for a lasting function."));
    }
    if let Some(language @ (FunctionLanguage::Scala | FunctionLanguage::Sql)) = written.language {
        let cause = format!("Functions in the language {} are not supported", language.keyword());
        return Err(PlannerError::new(ErrorKind::Refused, cause)
            .at(written.span)
            .with_remedy("Functions are written in Java or Python."));
    }
    if written.class.value.trim().is_empty() {
        return Err(wrong("The class of a function cannot be empty").at(written.class.span));
    }
    let (artifact, version) = artifact(written)?;
    let mut connections: Vec<String> = Vec::with_capacity(written.connections.len());
    for connection in &written.connections {
        if connection.value.is_empty() || connections.contains(&connection.value) {
            let cause = format!("USING CONNECTIONS names '{}', which is empty or written twice", connection.value);
            return Err(wrong(cause).at(connection.span));
        }
        connections.push(connection.value.clone());
    }
    Ok(Action::CreateFunction(Box::new(CreateFunction {
        path: resolve_path(&written.name, analyzer.session, analyzer.tables)?,
        if_not_exists: written.if_not_exists,
        class: written.class.value.clone(),
        language: written.language,
        artifact,
        version,
        connections,
    })))
}

/// DROP FUNCTION [IF EXISTS].
pub(super) fn drop_function(analyzer: &Analyzer<'_>, written: &DropObject) -> Result<Action> {
    let path = resolve_path(&written.name, analyzer.session, analyzer.tables)?;
    Ok(Action::DropFunction { path, if_exists: written.if_exists })
}

/// Id and version of the one artifact.
fn artifact(written: &ast::CreateFunction) -> Result<(String, Option<String>)> {
    let resource = match written.resources.as_slice() {
        [resource] => resource,
        [] => {
            return Err(wrong("A function needs the artifact that holds its class").at(written.span).with_remedy(FORM));
        }
        [_, second, ..] => {
            return Err(wrong("A function has one artifact").at(second.uri.span).with_remedy(FORM));
        }
    };
    if resource.kind != ResourceKind::Jar {
        let cause = "Functions come from artifacts that are named with USING JAR";
        return Err(PlannerError::new(ErrorKind::Refused, cause).at(resource.uri.span).with_remedy(FORM));
    }
    parts(resource).ok_or_else(|| {
        let cause = format!("'{}' is not the address of an artifact", resource.uri.value);
        wrong(cause).at(resource.uri.span).with_remedy(FORM)
    })
}

fn parts(resource: &FunctionResource) -> Option<(String, Option<String>)> {
    let rest = resource.uri.value.strip_prefix(SCHEME)?;
    let (id, version) = match rest.split_once('/') {
        Some((id, version)) => (id, Some(version)),
        None => (rest, None),
    };
    let is_id = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    let is_whole = is_id(id) && version.is_none_or(is_id);
    is_whole.then(|| (id.to_owned(), version.map(str::to_owned)))
}

fn wrong(cause: impl Into<String>) -> PlannerError {
    PlannerError::new(ErrorKind::Definition, cause)
}
