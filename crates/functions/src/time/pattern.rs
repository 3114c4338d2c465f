//! Patterns of java.time's DateTimeFormatter, which Flink uses for `DATE_FORMAT` of a timestamp and for `TO_TIMESTAMP` and
//! `TO_TIMESTAMP_LTZ`. Names are English, weeks begin on Sunday.
//!
//! A pattern is compiled once into items; formatting and parsing walk the items.

mod format;
mod read;

use super::letters::{self, Piece};

#[derive(Debug, Clone, PartialEq, Eq)]
enum Item {
    /// A letter and how often it stands there.
    Field(char, usize),
    /// The next item with blanks before it, so many characters wide.
    Padded(usize, Box<Item>),
    Literal(String),
    /// `[...]`: read if it is there, written if the time has all of its fields.
    Optional(Vec<Item>),
}

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    items: Vec<Item>,
}

impl Pattern {
    /// Errors say in Java's words what is wrong with the pattern.
    pub fn compile(text: &str) -> Result<Pattern, String> {
        let mut open: Vec<Vec<Item>> = vec![Vec::new()];
        let mut padding = None;
        for piece in letters::pieces(text)? {
            let item = match piece {
                Piece::Field('p', count) => {
                    padding = Some(count);
                    continue;
                }
                Piece::Field(letter, count) => {
                    check(letter, count)?;
                    Item::Field(letter, count)
                }
                Piece::Literal(literal) => Item::Literal(literal),
                Piece::Sign('[') => {
                    open.push(Vec::new());
                    continue;
                }
                Piece::Sign(']') => match (open.pop(), open.last()) {
                    (Some(items), Some(_)) => Item::Optional(items),
                    _ => return Err("Pattern invalid as it contains ] without previous [".to_owned()),
                },
                Piece::Sign(c @ ('{' | '}' | '#')) => {
                    return Err(format!("Pattern includes reserved character: '{c}'"));
                }
                Piece::Sign(c) => Item::Literal(c.to_string()),
            };
            let item = match (&item, padding.take()) {
                (Item::Field(_, _), Some(width)) => Item::Padded(width, Box::new(item)),
                (_, Some(_)) => return Err("Pad letter 'p' must be followed by valid pad pattern".to_owned()),
                _ => item,
            };
            if let Some(items) = open.last_mut() {
                items.push(item);
            }
        }
        if padding.is_some() {
            return Err("Pad letter 'p' must be followed by valid pad pattern".to_owned());
        }
        // A bracket that is not closed is closed at the end.
        while open.len() > 1 {
            if let (Some(items), Some(outer)) = (open.pop(), open.last_mut()) {
                outer.push(Item::Optional(items));
            }
        }
        Ok(Pattern { items: open.pop().unwrap_or_default() })
    }

    /// Appends local milliseconds and the nanoseconds below them. The error is Java's, for a pattern that wants a time zone.
    pub fn format(&self, millis: i64, below: i64, out: &mut String) -> Result<(), &'static str> {
        format::Moment::new(millis, below).write(&self.items, out)
    }

    /// Seconds since the epoch and nanoseconds of the second, local; None when the text does not match. What the pattern
    /// does not mention is 1970-01-01 00:00:00; a time zone is read and not used, as in Flink.
    pub fn parse(&self, text: &str) -> Option<(i64, i64)> {
        read::read(&self.items, text)
    }
}

/// How often each letter may stand.
fn check(letter: char, count: usize) -> Result<(), String> {
    let fits = match letter {
        'y' | 'u' | 'Y' | 'A' | 'n' | 'N' => count <= 19,
        'G' | 'M' | 'L' | 'Q' | 'q' | 'E' | 'e' => count <= 5,
        'c' => matches!(count, 1 | 3..=5),
        'D' => count <= 3,
        'd' | 'w' | 'H' | 'k' | 'K' | 'h' | 'm' | 's' => count <= 2,
        'W' | 'F' | 'a' => count == 1,
        'S' => count <= 9,
        'B' => matches!(count, 1 | 4 | 5),
        'z' | 'v' => count <= 4,
        'V' => count == 2,
        'O' => matches!(count, 1 | 4),
        'X' | 'x' | 'Z' => count <= 5,
        _ => return Err(format!("Unknown pattern letter: {letter}")),
    };
    if fits { Ok(()) } else { Err(format!("Too many pattern letters: {letter}")) }
}
