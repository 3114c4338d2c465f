//! Table hints: `/*+ OPTIONS('scan.startup.mode' = 'timestamp', ...) */` (spec Q-15), and the session's scan settings.

use std::collections::BTreeMap;
use std::sync::Arc;

use nutkin_plan::table::{BoundedMode, KafkaTable, StartupMode};
use nutkin_plan::{Connector, Table};
use nutkin_sql::ast::{Hint, HintArgs};

use crate::error::{ErrorKind, PlannerError, Result};
use crate::session::Session;
use crate::session::offsets::parse_offsets;
use crate::session::properties::{bounded_mode, startup_mode};

const KEYS: [&str; 6] = [
    "scan.startup.mode",
    "scan.startup.timestamp-millis",
    "scan.startup.specific-offsets",
    "scan.bounded.mode",
    "scan.bounded.timestamp-millis",
    "scan.bounded.specific-offsets",
];

/// The table as this statement reads it. A hint beats the table's option; the session's settings replace options that
/// are at their default only (spec sql.md 2.2).
pub(super) fn applied(table: Arc<Table>, hints: &[Hint], session: &Session) -> Result<Arc<Table>> {
    let place = hints.first().map(|hint| hint.span);
    with_settings(table, hints, session).map_err(|error| place.map_or(error.clone(), |place| error.at(place)))
}

fn with_settings(table: Arc<Table>, hints: &[Hint], session: &Session) -> Result<Arc<Table>> {
    let options = options(hints)?;
    let Connector::Kafka(kafka) = &table.connector else {
        return match options.keys().next() {
            Some(key) => Err(unknown(key, &table)),
            None => Ok(table),
        };
    };
    let mut kafka = kafka.clone();
    if kafka.startup == StartupMode::EarliestOffset
        && let Some(startup) = &session.scan.startup
    {
        kafka.startup = startup.clone();
    }
    if kafka.bounded == BoundedMode::Unbounded
        && let Some(bounded) = &session.scan.bounded
    {
        kafka.bounded = bounded.clone();
    }
    apply(&mut kafka, &options, &table)?;
    if session.snapshot && kafka.bounded == BoundedMode::Unbounded {
        kafka.bounded = BoundedMode::LatestOffset;
    }
    let mut table = Arc::unwrap_or_clone(table);
    table.connector = Connector::Kafka(kafka);
    Ok(Arc::new(table))
}

fn apply(kafka: &mut KafkaTable, options: &BTreeMap<String, String>, table: &Table) -> Result<()> {
    if let Some(key) = options.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(unknown(key, table));
    }
    // Values that the hint leaves out come from the table's own options.
    let get = |key: &str| options.get(key).or_else(|| table.options.get(key));
    let number = |key: &str| match get(key) {
        None => Ok(None),
        Some(text) => text.trim().parse().map(Some).map_err(|_| bad(key, &format!("'{text}' is no whole number"))),
    };
    let offsets =
        |key: &str| get(key).map(|text| parse_offsets(text)).transpose().map_err(|problem| bad(key, &problem));
    let touched = |prefix: &str| options.keys().any(|key| key.starts_with(prefix));
    if touched("scan.startup.") {
        let mode = get("scan.startup.mode").map_or("earliest-offset", String::as_str);
        let (timestamp, list) = (number("scan.startup.timestamp-millis")?, offsets("scan.startup.specific-offsets")?);
        kafka.startup = startup_mode(mode, timestamp, list).map_err(|problem| bad("scan.startup.mode", &problem))?;
    }
    if touched("scan.bounded.") {
        let mode = get("scan.bounded.mode").map_or("unbounded", String::as_str);
        let (timestamp, list) = (number("scan.bounded.timestamp-millis")?, offsets("scan.bounded.specific-offsets")?);
        kafka.bounded = bounded_mode(mode, timestamp, list).map_err(|problem| bad("scan.bounded.mode", &problem))?;
    }
    Ok(())
}

/// The entries of the first OPTIONS hint; of a key written twice the last.
fn options(hints: &[Hint]) -> Result<BTreeMap<String, String>> {
    let mut found: Option<BTreeMap<String, String>> = None;
    for hint in hints {
        let HintArgs::Options(entries) = &hint.args else { return Err(not_built(hint)) };
        if !hint.name.value.eq_ignore_ascii_case("OPTIONS") {
            return Err(not_built(hint));
        }
        let entries = entries.iter().map(|entry| (entry.key.value.clone(), entry.value.value.clone()));
        found.get_or_insert_with(|| entries.collect());
    }
    Ok(found.unwrap_or_default())
}

/// Refuses hints where none can have an effect.
pub(super) fn refuse(hints: &[Hint], place: &str) -> Result<()> {
    match hints.first() {
        None => Ok(()),
        Some(hint) => Err(PlannerError::not_built(format!("The hint {} on {place}", hint.name.value)).at(hint.span)),
    }
}

fn not_built(hint: &Hint) -> PlannerError {
    PlannerError::not_built(format!("The table hint {}", hint.name.value))
        .at(hint.span)
        .with_remedy("Built so far: /*+ OPTIONS('key' = 'value') */ after a table.")
}

fn unknown(key: &str, table: &Table) -> PlannerError {
    let cause = format!("The option '{key}' cannot be set by a hint on table {}", table.path);
    let remedy = match table.connector {
        Connector::Kafka(_) => format!("A hint may set {}.", KEYS.join(", ")),
        _ => "The table is not stored in a topic and has no such options.".to_owned(),
    };
    PlannerError::new(ErrorKind::Property, cause).with_remedy(remedy)
}

fn bad(key: &str, problem: &str) -> PlannerError {
    PlannerError::new(ErrorKind::Property, format!("Bad value of the option '{key}': {problem}"))
}
