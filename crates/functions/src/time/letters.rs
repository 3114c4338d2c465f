//! What the patterns of Java's two formatters of times have in common: letters that stand for fields, and quoted text.

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A letter and how often it stands there.
    Field(char, usize),
    Literal(String),
    /// A character outside of quotes that is no letter.
    Sign(char),
}

/// The pieces of a pattern; errors say what is wrong in Java's words.
pub fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\'' {
            pieces.push(Piece::Literal(quoted(&mut chars)?));
        } else if c.is_ascii_alphabetic() {
            let mut count = 1;
            while chars.next_if_eq(&c).is_some() {
                count += 1;
            }
            pieces.push(Piece::Field(c, count));
        } else {
            pieces.push(Piece::Sign(c));
        }
    }
    Ok(pieces)
}

/// The text up to the closing quote; two quotes are one, also alone.
fn quoted(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, String> {
    if chars.next_if_eq(&'\'').is_some() {
        return Ok("'".to_owned());
    }
    let mut literal = String::new();
    loop {
        match chars.next().ok_or("Unterminated quote")? {
            '\'' if chars.next_if_eq(&'\'').is_some() => literal.push('\''),
            '\'' => return Ok(literal),
            other => literal.push(other),
        }
    }
}
