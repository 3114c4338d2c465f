//! The settings of a case as a session: Flink's options by the names that the recorded cases use.

use std::collections::BTreeMap;

use nutkin_planner::Session;

use super::constraints::OPTIONS;
use super::{CATALOG, DATABASE};
use crate::refusal::Refusal;

/// Options that choose how Flink computes, never what.
const WITHOUT_MEANING: &[&str] = &[
    "table.optimizer.",
    "table.exec.disabled-operators",
    "table.exec.resource.",
    "table.exec.operator-fusion-codegen.",
    "table.exec.local-hash-agg.",
    "table.generated-code.",
    // ORDER BY needs no permission under Flink's rules here.
    "__table.exec.sort.non-temporal.enabled__",
];

/// Options that statement properties have the names of.
const SAME_NAME: &[&str] = &[
    "table.exec.mini-batch.",
    "table.exec.source.cdc-events-duplicate",
    "table.optimizer.agg-phase-strategy",
    "table.optimizer.distinct-agg.",
    "table.optimizer.incremental-agg-enabled",
];

/// Options that statement properties of the same meaning stand for.
const PROPERTIES: &[(&str, &str)] = &[
    ("execution.runtime-mode", "execution.runtime-mode"),
    ("table.local-time-zone", "sql.local-time-zone"),
    ("table.exec.state.ttl", "sql.state-ttl"),
];

/// A session in Flink's default catalog with Flink's own extensions (decision 15).
///
/// # Errors
/// An option that has a meaning and is not built.
pub fn session(config: &BTreeMap<String, String>) -> Result<Session, Refusal> {
    let mut properties = BTreeMap::from([
        ("sql.current-catalog".to_owned(), CATALOG.to_owned()),
        ("sql.current-database".to_owned(), DATABASE.to_owned()),
        ("sql.flink-extensions".to_owned(), "true".to_owned()),
    ]);
    for (key, value) in config {
        let is_of_sinks = OPTIONS.contains(&key.as_str());
        let is_known = SAME_NAME.iter().any(|prefix| key.starts_with(prefix));
        if is_known {
            properties.insert(key.clone(), value.clone());
            continue;
        }
        if is_of_sinks || WITHOUT_MEANING.iter().any(|prefix| key.starts_with(prefix)) {
            continue;
        }
        match PROPERTIES.iter().find(|(name, _)| name == key) {
            Some((_, property)) => properties.insert((*property).to_owned(), value.clone()),
            None if key.starts_with("sql.") => properties.insert(key.clone(), value.clone()),
            None => return Err(Refusal::not_built(format!("The option '{key}' = '{value}' is not built yet"))),
        };
    }
    Ok(Session::from_properties(&properties)?)
}
