//! Java's regular expressions on an engine of our own choice.
//!
//! Patterns are rewritten where the two languages differ: `\d`, `\w` and `\s` are ASCII, `.` ends at every line terminator,
//! POSIX classes, `\Q...\E` and `\h` exist. Look-around, back-references and possessive quantifiers backtrack, within a
//! limit; everything else runs in linear time. Given up: `\G`, `\X`, canonical equivalence, and `$` before a final line break.

mod translate;

use std::sync::OnceLock;

use fancy_regex::Regex;
use regex_automata::Input;
use regex_automata::meta;

use crate::error::EvaluationError;

/// Start and end of a part of a text, in bytes.
pub(crate) type Part = (usize, usize);

/// Groups whose places are kept on the stack.
const GROUPS: usize = 16;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(crate) struct Pattern {
    regex: Regex,
    /// The same without backtracking, for patterns that need none: it says where groups are without an allocation.
    linear: OnceLock<Option<meta::Regex>>,
}

impl Pattern {
    /// None when the pattern is malformed.
    pub fn new(pattern: &str) -> Option<Pattern> {
        Regex::new(&translate::translate(pattern)).ok().map(|regex| Pattern { regex, linear: OnceLock::new() })
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

    /// Where a group of the first match is; the outer None is no match.
    pub fn group(&self, text: &str, group: usize) -> Result<Option<Option<Part>>, EvaluationError> {
        Ok(self.group_from(text, 0, group)?.map(|(_, part)| part))
    }

    /// The first match from a byte on, and a group of it.
    fn group_from(
        &self,
        text: &str,
        from: usize,
        group: usize,
    ) -> Result<Option<(Part, Option<Part>)>, EvaluationError> {
        if let Some(linear) = self.linear().filter(|_| group < GROUPS) {
            let mut slots = [None; 2 * GROUPS];
            linear.search_slots(&Input::new(text).range(from..), &mut slots[..2 * (group + 1)]);
            let part = |i: usize| Some((slots[2 * i]?.get(), slots[2 * i + 1]?.get()));
            return Ok(part(0).map(|whole| (whole, part(group))));
        }
        let found = self.regex.captures_from_pos(text, from).map_err(|error| self.exceeded(&error))?;
        let part = |i: usize| found.as_ref()?.get(i).map(|part| (part.start(), part.end()));
        Ok(part(0).map(|whole| (whole, part(group))))
    }

    fn linear(&self) -> Option<&meta::Regex> {
        let build = || {
            let source = self.regex.as_str();
            // A possessive quantifier is a repeated repetition to the linear engine.
            let possessive = ["*+", "++", "?+", "}+"].iter().any(|quantifier| source.contains(quantifier));
            if possessive { None } else { meta::Regex::new(source).ok() }
        };
        self.linear.get_or_init(build).as_ref()
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

    /// As [`Pattern::each`], with where a group of the match is.
    pub fn each_group(
        &self,
        text: &str,
        group: usize,
        mut visit: impl FnMut(Option<Part>),
    ) -> Result<(), EvaluationError> {
        let mut from = 0;
        while from <= text.len() {
            let Some(((start, end), part)) = self.group_from(text, from, group)? else { break };
            visit(part);
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
