//! Topic settings: Kafka's names, defaults and types in one table.
//!
//! A setting in the table has its full effect, or it has only one possible value on a single node and any other value is
//! refused. Settings that are not in the table are refused by name.

use std::collections::BTreeMap;

use crate::log::LogConfig;
use crate::log::compression::codec_by_name;

/// The types of settings, with their numbers in DescribeConfigs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// true or false.
    Boolean = 1,
    /// Text.
    String = 2,
    /// 32 bits.
    Int = 3,
    /// 64 bits.
    Long = 5,
    /// A floating point number.
    Double = 6,
    /// Comma-separated words.
    List = 7,
}

/// What values a setting takes.
#[derive(Clone, Copy, Debug)]
enum Allowed {
    Range(i64, i64),
    Ratio,
    OneOf(&'static [&'static str]),
    ListOf(&'static [&'static str]),
    /// Only the default: another value would need what a single node does not have.
    Fixed,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Kafka's name.
    pub name: &'static str,
    /// Value of topics that do not set it.
    pub default: &'static str,
    /// Type.
    pub kind: Kind,
    allowed: Allowed,
    /// One sentence for DescribeConfigs.
    pub about: &'static str,
}

const fn row(name: &'static str, default: &'static str, kind: Kind, allowed: Allowed, about: &'static str) -> Setting {
    Setting { name, default, kind, allowed, about }
}

const MAX: i64 = i64::MAX;
const INT: i64 = i32::MAX as i64;
const CODECS: &[&str] = &["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"];

/// Every setting of a topic.
pub const SETTINGS: &[Setting] = &[
    row(
        "cleanup.policy",
        "delete",
        Kind::List,
        Allowed::ListOf(&["delete", "compact"]),
        "What happens to old segments.",
    ),
    row("compression.type", "producer", Kind::String, Allowed::OneOf(CODECS), "Codec of the stored batches."),
    row("delete.retention.ms", "86400000", Kind::Long, Allowed::Range(0, MAX), "How long tombstones are kept."),
    row("flush.messages", "9223372036854775807", Kind::Long, Allowed::Fixed, "Records between forced writes to disk."),
    row("flush.ms", "9223372036854775807", Kind::Long, Allowed::Fixed, "Time between forced writes to disk."),
    row("index.interval.bytes", "32768", Kind::Int, Allowed::Fixed, "Bytes of log per index entry."),
    row(
        "max.compaction.lag.ms",
        "9223372036854775807",
        Kind::Long,
        Allowed::Range(1, MAX),
        "Age at which records are compacted in any case.",
    ),
    row("max.message.bytes", "2097164", Kind::Int, Allowed::Range(0, INT), "Largest record batch."),
    row(
        "message.timestamp.after.max.ms",
        "3600000",
        Kind::Long,
        Allowed::Range(0, MAX),
        "How far ahead time stamps may be.",
    ),
    row(
        "message.timestamp.before.max.ms",
        "9223372036854775807",
        Kind::Long,
        Allowed::Range(0, MAX),
        "How far behind time stamps may be.",
    ),
    row(
        "message.timestamp.type",
        "CreateTime",
        Kind::String,
        Allowed::OneOf(&["CreateTime", "LogAppendTime"]),
        "Who stamps records.",
    ),
    row(
        "min.cleanable.dirty.ratio",
        "0.5",
        Kind::Double,
        Allowed::Ratio,
        "Share of new bytes at which compaction starts.",
    ),
    row(
        "min.compaction.lag.ms",
        "0",
        Kind::Long,
        Allowed::Range(0, MAX),
        "Age that records have before they are compacted.",
    ),
    row(
        "min.insync.replicas",
        "1",
        Kind::Int,
        Allowed::Range(1, 3),
        "Replicas that acknowledge; all are on this node.",
    ),
    row("preallocate", "false", Kind::Boolean, Allowed::Fixed, "Whether segment files are reserved in full."),
    row("remote.storage.enable", "false", Kind::Boolean, Allowed::Fixed, "Tiered storage."),
    row(
        "retention.bytes",
        "-1",
        Kind::Long,
        Allowed::Range(-1, MAX),
        "Size of a partition above which old segments go.",
    ),
    row("retention.ms", "604800000", Kind::Long, Allowed::Range(-1, MAX), "Age at which segments go."),
    row("segment.bytes", "268435456", Kind::Int, Allowed::Range(1024, INT), "Size of a segment file."),
    row("segment.ms", "604800000", Kind::Long, Allowed::Range(1, MAX), "Age at which a segment is closed."),
    row("unclean.leader.election.enable", "false", Kind::Boolean, Allowed::Fixed, "Whether a stale replica may lead."),
];

/// The table's row of this name.
pub fn setting(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}

/// Checks a value; the error says what is wrong with it.
pub fn check(name: &str, value: &str) -> Result<(), String> {
    let setting = setting(name).ok_or_else(|| format!("topic setting '{name}' is not known"))?;
    let words = || value.split(',').map(str::trim).filter(|word| !word.is_empty());
    match setting.allowed {
        Allowed::Range(low, high) => match value.trim().parse::<i64>() {
            Ok(number) if (low..=high).contains(&number) => Ok(()),
            _ => Err(format!("'{name}' must be a whole number from {low} to {high}, not '{value}'")),
        },
        Allowed::Ratio => match value.trim().parse::<f64>() {
            Ok(number) if (0.0..=1.0).contains(&number) => Ok(()),
            _ => Err(format!("'{name}' must be a number from 0 to 1, not '{value}'")),
        },
        Allowed::OneOf(known) if known.contains(&value) => Ok(()),
        Allowed::OneOf(known) => Err(format!("'{name}' must be one of {}, not '{value}'", known.join(", "))),
        Allowed::ListOf(known) if words().next().is_some() && words().all(|word| known.contains(&word)) => Ok(()),
        Allowed::ListOf(known) => Err(format!("'{name}' must be a list of {}, not '{value}'", known.join(", "))),
        Allowed::Fixed if value == setting.default => Ok(()),
        Allowed::Fixed => {
            Err(format!("'{name}' can only be {} on the embedded broker, not '{value}'", setting.default))
        }
    }
}

/// Settings that a topic overrides.
pub type Overrides = BTreeMap<String, String>;

fn text<'a>(overrides: &'a Overrides, name: &str) -> &'a str {
    match overrides.get(name) {
        Some(value) => value.trim(),
        None => setting(name).map_or("", |setting| setting.default),
    }
}

fn long(overrides: &Overrides, name: &str) -> i64 {
    text(overrides, name).parse().unwrap_or_default()
}

/// What the log acts on; the overrides were checked.
pub fn log_config(overrides: &Overrides) -> LogConfig {
    let policy = text(overrides, "cleanup.policy");
    let has = |word: &str| policy.split(',').any(|known| known.trim() == word);
    LogConfig {
        segment_bytes: long(overrides, "segment.bytes").unsigned_abs(),
        segment_ms: long(overrides, "segment.ms"),
        retention_ms: long(overrides, "retention.ms"),
        retention_bytes: long(overrides, "retention.bytes"),
        max_message_bytes: usize::try_from(long(overrides, "max.message.bytes")).unwrap_or_default(),
        delete: has("delete"),
        compact: has("compact"),
        delete_retention_ms: long(overrides, "delete.retention.ms"),
        min_cleanable_ratio: text(overrides, "min.cleanable.dirty.ratio").parse().unwrap_or(0.5),
        min_compaction_lag_ms: long(overrides, "min.compaction.lag.ms"),
        max_compaction_lag_ms: long(overrides, "max.compaction.lag.ms"),
        codec: codec_by_name(text(overrides, "compression.type")),
        append_time: text(overrides, "message.timestamp.type") == "LogAppendTime",
        timestamp_before_max_ms: long(overrides, "message.timestamp.before.max.ms"),
        timestamp_after_max_ms: long(overrides, "message.timestamp.after.max.ms"),
    }
}
