//! [`Session`]: what a statement's properties say (spec sql.md 2.2).
//!
//! Every known property is a line of the table in [`properties`]; one that is unknown, or whose effect is not built, is
//! refused by its name.

use std::collections::BTreeMap;

use nutkin_plan::ScanTiming;
use nutkin_plan::table::{BoundedMode, StartupMode};

pub use self::optimizer::{AggregatePhases, MiniBatch, OptimizerSettings};
use crate::error::Result;

pub mod duration;
pub mod offsets;
pub mod optimizer;
pub(crate) mod properties;

/// The settings that a statement is analysed under.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// `sql.current-catalog`: name or id.
    pub catalog: Option<String>,
    /// `sql.current-database`: name or id.
    pub database: Option<String>,
    /// `sql.local-time-zone`: IANA name or offset such as `GMT+03:00`.
    pub time_zone: String,
    /// `sql.state-ttl` in milliseconds; None keeps state for ever.
    pub state_ttl: Option<i64>,
    /// `sql.dry-run`: analyse only.
    pub dry_run: bool,
    /// `sql.snapshot.mode` is `now`: tables are read up to now, and the result is final (spec Q-18).
    pub snapshot: bool,
    /// `sql.flink-extensions` (decision 15).
    pub flink_extensions: bool,
    /// `execution.runtime-mode` is `batch`: every table ends, and the statement means what it means in Flink's batch mode. The
    /// operators are those of streaming, so that updates come on the way to the result. Needs `flink_extensions`.
    pub batch: bool,
    /// `table.exec.source.cdc-events-duplicate`: changes of tables with a key may come twice. Needs `flink_extensions`.
    pub duplicate_events: bool,
    pub scan: ScanSettings,
    pub optimizer: OptimizerSettings,
}

/// `sql.tables.scan.*`: used by every table whose own option is the default.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ScanSettings {
    pub startup: Option<StartupMode>,
    pub bounded: Option<BoundedMode>,
    /// Idleness and alignment.
    pub timing: ScanTiming,
}

impl Default for Session {
    fn default() -> Session {
        Session {
            catalog: None,
            database: None,
            time_zone: "UTC".to_owned(),
            state_ttl: None,
            dry_run: false,
            snapshot: false,
            flink_extensions: false,
            batch: false,
            duplicate_events: false,
            scan: ScanSettings::default(),
            optimizer: OptimizerSettings::default(),
        }
    }
}

impl Session {
    /// A session in `catalog` and `database` with every other property at its default.
    pub fn new(catalog: impl Into<String>, database: impl Into<String>) -> Session {
        Session { catalog: Some(catalog.into()), database: Some(database.into()), ..Session::default() }
    }

    /// True when the statement is about tables as they are, not as they change.
    pub fn is_batch(&self) -> bool {
        self.batch || self.snapshot
    }

    /// Reads the properties of a statement. Errors name the property that is unknown, not built or has a bad value.
    pub fn from_properties(properties: &BTreeMap<String, String>) -> Result<Session> {
        properties::read(properties)
    }
}
