//! Spec D-19, D-20.

use crate::client::StatementPath;
use crate::context::{ContextArguments, Target};
use crate::local::{Local, parse};
use crate::session::{ResultMode, Session, Shown};

fn session() -> Session {
    let at = StatementPath { organization: "org".into(), environment: "env-1".into() };
    let target = Target { at, catalog: "env".into(), database: Some("db".into()), compute_pool: Some("lfcp-1".into()) };
    Session::new(target, &ContextArguments::default()).unwrap()
}

fn run(session: &mut Session, text: &str) -> Result<Shown, String> {
    let local = parse(text).map_err(|e| e.to_string())?.unwrap();
    session.apply(local).map_err(|e| e.to_string())
}

fn message(session: &mut Session, text: &str) -> &'static str {
    match run(session, text).unwrap() {
        Shown::Settings { message: Some(message), .. } => message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn local_statements_are_told_from_others() {
    assert_eq!(parse("SELECT 1").unwrap(), None);
    assert_eq!(parse("-- use\nSHOW TABLES;").unwrap(), None);
    assert_eq!(parse("use catalog `my env`;").unwrap(), Some(Local::UseCatalog("my env".into())));
    let both = Local::UseDatabase { catalog: Some("e".into()), database: "lkc-1".into() };
    assert_eq!(parse("/* x */ USE e.`lkc-1`").unwrap(), Some(both));
    assert_eq!(parse("SET 'a' = 'it''s'").unwrap(), Some(Local::Set("a".into(), "it's".into())));
    assert_eq!(parse("quit").unwrap(), Some(Local::Exit));
    for wrong in ["USE", "USE a b", "SET a = b", "SET 'a'", "RESET a", "USE 'a'"] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn use_sets_catalog_and_database() {
    let mut session = session();
    let shown = run(&mut session, "USE other").unwrap();
    let rows = vec![("sql.current-database".to_owned(), "other".to_owned())];
    assert_eq!(shown, Shown::Settings { rows, message: Some("configuration updated successfully") });
    // Another catalog has other databases, the same one keeps its own.
    run(&mut session, "USE CATALOG env").unwrap();
    assert_eq!(session.get("sql.current-database"), Some("other"));
    run(&mut session, "USE CATALOG env2").unwrap();
    assert_eq!(session.get("sql.current-database"), None);
    run(&mut session, "USE env3.db3").unwrap();
    assert_eq!((session.get("sql.current-catalog"), session.get("sql.current-database")), (Some("env3"), Some("db3")));
}

#[test]
fn set_and_reset_say_what_the_original_says() {
    let mut session = session();
    assert_eq!(message(&mut session, "SET 'sql.state-ttl' = '1 h'"), "configuration updated successfully");
    assert_eq!(message(&mut session, "RESET 'sql.state-ttl'"), "configuration has been reset successfully");
    assert_eq!(run(&mut session, "RESET 'nothing'").unwrap_err(), "configuration key \"nothing\" is not set");
    let refused = run(&mut session, "SET 'sql.current-catalog' = 'x'").unwrap_err();
    assert!(refused.starts_with("cannot set a catalog or a database with SET command"), "{refused}");
    // The database goes with its catalog, and RESET alone goes back to the beginning.
    message(&mut session, "RESET 'sql.current-catalog'");
    assert_eq!(session.get("sql.current-database"), None);
    message(&mut session, "RESET");
    assert_eq!(session.get("sql.current-database"), Some("db"));
}

#[test]
fn settings_of_the_client_are_checked_and_not_sent() {
    let mut session = session();
    let wrong = run(&mut session, "SET 'client.output-format' = 'xml'").unwrap_err();
    assert!(wrong.starts_with("invalid output format for"), "{wrong}");
    for wrong in ["'client.unknown' = '1'", "'client.results-timeout' = 'x'", "'client.statement-name' = 'a_b'"] {
        assert!(run(&mut session, &format!("SET {wrong}")).is_err(), "{wrong}");
    }
    assert_eq!(session.result_mode(), ResultMode::Table);
    message(&mut session, "SET 'client.result-mode' = 'changelog'");
    message(&mut session, "SET 'client.service-account' = 'sa-1'");
    message(&mut session, "SET 'client.statement-name' = 'mine'");
    assert_eq!(session.result_mode(), ResultMode::Changelog);
    let (name, spec) = session.submission("SELECT 1");
    assert_eq!((name.as_str(), spec.principal.as_deref()), ("mine", Some("sa-1")));
    let keys: Vec<_> = spec.properties.keys().map(String::as_str).collect();
    assert_eq!(keys, ["sql.current-catalog", "sql.current-database"]);
    // The name was for once.
    assert!(session.submission("SELECT 1").0.starts_with("cli-"));
}
