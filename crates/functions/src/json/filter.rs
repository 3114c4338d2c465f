//! Conditions in JSON paths: `[?(@.a == 1 && (@.b || !(@.c < 'x')))]`.

use std::cmp::Ordering;

use super::Json;
use super::find::{Found, find};
use super::path::{PathError, Scanner, Step};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    /// The path leads somewhere.
    Exists(Operand),
    Compare(Operand, Comparison, Operand),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operand {
    /// From the value that is tested (`@`).
    Here(Vec<Step>),
    /// From the root (`$`).
    Root(Vec<Step>),
    Number(f64),
    Text(String),
    Bool(bool),
    Null,
}

const COMPARISONS: [(&str, Comparison); 6] = [
    ("==", Comparison::Equal),
    ("!=", Comparison::NotEqual),
    ("<=", Comparison::LessOrEqual),
    (">=", Comparison::GreaterOrEqual),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
];

/// Operators that are known elsewhere and not built here.
const NOT_BUILT: [&str; 11] =
    ["=~", "in", "nin", "subsetof", "anyof", "noneof", "size", "empty", "contains", "all", "type"];

impl Filter {
    /// After `?`: `(condition)`.
    pub(super) fn parse(scanner: &mut Scanner) -> Result<Filter, PathError> {
        if !scanner.take('(') {
            return Err(scanner.wrong("'(' is missing"));
        }
        let filter = any(scanner)?;
        if scanner.take(')') { Ok(filter) } else { Err(scanner.wrong("')' is missing")) }
    }

    pub(super) fn holds(&self, here: &Json<'_>, root: &Json<'_>) -> bool {
        match self {
            Filter::And(parts) => parts.iter().all(|part| part.holds(here, root)),
            Filter::Or(parts) => parts.iter().any(|part| part.holds(here, root)),
            Filter::Not(part) => !part.holds(here, root),
            Filter::Exists(operand) => operand.value(here, root).is_some(),
            Filter::Compare(left, comparison, right) => {
                let order = match (left.value(here, root), right.value(here, root)) {
                    (Some(left), Some(right)) => compare(&left, &right),
                    _ => None,
                };
                match comparison {
                    Comparison::Equal => order == Some(Ordering::Equal),
                    Comparison::NotEqual => order != Some(Ordering::Equal),
                    Comparison::Less => order == Some(Ordering::Less),
                    Comparison::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
                    Comparison::Greater => order == Some(Ordering::Greater),
                    Comparison::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
                }
            }
        }
    }
}

fn any(scanner: &mut Scanner) -> Result<Filter, PathError> {
    let mut parts = vec![all(scanner)?];
    while scanner.take_word("||") {
        parts.push(all(scanner)?);
    }
    Ok(match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => Filter::Or(parts.into_iter().chain(last).collect()),
    })
}

fn all(scanner: &mut Scanner) -> Result<Filter, PathError> {
    let mut parts = vec![one(scanner)?];
    while scanner.take_word("&&") {
        parts.push(one(scanner)?);
    }
    Ok(match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => Filter::And(parts.into_iter().chain(last).collect()),
    })
}

fn one(scanner: &mut Scanner) -> Result<Filter, PathError> {
    scanner.blanks();
    if scanner.peek() == Some('!') {
        scanner.at += 1;
        return Ok(Filter::Not(Box::new(one(scanner)?)));
    }
    if scanner.take('(') {
        let inner = any(scanner)?;
        return if scanner.take(')') { Ok(inner) } else { Err(scanner.wrong("')' is missing")) };
    }
    let left = operand(scanner)?;
    if let Some(word) = NOT_BUILT.iter().copied().find(|word| scanner.take_word(word)) {
        return Err(PathError::NotBuilt(format!("the operator {word}")));
    }
    for (sign, comparison) in COMPARISONS {
        if scanner.take_word(sign) {
            return Ok(Filter::Compare(left, comparison, operand(scanner)?));
        }
    }
    Ok(Filter::Exists(left))
}

fn operand(scanner: &mut Scanner) -> Result<Operand, PathError> {
    scanner.blanks();
    match scanner.peek() {
        Some('@') => {
            scanner.at += 1;
            Ok(Operand::Here(scanner.steps_in_filter()?))
        }
        Some('$') => {
            scanner.at += 1;
            Ok(Operand::Root(scanner.steps_in_filter()?))
        }
        Some('\'' | '"') => Ok(Operand::Text(scanner.quoted()?)),
        _ => {
            for (word, value) in
                [("true", Operand::Bool(true)), ("false", Operand::Bool(false)), ("null", Operand::Null)]
            {
                if scanner.take_word(word) {
                    return Ok(value);
                }
            }
            let start = scanner.at;
            while scanner
                .peek()
                .is_some_and(|sign| sign.is_ascii_digit() || matches!(sign, '-' | '+' | '.' | 'e' | 'E'))
            {
                scanner.at += 1;
            }
            let digits: String = scanner.chars[start..scanner.at].iter().collect();
            digits.parse().map(Operand::Number).map_err(|_| scanner.wrong("a value is missing"))
        }
    }
}

/// What is compared.
enum Side {
    Number(f64),
    Text(String),
    Bool(bool),
    Null,
    /// An array or object by its text.
    Nested(String),
}

impl Operand {
    fn value(&self, here: &Json<'_>, root: &Json<'_>) -> Option<Side> {
        let at = |from: &Json<'_>, steps: &[Step]| match find(from, steps).ok()? {
            Found::Value(json) => Some(side(json)),
            Found::Number(number) => Some(Side::Number(number as f64)),
            nested => {
                let mut text = String::new();
                nested.write(&mut text);
                Some(Side::Nested(text))
            }
        };
        match self {
            Operand::Here(steps) => at(here, steps),
            Operand::Root(steps) => at(root, steps),
            Operand::Number(number) => Some(Side::Number(*number)),
            Operand::Text(text) => Some(Side::Text(text.clone())),
            Operand::Bool(value) => Some(Side::Bool(*value)),
            Operand::Null => Some(Side::Null),
        }
    }
}

fn side(json: &Json<'_>) -> Side {
    match json {
        Json::Null => Side::Null,
        Json::Bool(value) => Side::Bool(*value),
        Json::Number(digits) => Side::Number(digits.parse().unwrap_or(f64::NAN)),
        Json::Text(text) => Side::Text(text.clone().into_owned()),
        nested => {
            let mut text = String::new();
            super::write::write(nested, &mut text);
            Side::Nested(text)
        }
    }
}

/// None when the two cannot be compared.
fn compare(a: &Side, b: &Side) -> Option<Ordering> {
    match (a, b) {
        (Side::Number(x), Side::Number(y)) => x.partial_cmp(y),
        (Side::Text(x), Side::Text(y)) => Some(super::write::by_utf16(x, y)),
        (Side::Bool(x), Side::Bool(y)) if x == y => Some(Ordering::Equal),
        (Side::Null, Side::Null) => Some(Ordering::Equal),
        (Side::Nested(x), Side::Nested(y)) if x == y => Some(Ordering::Equal),
        _ => None,
    }
}
