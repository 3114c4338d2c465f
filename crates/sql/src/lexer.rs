//! Text to tokens (sql.md 2.10): identifiers with `$`, back-ticked names, string forms, numbers, comments, hints.
//!
//! A token is its kind and its span; the text is read again where it is needed, so tokens are small copies.
//! Comments vanish here. `/*+` opens a hint and is a token, and so is the `*/` that closes it.

use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::span::Span;

/// A token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

/// Kinds of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// An unquoted identifier or a keyword.
    Word,
    /// `` `name` ``
    QuotedIdent,
    /// `12`, `1.5`, `.5`, `1E3`
    Number,
    /// `'text'`
    String,
    /// `U&'text'`
    UnicodeString,
    /// `_charset'text'`, `N'text'`
    CharsetString,
    /// `X'ff'`
    BinaryString,
    /// `/*+`
    HintStart,
    /// `*/` of a hint.
    HintEnd,
    /// An operator or a punctuation mark.
    Symbol(&'static str),
    /// The end of the text.
    Eof,
}

/// Operators and punctuation, longer ones first.
const SYMBOLS: [&str; 30] = [
    "<>", "!=", "<=", ">=", "=>", "||", "(", ")", "[", "]", "{", "}", ",", ";", ".", ":", "?", "+", "-", "*", "/", "%",
    "=", "<", ">", "|", "^", "&", "~", "@",
];

/// Splits a text into tokens; the last one is [`TokenKind::Eof`].
///
/// # Errors
/// Text that is no token: a stray character, a string, name or comment without end.
pub fn tokenize(text: &str) -> Result<Vec<Token>, SyntaxError> {
    let mut lexer = Lexer { text, at: 0, in_hint: false };
    let mut tokens = Vec::with_capacity(text.len() / 5 + 1);
    loop {
        lexer.skip_blanks()?;
        let token = lexer.next_token()?;
        tokens.push(token);
        if token.kind == TokenKind::Eof {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    in_hint: bool,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn token(&mut self, kind: TokenKind, length: usize) -> Token {
        let start = self.at;
        self.at += length;
        Token { kind, span: Span::new(start, self.at) }
    }

    fn error(&self, start: usize, message: impl Into<String>) -> SyntaxError {
        let kind = SyntaxErrorKind::Lexical { message: message.into() };
        SyntaxError::new(kind, Span::new(start, self.at.max(start)), self.text)
    }

    /// Skips white space and comments.
    fn skip_blanks(&mut self) -> Result<(), SyntaxError> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if trimmed.starts_with("--") || trimmed.starts_with("//") {
                self.at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if trimmed.starts_with("/*") && !trimmed.starts_with("/*+") {
                match trimmed[2..].find("*/") {
                    Some(length) => self.at += length + 4,
                    None => return Err(self.error(self.at, "The comment that starts here has no end.")),
                }
            } else {
                return Ok(());
            }
        }
    }

    fn next_token(&mut self) -> Result<Token, SyntaxError> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            // Flink places the end of the text at its last character.
            let end = self.text.trim_end().len();
            let start = self.text[..end].char_indices().next_back();
            return Ok(Token { kind: TokenKind::Eof, span: Span::new(start.map_or(0, |(offset, _)| offset), end) });
        };
        if rest.starts_with("/*+") {
            self.in_hint = true;
            return Ok(self.token(TokenKind::HintStart, 3));
        }
        if self.in_hint && rest.starts_with("*/") {
            self.in_hint = false;
            return Ok(self.token(TokenKind::HintEnd, 2));
        }
        match first {
            '\'' => self.quoted(0, '\'', TokenKind::String),
            '`' => self.quoted(0, '`', TokenKind::QuotedIdent),
            '0'..='9' => Ok(self.number()),
            '.' if rest[1..].starts_with(|next: char| next.is_ascii_digit()) => Ok(self.number()),
            first if is_word_start(first) => self.word(first),
            first => self.symbol(first),
        }
    }

    fn symbol(&mut self, first: char) -> Result<Token, SyntaxError> {
        let rest = self.rest();
        if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            return Ok(self.token(TokenKind::Symbol(symbol), symbol.len()));
        }
        let escaped = if first == '"' { "\\\"".to_owned() } else { first.to_string() };
        let message = format!("Encountered: \"{escaped}\" ({}), after : \"\"", first as u32);
        let error = self.error(self.at, message);
        Err(if first == '"' {
            error.with_remedy("Write names in back-ticks (`name`) and text in single quotes ('text').")
        } else {
            error
        })
    }

    /// A token in quotes after `prefix` bytes; a doubled quote stands for itself.
    fn quoted(&mut self, prefix: usize, quote: char, kind: TokenKind) -> Result<Token, SyntaxError> {
        let mut length = prefix + 1;
        let rest = self.rest();
        while let Some(found) = rest[length..].find(quote) {
            length += found + 1;
            if !rest[length..].starts_with(quote) {
                return Ok(self.token(kind, length));
            }
            length += 1;
        }
        let message = format!("The quote {quote} that opens here has no end.");
        Err(self.error(self.at, message))
    }

    fn number(&mut self) -> Token {
        let bytes = self.rest().as_bytes();
        let digits = |from: usize| from + bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let mut length = digits(0);
        if bytes.get(length) == Some(&b'.') {
            length = digits(length + 1);
        }
        if matches!(bytes.get(length), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
            let end = digits((length + 1 + sign).min(bytes.len()));
            if end > length + 1 + sign {
                length = end;
            }
        }
        self.token(TokenKind::Number, length)
    }

    /// A word, or a string with a prefix (`X''`, `U&''`, `N''`, `_UTF16''`).
    fn word(&mut self, first: char) -> Result<Token, SyntaxError> {
        let rest = self.rest();
        if first.eq_ignore_ascii_case(&'u') && rest[1..].starts_with("&'") {
            return self.quoted(2, '\'', TokenKind::UnicodeString);
        }
        if first == '_' {
            let is_charset = |c: char| c.is_ascii_alphanumeric() || "_-:.".contains(c);
            let charset = rest[1..].find(|c| !is_charset(c)).map_or(rest.len(), |n| n + 1);
            if charset > 1 && rest[charset..].starts_with('\'') {
                return self.quoted(charset, '\'', TokenKind::CharsetString);
            }
        }
        let length = rest.find(|c| !is_word_part(c)).unwrap_or(rest.len());
        if length == 1 && rest[1..].starts_with('\'') {
            match first {
                'x' | 'X' => return self.quoted(1, '\'', TokenKind::BinaryString),
                'n' | 'N' => return self.quoted(1, '\'', TokenKind::CharsetString),
                _ => {}
            }
        }
        Ok(self.token(TokenKind::Word, length))
    }
}

fn is_word_start(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == '$'
}

fn is_word_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}
