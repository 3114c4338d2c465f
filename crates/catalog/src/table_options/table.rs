//! The table of options (spec sql.md 2.3).

use std::collections::BTreeMap;

use nutkin_plan::ChangelogMode;
use nutkin_plan::table::{Compression, ErrorHandling, IsolationLevel};
use nutkin_planner::session::offsets::parse_offsets;

use super::values::{
    self, CLEANUP_POLICIES, COMPRESSIONS, ERROR_MODES, FIELDS_INCLUDES, FORMATS, ISOLATION_LEVELS, TIMESTAMP_TYPES,
    name_of, word,
};
use super::{ConnectorKind, FieldsInclude, ScanPoint, SideOptions, TableOptions, TimestampType, topic};
use crate::error::CatalogError;

/// One option.
pub(super) struct OptionLine {
    pub key: &'static str,
    pub effect: Effect,
}

pub(super) enum Effect {
    Apply {
        /// Takes a value in.
        read: fn(&mut TableOptions, &str) -> Result<(), Problem>,
        /// What SHOW CREATE TABLE prints; None hides a default.
        print: fn(&TableOptions) -> Option<String>,
        home: Home,
    },
    /// Known to the original, refused until it is built; what to do instead.
    NotBuilt(&'static str),
}

/// Where an option's value is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Home {
    /// A setting of the topic, or its number of partitions.
    Topic,
    Metastore,
}

/// Why a value is not taken.
pub(super) enum Problem {
    Bad(String),
    NotBuilt(String),
}

impl From<String> for Problem {
    fn from(problem: String) -> Problem {
        Problem::Bad(problem)
    }
}

impl Problem {
    pub fn of(self, key: &str, value: &str) -> CatalogError {
        match self {
            Problem::Bad(problem) => CatalogError::bad_option(key, problem),
            Problem::NotBuilt(remedy) => {
                CatalogError::NotBuilt { what: format!("The table option '{key}' = '{value}'"), remedy }
            }
        }
    }
}

impl OptionLine {
    /// Whether `format`, which the key names in place of `format`, is that of the table; `written`: its options.
    pub fn is_of_format_in_use(&self, format: &str, written: &BTreeMap<String, String>) -> bool {
        let side = if self.key.starts_with("key.") { "key.format" } else { "value.format" };
        written.get(side).map_or("avro-registry", String::as_str) == format
    }

    /// Judges a value that has no effect.
    pub fn check(&self, key: &str, value: &str) -> Result<(), CatalogError> {
        match &self.effect {
            Effect::Apply { read, .. } => {
                read(&mut TableOptions::default(), value).map_err(|problem| problem.of(key, value))
            }
            Effect::NotBuilt(remedy) => Err(Problem::NotBuilt((*remedy).to_owned()).of(key, value)),
        }
    }
}

const fn line(
    key: &'static str,
    home: Home,
    read: fn(&mut TableOptions, &str) -> Result<(), Problem>,
    print: fn(&TableOptions) -> Option<String>,
) -> OptionLine {
    OptionLine { key, effect: Effect::Apply { read, print, home } }
}

const fn not_built(key: &'static str, remedy: &'static str) -> OptionLine {
    OptionLine { key, effect: Effect::NotBuilt(remedy) }
}

use Home::{Metastore, Topic};

pub(super) const OPTIONS: &[OptionLine] = &[
    line("changelog.mode", Metastore, changelog_mode, |o| o.changelog_mode.map(|mode| mode.name().to_owned())),
    line("connector", Metastore, connector, |o| Some(connector_name(o.connector).to_owned())),
    line("error-handling.mode", Metastore, error_handling, |o| {
        (o.error_handling != ErrorHandling::Fail).then(|| name_of(&o.error_handling, ERROR_MODES).to_owned())
    }),
    not_built("error-handling.log.target", "Leave it out; 'error-handling.mode' takes fail and ignore."),
    line(
        "kafka.cleanup-policy",
        Topic,
        |o, v| set(&mut o.cleanup_policy, word(v, CLEANUP_POLICIES).map(Some)),
        |o| topic_only(o, name_of(&o.cleanup_policy(), CLEANUP_POLICIES).to_owned()),
    ),
    line(
        "kafka.compaction.time",
        Topic,
        |o, v| set(&mut o.compaction_time, values::milliseconds(v).map(Some)),
        |o| {
            let time = o.compaction_time();
            (time != o.default_compaction_time()).then(|| format!("{time} ms"))
        },
    ),
    line(
        "kafka.consumer.isolation-level",
        Metastore,
        |o, v| set(&mut o.isolation, word(v, ISOLATION_LEVELS)),
        |o| (o.isolation != IsolationLevel::ReadCommitted).then(|| name_of(&o.isolation, ISOLATION_LEVELS).to_owned()),
    ),
    line("kafka.max-message-size", Topic, max_message_size, |o| {
        topic_only(o, format!("{} bytes", o.max_message_size.unwrap_or(topic::MAX_MESSAGE_SIZE)))
    }),
    line(
        "kafka.message-timestamp-type",
        Topic,
        |o, v| set(&mut o.timestamp_type, word(v, TIMESTAMP_TYPES).map(Some)),
        |o| {
            let set = o.timestamp_type.filter(|set| *set != TimestampType::CreateTime)?;
            Some(name_of(&set, TIMESTAMP_TYPES).to_owned())
        },
    ),
    // SHOW CREATE TABLE prints it as the number of buckets.
    line("kafka.partitions", Topic, partitions, |_| None),
    line(
        "kafka.producer.compression.type",
        Metastore,
        |o, v| set(&mut o.compression, word(v, COMPRESSIONS)),
        |o| (o.compression != Compression::None).then(|| name_of(&o.compression, COMPRESSIONS).to_owned()),
    ),
    line(
        "kafka.retention.size",
        Topic,
        |o, v| set(&mut o.retention_size, values::bytes(v).map(Some)),
        |o| topic_only(o, format!("{} bytes", o.retention_size.unwrap_or(0))),
    ),
    line(
        "kafka.retention.time",
        Topic,
        |o, v| set(&mut o.retention_time, values::milliseconds(v).map(Some)),
        |o| topic_only(o, format!("{} ms", o.retention_time.unwrap_or(topic::WEEK))),
    ),
    line(
        "key.fields-prefix",
        Metastore,
        |o, v| {
            v.clone_into(&mut o.key_prefix);
            Ok(())
        },
        |o| (!o.key_prefix.is_empty()).then(|| o.key_prefix.clone()),
    ),
    line("key.format", Metastore, |o, v| format(&mut o.key, v), |o| printed_format(&o.key)),
    line("key.format.schema-context", Metastore, |o, v| context(&mut o.key, v), |o| o.key.context.clone()),
    line("key.format.subject-names", Metastore, |o, v| subjects(&mut o.key, v), |o| printed_subjects(&o.key)),
    not_built("key.format.id-encoding", ID_ENCODING),
    line(
        "scan.bounded.mode",
        Metastore,
        |o, v| mode(&mut o.bounded, v),
        |o| topic_only(o, o.bounded.mode.clone().unwrap_or_else(|| "unbounded".to_owned())),
    ),
    line(
        "scan.bounded.timestamp-millis",
        Metastore,
        |o, v| timestamp(&mut o.bounded, v),
        |o| o.bounded.timestamp.map(|t| t.to_string()),
    ),
    line(
        "scan.bounded.specific-offsets",
        Metastore,
        |o, v| offsets(&mut o.bounded, v),
        |o| o.bounded.offsets.as_ref().map(|(text, _)| text.clone()),
    ),
    line(
        "scan.startup.mode",
        Metastore,
        |o, v| mode(&mut o.startup, v),
        |o| topic_only(o, o.startup.mode.clone().unwrap_or_else(|| "earliest-offset".to_owned())),
    ),
    line(
        "scan.startup.timestamp-millis",
        Metastore,
        |o, v| timestamp(&mut o.startup, v),
        |o| o.startup.timestamp.map(|t| t.to_string()),
    ),
    line(
        "scan.startup.specific-offsets",
        Metastore,
        |o, v| offsets(&mut o.startup, v),
        |o| o.startup.offsets.as_ref().map(|(text, _)| text.clone()),
    ),
    line(
        "value.fields-include",
        Metastore,
        |o, v| set(&mut o.fields_include, word(v, FIELDS_INCLUDES)),
        |o| (o.fields_include == FieldsInclude::All).then(|| "all".to_owned()),
    ),
    line("value.format", Metastore, |o, v| format(&mut o.value, v), |o| printed_format(&o.value)),
    line("value.format.schema-context", Metastore, |o, v| context(&mut o.value, v), |o| o.value.context.clone()),
    line("value.format.subject-names", Metastore, |o, v| subjects(&mut o.value, v), |o| printed_subjects(&o.value)),
    not_built("value.format.id-encoding", ID_ENCODING),
    not_built(
        "value.format.wire-encoding",
        "Leave it out; records without a schema id are read with the registered schema.",
    ),
];

const ID_ENCODING: &str = "Leave it out; the schema id stands before the payload.";
const CONNECTORS_ELSEWHERE: &[&str] =
    &["faker", "elastic", "mongodb", "pinecone", "couchbase", "confluent-jdbc", "rest", "cosmosdb", "s3vectors"];
/// Format names that may stand in a key in place of `format` (decision 8).
const FORMAT_NAMES: &[&str] = &["raw", "avro-registry", "json-registry", "proto-registry"];

/// The option of that key, and the format that the key names in place of `format`.
pub(super) fn find(key: &str) -> Option<(&'static OptionLine, Option<&str>)> {
    if let Some(line) = OPTIONS.iter().find(|line| line.key == key) {
        return Some((line, None));
    }
    let (side, rest) = key.split_once('.')?;
    let (format, rest) = rest.split_once('.')?;
    if !FORMAT_NAMES.contains(&format) {
        return None;
    }
    let general = format!("{side}.format.{rest}");
    OPTIONS.iter().find(|line| line.key == general).map(|line| (line, Some(format)))
}

/// The options that may be written.
pub(super) fn known() -> Vec<&'static str> {
    OPTIONS.iter().filter(|line| matches!(line.effect, Effect::Apply { .. })).map(|line| line.key).collect()
}

/// Takes a value that was read.
fn set<T>(place: &mut T, value: Result<T, String>) -> Result<(), Problem> {
    *place = value?;
    Ok(())
}

/// What only a topic has is not printed for other connectors.
fn topic_only(options: &TableOptions, text: String) -> Option<String> {
    (options.connector == ConnectorKind::Confluent).then_some(text)
}

fn changelog_mode(options: &mut TableOptions, text: &str) -> Result<(), Problem> {
    let mode = ChangelogMode::from_name(&text.to_ascii_lowercase());
    options.changelog_mode = Some(mode.ok_or_else(|| format!("'{text}' is none of append, upsert, retract"))?);
    Ok(())
}

fn connector(options: &mut TableOptions, text: &str) -> Result<(), Problem> {
    options.connector = match text {
        "confluent" => ConnectorKind::Confluent,
        "blackhole" => ConnectorKind::Blackhole,
        other if CONNECTORS_ELSEWHERE.contains(&other) => {
            let remedy =
                "Leave the option out: the table is then a topic. For generated rows read examples.marketplace.";
            return Err(Problem::NotBuilt(remedy.to_owned()));
        }
        other => {
            return Err(Problem::Bad(format!(
                "'{other}' is no connector. Leave the option out: the table is then a topic"
            )));
        }
    };
    Ok(())
}

fn connector_name(connector: ConnectorKind) -> &'static str {
    match connector {
        ConnectorKind::Confluent => "confluent",
        ConnectorKind::Blackhole => "blackhole",
    }
}

fn error_handling(options: &mut TableOptions, text: &str) -> Result<(), Problem> {
    if text.eq_ignore_ascii_case("log") {
        return Err(Problem::NotBuilt("Use 'ignore' to skip records that cannot be read, or 'fail'.".to_owned()));
    }
    options.error_handling = word(text, ERROR_MODES)?;
    Ok(())
}

fn max_message_size(options: &mut TableOptions, text: &str) -> Result<(), Problem> {
    let size = values::bytes(text)?;
    if size == 0 || size > i32::MAX as u64 {
        return Err(Problem::Bad(format!("'{text}' is not between 1 byte and 2147483647 bytes")));
    }
    options.max_message_size = Some(size);
    Ok(())
}

fn partitions(options: &mut TableOptions, text: &str) -> Result<(), Problem> {
    let count: u32 = values::number(text)?;
    if count == 0 {
        return Err(Problem::Bad("a topic has at least one partition".to_owned()));
    }
    options.partitions = Some(count);
    Ok(())
}

fn format(side: &mut SideOptions, text: &str) -> Result<(), Problem> {
    let plain = text.strip_suffix("-debezium-registry").map(|format| format!("{format}-registry"));
    side.format = Some(word(plain.as_deref().unwrap_or(text), FORMATS)?);
    side.debezium = plain.is_some();
    Ok(())
}

fn printed_format(side: &SideOptions) -> Option<String> {
    let format = side.format?;
    if side.debezium {
        Some(format.name().replace("-registry", "-debezium-registry"))
    } else {
        Some(format.name().to_owned())
    }
}

fn subjects(side: &mut SideOptions, text: &str) -> Result<(), Problem> {
    let names: Vec<String> = text.split(';').map(str::to_owned).collect();
    if names.iter().any(|name| name.trim().is_empty()) {
        return Err(Problem::Bad(format!("'{text}' has an empty name; write subjects with ';' between them")));
    }
    if let Some(twice) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(*name)) {
        return Err(Problem::Bad(format!("it names '{}' twice", twice.1)));
    }
    side.subjects = names;
    Ok(())
}

fn printed_subjects(side: &SideOptions) -> Option<String> {
    (!side.subjects.is_empty()).then(|| side.subjects.join(";"))
}

fn context(side: &mut SideOptions, text: &str) -> Result<(), Problem> {
    side.context = Some(values::context(text)?);
    Ok(())
}

fn mode(point: &mut ScanPoint, text: &str) -> Result<(), Problem> {
    point.mode = Some(text.to_owned());
    Ok(())
}

fn timestamp(point: &mut ScanPoint, text: &str) -> Result<(), Problem> {
    let millis: i64 = values::number(text)?;
    if millis < 0 {
        return Err(Problem::Bad(format!("'{text}' lies before 1970")));
    }
    point.timestamp = Some(millis);
    Ok(())
}

fn offsets(point: &mut ScanPoint, text: &str) -> Result<(), Problem> {
    point.offsets = Some((text.to_owned(), parse_offsets(text)?));
    Ok(())
}
