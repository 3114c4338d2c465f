//! `sasl.jaas.config`: `<login module> required name="value" ... ;`

use crate::{Error, Result, config::Secret};

const PROPERTY: &str = "sasl.jaas.config";
const PLAIN: &str = "org.apache.kafka.common.security.plain.PlainLoginModule";
const SCRAM: &str = "org.apache.kafka.common.security.scram.ScramLoginModule";

/// User and password of a login entry. Error texts never quote values.
pub(super) fn parse(text: &str) -> Result<(String, Secret)> {
    let text = text.trim().strip_suffix(';').unwrap_or(text.trim());
    let mut rest = text.trim_start();
    let module = word(&mut rest);
    if module != PLAIN && module != SCRAM {
        return Err(Error::config(
            PROPERTY,
            format!("login module '{module}' is not supported; use {PLAIN} or {SCRAM}"),
        ));
    }
    let flag = word(&mut rest);
    if !["required", "requisite", "sufficient", "optional"].contains(&flag) {
        return Err(Error::config(PROPERTY, "'required' must follow the login module"));
    }
    let (mut username, mut password) = (None, None);
    while !rest.trim().is_empty() {
        let (name, value) = option(&mut rest)?;
        match name.as_str() {
            "username" => username = Some(value),
            "password" => password = Some(Secret::new(value)),
            other => {
                return Err(Error::config(PROPERTY, format!("option '{other}' is not supported")));
            }
        }
    }
    match (username, password) {
        (Some(username), Some(password)) => Ok((username, password)),
        _ => Err(Error::config(PROPERTY, "it needs username=\"...\" and password=\"...\"")),
    }
}

fn word<'a>(rest: &mut &'a str) -> &'a str {
    let text = rest.trim_start();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, tail) = text.split_at(end);
    *rest = tail;
    word
}

fn option(rest: &mut &str) -> Result<(String, String)> {
    let malformed = || Error::config(PROPERTY, "options are written name=\"value\"");
    let (name, tail) = rest.trim_start().split_once('=').ok_or_else(malformed)?;
    let tail = tail.trim_start();
    let (value, tail) = match tail.chars().next() {
        Some(quote @ ('"' | '\'')) => quoted(&tail[1..], quote).ok_or_else(malformed)?,
        _ => {
            let end = tail.find(char::is_whitespace).unwrap_or(tail.len());
            (tail[..end].to_owned(), &tail[end..])
        }
    };
    *rest = tail;
    Ok((name.trim().to_owned(), value))
}

fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => value.push(chars.next()?.1),
            c if c == quote => return Some((value, &text[at + 1..])),
            c => value.push(c),
        }
    }
    None
}
