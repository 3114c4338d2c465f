//! The registry's signatures as a grammar: `SUBSTRING(string FROM start [FOR length])`.
//!
//! Words in lower case are slots for expressions; brackets hold what may be left out or chosen, `...` repeats what is before
//! it, and ` or ` between two whole forms gives two. Brackets that belong to the SQL stand right behind a word.

/// A part of a form.
#[derive(Debug, Clone, PartialEq)]
pub enum Element {
    Text(String),
    /// A place for an expression, by the name that says what it is; several for `integer or string`.
    Slot(Vec<String>),
    /// May be left out.
    Optional(Vec<Element>),
    /// One of these.
    Choice(Vec<Vec<Element>>),
    /// Again, some times, with commas before.
    Repeat(Vec<Element>),
}

/// The forms that a signature allows.
pub fn forms(signature: &str) -> Vec<Vec<Element>> {
    split(signature, " or ")
        .into_iter()
        .map(|form| Reader { text: form.chars().collect(), at: 0 }.sequence(None))
        .collect()
}

/// The parts of `text` between separators that stand in no brackets.
fn split<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ if depth == 0 && text[at..].starts_with(separator) => {
                parts.push(&text[start..at]);
                start = at + separator.len();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

struct Reader {
    text: Vec<char>,
    at: usize,
}

impl Reader {
    fn peek(&self, ahead: usize) -> char {
        self.text.get(self.at + ahead).copied().unwrap_or('\0')
    }

    /// Up to `close`, which is taken, or to the end; within brackets, `|` parts choices.
    fn sequence(&mut self, close: Option<char>) -> Vec<Element> {
        let (mut choices, mut found, mut first) = (Vec::new(), Vec::new(), 0);
        while self.at < self.text.len() {
            let c = self.peek(0);
            let before = if self.at == 0 { '\0' } else { self.text[self.at - 1] };
            match c {
                _ if Some(c) == close => {
                    self.at += 1;
                    break;
                }
                // ARRAY[value], array[index]: SQL's own.
                '[' if before.is_alphanumeric() && self.peek(1) != ',' => {
                    push(&mut found, '[');
                    self.at += 1;
                    first = found.len();
                    found.extend(self.sequence(Some(']')));
                    push(&mut found, ']');
                }
                '[' | '{' => {
                    self.at += 1;
                    let inner = self.sequence(Some(if c == '[' { ']' } else { '}' }));
                    match (c, inner.as_slice()) {
                        ('{', [Element::Choice(_)]) => found.extend(inner),
                        _ => found.push(Element::Optional(inner)),
                    }
                }
                '|' if close.is_some() && before == ' ' && self.peek(1) == ' ' => {
                    self.at += 1;
                    choices.push(trimmed(std::mem::take(&mut found)));
                }
                ',' if self.text[self.at..].starts_with(&[',', ' ', '.', '.', '.']) => {
                    self.at += 5;
                    // In brackets of its own all of it comes again, else the last slot.
                    let last = found.iter().rposition(|element| matches!(element, Element::Slot(_))).unwrap_or(first);
                    let from = if close.is_some() { first } else { last };
                    let again = found[from..].to_vec();
                    found.push(Element::Repeat(again));
                }
                _ if c.is_ascii_lowercase() && !before.is_alphanumeric() => found.push(Element::Slot(self.slot())),
                _ => {
                    push(&mut found, c);
                    self.at += 1;
                }
            }
        }
        if choices.is_empty() {
            return found;
        }
        choices.push(trimmed(found));
        vec![Element::Choice(choices)]
    }

    fn slot(&mut self) -> Vec<String> {
        let mut names = Vec::new();
        loop {
            let mut name = String::new();
            while self.peek(0).is_ascii_lowercase() || self.peek(0).is_ascii_digit() || self.peek(0) == '_' {
                name.push(self.peek(0));
                self.at += 1;
            }
            names.push(name);
            if !self.text[self.at..].starts_with(&[' ', 'o', 'r', ' ']) {
                return names;
            }
            self.at += 4;
        }
    }
}

fn push(found: &mut Vec<Element>, c: char) {
    match found.last_mut() {
        Some(Element::Text(text)) => text.push(c),
        _ => found.push(Element::Text(c.to_string())),
    }
}

fn trimmed(mut elements: Vec<Element>) -> Vec<Element> {
    if let Some(Element::Text(text)) = elements.first_mut() {
        *text = text.trim_start().to_owned();
    }
    if let Some(Element::Text(text)) = elements.last_mut() {
        *text = text.trim_end().to_owned();
    }
    elements.retain(|element| *element != Element::Text(String::new()));
    elements
}
