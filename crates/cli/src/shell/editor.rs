//! What the line editor asks while a person types: is it complete, what could follow.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustyline::completion::Completer;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Cmd, ConditionalEventHandler, Context, Event, EventContext, Helper, RepeatCount};

use super::prompt::{Vocabulary, is_exit};
use crate::script;

/// Offered at the beginning of a statement.
const STATEMENTS: &[&str] = &[
    "SELECT",
    "INSERT INTO",
    "CREATE TABLE",
    "CREATE VIEW",
    "CREATE FUNCTION",
    "ALTER TABLE",
    "DROP TABLE",
    "DROP VIEW",
    "DESCRIBE",
    "DESCRIBE EXTENDED",
    "EXPLAIN",
    "EXECUTE STATEMENT SET BEGIN",
    "SHOW CATALOGS",
    "SHOW DATABASES",
    "SHOW TABLES",
    "SHOW CREATE TABLE",
    "SHOW FUNCTIONS",
    "SHOW JOBS",
    "USE CATALOG",
    "USE",
    "SET",
    "RESET",
    "WITH",
    "exit",
];

/// Offered elsewhere.
const KEYWORDS: &[&str] = &[
    "FROM",
    "WHERE",
    "GROUP BY",
    "HAVING",
    "ORDER BY",
    "LIMIT",
    "JOIN",
    "LEFT JOIN",
    "INNER JOIN",
    "CROSS JOIN",
    "FOR SYSTEM_TIME AS OF",
    "ON",
    "AS",
    "AND",
    "OR",
    "NOT",
    "NULL",
    "IS NULL",
    "IS NOT NULL",
    "BETWEEN",
    "IN",
    "LIKE",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST",
    "TRY_CAST",
    "DISTINCT",
    "UNION ALL",
    "VALUES",
    "TABLE",
    "DESCRIPTOR",
    "TUMBLE",
    "HOP",
    "CUMULATE",
    "SESSION",
    "INTERVAL",
    "WATERMARK FOR",
    "PRIMARY KEY",
    "NOT ENFORCED",
    "DISTRIBUTED BY",
    "WITH",
    "STRING",
    "INT",
    "BIGINT",
    "DOUBLE",
    "DECIMAL",
    "BOOLEAN",
    "DATE",
    "TIMESTAMP",
    "TIMESTAMP_LTZ",
    "ARRAY",
    "MAP",
    "ROW",
    "COUNT",
    "SUM",
    "AVG",
    "MIN",
    "MAX",
    "OVER",
    "PARTITION BY",
    "MATCH_RECOGNIZE",
    "EXISTS",
    "IF",
    "EXTENDED",
    "CATALOGS",
    "DATABASES",
    "TABLES",
    "FUNCTIONS",
    "INTO",
    "SELECT",
];

/// The helper of the line editor.
pub struct SqlHelper {
    vocabulary: Vocabulary,
    /// Ctrl-S turns completion off and on.
    pub enabled: Arc<AtomicBool>,
}

impl SqlHelper {
    pub fn new(vocabulary: Vocabulary) -> SqlHelper {
        SqlHelper { vocabulary, enabled: Arc::new(AtomicBool::new(true)) }
    }

    /// Where the word before the cursor begins, and what it could become.
    pub fn candidates(&self, line: &str, cursor: usize) -> (usize, Vec<String>) {
        let before = &line[..cursor];
        let start = before
            .rfind(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'))
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        let word = &before[start..];
        if word.is_empty() || !self.enabled.load(Ordering::Relaxed) {
            return (start, Vec::new());
        }
        let begun = script::split(&before[..start]).rest;
        let keywords = if begun.is_empty() { STATEMENTS } else { KEYWORDS };
        let fits = |keyword: &&&str| keyword.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
        let mut found: Vec<String> = keywords.iter().filter(fits).map(|&keyword| keyword.to_owned()).collect();
        if !begun.is_empty() {
            let names = self.vocabulary.matching(word);
            found.extend(names.into_iter().filter(|name| !KEYWORDS.iter().any(|word| word.eq_ignore_ascii_case(name))));
        }
        (start, found)
    }
}

impl Helper for SqlHelper {}
impl Highlighter for SqlHelper {}

impl Hinter for SqlHelper {
    type Hint = String;
}

impl Completer for SqlHelper {
    type Candidate = String;

    fn complete(&self, line: &str, cursor: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.candidates(line, cursor))
    }
}

impl Validator for SqlHelper {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let done = is_exit(context.input()) || script::split(context.input()).is_complete();
        Ok(if done { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

/// Turns completion off and on.
pub struct ToggleCompletion(pub Arc<AtomicBool>);

impl ConditionalEventHandler for ToggleCompletion {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, _: &EventContext<'_>) -> Option<Cmd> {
        self.0.fetch_xor(true, Ordering::Relaxed);
        Some(Cmd::Noop)
    }
}
