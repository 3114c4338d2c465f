//! A document as it is written, before anything is made of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nutkin_planner::session::duration::parse_milliseconds;
use serde::Deserialize;
use serde_json::Value as Json;

use super::expectation::{self, Expectation};

/// Which rules tables and statements follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    #[default]
    Service,
    Flink,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    pub name: Option<String>,
    /// For readers.
    #[serde(default, rename = "about")]
    _about: Option<String>,
    /// A reason not to run the case.
    pub skip: Option<String>,
    #[serde(default)]
    pub mode: Mode,
    /// The wall clock when the case begins.
    pub now: Option<String>,
    /// Statement properties.
    #[serde(default)]
    pub properties: BTreeMap<String, Json>,
    #[serde(default)]
    pub tables: BTreeMap<String, TableDocument>,
    /// A file of statements, beside the case's file.
    file: Option<PathBuf>,
    /// Statements, after those of the file.
    sql: Option<String>,
    /// What happens after the rows of the tables are there.
    #[serde(default)]
    pub steps: Vec<StepDocument>,
    /// False: the input does not end, so windows close only by later rows.
    #[serde(default = "yes")]
    pub end: bool,
    #[serde(default)]
    pub expect: BTreeMap<String, Json>,
}

fn yes() -> bool {
    true
}

/// A table with its rows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableDocument {
    /// As in CREATE TABLE; left out for a table that the statements make.
    pub columns: Option<Columns>,
    /// As in WITH.
    #[serde(default)]
    pub options: BTreeMap<String, Json>,
    #[serde(default)]
    pub rows: Vec<Json>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Columns {
    Text(String),
    List(Vec<String>),
}

impl Columns {
    pub fn list(&self) -> Vec<String> {
        match self {
            Columns::Text(text) => vec![text.trim().trim_end_matches(',').to_owned()],
            Columns::List(list) => list.clone(),
        }
    }
}

/// One step: exactly one of its fields.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepDocument {
    /// Rows by table.
    pub rows: Option<BTreeMap<String, Vec<Json>>>,
    /// Wall-clock time that passes: `10 s`.
    pub advance: Option<String>,
    /// What tables hold by now.
    pub expect: Option<BTreeMap<String, Json>>,
}

impl Document {
    pub fn parse(text: &str) -> Result<Document, String> {
        let document: Document = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
        for step in &document.steps {
            step.check()?;
        }
        Ok(document)
    }

    /// Statements of the file and of the document, one by one.
    pub fn statements(&self, directory: &Path) -> Result<Vec<String>, String> {
        let mut texts = Vec::new();
        if let Some(file) = &self.file {
            let path = directory.join(file);
            texts.push(std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?);
        }
        texts.extend(self.sql.clone());
        let mut statements = Vec::new();
        for text in &texts {
            match nutkin_sql::parse_statements(text) {
                Ok(parsed) => statements.extend(parsed.into_iter().map(|(_, span)| span.text(text).to_owned())),
                // The error itself may be what the case expects.
                Err(_) => statements.push(text.clone()),
            }
        }
        match statements.is_empty() {
            true => {
                Err("there is no statement: write one under 'sql', or name a file of statements under 'file'"
                    .to_owned())
            }
            false => Ok(statements),
        }
    }

    /// What the steps expect, in order.
    pub fn checks(&self) -> Result<Vec<Vec<Expectation>>, crate::case::Trouble> {
        let checks = self.steps.iter().filter_map(|step| step.expect.as_ref());
        let wrong = |problem| crate::refusal::Refusal::validation("NUTKIN-6302", problem);
        Ok(checks.map(expectation::tables).collect::<Result<_, _>>().map_err(wrong)?)
    }
}

impl StepDocument {
    fn check(&self) -> Result<(), String> {
        let given = [self.rows.is_some(), self.advance.is_some(), self.expect.is_some()];
        if given.iter().filter(|is_given| **is_given).count() != 1 {
            return Err("a step is one of 'rows', 'advance' and 'expect'".to_owned());
        }
        if let Some(expect) = &self.expect {
            expectation::tables(expect)?;
        }
        self.duration().map(|_| ())
    }

    /// How far the clock moves.
    pub fn duration(&self) -> Result<Option<Duration>, String> {
        let Some(text) = &self.advance else { return Ok(None) };
        let millis = parse_milliseconds(text)?;
        let millis = u64::try_from(millis).map_err(|_| format!("'{text}' goes back in time"))?;
        Ok(Some(Duration::from_millis(millis)))
    }
}

/// A value of an option or property as text.
pub fn option_text(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}
