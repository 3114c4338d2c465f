//! SET and RESET of the options of a table that exists (spec D-08).

use std::collections::BTreeMap;

use nutkin_kafka::ConfigChange;

use super::table::{self, Effect};
use super::{Home, TableOptions, topic};
use crate::error::CatalogError;

/// Options by key.
type Options = BTreeMap<String, String>;

/// Options that say what a table made by CREATE TABLE is made of.
const MADE_WITH: [&str; 4] = ["key.format", "value.format", "key.fields-prefix", "value.fields-include"];

/// What changes at the topic.
#[derive(Debug, Default)]
pub(crate) struct Altered {
    pub topic: Vec<ConfigChange>,
}

impl Altered {
    /// The settings of the topic as they will be, as far as they are told here.
    pub fn apply(&self, settings: &mut Options) {
        for change in &self.topic {
            match change {
                ConfigChange::Set(name, value) => drop(settings.insert(name.clone(), value.clone())),
                ConfigChange::Delete(name) => drop(settings.remove(name)),
                ConfigChange::Append(..) | ConfigChange::Subtract(..) => {}
            }
        }
    }
}

/// Sets `options` of a table whose options are `printed`, and of which `kept` is in the metastore.
///
/// # Errors
/// NUTKIN-3202 to 3204, as CREATE TABLE gives them, and for options that cannot change.
pub(crate) fn set(
    kept: &mut Options,
    printed: &Options,
    options: &Options,
    inferred: bool,
) -> Result<Altered, CatalogError> {
    // Names that say a format are judged by what is written now, and by the formats as they are.
    let mut named = options.clone();
    for side in ["key.format", "value.format"] {
        if let (false, Some(format)) = (named.contains_key(side), printed.get(side)) {
            named.insert(side.to_owned(), format.clone());
        }
    }
    let mut wanted = printed.clone();
    let mut keys = Vec::with_capacity(options.len());
    for (key, value) in options {
        let (key, home) = changeable(key, &named, inferred)?;
        keys.push((key, home));
        wanted.insert(key.to_owned(), value.clone());
    }
    finish(kept, &wanted, &keys)
}

/// Takes options back to their defaults.
///
/// # Errors
/// As [`set`].
pub(crate) fn reset(
    kept: &mut Options,
    printed: &Options,
    keys: &[String],
    inferred: bool,
) -> Result<Altered, CatalogError> {
    let mut wanted = printed.clone();
    let mut found = Vec::with_capacity(keys.len());
    for key in keys {
        let Some((line, format)) = table::find(key) else { return Err(unknown(key)) };
        // What is not built has its default.
        if matches!(line.effect, Effect::NotBuilt(_)) {
            continue;
        }
        let is_used = format.is_none_or(|format| line.is_of_format_in_use(format, printed));
        let (key, home) = changeable(if is_used { line.key } else { key }, printed, inferred)?;
        wanted.remove(key);
        found.push((key, home));
    }
    finish(kept, &wanted, &found)
}

fn unknown(key: &str) -> CatalogError {
    CatalogError::UnknownOption { key: key.to_owned(), known: table::known() }
}

/// The option's own key and where it is kept, if it may change. That of a format that is not in use is kept as written.
fn changeable<'a>(key: &'a str, named: &Options, inferred: bool) -> Result<(&'a str, Home), CatalogError> {
    let Some((line, format)) = table::find(key) else { return Err(unknown(key)) };
    if let Some(format) = format {
        if !line.is_of_format_in_use(format, named) {
            return Ok((key, Home::Metastore));
        }
        TableOptions::check_twin(key, line, named)?;
    }
    let refuse = |problem: &str| Err(CatalogError::bad_option(key, problem));
    match (&line.effect, line.key) {
        (_, "connector") => refuse("the connector of a table cannot change. Create another table"),
        (_, "kafka.partitions") => refuse("the buckets of a table cannot change. Create another table"),
        (_, made) if !inferred && MADE_WITH.contains(&made) => {
            refuse("it cannot change in a table that CREATE TABLE made with it. Create another table")
        }
        (Effect::NotBuilt(remedy), _) => {
            Err(CatalogError::NotBuilt { what: format!("The table option '{key}'"), remedy: (*remedy).to_owned() })
        }
        (Effect::Apply { home, .. }, own) => Ok((own, *home)),
    }
}

/// Judges all options together, and takes over those of `keys`.
fn finish(kept: &mut Options, wanted: &Options, keys: &[(&str, Home)]) -> Result<Altered, CatalogError> {
    let options = TableOptions::parse(wanted)?;
    let (now_kept, settings) = (options.kept(), topic::settings(&options));
    let mut altered = Altered::default();
    for (key, home) in keys {
        match home {
            Home::Metastore => match now_kept.get(*key) {
                Some(value) => drop(kept.insert((*key).to_owned(), value.clone())),
                None => drop(kept.remove(*key)),
            },
            Home::Topic => {
                let Some(name) = topic::setting_of(key) else { continue };
                let value = settings.iter().find(|(setting, _)| setting == name);
                altered.topic.push(match value {
                    Some((_, value)) => ConfigChange::Set(name.to_owned(), value.clone()),
                    None => ConfigChange::Delete(name.to_owned()),
                });
            }
        }
    }
    Ok(altered)
}
