//! Statements that the client carries out by itself: `USE`, `SET`, `RESET`, `EXIT` and `QUIT` (spec D-19, D-20).

use crate::error::{Error, Result};

/// A statement that is not sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Local {
    UseCatalog(String),
    /// Of the current catalog, unless it names one.
    UseDatabase {
        catalog: Option<String>,
        database: String,
    },
    Set(String, String),
    /// `SET` alone: lists what is set.
    List,
    Reset(String),
    ResetAll,
    Exit,
}

/// The local statement in a text; `None` for one that the service carries out.
pub fn parse(text: &str) -> Result<Option<Local>> {
    let tokens = tokens(text);
    let Some(Token::Word(first)) = tokens.first() else { return Ok(None) };
    let rest = &tokens[1..];
    match first.to_ascii_uppercase().as_str() {
        "USE" => parse_use(rest).map(Some),
        "SET" => parse_set(rest).map(Some),
        "RESET" => parse_reset(rest).map(Some),
        "EXIT" | "QUIT" if rest.is_empty() => Ok(Some(Local::Exit)),
        _ => Ok(None),
    }
}

fn parse_use(rest: &[Token]) -> Result<Local> {
    let wrong = || {
        let text = "USE takes a catalog or a database: USE CATALOG my_environment; USE my_cluster; or \
                    USE my_environment.my_cluster; Names with other signs than letters, digits and _ stand in back-ticks.";
        Error::Usage(text.to_owned())
    };
    match rest {
        [Token::Word(keyword), name] if keyword.eq_ignore_ascii_case("CATALOG") => {
            Ok(Local::UseCatalog(name.name().ok_or_else(wrong)?))
        }
        [name] => Ok(Local::UseDatabase { catalog: None, database: name.name().ok_or_else(wrong)? }),
        [catalog, Token::Sign('.'), name] => Ok(Local::UseDatabase {
            catalog: Some(catalog.name().ok_or_else(wrong)?),
            database: name.name().ok_or_else(wrong)?,
        }),
        _ => Err(wrong()),
    }
}

fn parse_set(rest: &[Token]) -> Result<Local> {
    match rest {
        [] => Ok(Local::List),
        [Token::Text(key), Token::Sign('='), Token::Text(value)] => Ok(Local::Set(key.clone(), value.clone())),
        _ => Err(Error::Usage("SET takes a key and a value in single quotes: SET 'sql.state-ttl' = '1 h';".to_owned())),
    }
}

fn parse_reset(rest: &[Token]) -> Result<Local> {
    match rest {
        [] => Ok(Local::ResetAll),
        [Token::Text(key)] => Ok(Local::Reset(key.clone())),
        _ => Err(Error::Usage("RESET takes a key in single quotes, or nothing: RESET 'sql.state-ttl';".to_owned())),
    }
}

#[derive(Debug, PartialEq)]
enum Token {
    Word(String),
    /// `'...'`
    Text(String),
    /// `` `...` ``
    Name(String),
    Sign(char),
}

impl Token {
    fn name(&self) -> Option<String> {
        match self {
            Token::Word(name) | Token::Name(name) => Some(name.clone()),
            _ => None,
        }
    }
}

/// The words and signs of a text, without comments and the `;` at its end. Quotes that are never closed reach to the end.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.trim().trim_end_matches(';');
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            c if c.is_whitespace() => c.len_utf8(),
            '\'' | '`' => {
                let (content, length) = unquote(rest, first);
                tokens.push(if first == '`' { Token::Name(content) } else { Token::Text(content) });
                length
            }
            c if c.is_alphanumeric() || c == '_' || c == '$' => {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
                tokens.push(Token::Word(rest[..end].to_owned()));
                end
            }
            c => {
                tokens.push(Token::Sign(c));
                c.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    tokens
}

/// What stands between quotes, and the length with them. A doubled quote is one.
fn unquote(text: &str, quote: char) -> (String, usize) {
    let mut content = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != quote {
            content.push(c);
        } else if chars.next_if(|&(_, next)| next == quote).is_some() {
            content.push(quote);
        } else {
            return (content, at + 1);
        }
    }
    (content, text.len())
}
