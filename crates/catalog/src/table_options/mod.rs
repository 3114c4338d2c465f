//! Options of a table: `WITH ('key' = 'value', ...)` (spec sql.md 2.3).
//!
//! Each option is one line of the table in [`table`]: its key, how its value is read, how it is printed, and where it is kept.
//! An option that is not in the table is refused with the list of those that are; one that the original has and this release
//! does not is refused by name.

use std::collections::BTreeMap;

use nutkin_plan::ChangelogMode;
use nutkin_plan::table::{BoundedMode, Compression, ErrorHandling, FormatKind, IsolationLevel, StartupMode};

use crate::error::CatalogError;

pub(crate) mod alter;
mod scan;
mod table;
pub(crate) mod topic;
pub(crate) mod values;

pub(crate) use table::Home;
use table::{Effect, OPTIONS, OptionLine, Problem};

/// The options of one table, typed. A field that is None was not written and has the default that its use says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TableOptions {
    pub changelog_mode: Option<ChangelogMode>,
    pub connector: ConnectorKind,
    pub error_handling: ErrorHandling,
    pub cleanup_policy: Option<CleanupPolicy>,
    /// Longest time before records are compacted, in milliseconds; 0: no limit.
    pub compaction_time: Option<i64>,
    pub isolation: IsolationLevel,
    /// `max.message.bytes` of the topic.
    pub max_message_size: Option<u64>,
    pub timestamp_type: Option<TimestampType>,
    pub partitions: Option<u32>,
    pub compression: Compression,
    /// Bytes; 0: no limit.
    pub retention_size: Option<u64>,
    /// Milliseconds; 0: for ever.
    pub retention_time: Option<i64>,
    pub key: SideOptions,
    pub value: SideOptions,
    /// Prefix of the columns of the key.
    pub key_prefix: String,
    pub fields_include: FieldsInclude,
    pub startup: ScanPoint,
    pub bounded: ScanPoint,
    /// Options of formats that are not in use, as written: they are shown, and have no effect.
    pub unused: BTreeMap<String, String>,
}

/// Options of one side of the records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct SideOptions {
    pub format: Option<FormatKind>,
    /// A Debezium envelope around the format.
    pub debezium: bool,
    /// Subjects of the schemas, where they are not the topic's.
    pub subjects: Vec<String>,
    /// Schema context such as `.flink-stage`.
    pub context: Option<String>,
}

/// `scan.startup.*` or `scan.bounded.*` as written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ScanPoint {
    pub mode: Option<String>,
    pub timestamp: Option<i64>,
    /// The text, and what it says.
    pub offsets: Option<(String, BTreeMap<i32, i64>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConnectorKind {
    Confluent,
    Blackhole,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CleanupPolicy {
    Delete,
    Compact,
    DeleteCompact,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimestampType {
    CreateTime,
    LogAppendTime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldsInclude {
    All,
    ExceptKey,
}

impl Default for TableOptions {
    fn default() -> TableOptions {
        TableOptions {
            changelog_mode: None,
            connector: ConnectorKind::Confluent,
            error_handling: ErrorHandling::Fail,
            cleanup_policy: None,
            compaction_time: None,
            isolation: IsolationLevel::ReadCommitted,
            max_message_size: None,
            timestamp_type: None,
            partitions: None,
            compression: Compression::None,
            retention_size: None,
            retention_time: None,
            key: SideOptions::default(),
            value: SideOptions::default(),
            key_prefix: String::new(),
            fields_include: FieldsInclude::ExceptKey,
            startup: ScanPoint::default(),
            bounded: ScanPoint::default(),
            unused: BTreeMap::new(),
        }
    }
}

impl TableOptions {
    /// Reads options as written.
    ///
    /// # Errors
    /// NUTKIN-3202 for an unknown key, 3203 for what is not built, 3204 for a bad value or values that contradict each other.
    pub fn parse(written: &BTreeMap<String, String>) -> Result<TableOptions, CatalogError> {
        let mut options = TableOptions::default();
        // Another connector explains every other option, so it is judged first.
        let first = written.get_key_value("connector");
        for (key, value) in first.into_iter().chain(written) {
            let Some((line, format)) = table::find(key) else {
                return Err(CatalogError::UnknownOption { key: key.clone(), known: table::known() });
            };
            if let Some(format) = format {
                if !line.is_of_format_in_use(format, written) {
                    line.check(key, value)?;
                    options.unused.insert(key.clone(), value.clone());
                    continue;
                }
                TableOptions::check_twin(key, line, written)?;
            }
            let done = match &line.effect {
                Effect::Apply { read, .. } => read(&mut options, value),
                Effect::NotBuilt(remedy) => Err(Problem::NotBuilt((*remedy).to_owned())),
            };
            done.map_err(|problem| problem.of(key, value))?;
        }
        options.check()?;
        Ok(options)
    }

    /// `key.avro-registry.schema-context` must not say anything else than `key.format.schema-context`.
    fn check_twin(key: &str, line: &OptionLine, written: &BTreeMap<String, String>) -> Result<(), CatalogError> {
        match written.get(line.key).filter(|twin| Some(*twin) != written.get(key)) {
            Some(twin) => {
                Err(CatalogError::bad_option(key, format!("'{}' says '{twin}'. Write one of them", line.key)))
            }
            None => Ok(()),
        }
    }

    fn check(&self) -> Result<(), CatalogError> {
        self.startup_mode()?;
        self.bounded_mode()?;
        if !self.key_prefix.is_empty() && self.fields_include == FieldsInclude::All {
            let problem = "it needs 'value.fields-include' = 'except-key'";
            return Err(CatalogError::bad_option("key.fields-prefix", problem));
        }
        Ok(())
    }

    /// What SHOW CREATE TABLE prints, defaults that are always shown included.
    pub fn printed(&self) -> BTreeMap<String, String> {
        self.print(|_| true)
    }

    /// What the metastore keeps.
    pub fn kept(&self) -> BTreeMap<String, String> {
        self.print(|home| home == Home::Metastore)
    }

    fn print(&self, wanted: impl Fn(Home) -> bool) -> BTreeMap<String, String> {
        let lines = OPTIONS.iter().filter_map(|line| match &line.effect {
            Effect::Apply { print, home, .. } if wanted(*home) => Some((line.key.to_owned(), print(self)?)),
            _ => None,
        });
        let unused = self.unused.iter().filter(|_| wanted(Home::Metastore));
        lines.chain(unused.map(|(key, value)| (key.clone(), value.clone()))).collect()
    }

    pub fn startup_mode(&self) -> Result<StartupMode, CatalogError> {
        scan::startup(&self.startup).map_err(|problem| CatalogError::bad_option("scan.startup.mode", problem))
    }

    pub fn bounded_mode(&self) -> Result<BoundedMode, CatalogError> {
        scan::bounded(&self.bounded).map_err(|problem| CatalogError::bad_option("scan.bounded.mode", problem))
    }

    /// Compacted for upsert tables, else deleted by age.
    pub fn cleanup_policy(&self) -> CleanupPolicy {
        let upsert = self.changelog_mode == Some(ChangelogMode::Upsert);
        self.cleanup_policy.unwrap_or(if upsert { CleanupPolicy::Compact } else { CleanupPolicy::Delete })
    }

    /// Seven days for upsert tables, else no limit.
    pub fn compaction_time(&self) -> i64 {
        self.compaction_time.unwrap_or_else(|| self.default_compaction_time())
    }

    fn default_compaction_time(&self) -> i64 {
        if self.changelog_mode == Some(ChangelogMode::Upsert) { topic::WEEK } else { 0 }
    }
}
