//! Tokens of the test expressions.

#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// A word, quoted or not.
    Word(String),
    Quoted(String),
    Number(String),
    Text(String),
    Symbol(&'static str),
}

const SYMBOLS: [&str; 24] = [
    "||", "<>", "!=", "<=", ">=", "=>", "=", "<", ">", "+", "-", "*", "/", "%", "(", ")", "[", "]", ",", ".", "{", "}",
    ":", ";",
];

pub fn tokens(sql: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let chars: Vec<char> = sql.chars().collect();
    let mut i = 0;
    while i < chars.len() {
        let c = chars[i];
        if c.is_whitespace() {
            i += 1;
        } else if c == '\'' || c == '`' || c == '"' {
            let mut text = String::new();
            i += 1;
            loop {
                match chars.get(i) {
                    None => return Err("open quote".to_owned()),
                    Some(&q) if q == c && chars.get(i + 1) == Some(&c) => {
                        text.push(c);
                        i += 2;
                    }
                    Some(&q) if q == c => break,
                    Some(&other) => {
                        text.push(other);
                        i += 1;
                    }
                }
            }
            i += 1;
            found.push(if c == '\'' { Token::Text(text) } else { Token::Quoted(text) });
        } else if c.is_ascii_digit() || (c == '.' && chars.get(i + 1).is_some_and(char::is_ascii_digit)) {
            let start = i;
            while i < chars.len()
                && (chars[i].is_ascii_digit()
                    || chars[i] == '.'
                    || (matches!(chars[i], 'e' | 'E')
                        && chars.get(i + 1).is_some_and(|n| n.is_ascii_digit() || matches!(n, '-' | '+')))
                    || (matches!(chars[i], '-' | '+') && matches!(chars[i - 1], 'e' | 'E')))
            {
                i += 1;
            }
            found.push(Token::Number(chars[start..i].iter().collect()));
        } else if c.is_alphabetic() || c == '_' || c == '$' {
            let start = i;
            while i < chars.len() && (chars[i].is_alphanumeric() || chars[i] == '_' || chars[i] == '$') {
                i += 1;
            }
            found.push(Token::Word(chars[start..i].iter().collect()));
        } else {
            let rest: String = chars[i..chars.len().min(i + 2)].iter().collect();
            let symbol = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)).ok_or(format!("character {c}"))?;
            found.push(Token::Symbol(symbol));
            i += symbol.len();
        }
    }
    Ok(found)
}
