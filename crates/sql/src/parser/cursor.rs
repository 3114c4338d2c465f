//! The parser's state: tokens, position, what was looked for, depth.

use super::Parsed;
use crate::ast::{Ident, ObjectName, StringLiteral};
use crate::error::{SyntaxError, SyntaxErrorKind};
use crate::keywords;
use crate::lexer::{Token, TokenKind, tokenize};
use crate::span::Span;

/// How deeply parentheses, sub-queries, types and calls may nest.
pub(crate) const MAX_NESTING: usize = 100;
/// How high the tree may grow, chains of operators, joins and unions included.
pub(crate) const MAX_HEIGHT: usize = 1000;

/// Classes of tokens in lists of what was expected.
pub(super) const IDENTIFIER: &str = "<IDENTIFIER>";
pub(super) const STRING: &str = "<QUOTED_STRING>";
pub(super) const NUMBER: &str = "<UNSIGNED_INTEGER_LITERAL>";
pub(super) const EOF: &str = "<EOF>";

/// No closing parenthesis.
const UNCLOSED: usize = usize::MAX;

pub(crate) struct Parser<'a> {
    pub(super) text: &'a str,
    tokens: Vec<Token>,
    /// For every `(` the index of its `)`.
    closing: Vec<usize>,
    at: usize,
    expected: Vec<&'static str>,
    expected_at: usize,
    nesting: usize,
    height: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Parsed<Self> {
        let tokens = tokenize(text)?;
        let closing = match_parentheses(&tokens);
        Ok(Self { text, tokens, closing, at: 0, expected: Vec::new(), expected_at: 0, nesting: 0, height: 0 })
    }

    pub(super) fn peek(&self) -> Token {
        self.peek_at(0)
    }

    /// The token `ahead` of the current one.
    pub(super) fn peek_at(&self, ahead: usize) -> Token {
        self.token((self.at + ahead).min(self.tokens.len().saturating_sub(1)))
    }

    fn token(&self, index: usize) -> Token {
        self.tokens.get(index).copied().unwrap_or(Token { kind: TokenKind::Eof, span: Span::default() })
    }

    pub(super) fn text_of(&self, token: Token) -> &'a str {
        token.span.text(self.text)
    }

    pub(super) fn advance(&mut self) -> Token {
        let token = self.peek();
        if token.kind != TokenKind::Eof {
            self.at += 1;
        }
        token
    }

    /// From the start of `start` to the end of the last token taken.
    pub(super) fn since(&self, start: Span) -> Span {
        let end = self.token(self.at.saturating_sub(1)).span.end;
        Span::new(start.start, end.max(start.start))
    }

    /// Notes that `item` could stand here.
    pub(super) fn note(&mut self, item: &'static str) {
        if self.expected_at != self.at {
            self.expected.clear();
            self.expected_at = self.at;
        }
        self.expected.push(item);
    }

    /// Whether the token `ahead` is the keyword, without noting it.
    pub(super) fn keyword_at(&self, ahead: usize, keyword: &str) -> bool {
        let token = self.peek_at(ahead);
        token.kind == TokenKind::Word && self.text_of(token).eq_ignore_ascii_case(keyword)
    }

    /// Whether the token `ahead` is the symbol, without noting it.
    pub(super) fn symbol_at(&self, ahead: usize, symbol: &str) -> bool {
        matches!(self.peek_at(ahead).kind, TokenKind::Symbol(found) if found == symbol)
    }

    pub(super) fn at_kw(&mut self, keyword: &'static str) -> bool {
        self.note(keyword);
        self.keyword_at(0, keyword)
    }

    pub(super) fn eat_kw(&mut self, keyword: &'static str) -> bool {
        let found = self.at_kw(keyword);
        if found {
            self.at += 1;
        }
        found
    }

    /// Takes all the keywords in a row, or none.
    pub(super) fn eat_kws(&mut self, keywords: &[&'static str]) -> bool {
        if let Some(first) = keywords.first() {
            self.note(first);
        }
        let found = keywords.iter().enumerate().all(|(ahead, keyword)| self.keyword_at(ahead, keyword));
        if found {
            self.at += keywords.len();
        }
        found
    }

    pub(super) fn expect_kw(&mut self, keyword: &'static str) -> Parsed<Span> {
        if self.at_kw(keyword) { Ok(self.advance().span) } else { self.unexpected() }
    }

    pub(super) fn expect_kws(&mut self, keywords: &[&'static str]) -> Parsed<()> {
        for keyword in keywords {
            self.expect_kw(keyword)?;
        }
        Ok(())
    }

    pub(super) fn eat(&mut self, symbol: &'static str) -> bool {
        self.note(symbol);
        let found = self.symbol_at(0, symbol);
        if found {
            self.at += 1;
        }
        found
    }

    pub(super) fn expect(&mut self, symbol: &'static str) -> Parsed<Span> {
        let span = self.peek().span;
        if self.eat(symbol) { Ok(span) } else { self.unexpected() }
    }

    pub(super) fn expect_end(&mut self) -> Parsed<()> {
        self.note(EOF);
        if self.peek().kind == TokenKind::Eof { Ok(()) } else { self.unexpected() }
    }

    /// Whether the token `ahead` can be an identifier.
    pub(super) fn ident_at(&self, ahead: usize) -> bool {
        let token = self.peek_at(ahead);
        match token.kind {
            TokenKind::QuotedIdent => true,
            TokenKind::Word => !keywords::is_reserved(self.text_of(token)),
            _ => false,
        }
    }

    /// An identifier, if one stands here.
    pub(super) fn try_ident(&mut self) -> Option<Ident> {
        self.note(IDENTIFIER);
        self.ident_at(0).then(|| {
            let token = self.advance();
            self.ident_of(token)
        })
    }

    pub(super) fn ident_of(&self, token: Token) -> Ident {
        let raw = self.text_of(token);
        let quoted = token.kind == TokenKind::QuotedIdent;
        let value = match raw.strip_prefix('`').and_then(|inner| inner.strip_suffix('`')) {
            Some(inner) if quoted => inner.replace("``", "`"),
            _ => raw.to_owned(),
        };
        Ident { value, quoted, span: token.span }
    }

    pub(super) fn ident(&mut self) -> Parsed<Ident> {
        match self.try_ident() {
            Some(ident) => Ok(ident),
            None => self.unexpected(),
        }
    }

    /// `a`, `a.b`, `a.b.c`, …
    pub(super) fn object_name(&mut self) -> Parsed<ObjectName> {
        let first = self.ident()?;
        let start = first.span;
        let mut parts = vec![first];
        while self.symbol_at(0, ".") {
            self.advance();
            parts.push(self.ident()?);
        }
        Ok(ObjectName { parts, span: self.since(start) })
    }

    /// A plain string literal.
    pub(super) fn string(&mut self) -> Parsed<StringLiteral> {
        self.note(STRING);
        let start = self.peek();
        match self.try_string()? {
            Some(value) => Ok(StringLiteral { value, span: self.since(start.span) }),
            None => self.unexpected(),
        }
    }

    pub(super) fn unsigned(&mut self) -> Parsed<u32> {
        self.note(NUMBER);
        let token = self.peek();
        let value = self.text_of(token).parse::<u32>().ok();
        match value {
            Some(value) if token.kind == TokenKind::Number => {
                self.advance();
                Ok(value)
            }
            _ => self.unexpected(),
        }
    }

    /// One or more, separated by commas.
    pub(super) fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.eat(",") {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// `(item, …)` with at least one item.
    pub(super) fn paren_list<T>(&mut self, item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.expect("(")?;
        let items = self.list(item)?;
        self.expect(")")?;
        Ok(items)
    }

    pub(super) fn parens<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.expect("(")?;
        let value = inner(self)?;
        self.expect(")")?;
        Ok(value)
    }

    pub(super) fn ident_list(&mut self) -> Parsed<Vec<Ident>> {
        self.paren_list(Self::ident)
    }

    /// The error that the current token cannot stand here.
    pub(super) fn unexpected<T>(&self) -> Parsed<T> {
        let token = self.peek();
        let found = match token.kind {
            TokenKind::Eof => EOF.to_owned(),
            _ => self.text_of(token).to_owned(),
        };
        let mut expected = if self.expected_at == self.at { self.expected.clone() } else { Vec::new() };
        // As in Flink's lists, the end comes first.
        expected.sort_unstable_by_key(|item| (*item != EOF, *item));
        expected.dedup();
        let wants_ident = expected.contains(&IDENTIFIER);
        let kind = SyntaxErrorKind::Unexpected { found: found.clone(), expected };
        let error = SyntaxError::new(kind, token.span, self.text);
        let is_reserved = token.kind == TokenKind::Word && keywords::is_reserved(&found);
        Err(if wants_ident && is_reserved {
            error.with_remedy(format!(
                "{} is a reserved word: to use it as a name, write it in back-ticks: `{found}`.",
                found.to_ascii_uppercase()
            ))
        } else {
            error
        })
    }

    /// An error of the statement's meaning at `span`.
    pub(super) fn invalid<T>(&self, span: Span, message: impl Into<String>) -> Parsed<T> {
        let kind = SyntaxErrorKind::Invalid { message: message.into() };
        Err(SyntaxError::new(kind, span, self.text))
    }

    /// The error that a statement, a clause or a type is not supported.
    pub(super) fn unsupported<T>(&self, span: Span, feature: &str, remedy: &str) -> Parsed<T> {
        let kind = SyntaxErrorKind::Unsupported { feature: feature.to_owned() };
        let error = SyntaxError::new(kind, span, self.text);
        Err(if remedy.is_empty() { error } else { error.with_remedy(remedy) })
    }

    /// Runs a part that may contain itself, one level deeper.
    pub(super) fn nested<T>(&mut self, part: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.nesting >= MAX_NESTING {
            return self.too_deep(MAX_NESTING);
        }
        self.nesting += 1;
        let outer = std::mem::take(&mut self.height);
        let result = part(self);
        self.nesting -= 1;
        let result = result.and_then(|value| self.grow().map(|()| value));
        self.height = self.height.max(outer);
        result
    }

    /// Notes that a node was put on top of all that was parsed at this level.
    pub(super) fn grow(&mut self) -> Parsed<()> {
        self.height += 1;
        if self.height + self.nesting > MAX_HEIGHT {
            return self.too_deep(MAX_HEIGHT);
        }
        Ok(())
    }

    fn too_deep<T>(&self, limit: usize) -> Parsed<T> {
        let kind = SyntaxErrorKind::TooDeep { limit };
        let error = SyntaxError::new(kind, self.peek().span, self.text);
        Err(error
            .with_remedy("Split the statement, for example with WITH or a view, or write long chains of OR as IN (…)."))
    }

    /// Whether a query starts at the token `ahead` (parentheses that open a query included).
    pub(super) fn query_at(&self, ahead: usize) -> bool {
        self.query_starts(self.at + ahead)
    }

    fn query_starts(&self, index: usize) -> bool {
        // Innermost parenthesis of the run that starts here.
        let mut first = index;
        while matches!(self.token(first).kind, TokenKind::Symbol("(")) {
            first += 1;
        }
        if !self.query_word(first) {
            return false;
        }
        // From the inside out: a query in parentheses makes the next outer one a query only if the query goes on, or ends.
        (index..first.saturating_sub(1)).rev().all(|outer| {
            let inner_end = self.closing.get(outer + 1).copied().unwrap_or(UNCLOSED);
            inner_end == UNCLOSED || self.continues_query(inner_end + 1)
        })
    }

    fn word_is(&self, index: usize, words: &[&str]) -> bool {
        let token = self.token(index);
        let text = self.text_of(token);
        token.kind == TokenKind::Word && words.iter().any(|word| text.eq_ignore_ascii_case(word))
    }

    fn query_word(&self, index: usize) -> bool {
        let is_call = matches!(self.token(index + 1).kind, TokenKind::Symbol("("));
        self.word_is(index, &["SELECT", "WITH", "VALUES"]) || (self.word_is(index, &["TABLE"]) && !is_call)
    }

    fn continues_query(&self, index: usize) -> bool {
        const WORDS: [&str; 8] = ["UNION", "INTERSECT", "EXCEPT", "MINUS", "ORDER", "LIMIT", "OFFSET", "FETCH"];
        matches!(self.token(index).kind, TokenKind::Symbol(")")) || self.word_is(index, &WORDS)
    }

    /// Whether the parenthesis here closes at the end of the statement.
    pub(super) fn closes_at_end(&self) -> bool {
        let after = self.closing.get(self.at).copied().unwrap_or(UNCLOSED);
        after != UNCLOSED && matches!(self.token(after + 1).kind, TokenKind::Eof | TokenKind::Symbol(";"))
    }
}

fn match_parentheses(tokens: &[Token]) -> Vec<usize> {
    let mut closing = vec![UNCLOSED; tokens.len()];
    let mut open = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::Symbol("(") => open.push(index),
            TokenKind::Symbol(")") => {
                if let Some(start) = open.pop() {
                    closing[start] = index;
                }
            }
            _ => {}
        }
    }
    closing
}
