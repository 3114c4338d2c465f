//! Splits a script into statements at the `;` between them.
//!
//! Text in quotes, names in back-ticks, comments and what stands between `BEGIN` and `END` of a statement set do not end a
//! statement. Nothing else of SQL is understood here: what the pieces mean is for the service to say.

/// What a scan has found.
#[derive(Debug, Default, PartialEq)]
pub struct Script {
    /// Whole statements, without their `;`, in order. Comments before a statement stay with it.
    pub statements: Vec<String>,
    /// What follows the last `;`; empty when there is nothing but space and comments.
    pub rest: String,
    /// The text ends inside of a comment.
    pub in_comment: bool,
}

impl Script {
    /// Whether a person who has typed this is done: it ends in `;`, or holds nothing.
    pub fn is_complete(&self) -> bool {
        self.rest.is_empty() && !self.in_comment
    }

    /// Every statement; the last one needs no `;`.
    pub fn into_statements(mut self) -> Vec<String> {
        if !self.rest.is_empty() {
            self.statements.push(self.rest);
        }
        self.statements
    }
}

/// Splits a text.
pub fn split(text: &str) -> Script {
    let mut scanner = Scanner { text, at: 0, in_comment: false };
    let mut script = Script::default();
    let mut piece = Piece::default();
    while let Some(token) = scanner.next() {
        match token {
            Token::Blank => {}
            Token::End if piece.in_set => piece.at_beginning = true,
            Token::End => {
                if piece.has_content {
                    script.statements.push(text[piece.start..scanner.at - 1].trim().to_owned());
                }
                piece = Piece { start: scanner.at, ..Piece::default() };
            }
            Token::Word(word) => piece.word(word),
            Token::Other => piece.other(),
        }
    }
    if piece.has_content {
        script.rest = text[piece.start..].trim().to_owned();
    }
    script.in_comment = scanner.in_comment;
    script
}

/// The statement being read.
#[derive(Default)]
struct Piece {
    start: usize,
    has_content: bool,
    /// The last two tokens, where they are words.
    last: [Word; 2],
    /// Between `BEGIN` and `END`.
    in_set: bool,
    /// At the beginning of a statement of the set, where END ends the set; the END of a CASE stands elsewhere.
    at_beginning: bool,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Word {
    Statement,
    Set,
    Begin,
    End,
    #[default]
    Other,
}

const WORDS: [(&str, Word); 4] =
    [("STATEMENT", Word::Statement), ("SET", Word::Set), ("BEGIN", Word::Begin), ("END", Word::End)];

impl Piece {
    fn word(&mut self, text: &str) {
        let known = WORDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
        let word = known.map_or(Word::Other, |(_, word)| *word);
        let begins = !self.in_set && self.last == [Word::Statement, Word::Set] && word == Word::Begin;
        if begins {
            self.in_set = true;
        } else if self.at_beginning && word == Word::End {
            self.in_set = false;
        }
        self.at_beginning = begins;
        self.last = [self.last[1], word];
        self.has_content = true;
    }

    fn other(&mut self) {
        self.has_content = true;
        self.at_beginning = false;
        self.last = [Word::Other; 2];
    }
}

enum Token<'a> {
    /// Space or a comment.
    Blank,
    /// `;`
    End,
    Word(&'a str),
    Other,
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    in_comment: bool,
}

impl<'a> Scanner<'a> {
    fn next(&mut self) -> Option<Token<'a>> {
        let rest = &self.text[self.at..];
        let first = rest.chars().next()?;
        let (length, token) = match first {
            ';' => (1, Token::End),
            '\'' | '`' | '"' => (quoted(rest, first as u8), Token::Other),
            '-' if rest.starts_with("--") => (rest.find('\n').map_or(rest.len(), |end| end + 1), Token::Blank),
            '/' if rest.starts_with("/*+") => (3, Token::Other),
            '/' if rest.starts_with("/*") => {
                let end = rest[2..].find("*/");
                self.in_comment = end.is_none();
                (end.map_or(rest.len(), |end| end + 4), Token::Blank)
            }
            c if c.is_whitespace() => (c.len_utf8(), Token::Blank),
            c if is_word(c) => {
                let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                (end, Token::Word(&rest[..end]))
            }
            c => (c.len_utf8(), Token::Other),
        };
        self.at += length;
        Some(token)
    }
}

/// Length of a quoted text with its quotes; all of it when it is not closed. A doubled quote is part of it.
fn quoted(text: &str, quote: u8) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        if bytes[at] == quote {
            if bytes.get(at + 1) != Some(&quote) {
                return at + 1;
            }
            at += 1;
        }
        at += 1;
    }
    text.len()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}
