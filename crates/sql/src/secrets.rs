//! Secrets in the text of statements (spec D-13): passwords, tokens and keys of `WITH ('key' = 'value')` and `SET`.
//!
//! The text of a statement is kept, listed and logged, and people who may see a statement need not know what it connects with. It is
//! looked at without the lexer, so that a statement that cannot be read is redacted as well.

use std::borrow::Cow;
use std::ops::Range;

/// What stands in the place of a secret.
pub const REDACTED: &str = "******";

/// How the last part of a key ends whose value is a secret; `_` counts as `-`.
const SECRETS: &[&str] =
    &["api-key", "access-key", "secret-key", "service-key", "session-token", "sas-token", "secret", "password"];
/// Statements that take options.
const STATEMENTS: &[&str] = &["CREATE", "ALTER", "SET", "EXPLAIN"];

/// Whether the value under an option's key must not be shown.
///
/// ```
/// assert!(nutkin_sql::is_secret_key("openai.api_key") && nutkin_sql::is_secret_key("sql.secrets.mine"));
/// assert!(!nutkin_sql::is_secret_key("token-endpoint") && !nutkin_sql::is_secret_key("key.format"));
/// ```
pub fn is_secret_key(key: &str) -> bool {
    let key = key.trim().to_ascii_lowercase().replace('_', "-");
    let last = key.rsplit('.').next().unwrap_or_default();
    key.starts_with("sql.secrets.") || last == "token" || SECRETS.iter().any(|secret| last.ends_with(secret))
}

/// `sql` with `'******'` in the place of every secret.
pub fn redacted(sql: &str) -> Cow<'_, str> {
    if !takes_options(sql) {
        return Cow::Borrowed(sql);
    }
    let literals = literals(sql);
    let (mut text, mut copied) = (String::new(), 0);
    for pair in literals.windows(2) {
        let [key, value] = pair else { continue };
        let assigned = sql[key.end..value.start].trim() == "=";
        if assigned && is_secret_key(sql[key.clone()].trim_matches('\'')) {
            text.push_str(&sql[copied..value.start]);
            text.push_str(&format!("'{REDACTED}'"));
            copied = value.end;
        }
    }
    if copied == 0 {
        return Cow::Borrowed(sql);
    }
    text.push_str(&sql[copied..]);
    Cow::Owned(text)
}

fn takes_options(sql: &str) -> bool {
    let mut rest = sql;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let end = match () {
            () if rest.starts_with("--") => rest.find('\n').map(|at| at + 1),
            () if rest.starts_with("/*") => rest.find("*/").map(|at| at + 2),
            () => break,
        };
        let Some(end) = end else { return false };
        rest = &rest[end..];
    }
    let word = rest.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    STATEMENTS.iter().any(|statement| word.eq_ignore_ascii_case(statement))
}

/// Places of the texts in single quotes, quotes included; the last may have no end.
fn literals(sql: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = sql[at..].find(['\'', '`', '-', '/']) {
        let start = at + next;
        let rest = &sql[start..];
        at = start
            + match rest.as_bytes() {
                [b'\'', ..] => {
                    let length = quoted(rest, '\'');
                    found.push(start..start + length);
                    length
                }
                [b'`', ..] => quoted(rest, '`'),
                [b'-', b'-', ..] => rest.find('\n').unwrap_or(rest.len()),
                [b'/', b'*', ..] => rest.find("*/").map_or(rest.len(), |end| end + 2),
                _ => 1,
            };
    }
    found
}

/// Length of the text in `quote`s at the beginning of `rest`; a quote in it is written twice.
fn quoted(rest: &str, quote: char) -> usize {
    let mut at = 1;
    while let Some(end) = rest[at..].find(quote) {
        at += end + 1;
        if !rest[at..].starts_with(quote) {
            return at;
        }
        at += 1;
    }
    rest.len()
}
