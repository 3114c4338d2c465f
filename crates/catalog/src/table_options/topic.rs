//! Options that are settings of the topic: into them when it is made, and back when it is read.

use std::collections::BTreeMap;

use super::values::{CLEANUP_POLICIES, name_of};
use super::{CleanupPolicy, TableOptions, TimestampType};

/// Seven days in milliseconds: how long records stay, and how long they wait for compaction in an upsert table.
pub(crate) const WEEK: i64 = 604_800_000;
/// `max.message.bytes` of a new topic.
pub(crate) const MAX_MESSAGE_SIZE: u64 = 2_097_164;

/// The settings of a new topic; all options that have a default of ours are set, whatever the cluster's own default.
pub(crate) fn settings(options: &TableOptions) -> Vec<(String, String)> {
    let policy = match options.cleanup_policy() {
        CleanupPolicy::DeleteCompact => "compact,delete",
        policy => name_of(&policy, CLEANUP_POLICIES),
    };
    let unlimited = |value: i64| if value == 0 { -1 } else { value };
    let retention_size = i64::try_from(options.retention_size.unwrap_or(0)).unwrap_or(i64::MAX);
    let mut settings = vec![
        ("cleanup.policy".to_owned(), policy.to_owned()),
        ("max.message.bytes".to_owned(), options.max_message_size.unwrap_or(MAX_MESSAGE_SIZE).to_string()),
        ("retention.bytes".to_owned(), unlimited(retention_size).to_string()),
        ("retention.ms".to_owned(), unlimited(options.retention_time.unwrap_or(WEEK)).to_string()),
    ];
    if options.compaction_time() > 0 {
        settings.push(("max.compaction.lag.ms".to_owned(), options.compaction_time().to_string()));
    }
    if let Some(kind) = options.timestamp_type {
        let value = match kind {
            TimestampType::CreateTime => "CreateTime",
            TimestampType::LogAppendTime => "LogAppendTime",
        };
        settings.push(("message.timestamp.type".to_owned(), value.to_owned()));
    }
    settings
}

/// The topic's name of an option's setting.
pub(super) fn setting_of(key: &str) -> Option<&'static str> {
    Some(match key {
        "kafka.cleanup-policy" => "cleanup.policy",
        "kafka.compaction.time" => "max.compaction.lag.ms",
        "kafka.max-message-size" => "max.message.bytes",
        "kafka.message-timestamp-type" => "message.timestamp.type",
        "kafka.retention.size" => "retention.bytes",
        "kafka.retention.time" => "retention.ms",
        _ => return None,
    })
}

/// Takes the settings of a topic that exists into `options`.
pub(crate) fn read(options: &mut TableOptions, settings: &BTreeMap<String, String>) {
    let number = |key: &str| settings.get(key).and_then(|value| value.trim().parse::<i64>().ok());
    options.cleanup_policy = Some(policy_of(settings));
    options.max_message_size = number("max.message.bytes").and_then(|value| u64::try_from(value).ok());
    options.retention_size = number("retention.bytes").map(|value| u64::try_from(value).unwrap_or(0));
    options.retention_time = number("retention.ms").map(|value| value.max(0));
    let no_limit = |value: i64| if value == i64::MAX { 0 } else { value };
    options.compaction_time = number("max.compaction.lag.ms").map(no_limit);
    options.timestamp_type = settings.get("message.timestamp.type").map(|value| match value.as_str() {
        "LogAppendTime" => TimestampType::LogAppendTime,
        _ => TimestampType::CreateTime,
    });
}

fn policy_of(settings: &BTreeMap<String, String>) -> CleanupPolicy {
    let words = settings.get("cleanup.policy").map_or("delete", String::as_str);
    let has = |word: &str| words.split(',').any(|found| found.trim() == word);
    match (has("compact"), has("delete")) {
        (true, true) => CleanupPolicy::DeleteCompact,
        (true, false) => CleanupPolicy::Compact,
        _ => CleanupPolicy::Delete,
    }
}

/// True when old records of a key are thrown away (sql.md 2.4 no. 9).
pub(crate) fn is_compacted(options: &TableOptions) -> bool {
    options.cleanup_policy() != CleanupPolicy::Delete
}
