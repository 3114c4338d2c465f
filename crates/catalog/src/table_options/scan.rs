//! `scan.startup.*` and `scan.bounded.*`: a mode and the value that belongs to it.

use nutkin_plan::table::{BoundedMode, StartupMode};

use super::ScanPoint;

pub(super) fn startup(point: &ScanPoint) -> Result<StartupMode, String> {
    match point.mode.as_deref().unwrap_or("earliest-offset") {
        "earliest-offset" => Ok(StartupMode::EarliestOffset),
        "latest-offset" => Ok(StartupMode::LatestOffset),
        "timestamp" => point
            .timestamp
            .map(StartupMode::Timestamp)
            .ok_or_else(|| "mode 'timestamp' needs 'scan.startup.timestamp-millis'".to_owned()),
        "specific-offsets" => point
            .offsets
            .as_ref()
            .map(|(_, offsets)| StartupMode::SpecificOffsets(offsets.clone()))
            .ok_or_else(|| "mode 'specific-offsets' needs 'scan.startup.specific-offsets'".to_owned()),
        other => Err(format!("'{other}' is none of earliest-offset, latest-offset, timestamp and specific-offsets")),
    }
}

pub(super) fn bounded(point: &ScanPoint) -> Result<BoundedMode, String> {
    match point.mode.as_deref().unwrap_or("unbounded") {
        "unbounded" => Ok(BoundedMode::Unbounded),
        "latest-offset" => Ok(BoundedMode::LatestOffset),
        "timestamp" => point
            .timestamp
            .map(BoundedMode::Timestamp)
            .ok_or_else(|| "mode 'timestamp' needs 'scan.bounded.timestamp-millis'".to_owned()),
        "specific-offsets" => point
            .offsets
            .as_ref()
            .map(|(_, offsets)| BoundedMode::SpecificOffsets(offsets.clone()))
            .ok_or_else(|| "mode 'specific-offsets' needs 'scan.bounded.specific-offsets'".to_owned()),
        other => Err(format!("'{other}' is none of unbounded, latest-offset, timestamp and specific-offsets")),
    }
}
