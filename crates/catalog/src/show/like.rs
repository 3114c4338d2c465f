//! LIKE filters of SHOW: `%` any text, `_` one character, backslash escapes.

use nutkin_sql::ast::ShowFilter;

/// Whether a name stays in the listing.
pub(crate) fn keeps(filter: Option<&ShowFilter>, name: &str) -> bool {
    let Some(filter) = filter else { return true };
    let found = if filter.case_insensitive {
        matches(&filter.pattern.value.to_lowercase(), &name.to_lowercase())
    } else {
        matches(&filter.pattern.value, name)
    };
    found != filter.negated
}

#[derive(PartialEq)]
enum Token {
    Any,
    One,
    Char(char),
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut chars = pattern.chars();
    let mut tokens = Vec::new();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '%' => Token::Any,
            '_' => Token::One,
            '\\' => Token::Char(chars.next().unwrap_or('\\')),
            c => Token::Char(c),
        });
    }
    tokens
}

/// Greedy with one point to go back to: linear in practice, never exponential.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<Token>, Vec<char>) = (tokens(pattern), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(Token::Any) => {
                back = Some((p + 1, t));
                p += 1;
            }
            Some(Token::One) => (p, t) = (p + 1, t + 1),
            Some(Token::Char(c)) if *c == text[t] => (p, t) = (p + 1, t + 1),
            _ => match back {
                Some((after, taken)) => {
                    (p, t) = (after, taken + 1);
                    back = Some((after, taken + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|token| *token == Token::Any)
}
