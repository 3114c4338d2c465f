//! How texts are cut into chunks: at separators, then neighbouring pieces are put together again as long as they fit.
//!
//! Sizes count characters. A piece that is longer than a chunk may be stays whole.

use crate::error::EvaluationError;
use crate::pattern::Pattern;

/// Where a kept separator goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// Not kept.
    No,
    /// To the piece after it.
    Start,
    /// To the piece before it.
    End,
}

/// A separator: a text as it is, or a pattern.
pub(super) enum Separator {
    Plain(String),
    Pattern(Pattern),
}

impl Separator {
    /// None when a pattern is malformed. An empty one parts all characters.
    pub fn new(text: &str, is_pattern: bool) -> Option<Separator> {
        if is_pattern && !text.is_empty() {
            return Pattern::new(text).map(Separator::Pattern);
        }
        Some(Separator::Plain(text.to_owned()))
    }

    fn occurs(&self, text: &str) -> Result<bool, EvaluationError> {
        match self {
            Separator::Plain(plain) => Ok(text.contains(plain.as_str())),
            Separator::Pattern(pattern) => pattern.is_match(text),
        }
    }

    /// What stands between pieces that are put together again.
    fn joint(&self, keep: Keep) -> &str {
        match self {
            Separator::Plain(plain) if keep == Keep::No => plain,
            _ => "",
        }
    }

    fn matches(&self, text: &str) -> Result<Vec<(usize, usize)>, EvaluationError> {
        let mut found = Vec::new();
        match self {
            Separator::Plain(plain) => found.extend(text.match_indices(plain.as_str()).map(|(i, m)| (i, i + m.len()))),
            Separator::Pattern(pattern) => pattern.each(text, |start, end| found.push((start, end)))?,
        }
        found.retain(|(start, end)| end > start);
        Ok(found)
    }

    /// The pieces that are not empty.
    fn split<'t>(&self, text: &'t str, keep: Keep) -> Result<Vec<&'t str>, EvaluationError> {
        if matches!(self, Separator::Plain(plain) if plain.is_empty()) {
            return Ok(text.char_indices().map(|(at, c)| &text[at..at + c.len_utf8()]).collect());
        }
        let (mut pieces, mut from) = (Vec::new(), 0);
        for (start, end) in self.matches(text)? {
            let (cut, next) = match keep {
                Keep::No => (start, end),
                Keep::Start => (start, start),
                Keep::End => (end, end),
            };
            pieces.push(&text[from..cut]);
            from = next;
        }
        pieces.push(&text[from..]);
        pieces.retain(|piece| !piece.is_empty());
        Ok(pieces)
    }
}

/// How chunks are made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub size: usize,
    pub overlap: usize,
    pub trim: bool,
    pub keep: Keep,
}

impl Plan {
    /// Chunks of a text cut at one separator.
    pub fn cut(&self, text: &str, separator: &Separator) -> Result<Vec<String>, EvaluationError> {
        let mut chunks = Vec::new();
        self.merge(&separator.split(text, self.keep)?, separator.joint(self.keep), &mut chunks);
        Ok(chunks)
    }

    /// Chunks of a text cut at the first separator that occurs, and of what is still too long at those after it.
    pub fn cut_further(&self, text: &str, separators: &[Separator]) -> Result<Vec<String>, EvaluationError> {
        let mut chunks = Vec::new();
        self.further(text, separators, &mut chunks)?;
        Ok(chunks)
    }

    fn further(&self, text: &str, separators: &[Separator], chunks: &mut Vec<String>) -> Result<(), EvaluationError> {
        let mut chosen = separators.len().saturating_sub(1);
        for (i, separator) in separators.iter().enumerate() {
            if separator.occurs(text)? {
                chosen = i;
                break;
            }
        }
        let Some(separator) = separators.get(chosen) else {
            chunks.push(text.to_owned());
            return Ok(());
        };
        let rest = separators.get(chosen + 1..).unwrap_or(&[]);
        let (joint, mut short) = (separator.joint(self.keep), Vec::new());
        for piece in separator.split(text, self.keep)? {
            if length(piece) < self.size {
                short.push(piece);
                continue;
            }
            self.merge(&short, joint, chunks);
            short.clear();
            if rest.is_empty() {
                chunks.push(piece.to_owned());
            } else {
                self.further(piece, rest, chunks)?;
            }
        }
        self.merge(&short, joint, chunks);
        Ok(())
    }

    /// Puts pieces together to chunks; the end of a chunk, up to the overlap, begins the next one.
    fn merge(&self, pieces: &[&str], joint: &str, chunks: &mut Vec<String>) {
        let gap = length(joint);
        let (mut first, mut total) = (0, 0);
        for (i, piece) in pieces.iter().enumerate() {
            let size = length(piece);
            let with = |total: usize, first: usize| total + size + if i > first { gap } else { 0 };
            if with(total, first) > self.size && i > first {
                self.push(&pieces[first..i], joint, chunks);
                while first < i && (total > self.overlap || (with(total, first) > self.size && total > 0)) {
                    total -= length(pieces[first]) + if i - first > 1 { gap } else { 0 };
                    first += 1;
                }
            }
            total += size + if i > first { gap } else { 0 };
        }
        self.push(&pieces[first..], joint, chunks);
    }

    fn push(&self, pieces: &[&str], joint: &str, chunks: &mut Vec<String>) {
        let text = pieces.join(joint);
        let text = if self.trim { text.trim() } else { &text };
        if !text.is_empty() {
            chunks.push(text.to_owned());
        }
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}
