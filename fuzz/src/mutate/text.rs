//! Changes to the tokens of a text: lost, doubled, exchanged, taken from another sample, nested deep.

use std::ops::Range;

use crate::random::Random;

/// Characters and words that lexers go wrong at.
const ODD: &[&str] = &[
    "'",
    "\"",
    "`",
    "--",
    "/*",
    "*/",
    "\\",
    "\\u0000",
    "\u{0}",
    "\u{feff}",
    "é",
    "𝄞",
    "\u{200b}",
    ";",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "<",
    ">",
    ",",
    ".",
    ":",
    "=>",
    "0",
    "-1",
    "1e999",
    "99999999999999999999999999999999999999999",
    "2147483648",
    "-9223372036854775809",
    "0.00000000000000000000000000000000000000001",
    "NULL",
    "null",
    "NOT",
    "SELECT",
    "\n",
    "\t",
];

/// One change.
pub fn mutate(random: &mut Random, samples: &[Vec<u8>], input: &mut Vec<u8>) {
    let tokens = tokens(input);
    let token = pick(random, &tokens);
    match random.below(8) {
        0 => drop(input.drain(token)),
        1 => {
            let end = pick(random, &tokens).end.max(token.start).min(token.start + 64);
            input.drain(token.start..end);
        }
        2 => {
            let other = pick(random, &tokens);
            let piece = input[other].to_vec();
            input.splice(token, piece);
        }
        3 | 4 => {
            let other = random.pick(samples);
            let theirs = self::tokens(other);
            let start = pick(random, &theirs).start;
            let end = theirs.iter().map(|t| t.end).find(|end| *end >= start + random.length(48)).unwrap_or(other.len());
            let piece = other[start..end].to_vec();
            let until = if random.once_in(2) { token.start } else { token.end };
            input.splice(token.start..until, piece);
        }
        5 => {
            let piece = random.pick(ODD).bytes();
            let until = if random.once_in(2) { token.start } else { token.end };
            input.splice(token.start..until, piece);
        }
        6 => {
            let end = (token.end + random.below(16)).min(input.len());
            let piece = input[token.start..end].to_vec();
            let times = if random.once_in(8) { 1 + random.below(2000) } else { random.length(64) };
            input.splice(token.start..token.start, piece.repeat(times));
        }
        _ => nest(random, input, token),
    }
}

/// Puts `token` into many pairs of brackets.
fn nest(random: &mut Random, input: &mut Vec<u8>, token: Range<usize>) {
    const PAIRS: &[(&str, &str)] =
        &[("(", ")"), ("[", "]"), ("{", "}"), ("{\"a\":", "}"), ("ARRAY<", ">"), ("NOT ", ""), ("- ", "")];
    let (open, close) = random.pick(PAIRS);
    let times = if random.once_in(8) { 1 + random.below(4000) } else { random.length(64) };
    input.splice(token.end..token.end, close.repeat(times).into_bytes());
    input.splice(token.start..token.start, open.repeat(times).into_bytes());
}

fn pick(random: &mut Random, tokens: &[Range<usize>]) -> Range<usize> {
    if tokens.is_empty() { 0..0 } else { random.pick(tokens).clone() }
}

/// Words, runs of blanks, and single other characters.
fn tokens(text: &[u8]) -> Vec<Range<usize>> {
    let class = |byte: u8| match byte {
        b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => 0,
        b' ' | b'\n' => 1,
        _ => 2,
    };
    let mut tokens: Vec<Range<usize>> = Vec::new();
    for (at, byte) in text.iter().enumerate() {
        match tokens.last_mut() {
            Some(last) if class(*byte) != 2 && class(text[at - 1]) == class(*byte) => last.end = at + 1,
            _ => tokens.push(at..at + 1),
        }
    }
    tokens
}
