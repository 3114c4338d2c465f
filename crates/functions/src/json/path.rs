//! JSON paths: `[lax | strict] $.name['name'][0][-1][*][1:3][0,2]..name[?(@.price > 10)].length()`.
//!
//! Without a mode a path is strict, without `$` it starts at the root. A path that is wrong is an error of the call, which
//! its ON ERROR decides about, as in Flink. Functions other than `length()` and `size()`, and `=~`, `in` and their kin in
//! filters are not built.

use super::filter::Filter;

/// What a missing value or a malformed text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Nothing is found.
    Lax,
    /// An error.
    Strict,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    Field(String),
    /// `['a','b']`
    Fields(Vec<String>),
    /// Negative counts from the end.
    Index(i64),
    Indexes(Vec<i64>),
    Slice(Option<i64>, Option<i64>),
    Wildcard,
    /// `..`: what follows is looked for at every depth.
    Deep,
    Filter(Filter),
    Length,
}

/// A path as written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Path {
    pub mode: Mode,
    pub steps: Vec<Step>,
}

/// Why a path cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PathError {
    Malformed(String),
    /// Right, but not built here.
    NotBuilt(String),
}

impl std::fmt::Display for PathError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PathError::Malformed(reason) => write!(f, "the path is malformed: {reason}"),
            PathError::NotBuilt(what) => write!(f, "{what} in a JSON path is not supported"),
        }
    }
}

impl Path {
    pub fn parse(text: &str) -> Result<Path, PathError> {
        let (mode, rest) = mode(text);
        let mut scanner = Scanner { chars: rest.trim().chars().collect(), at: 0 };
        if scanner.chars.is_empty() {
            return Err(scanner.wrong("it is empty"));
        }
        if !scanner.take('$') {
            scanner.chars.splice(0..0, ['.']);
        }
        Ok(Path { mode, steps: scanner.steps()? })
    }
}

/// True when the path names at most one value.
pub(super) fn is_definite(steps: &[Step]) -> bool {
    steps.iter().enumerate().all(|(i, step)| match step {
        Step::Field(_) | Step::Index(_) | Step::Length => true,
        // The last one makes an object of its own.
        Step::Fields(_) => i + 1 == steps.len(),
        _ => false,
    })
}

/// `lax` or `strict` and the path itself.
fn mode(text: &str) -> (Mode, &str) {
    let trimmed = text.trim_start();
    for (word, mode) in [("strict", Mode::Strict), ("lax", Mode::Lax)] {
        if let Some(start) = trimmed.get(..word.len())
            && start.eq_ignore_ascii_case(word)
            && trimmed[word.len()..].starts_with(char::is_whitespace)
        {
            return (mode, &trimmed[word.len()..]);
        }
    }
    (Mode::Strict, text)
}

/// The signs of a path; shared with the filters in it.
pub(super) struct Scanner {
    pub chars: Vec<char>,
    pub at: usize,
}

impl Scanner {
    pub fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    pub fn blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    pub fn take(&mut self, sign: char) -> bool {
        self.blanks();
        let found = self.peek() == Some(sign);
        self.at += usize::from(found);
        found
    }

    /// True, and past it, when `word` follows.
    pub fn take_word(&mut self, word: &str) -> bool {
        self.blanks();
        let found = self.chars[self.at.min(self.chars.len())..].iter().copied().take(word.len()).eq(word.chars());
        self.at += if found { word.len() } else { 0 };
        found
    }

    pub fn wrong(&self, reason: &str) -> PathError {
        PathError::Malformed(format!("{reason} at position {}", self.at))
    }

    /// Steps up to the end of the path, or to a sign that cannot belong to it.
    pub fn steps(&mut self) -> Result<Vec<Step>, PathError> {
        let mut steps = Vec::new();
        loop {
            match self.peek() {
                Some('.') => {
                    self.at += 1;
                    if self.peek() == Some('.') {
                        self.at += 1;
                        steps.push(Step::Deep);
                        if self.peek() == Some('[') {
                            continue;
                        }
                    }
                    steps.push(self.named()?);
                }
                Some('[') => {
                    self.at += 1;
                    steps.push(self.bracket()?);
                }
                None => return Ok(steps),
                Some(_) => return Err(self.wrong("unexpected sign")),
            }
        }
    }

    /// As [`Scanner::steps`], ending before what belongs to the filter around.
    pub fn steps_in_filter(&mut self) -> Result<Vec<Step>, PathError> {
        let start = self.at;
        let mut depth = 0_usize;
        while let Some(sign) = self.peek() {
            match sign {
                '[' => depth += 1,
                ']' if depth > 0 => depth -= 1,
                ']' | ')' | '(' | '=' | '!' | '<' | '>' | '&' | '|' | ',' | ' ' if depth == 0 => break,
                _ => {}
            }
            self.at += 1;
        }
        Scanner { chars: self.chars[start..self.at].to_vec(), at: 0 }.steps()
    }

    /// What follows a point: a name, `*`, a bracket or a function.
    fn named(&mut self) -> Result<Step, PathError> {
        match self.peek() {
            Some('*') => {
                self.at += 1;
                return Ok(Step::Wildcard);
            }
            Some('[') => {
                self.at += 1;
                return self.bracket();
            }
            _ => {}
        }
        let start = self.at;
        while self.peek().is_some_and(|sign| !matches!(sign, '.' | '[' | '(' | ' ')) {
            self.at += 1;
        }
        let name: String = self.chars[start..self.at].iter().collect();
        if name.is_empty() {
            return Err(self.wrong("a name is missing"));
        }
        if self.peek() != Some('(') {
            return Ok(Step::Field(name));
        }
        self.at += 1;
        match name.as_str() {
            "length" | "size" if self.take(')') => Ok(Step::Length),
            _ => Err(PathError::NotBuilt(format!("the function {name}()"))),
        }
    }

    /// What stands in brackets; the opening one is past.
    fn bracket(&mut self) -> Result<Step, PathError> {
        self.blanks();
        let step = match self.peek() {
            Some('*') => {
                self.at += 1;
                Step::Wildcard
            }
            Some('?') => {
                self.at += 1;
                Step::Filter(Filter::parse(self)?)
            }
            Some('\'' | '"') => self.quoted_names()?,
            _ => self.numbers()?,
        };
        if self.take(']') { Ok(step) } else { Err(self.wrong("']' is missing")) }
    }

    fn quoted_names(&mut self) -> Result<Step, PathError> {
        let mut names = Vec::new();
        loop {
            self.blanks();
            names.push(self.quoted()?);
            if !self.take(',') {
                break;
            }
        }
        match names.pop() {
            Some(only) if names.is_empty() => Ok(Step::Field(only)),
            last => {
                names.extend(last);
                Ok(Step::Fields(names))
            }
        }
    }

    /// A text between single or double quotes.
    pub fn quoted(&mut self) -> Result<String, PathError> {
        let quote =
            self.peek().filter(|sign| matches!(sign, '\'' | '"')).ok_or_else(|| self.wrong("a quote is missing"))?;
        let mut text = String::new();
        loop {
            self.at += 1;
            match self.peek() {
                None => return Err(self.wrong("the quoted name does not end")),
                Some(sign) if sign == quote => {
                    self.at += 1;
                    return Ok(text);
                }
                Some('\\') => {
                    self.at += 1;
                    text.extend(self.peek());
                }
                Some(sign) => text.push(sign),
            }
        }
    }

    fn numbers(&mut self) -> Result<Step, PathError> {
        let first = self.number()?;
        if self.take(':') {
            let end = self.number()?;
            return Ok(Step::Slice(first, end));
        }
        let Some(first) = first else { return Err(self.wrong("an index is missing")) };
        let mut all = vec![first];
        while self.take(',') {
            all.push(self.number()?.ok_or_else(|| self.wrong("an index is missing"))?);
        }
        Ok(if all.len() == 1 { Step::Index(first) } else { Step::Indexes(all) })
    }

    fn number(&mut self) -> Result<Option<i64>, PathError> {
        self.blanks();
        let start = self.at;
        self.at += usize::from(self.peek() == Some('-'));
        while self.peek().is_some_and(|sign| sign.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start {
            return Ok(None);
        }
        let digits: String = self.chars[start..self.at].iter().collect();
        digits.parse().map(Some).map_err(|_| self.wrong("an index is no number"))
    }
}
