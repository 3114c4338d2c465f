//! Java's regular expressions on an engine of our own choice.
//!
//! Patterns are rewritten where the two languages differ: `\d`, `\w` and `\s` are ASCII, `.` ends at every line terminator,
//! POSIX classes, `\Q...\E` and `\h` exist. Look-around, back-references and possessive quantifiers backtrack, within a
//! limit; everything else runs in linear time. Given up: `\G`, `\X`, canonical equivalence, and `$` before a final line break.

mod translate;

use fancy_regex::{Captures, Regex};

use crate::error::EvaluationError;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    regex: Regex,
}

impl Pattern {
    /// None when the pattern is malformed.
    pub fn new(pattern: &str) -> Option<Pattern> {
        Regex::new(&translate::translate(pattern)).ok().map(|regex| Pattern { regex })
    }

    /// Number of groups beside the whole.
    pub fn groups(&self) -> usize {
        self.regex.captures_len().saturating_sub(1)
    }

    pub fn is_match(&self, text: &str) -> Result<bool, EvaluationError> {
        self.regex.is_match(text).map_err(|error| self.exceeded(&error))
    }

    /// Start and end of the first match.
    pub fn find(&self, text: &str) -> Result<Option<(usize, usize)>, EvaluationError> {
        let found = self.regex.find(text).map_err(|error| self.exceeded(&error))?;
        Ok(found.map(|found| (found.start(), found.end())))
    }

    pub fn captures<'t>(&self, text: &'t str) -> Result<Option<Captures<'t, str>>, EvaluationError> {
        self.regex.captures(text).map_err(|error| self.exceeded(&error))
    }

    /// Calls `visit` with every match in Java's order: an empty one may follow right behind another.
    pub fn each(&self, text: &str, mut visit: impl FnMut(usize, usize)) -> Result<(), EvaluationError> {
        let mut from = 0;
        while from <= text.len() {
            let found = self.regex.find_from_pos(text, from).map_err(|error| self.exceeded(&error))?;
            let Some(found) = found else { break };
            visit(found.start(), found.end());
            from = after(text, found.start(), found.end());
        }
        Ok(())
    }

    /// As [`Pattern::each`], with the groups.
    pub fn each_captures<'t>(
        &self,
        text: &'t str,
        mut visit: impl FnMut(&Captures<'t, str>),
    ) -> Result<(), EvaluationError> {
        let mut from = 0;
        while from <= text.len() {
            let found = self.regex.captures_from_pos(text, from).map_err(|error| self.exceeded(&error))?;
            let Some(found) = found else { break };
            let Some((start, end)) = found.get(0).map(|whole| (whole.start(), whole.end())) else { break };
            visit(&found);
            from = after(text, start, end);
        }
        Ok(())
    }

    fn exceeded(&self, error: &fancy_regex::Error) -> EvaluationError {
        EvaluationError::InvalidArgument {
            function: "REGEXP",
            value: self.regex.as_str().to_owned(),
            reason: format!(
                "the pattern needs too much work on this text ({error}); write it without nested repetitions"
            ),
        }
    }
}

/// Where the search goes on after a match.
fn after(text: &str, start: usize, end: usize) -> usize {
    if end > start { end } else { end + text[end..].chars().next().map_or(1, char::len_utf8) }
}
