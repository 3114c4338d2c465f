//! [`Session`]: where statements go and with which properties; what `USE`, `SET` and `RESET` change (spec D-19, D-20, 2.2).

use std::collections::BTreeMap;
use std::time::Duration;

use nutkin_api::sql::StatementSpec;

use crate::client::StatementPath;
use crate::context::{ContextArguments, Target};
use crate::error::{Error, Result};
use crate::local::Local;

/// Property that holds the current catalog.
pub const CATALOG: &str = "sql.current-catalog";
/// Property that holds the current database.
pub const DATABASE: &str = "sql.current-database";
const RESULT_MODE: &str = "client.result-mode";
const OUTPUT_FORMAT: &str = "client.output-format";
const RESULTS_TIMEOUT: &str = "client.results-timeout";
const SERVICE_ACCOUNT: &str = "client.service-account";
const STATEMENT_NAME: &str = "client.statement-name";

/// Says what is wrong with a value.
type Check = fn(&str) -> Result<(), String>;

/// Keys that the client keeps to itself, each with a check of its values.
const CLIENT_KEYS: &[(&str, Check)] = &[
    (RESULT_MODE, |value| one_of("result mode", RESULT_MODE, value, &["table", "changelog"])),
    (OUTPUT_FORMAT, |value| one_of("output format", OUTPUT_FORMAT, value, &["standard", "plain-text"])),
    (RESULTS_TIMEOUT, |value| {
        let wrong = |_| format!("{RESULTS_TIMEOUT} takes a whole number of milliseconds, not '{value}'");
        value.parse::<u64>().map(drop).map_err(wrong)
    }),
    (SERVICE_ACCOUNT, |_| Ok(())),
    (STATEMENT_NAME, |value| {
        let usable = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let fits = !value.is_empty() && value.len() <= 100 && value.chars().all(usable);
        let inner = !value.starts_with('-') && !value.ends_with('-');
        let text = format!("{STATEMENT_NAME} takes a name of lower case letters, digits and '-', not '{value}'");
        if fits && inner { Ok(()) } else { Err(text) }
    }),
];

fn one_of(what: &str, key: &str, value: &str, allowed: &[&str]) -> Result<(), String> {
    if allowed.contains(&value) {
        return Ok(());
    }
    Err(format!("invalid {what} for {key}: '{value}'. Choose {}", allowed.join(" or ")))
}

/// How the shell shows results that change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultMode {
    /// The rows as they are now.
    Table,
    /// Every change.
    Changelog,
}

/// What a local statement shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// `Key`, `Value`, and a line of text.
    Settings {
        rows: Vec<(String, String)>,
        message: Option<&'static str>,
    },
    Exit,
}

/// Where statements go, and their properties.
#[derive(Debug, Clone)]
pub struct Session {
    pub at: StatementPath,
    pub compute_pool: Option<String>,
    properties: BTreeMap<String, String>,
    /// What RESET goes back to.
    initial: BTreeMap<String, String>,
}

impl Session {
    /// The session at its beginning.
    pub fn new(target: Target, arguments: &ContextArguments) -> Result<Session> {
        let mut initial = BTreeMap::from([(CATALOG.to_owned(), target.catalog)]);
        if let Some(database) = target.database {
            initial.insert(DATABASE.to_owned(), database);
        }
        if let Some(account) = &arguments.service_account {
            initial.insert(SERVICE_ACCOUNT.to_owned(), account.clone());
        }
        for (key, value) in &arguments.properties {
            check(key, value)?;
            initial.insert(key.clone(), value.clone());
        }
        Ok(Session { at: target.at, compute_pool: target.compute_pool, properties: initial.clone(), initial })
    }

    /// Value of a property.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.properties.get(key).map(String::as_str)
    }

    /// Carries out a local statement.
    pub fn apply(&mut self, local: Local) -> Result<Shown> {
        let changed = |rows: Vec<(&str, &str)>, message| Shown::Settings {
            rows: rows.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            message: Some(message),
        };
        Ok(match local {
            Local::Exit => Shown::Exit,
            Local::List => Shown::Settings {
                rows: self.properties.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
                message: None,
            },
            Local::UseCatalog(catalog) => {
                let shown = changed(vec![(CATALOG, &catalog)], UPDATED);
                self.use_catalog(catalog);
                shown
            }
            Local::UseDatabase { catalog, database } => {
                let mut rows: Vec<(&str, &str)> = catalog.iter().map(|catalog| (CATALOG, catalog.as_str())).collect();
                rows.push((DATABASE, &database));
                let shown = changed(rows, UPDATED);
                if let Some(catalog) = catalog {
                    self.use_catalog(catalog);
                }
                self.properties.insert(DATABASE.to_owned(), database);
                shown
            }
            Local::Set(key, _) if key == CATALOG || key == DATABASE => {
                let text = "cannot set a catalog or a database with SET command. Use \"USE CATALOG catalog-name\" and \
                            \"USE db-name\".";
                return Err(Error::Usage(text.to_owned()));
            }
            Local::Set(key, value) => {
                check(&key, &value)?;
                let shown = changed(vec![(&key, &value)], UPDATED);
                self.properties.insert(key, value);
                shown
            }
            Local::Reset(key) => {
                if self.properties.remove(&key).is_none() {
                    return Err(Error::Usage(format!("configuration key \"{key}\" is not set")));
                }
                // A database is one of its catalog.
                if key == CATALOG {
                    self.properties.remove(DATABASE);
                }
                changed(Vec::new(), RESET)
            }
            Local::ResetAll => {
                self.properties = self.initial.clone();
                changed(Vec::new(), RESET)
            }
        })
    }

    /// Another catalog has other databases.
    fn use_catalog(&mut self, catalog: String) {
        if self.properties.insert(CATALOG.to_owned(), catalog.clone()) != Some(catalog) {
            self.properties.remove(DATABASE);
        }
    }

    /// The statement to submit, and its name: the one that was set, for this once, or one that nobody has.
    pub fn submission(&mut self, sql: &str) -> (String, StatementSpec) {
        let name = self.properties.remove(STATEMENT_NAME);
        let sent = |(key, _): &(&String, &String)| !key.starts_with("client.");
        let properties = self.properties.iter().filter(sent).map(|(k, v)| (k.clone(), v.clone())).collect();
        let spec = StatementSpec {
            statement: sql.to_owned(),
            properties,
            compute_pool_id: self.compute_pool.clone(),
            principal: self.properties.get(SERVICE_ACCOUNT).cloned(),
            stopped: false,
            execution_mode: None,
        };
        (name.unwrap_or_else(|| format!("cli-{}", uuid::Uuid::new_v4())), spec)
    }

    /// `client.result-mode`, table unless it was set.
    pub fn result_mode(&self) -> ResultMode {
        if self.get(RESULT_MODE) == Some("changelog") { ResultMode::Changelog } else { ResultMode::Table }
    }

    /// `client.output-format` is plain-text: nothing is drawn over.
    pub fn is_plain_text(&self) -> bool {
        self.get(OUTPUT_FORMAT) == Some("plain-text")
    }

    /// `client.results-timeout`: how long a statement may be PENDING; 10 minutes unless it was set.
    pub fn results_timeout(&self) -> Duration {
        let set = self.get(RESULTS_TIMEOUT).and_then(|value| value.parse().ok());
        Duration::from_millis(set.unwrap_or(600_000))
    }
}

const UPDATED: &str = "configuration updated successfully";
const RESET: &str = "configuration has been reset successfully";

/// Refuses keys of the client that do not exist and values that they do not take. Other keys are for the service to judge.
fn check(key: &str, value: &str) -> Result<()> {
    if !key.starts_with("client.") {
        return Ok(());
    }
    let Some((_, check)) = CLIENT_KEYS.iter().find(|(name, _)| *name == key) else {
        let names: Vec<_> = CLIENT_KEYS.iter().map(|(name, _)| *name).collect();
        return Err(Error::Usage(format!(
            "there is no setting '{key}'. Those of the client are {}.",
            names.join(", ")
        )));
    };
    check(value).map_err(|text| Error::Usage(format!("{text}.")))
}
