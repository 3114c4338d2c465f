//! The table of statement properties: key and what its value does to the session.

use std::collections::BTreeMap;

use nutkin_plan::table::{BoundedMode, StartupMode};

use super::Session;
use super::duration::parse_milliseconds;
use super::offsets::parse_offsets;
use crate::error::{ErrorKind, PlannerError, Result};

type Apply = fn(&mut Reader, &str) -> std::result::Result<(), String>;

/// What a property does.
enum Effect {
    Apply(Apply),
    /// Flink's own: needs `sql.flink-extensions`.
    Extension(Apply),
    /// Known to the original, refused until it is built.
    NotBuilt,
}

/// Parts of the scan settings until all properties are read.
#[derive(Default)]
struct Reader {
    session: Session,
    startup: Option<String>,
    startup_timestamp: Option<i64>,
    startup_offsets: Option<BTreeMap<i32, i64>>,
    bounded: Option<String>,
    bounded_timestamp: Option<i64>,
    optimizer: super::optimizer::Reader,
}

const PROPERTIES: &[(&str, Effect)] = &[
    ("sql.current-catalog", Effect::Apply(|r, v| text(v).map(|v| r.session.catalog = Some(v)))),
    ("sql.current-database", Effect::Apply(|r, v| text(v).map(|v| r.session.database = Some(v)))),
    ("sql.local-time-zone", Effect::Apply(time_zone)),
    ("table.local-time-zone", Effect::Apply(time_zone)),
    ("sql.state-ttl", Effect::Apply(state_ttl)),
    ("table.exec.state.ttl", Effect::Apply(state_ttl)),
    ("sql.dry-run", Effect::Apply(|r, v| boolean(v).map(|v| r.session.dry_run = v))),
    ("sql.flink-extensions", Effect::Apply(|r, v| boolean(v).map(|v| r.session.flink_extensions = v))),
    ("execution.runtime-mode", Effect::Apply(runtime_mode)),
    ("sql.snapshot.mode", Effect::Apply(snapshot_mode)),
    ("sql.snapshot.write-mode", Effect::Apply(write_mode)),
    ("sql.inline-result", Effect::Apply(inline_result)),
    ("sql.tables.scan.startup.mode", Effect::Apply(|r, v| text(v).map(|v| r.startup = Some(v)))),
    (
        "sql.tables.scan.startup.timestamp-millis",
        Effect::Apply(|r, v| number(v).map(|v| r.startup_timestamp = Some(v))),
    ),
    (
        "sql.tables.scan.startup.specific-offsets",
        Effect::Apply(|r, v| parse_offsets(v).map(|v| r.startup_offsets = Some(v))),
    ),
    ("sql.tables.scan.bounded.mode", Effect::Apply(|r, v| text(v).map(|v| r.bounded = Some(v)))),
    (
        "sql.tables.scan.bounded.timestamp-millis",
        Effect::Apply(|r, v| number(v).map(|v| r.bounded_timestamp = Some(v))),
    ),
    (
        "sql.tables.scan.idle-timeout",
        Effect::Apply(|r, v| parse_milliseconds(v).map(|v| r.session.scan.timing.idle_timeout = Some(v))),
    ),
    (
        "sql.tables.scan.watermark-alignment.max-allowed-drift",
        Effect::Apply(|r, v| parse_milliseconds(v).map(|v| r.session.scan.timing.allowed_drift = Some(v))),
    ),
    (
        "table.exec.source.idle-timeout",
        Effect::Apply(|r, v| parse_milliseconds(v).map(|v| r.session.scan.timing.idle_timeout = Some(v))),
    ),
    (
        "table.exec.source.cdc-events-duplicate",
        Effect::Extension(|r, v| boolean(v).map(|v| r.session.duplicate_events = v)),
    ),
    ("table.optimizer.agg-phase-strategy", Effect::Extension(|r, v| r.optimizer.phases(v))),
    ("table.exec.mini-batch.enabled", Effect::Extension(|r, v| boolean(v).map(|v| r.optimizer.mini_batch(v)))),
    ("table.exec.mini-batch.allow-latency", Effect::Extension(|r, v| r.optimizer.latency(v))),
    ("table.exec.mini-batch.size", Effect::Extension(|r, v| r.optimizer.size(v))),
    (
        "table.optimizer.distinct-agg.split.enabled",
        Effect::Extension(|r, v| boolean(v).map(|v| r.optimizer.split_distinct(v))),
    ),
    ("table.optimizer.distinct-agg.split.bucket-num", Effect::Extension(|r, v| r.optimizer.buckets(v))),
    (
        "table.optimizer.incremental-agg-enabled",
        Effect::Extension(|r, v| boolean(v).map(|v| r.optimizer.incremental(v))),
    ),
    (
        "table.optimizer.join-reorder-enabled",
        Effect::Extension(|r, v| boolean(v).map(|v| r.optimizer.reorder_joins(v))),
    ),
    ("table.optimizer.bushy-join-reorder-threshold", Effect::Extension(|r, v| r.optimizer.most_reordered(v))),
    ("sql.tables.scan.source-operator-parallelism", Effect::NotBuilt),
    ("sql.tables.initial-offset-from", Effect::NotBuilt),
];

/// A timestamp or offsets alone would have no effect.
const WITHOUT_MODE: &str =
    "it is not set, but a property that belongs to it is. Set it to 'timestamp' or 'specific-offsets'";

const WITHOUT_EXTENSIONS: &str = "the property is Apache Flink's own and needs 'sql.flink-extensions' = 'true'";

/// The most properties that a statement may have (spec sql.md 2.2).
const MOST: usize = 8192;

/// Properties that a client keeps to itself; it may send them along.
const CLIENT_PREFIX: &str = "client.";

pub(super) fn read(properties: &BTreeMap<String, String>) -> Result<Session> {
    if properties.len() > MOST {
        let cause = format!("A statement has at most {MOST} properties, this one has {}", properties.len());
        return Err(PlannerError::new(ErrorKind::Property, cause).with_remedy("Leave out those that are not needed."));
    }
    let mut reader = Reader::default();
    let has_extensions = properties.get("sql.flink-extensions").is_some_and(|value| boolean(value) == Ok(true));
    for (key, value) in properties {
        if key.starts_with(CLIENT_PREFIX) {
            continue;
        }
        match PROPERTIES.iter().find(|(name, _)| name == key).map(|(_, effect)| effect) {
            Some(Effect::Apply(apply)) => apply(&mut reader, value).map_err(|problem| bad_value(key, &problem))?,
            Some(Effect::Extension(_)) if !has_extensions => return Err(bad_value(key, WITHOUT_EXTENSIONS)),
            Some(Effect::Extension(apply)) => apply(&mut reader, value).map_err(|problem| bad_value(key, &problem))?,
            Some(Effect::NotBuilt) => {
                return Err(PlannerError::not_built(format!("The statement property '{key}'"))
                    .with_remedy("Leave the property out of the statement."));
            }
            None => {
                return Err(PlannerError::new(ErrorKind::Property, format!("Unknown statement property '{key}'"))
                    .with_remedy(format!("Known properties: {}.", known().join(", "))));
            }
        }
    }
    finish(reader)
}

fn finish(mut reader: Reader) -> Result<Session> {
    if reader.session.batch && !reader.session.flink_extensions {
        return Err(bad_value("execution.runtime-mode", "'batch' needs 'sql.flink-extensions' = 'true'")
            .with_remedy("Use 'sql.snapshot.mode' = 'now' to query tables as they are."));
    }
    let mode_key = "sql.tables.scan.startup.mode";
    reader.session.scan.startup = match reader.startup.as_deref() {
        None if reader.startup_timestamp.is_some() || reader.startup_offsets.is_some() => {
            return Err(bad_value(mode_key, WITHOUT_MODE));
        }
        None => None,
        Some(mode) => Some(
            startup_mode(mode, reader.startup_timestamp, reader.startup_offsets)
                .map_err(|problem| bad_value(mode_key, &problem))?,
        ),
    };
    let mode_key = "sql.tables.scan.bounded.mode";
    reader.session.scan.bounded = match reader.bounded.as_deref() {
        None if reader.bounded_timestamp.is_some() => return Err(bad_value(mode_key, WITHOUT_MODE)),
        None => None,
        Some(mode) => {
            Some(bounded_mode(mode, reader.bounded_timestamp, None).map_err(|problem| bad_value(mode_key, &problem))?)
        }
    };
    reader.session.optimizer = reader.optimizer.finish().map_err(|(key, problem)| bad_value(key, problem))?;
    Ok(reader.session)
}

/// The startup mode of that name with the values that belong to it.
pub(crate) fn startup_mode(
    mode: &str,
    timestamp: Option<i64>,
    offsets: Option<BTreeMap<i32, i64>>,
) -> std::result::Result<StartupMode, String> {
    match mode {
        "earliest-offset" => Ok(StartupMode::EarliestOffset),
        "latest-offset" => Ok(StartupMode::LatestOffset),
        "timestamp" => timestamp
            .map(StartupMode::Timestamp)
            .ok_or_else(|| "mode 'timestamp' needs 'scan.startup.timestamp-millis'".to_owned()),
        "specific-offsets" => offsets
            .map(StartupMode::SpecificOffsets)
            .ok_or_else(|| "mode 'specific-offsets' needs 'scan.startup.specific-offsets'".to_owned()),
        other => Err(format!(
            "'{other}' is no startup mode; use earliest-offset, latest-offset, timestamp or specific-offsets"
        )),
    }
}

/// The bounded mode of that name with the values that belong to it.
pub(crate) fn bounded_mode(
    mode: &str,
    timestamp: Option<i64>,
    offsets: Option<BTreeMap<i32, i64>>,
) -> std::result::Result<BoundedMode, String> {
    match mode {
        "unbounded" => Ok(BoundedMode::Unbounded),
        "latest-offset" => Ok(BoundedMode::LatestOffset),
        "timestamp" => timestamp
            .map(BoundedMode::Timestamp)
            .ok_or_else(|| "mode 'timestamp' needs 'scan.bounded.timestamp-millis'".to_owned()),
        "specific-offsets" => offsets
            .map(BoundedMode::SpecificOffsets)
            .ok_or_else(|| "mode 'specific-offsets' needs 'scan.bounded.specific-offsets'".to_owned()),
        other => {
            Err(format!("'{other}' is no bounded mode; use unbounded, latest-offset, timestamp or specific-offsets"))
        }
    }
}

fn text(value: &str) -> std::result::Result<String, String> {
    if value.is_empty() { Err("the value is empty".to_owned()) } else { Ok(value.to_owned()) }
}

fn boolean(value: &str) -> std::result::Result<bool, String> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(format!("'{value}' is neither true nor false")),
    }
}

fn number(value: &str) -> std::result::Result<i64, String> {
    value.trim().parse().map_err(|_| format!("'{value}' is no whole number"))
}

fn time_zone(reader: &mut Reader, value: &str) -> std::result::Result<(), String> {
    if nutkin_functions::TimeZone::parse(value).is_err() {
        return Err(format!(
            "'{value}' is no time zone; use a name such as 'Europe/Paris' or an offset such as 'GMT+03:00'"
        ));
    }
    value.clone_into(&mut reader.session.time_zone);
    Ok(())
}

fn state_ttl(reader: &mut Reader, value: &str) -> std::result::Result<(), String> {
    // Zero, the default, keeps state for ever.
    reader.session.state_ttl = Some(parse_milliseconds(value)?).filter(|&ttl| ttl > 0);
    Ok(())
}

/// `fast-write` gives up exactly-once for speed.
fn write_mode(_: &mut Reader, text: &str) -> std::result::Result<(), String> {
    match text {
        "default" => Ok(()),
        "fast-write" => Err("'fast-write' is not built yet; leave it at 'default'".to_owned()),
        other => Err(format!("'{other}' is none of default and fast-write")),
    }
}

fn snapshot_mode(reader: &mut Reader, value: &str) -> std::result::Result<(), String> {
    reader.session.snapshot = match value {
        "off" => false,
        "now" => true,
        _ => return Err(format!("'{value}' is no snapshot mode; use 'off' or 'now'")),
    };
    Ok(())
}

fn runtime_mode(reader: &mut Reader, value: &str) -> std::result::Result<(), String> {
    reader.session.batch = match value.to_ascii_lowercase().as_str() {
        "streaming" => false,
        "batch" => true,
        _ => return Err(format!("'{value}' is no runtime mode; use 'streaming' or 'batch'")),
    };
    Ok(())
}

fn inline_result(_reader: &mut Reader, value: &str) -> std::result::Result<(), String> {
    if boolean(value)? { Err("inline results are not built yet; use 'false'".to_owned()) } else { Ok(()) }
}

fn bad_value(key: &str, problem: &str) -> PlannerError {
    PlannerError::new(ErrorKind::Property, format!("Bad value of the statement property '{key}': {problem}"))
}

fn known() -> Vec<&'static str> {
    PROPERTIES.iter().filter(|(_, effect)| !matches!(effect, Effect::NotBuilt)).map(|(name, _)| *name).collect()
}
