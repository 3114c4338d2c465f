//! From Java's syntax of regular expressions to the engine's.

const WORD: &str = "a-zA-Z_0-9";
const SPACE: &str = r" \t\n\x0B\f\r";
const HORIZONTAL: &str = r" \t\xA0\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}";
const VERTICAL: &str = r"\n\x0B\f\r\x85\x{2028}\x{2029}";
/// What `.` does not match.
const LINE_END: &str = r"\n\r\x85\x{2028}\x{2029}";

/// POSIX classes are ASCII in Java.
const POSIX: &[(&str, &str)] = &[
    ("Lower", "a-z"),
    ("Upper", "A-Z"),
    ("ASCII", r"\x00-\x7F"),
    ("Alpha", "a-zA-Z"),
    ("Digit", "0-9"),
    ("Alnum", "a-zA-Z0-9"),
    ("Punct", r"!-/:-@\[-`{-~"),
    ("Graph", "!-~"),
    ("Print", " -~"),
    ("Blank", r" \t"),
    ("Cntrl", r"\x00-\x1F\x7F"),
    ("XDigit", "0-9a-fA-F"),
    ("Space", SPACE),
    ("IsAlphabetic", r"\p{Alphabetic}"),
    ("IsLetter", r"\p{L}"),
    ("IsDigit", r"\p{Nd}"),
    ("IsUppercase", r"\p{Uppercase}"),
    ("IsLowercase", r"\p{Lowercase}"),
    ("IsWhite_Space", r"\p{White_Space}"),
    ("IsPunctuation", r"\p{P}"),
    ("IsIdeographic", r"\p{Ideographic}"),
    ("javaLowerCase", r"\p{Lowercase}"),
    ("javaUpperCase", r"\p{Uppercase}"),
    ("javaWhitespace", r"\s"),
];

pub(super) fn translate(pattern: &str) -> String {
    let mut translator =
        Translator { chars: pattern.chars().collect(), at: 0, out: String::new(), depth: 0, dot_all: false };
    translator.run();
    translator.out
}

struct Translator {
    chars: Vec<char>,
    at: usize,
    out: String,
    /// How many brackets of classes are open.
    depth: usize,
    dot_all: bool,
}

impl Translator {
    fn run(&mut self) {
        while let Some(&sign) = self.chars.get(self.at) {
            self.at += 1;
            match sign {
                '\\' => self.escape(),
                '[' => {
                    self.depth += 1;
                    self.out.push('[');
                    if self.chars.get(self.at) == Some(&'^') {
                        self.at += 1;
                        self.out.push('^');
                    }
                }
                ']' if self.depth > 0 => {
                    self.depth -= 1;
                    self.out.push(']');
                }
                // Operators of the engine's classes that Java does not know.
                '-' | '~' if self.depth > 0 && self.chars.get(self.at) == Some(&sign) => {
                    self.out.push('\\');
                    self.out.push(sign);
                }
                '.' if self.depth == 0 && !self.dot_all => {
                    self.out.push_str("[^");
                    self.out.push_str(LINE_END);
                    self.out.push(']');
                }
                '(' if self.depth == 0 => {
                    self.out.push('(');
                    self.flags();
                }
                other => self.out.push(other),
            }
        }
    }

    /// Remembers `(?s)` from here on; the flags themselves are the engine's too, but `d` and `u`.
    fn flags(&mut self) {
        if self.chars.get(self.at) != Some(&'?') {
            return;
        }
        let mut end = self.at + 1;
        while self.chars.get(end).is_some_and(|sign| sign.is_ascii_alphabetic() || *sign == '-') {
            end += 1;
        }
        if end == self.at + 1 || !matches!(self.chars.get(end), Some(')' | ':')) {
            return;
        }
        let flags: String = self.chars[self.at + 1..end].iter().collect();
        let (on, off) = flags.split_once('-').unwrap_or((&flags, ""));
        self.dot_all = (self.dot_all || on.contains('s')) && !off.contains('s');
        let known: String = flags.chars().filter(|flag| !matches!(flag, 'd' | 'u' | 'U')).collect();
        let known = known.trim_end_matches('-');
        self.out.push('?');
        self.out.push_str(known);
        self.at = end;
        if known.is_empty() && self.chars.get(end) == Some(&')') {
            self.out.push(':');
        }
    }

    fn class(&mut self, members: &str, negated: bool) {
        if self.depth > 0 && !negated {
            self.out.push_str(members);
            return;
        }
        self.out.push_str(if negated { "[^" } else { "[" });
        self.out.push_str(members);
        self.out.push(']');
    }

    fn code(&mut self, digits: &str, radix: u32) {
        match u32::from_str_radix(digits, radix) {
            Ok(code) => self.out.push_str(&format!("\\x{{{code:x}}}")),
            // Malformed: let the engine refuse it.
            Err(_) => self.out.push_str("\\x{}"),
        }
    }

    fn take_while(&mut self, most: usize, fits: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.at < start + most && self.chars.get(self.at).copied().is_some_and(&fits) {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect()
    }

    fn escape(&mut self) {
        let Some(&sign) = self.chars.get(self.at) else {
            self.out.push('\\');
            return;
        };
        self.at += 1;
        match sign {
            'd' | 'D' => self.class("0-9", sign == 'D'),
            'w' | 'W' => self.class(WORD, sign == 'W'),
            's' | 'S' => self.class(SPACE, sign == 'S'),
            'h' | 'H' => self.class(HORIZONTAL, sign == 'H'),
            'v' | 'V' => self.class(VERTICAL, sign == 'V'),
            'R' => self.out.push_str(r"(?:\r\n|[\n\x0B\f\r\x85\x{2028}\x{2029}])"),
            'Z' => self.out.push_str(r"(?=(?:\r\n|[\n\r\x85\x{2028}\x{2029}])?\z)"),
            'Q' => self.quoted(),
            'p' | 'P' => self.property(sign == 'P'),
            'e' => self.out.push_str("\\x1B"),
            '0' => {
                let digits = self.take_while(3, |digit| digit.is_digit(8));
                self.code(&digits, 8);
            }
            'u' => {
                let digits = self.take_while(4, |digit| digit.is_ascii_hexdigit());
                self.code(&digits, 16);
            }
            'x' if self.chars.get(self.at) != Some(&'{') => {
                let digits = self.take_while(2, |digit| digit.is_ascii_hexdigit());
                self.code(&digits, 16);
            }
            'c' => {
                if let Some(&control) = self.chars.get(self.at) {
                    self.at += 1;
                    self.code(&format!("{:x}", u32::from(control) ^ 64), 16);
                }
            }
            // A letter without meaning is an error in Java; other signs stand for themselves.
            letter if letter.is_ascii_alphanumeric() => {
                self.out.push('\\');
                self.out.push(letter);
            }
            other => self.out.push_str(&regex::escape(&other.to_string())),
        }
    }

    /// After `\Q`, up to `\E`.
    fn quoted(&mut self) {
        while self.at < self.chars.len() {
            if self.chars[self.at..].starts_with(&['\\', 'E']) {
                self.at += 2;
                return;
            }
            self.out.push_str(&regex::escape(&self.chars[self.at].to_string()));
            self.at += 1;
        }
    }

    /// After `\p` or `\P`: `L` or `{Name}`.
    fn property(&mut self, negated: bool) {
        let name: String = match self.chars.get(self.at) {
            Some('{') => {
                self.at += 1;
                let name = self.take_while(usize::MAX / 2, |sign| sign != '}');
                self.at += 1;
                name
            }
            Some(single) => {
                self.at += 1;
                single.to_string()
            }
            None => String::new(),
        };
        match POSIX.iter().find(|(known, _)| *known == name) {
            Some((_, members)) => self.class(members, negated),
            None => {
                // `IsLatin` and `IsL` are a script or a category.
                let plain = name.strip_prefix("Is").unwrap_or(&name);
                self.out.push_str(&format!("\\{}{{{plain}}}", if negated { 'P' } else { 'p' }));
            }
        }
    }
}
