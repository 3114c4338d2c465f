//! Statement properties (spec sql.md 2.2).

use std::collections::BTreeMap;

use nutkin_plan::table::{BoundedMode, StartupMode};

use crate::Session;

fn read(properties: &[(&str, &str)]) -> Result<Session, String> {
    let map: BTreeMap<String, String> =
        properties.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Session::from_properties(&map).map_err(|error| format!("{} {error}", error.code()))
}

#[test]
fn known_properties_are_read() {
    let session = read(&[
        ("sql.current-catalog", "env-1"),
        ("sql.current-database", "db"),
        ("sql.local-time-zone", "GMT+03:00"),
        ("sql.state-ttl", "12 hours"),
        ("sql.tables.scan.startup.mode", "timestamp"),
        ("sql.tables.scan.startup.timestamp-millis", "1000"),
        ("sql.tables.scan.bounded.mode", "latest-offset"),
        ("client.statement-name", "mine"),
        ("sql.snapshot.mode", "off"),
        ("sql.tables.scan.idle-timeout", "1 min"),
        ("sql.tables.scan.watermark-alignment.max-allowed-drift", "0"),
    ])
    .unwrap();
    assert_eq!(session.catalog.as_deref(), Some("env-1"));
    assert_eq!(session.time_zone, "GMT+03:00");
    assert_eq!(session.state_ttl, Some(43_200_000));
    assert_eq!(session.scan.startup, Some(StartupMode::Timestamp(1000)));
    assert_eq!(session.scan.bounded, Some(BoundedMode::LatestOffset));
    assert_eq!(session.scan.timing.idle_timeout, Some(60_000));
    assert_eq!(session.scan.timing.allowed_drift, Some(0));
    assert_eq!(read(&[("sql.state-ttl", "0 ms")]).unwrap().state_ttl, None);
    assert!(!session.snapshot && read(&[("sql.snapshot.mode", "now")]).unwrap().snapshot);
}

#[test]
fn others_are_refused_by_name() {
    for (key, value, code) in [
        ("sql.nonsense", "1", "NUTKIN-2006"),
        ("sql.local-time-zone", "Mars/Olympus", "NUTKIN-2006"),
        ("sql.state-ttl", "soon", "NUTKIN-2006"),
        ("sql.dry-run", "perhaps", "NUTKIN-2006"),
        ("sql.tables.scan.startup.mode", "sideways", "NUTKIN-2006"),
        ("sql.tables.scan.idle-timeout", "a while", "NUTKIN-2006"),
        ("sql.tables.scan.watermark-alignment.max-allowed-drift", "-1", "NUTKIN-2006"),
        ("sql.tables.scan.source-operator-parallelism", "2", "NUTKIN-2002"),
        ("sql.snapshot.mode", "yesterday", "NUTKIN-2006"),
        ("sql.snapshot.write-mode", "fast-write", "NUTKIN-2006"),
        ("table.exec.source.idle-timeout", "a while", "NUTKIN-2006"),
    ] {
        let error = read(&[(key, value)]).unwrap_err();
        assert!(error.starts_with(code) && error.contains(key), "{error}");
    }
}

/// Values that nothing reads would be ignored.
#[test]
fn a_timestamp_without_its_mode_is_refused() {
    for side in ["startup", "bounded"] {
        let key = format!("sql.tables.scan.{side}.timestamp-millis");
        let error = read(&[(key.as_str(), "1000")]).unwrap_err();
        assert!(error.contains(&format!("'sql.tables.scan.{side}.mode': it is not set")), "{error}");
    }
    assert!(read(&[("sql.snapshot.write-mode", "default")]).is_ok());
    let many: Vec<(String, &str)> = (0..8193).map(|i| (format!("client.{i}"), "x")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(key, value)| (key.as_str(), *value)).collect();
    assert!(read(&many).unwrap_err().contains("at most 8192 properties"));
}
