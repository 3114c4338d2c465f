//! Values of options: words, sizes, durations, numbers.

use nutkin_plan::table::{Compression, ErrorHandling, FormatKind, IsolationLevel};
use nutkin_planner::session::duration::parse_milliseconds;

use super::{CleanupPolicy, FieldsInclude, TimestampType};

/// Flink's units of memory with their sizes in bytes.
const SIZES: &[(&[&str], u64)] = &[
    (&["", "b", "byte", "bytes"], 1),
    (&["k", "kb", "kibibyte", "kibibytes"], 1 << 10),
    (&["m", "mb", "mebibyte", "mebibytes"], 1 << 20),
    (&["g", "gb", "gibibyte", "gibibytes"], 1 << 30),
    (&["t", "tb", "tebibyte", "tebibytes"], 1 << 40),
];

/// One of a list of words.
pub(super) fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, String> {
    let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        format!("'{text}' is none of {}", all.join(", "))
    })
}

/// The word for a value.
pub(crate) fn name_of<T: PartialEq>(value: &T, words: &[(&'static str, T)]) -> &'static str {
    words.iter().find(|(_, known)| known == value).map_or("", |(word, _)| word)
}

pub(crate) const CLEANUP_POLICIES: &[(&str, CleanupPolicy)] = &[
    ("delete", CleanupPolicy::Delete),
    ("compact", CleanupPolicy::Compact),
    ("delete-compact", CleanupPolicy::DeleteCompact),
];
pub(crate) const TIMESTAMP_TYPES: &[(&str, TimestampType)] = &[
    ("create-time", TimestampType::CreateTime),
    ("log-append-time", TimestampType::LogAppendTime),
    // Kafka's own words are understood too.
    ("CreateTime", TimestampType::CreateTime),
    ("LogAppendTime", TimestampType::LogAppendTime),
];
pub(super) const ISOLATION_LEVELS: &[(&str, IsolationLevel)] =
    &[("read-committed", IsolationLevel::ReadCommitted), ("read-uncommitted", IsolationLevel::ReadUncommitted)];
pub(super) const COMPRESSIONS: &[(&str, Compression)] = &[
    ("none", Compression::None),
    ("gzip", Compression::Gzip),
    ("snappy", Compression::Snappy),
    ("lz4", Compression::Lz4),
    ("zstd", Compression::Zstd),
];
pub(super) const ERROR_MODES: &[(&str, ErrorHandling)] =
    &[("fail", ErrorHandling::Fail), ("ignore", ErrorHandling::Ignore)];
pub(super) const FIELDS_INCLUDES: &[(&str, FieldsInclude)] =
    &[("all", FieldsInclude::All), ("except-key", FieldsInclude::ExceptKey)];
pub(super) const FORMATS: &[(&str, FormatKind)] = &[
    ("raw", FormatKind::Raw),
    ("avro-registry", FormatKind::AvroRegistry),
    ("json-registry", FormatKind::JsonRegistry),
    ("proto-registry", FormatKind::ProtoRegistry),
];

/// Whole bytes, Flink's MemorySize: `2097164 bytes`, `1 mb`, `0`.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let problem = || format!("'{text}' is no size; write a number and a unit, such as '2097164 bytes' or '8 mb'");
    let number: u64 = number.parse().map_err(|_| problem())?;
    let unit = unit.trim().to_ascii_lowercase();
    let (_, size) = SIZES.iter().find(|(names, _)| names.contains(&unit.as_str())).ok_or_else(problem)?;
    number.checked_mul(*size).ok_or_else(problem)
}

/// Whole milliseconds: `7 d`, `604800000 ms`, `0`.
pub(super) fn milliseconds(text: &str) -> Result<i64, String> {
    parse_milliseconds(text)
}

pub(super) fn number<N: std::str::FromStr>(text: &str) -> Result<N, String> {
    text.trim().parse().map_err(|_| format!("'{text}' is no whole number in its range"))
}

/// A schema context: `.name`.
pub(super) fn context(text: &str) -> Result<String, String> {
    let name = text.strip_prefix('.').unwrap_or_default();
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || !name.chars().all(allowed) {
        return Err(format!("'{text}' is no schema context; write a dot and a name, such as '.stage'"));
    }
    Ok(text.to_owned())
}
