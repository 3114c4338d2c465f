//! How texts are cut into chunks: at separators, then neighbouring pieces are put together again as long as they fit.
//!
//! Sizes count characters. A piece that is longer than a chunk may be stays whole.

use std::ops::Range;

use super::texts::Lists;
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

    /// Calls `found` with start and end of every match that is not empty.
    fn matches(&self, text: &str, mut found: impl FnMut(usize, usize)) -> Result<(), EvaluationError> {
        match self {
            Separator::Plain(plain) => text.match_indices(plain.as_str()).for_each(|(i, m)| found(i, i + m.len())),
            Separator::Pattern(pattern) => pattern.each(text, |start, end| {
                if end > start {
                    found(start, end);
                }
            })?,
        }
        Ok(())
    }

    /// Appends the pieces that are not empty.
    fn split<'t>(&self, text: &'t str, keep: Keep, pieces: &mut Vec<&'t str>) -> Result<(), EvaluationError> {
        if matches!(self, Separator::Plain(plain) if plain.is_empty()) {
            pieces.extend(text.char_indices().map(|(at, c)| &text[at..at + c.len_utf8()]));
            return Ok(());
        }
        let (first, mut from) = (pieces.len(), 0);
        self.matches(text, |start, end| {
            let (cut, next) = match keep {
                Keep::No => (start, end),
                Keep::Start => (start, start),
                Keep::End => (end, end),
            };
            pieces.push(&text[from..cut]);
            from = next;
        })?;
        pieces.push(&text[from..]);
        let mut filled = first;
        for i in first..pieces.len() {
            pieces[filled] = pieces[i];
            filled += usize::from(!pieces[i].is_empty());
        }
        pieces.truncate(filled);
        Ok(())
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

/// Puts the chunks of a text out.
pub(super) struct Cutter<'o, 't> {
    pub plan: Plan,
    pub out: &'o mut Lists,
    pub scratch: &'o mut Scratch<'t>,
}

/// What is used again for the next text.
#[derive(Default)]
pub(super) struct Scratch<'t> {
    /// Pieces of the text, behind them those of a piece that is cut further.
    pieces: Vec<&'t str>,
    chunk: String,
}

impl<'t> Cutter<'_, 't> {
    /// Chunks of a text cut at one separator.
    pub fn cut(mut self, text: &'t str, separator: &Separator) -> Result<(), EvaluationError> {
        self.scratch.pieces.clear();
        separator.split(text, self.plan.keep, &mut self.scratch.pieces)?;
        self.merge(0..self.scratch.pieces.len(), separator.joint(self.plan.keep));
        Ok(())
    }

    /// Chunks of a text cut at the first separator that occurs, and of what is still too long at those after it.
    pub fn cut_further(mut self, text: &'t str, separators: &[Separator]) -> Result<(), EvaluationError> {
        self.scratch.pieces.clear();
        self.further(text, separators)
    }

    fn further(&mut self, text: &'t str, separators: &[Separator]) -> Result<(), EvaluationError> {
        let mut chosen = separators.len().saturating_sub(1);
        for (i, separator) in separators.iter().enumerate() {
            if separator.occurs(text)? {
                chosen = i;
                break;
            }
        }
        let Some(separator) = separators.get(chosen) else {
            self.out.push(text);
            return Ok(());
        };
        let rest = separators.get(chosen + 1..).unwrap_or(&[]);
        let (joint, first) = (separator.joint(self.plan.keep), self.scratch.pieces.len());
        separator.split(text, self.plan.keep, &mut self.scratch.pieces)?;
        let (mut short, end) = (first, self.scratch.pieces.len());
        for i in first..end {
            let piece = self.scratch.pieces[i];
            if length(piece) < self.plan.size {
                continue;
            }
            self.merge(short..i, joint);
            short = i + 1;
            if rest.is_empty() {
                self.out.push(piece);
            } else {
                self.further(piece, rest)?;
            }
        }
        self.merge(short..end, joint);
        self.scratch.pieces.truncate(first);
        Ok(())
    }

    /// Puts pieces together to chunks; the end of a chunk, up to the overlap, begins the next one.
    fn merge(&mut self, pieces: Range<usize>, joint: &str) {
        let gap = length(joint);
        let (mut first, mut total) = (pieces.start, 0);
        for i in pieces.clone() {
            let size = length(self.scratch.pieces[i]);
            let with = |total: usize, first: usize| total + size + if i > first { gap } else { 0 };
            if with(total, first) > self.plan.size && i > first {
                self.push(first..i, joint);
                while first < i && (total > self.plan.overlap || (with(total, first) > self.plan.size && total > 0)) {
                    total -= length(self.scratch.pieces[first]) + if i - first > 1 { gap } else { 0 };
                    first += 1;
                }
            }
            total += size + if i > first { gap } else { 0 };
        }
        self.push(first..pieces.end, joint);
    }

    fn push(&mut self, pieces: Range<usize>, joint: &str) {
        let Scratch { pieces: all, chunk } = self.scratch;
        chunk.clear();
        for (i, piece) in all[pieces].iter().enumerate() {
            chunk.push_str(if i > 0 { joint } else { "" });
            chunk.push_str(piece);
        }
        let text = if self.plan.trim { chunk.trim() } else { chunk.as_str() };
        if !text.is_empty() {
            self.out.push(text);
        }
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}
