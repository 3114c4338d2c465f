//! `*.jsonl`: recorded cases, one JSON object a line. Lines that are no cases (tables, events) are data of others.

use std::path::Path;

use serde_json::Value as Json;

use crate::case::{Body, Case};
use crate::kind::KINDS;

/// Kinds that are known and not run, with the reason.
const UNRUN: &[(&str, &str)] = &[("script", "a script of a client: the texts that it printed are not compared")];

pub(super) fn read(path: &Path, _name: &str, text: &str) -> Vec<Case> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.filter_map(|(number, line)| case(path, number + 1, line)).collect()
}

fn case(path: &Path, line: usize, text: &str) -> Option<Case> {
    let place = || format!("{}:{line}", path.display());
    let new = |id: String, kind: &'static str, body: Body| Some(Case { id, kind, file: path.to_owned(), line, body });
    let json: Json = match serde_json::from_str(text) {
        Ok(json) => json,
        Err(error) => return new(place(), "unknown", Body::Broken(format!("no JSON: {error}"))),
    };
    if is_data(&json) {
        return None;
    }
    let id = json["id"].as_str().map_or_else(place, str::to_owned);
    let name = json["kind"].as_str().unwrap_or_default();
    if let Some(reason) = UNRUN.iter().find(|(kind, _)| *kind == name) {
        return new(id, reason.0, Body::Skip(reason.1.to_owned()));
    }
    let Some(kind) = KINDS.iter().find(|kind| kind.name == name) else {
        let known = KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", ");
        return new(id, "unknown", Body::Broken(format!("'{name}' is no kind of case; there are {known}")));
    };
    let body = match skipped(&json) {
        Some(reason) => Body::Skip(reason),
        None => match (kind.read)(&json, path.parent().unwrap_or(Path::new("."))) {
            Ok(test) => Body::Test(test),
            Err(problem) => Body::Broken(problem),
        },
    };
    new(id, kind.name, body)
}

/// Tables by `ref`, and rows of a table. Anything else without a kind is a case that is written wrongly.
fn is_data(json: &Json) -> bool {
    json.is_array() || (json.get("kind").is_none() && json.get("ref").is_some())
}

/// Why a case is not run: it needs something outside SQL, or real Flink does not confirm it.
fn skipped(json: &Json) -> Option<String> {
    let requires: Vec<&str> = json["requires"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    if !requires.is_empty() {
        return Some(format!("requires {}", requires.join(", ")));
    }
    let flink = &json["flink"];
    if flink["agrees"].as_bool() != Some(true) {
        let reason = if flink.is_null() { "was not run on real Flink" } else { "real Flink does not agree" };
        return Some(reason.to_owned());
    }
    (flink["varies"].as_str() == Some("table")).then(|| "the table varies from run to run in real Flink".to_owned())
}
