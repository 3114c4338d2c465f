//! Literals: strings in all spellings, numbers, binary, dates and times, intervals.

use super::Parsed;
use super::cursor::{Parser, STRING};
use crate::ast::{Expr, ExprKind, IntervalLiteral, IntervalQualifier, Literal, NumberLiteral, TimeUnit, UnaryOp};
use crate::lexer::TokenKind;
use crate::span::Span;

impl Parser<'_> {
    /// The value of a character string with the parts that follow it, if one stands here.
    pub(super) fn try_string(&mut self) -> Parsed<Option<String>> {
        let token = self.peek();
        let raw = self.text_of(token);
        let mut value = match token.kind {
            TokenKind::String | TokenKind::CharsetString | TokenKind::UnicodeString => {
                let open = raw.find('\'').unwrap_or(0);
                unquote(&raw[open..])
            }
            _ => return Ok(None),
        };
        let mut before = self.advance();
        while self.peek().kind == TokenKind::String {
            let part = self.advance();
            // A continuation begins a line, as the standard has it.
            if !Span::new(before.span.end, part.span.start).text(self.text).contains(['\n', '\r']) {
                return self.invalid(part.span, "String literal continued on same line");
            }
            before = part;
            value.push_str(&unquote(self.text_of(part)));
        }
        if token.kind == TokenKind::UnicodeString {
            let escape = self.unicode_escape_character()?;
            value = self.unescape(&value, escape, token.span)?;
        }
        Ok(Some(value))
    }

    fn unicode_escape_character(&mut self) -> Parsed<char> {
        if !self.eat_kw("UESCAPE") {
            return Ok('\\');
        }
        let literal = self.string()?;
        let mut chars = literal.value.chars();
        match (chars.next(), chars.next()) {
            (Some(escape), None) if !escape.is_ascii_hexdigit() && !"+'\"".contains(escape) => Ok(escape),
            _ => self.invalid(literal.span, "UESCAPE must be a single character that is no hexadecimal digit."),
        }
    }

    /// Undoes `\XXXX` and `\\` of a U& string.
    fn unescape(&self, text: &str, escape: char, span: Span) -> Parsed<String> {
        let mut units = Vec::with_capacity(text.len());
        let mut rest = text.chars();
        while let Some(next) = rest.next() {
            if next != escape {
                units.extend(next.encode_utf16(&mut [0; 2]).iter());
                continue;
            }
            if rest.as_str().starts_with(escape) {
                rest.next();
                units.extend(escape.encode_utf16(&mut [0; 2]).iter());
                continue;
            }
            let digits: String = rest.by_ref().take(4).collect();
            match u16::from_str_radix(&digits, 16) {
                Ok(unit) if digits.len() == 4 && !digits.starts_with('+') => units.push(unit),
                _ => {
                    return self.invalid(
                        span,
                        format!("Unicode escape sequence '{escape}{digits}' does not have four hexadecimal digits."),
                    );
                }
            }
        }
        match String::from_utf16(&units) {
            Ok(value) => Ok(value),
            Err(_) => self.invalid(span, "The Unicode escapes are no valid text."),
        }
    }

    /// A literal by its token: number, string or binary string.
    pub(super) fn try_literal(&mut self) -> Parsed<Option<Literal>> {
        let token = self.peek();
        match token.kind {
            TokenKind::Number => {
                self.advance();
                let text = self.text_of(token).to_owned();
                Ok(Some(Literal::Number(NumberLiteral { text })))
            }
            TokenKind::BinaryString => self.binary().map(Some),
            _ => Ok(self.try_string()?.map(Literal::String)),
        }
    }

    fn binary(&mut self) -> Parsed<Literal> {
        let token = self.advance();
        let raw = self.text_of(token);
        let mut digits = unquote(raw.get(1..).unwrap_or(""));
        while self.peek().kind == TokenKind::String {
            let part = self.advance();
            digits.push_str(&unquote(self.text_of(part)));
        }
        let span = self.since(token.span);
        if !digits.len().is_multiple_of(2) {
            return self.invalid(span, "Binary literal string must contain an even number of hexits");
        }
        let mut bytes = Vec::with_capacity(digits.len() / 2);
        for pair in digits.as_bytes().chunks(2) {
            let pair = std::str::from_utf8(pair).unwrap_or("");
            match u8::from_str_radix(pair, 16) {
                Ok(byte) if !pair.starts_with('+') => bytes.push(byte),
                _ => {
                    return self
                        .invalid(span, "Binary literal string must contain only characters '0' - '9', 'A' - 'F'");
                }
            }
        }
        Ok(Literal::Binary(bytes))
    }

    /// `DATE '…'`, `TIME '…'`, `TIMESTAMP [WITH LOCAL TIME ZONE] '…'`; `None` when no string follows the keyword.
    pub(super) fn try_datetime_literal(&mut self) -> Parsed<Option<Literal>> {
        let string_follows = |parser: &Self, ahead| matches!(parser.peek_at(ahead).kind, TokenKind::String);
        let local_zone = ["TIMESTAMP", "WITH", "LOCAL", "TIME", "ZONE"];
        if string_follows(self, 1) {
            let keyword = self.advance();
            let keyword = self.text_of(keyword).to_ascii_uppercase();
            let value = self.string()?.value;
            return Ok(match keyword.as_str() {
                "DATE" => Some(Literal::Date(value)),
                "TIME" => Some(Literal::Time(value)),
                "TIMESTAMP_LTZ" => Some(Literal::TimestampLtz(value)),
                _ => Some(Literal::Timestamp(value)),
            });
        }
        if string_follows(self, local_zone.len()) && self.eat_kws(&local_zone) {
            return Ok(Some(Literal::TimestampLtz(self.string()?.value)));
        }
        if self.keyword_at(0, "TIMESTAMP")
            && string_follows(self, 4)
            && self.eat_kws(&["TIMESTAMP", "WITHOUT", "TIME", "ZONE"])
        {
            return Ok(Some(Literal::Timestamp(self.string()?.value)));
        }
        Ok(None)
    }

    /// `INTERVAL [+|-] 'text' qualifier`, or with a value in place of the text.
    pub(super) fn interval(&mut self) -> Parsed<Expr> {
        let start = self.expect_kw("INTERVAL")?;
        let negative = self.eat("-");
        if !negative {
            self.eat("+");
        }
        self.note(STRING);
        if let Some(text) = self.try_string()? {
            let qualifier = self.interval_qualifier()?;
            let literal = IntervalLiteral { negative, text, qualifier };
            let kind = ExprKind::Literal(Literal::Interval(literal));
            return Ok(Expr::new(kind, self.since(start)));
        }
        let value_start = self.peek().span;
        let mut value = if self.symbol_at(0, "(") {
            self.nested(|parser| parser.parens(Self::expr))?
        } else if let Some(literal) = self.try_literal()? {
            Expr::new(ExprKind::Literal(literal), self.since(value_start))
        } else {
            let name = self.object_name()?;
            Expr::new(ExprKind::Name(name), self.since(value_start))
        };
        if negative {
            let kind = ExprKind::Unary { op: UnaryOp::Minus, operand: Box::new(value) };
            value = Expr::new(kind, self.since(value_start));
        }
        let qualifier = self.interval_qualifier()?;
        let kind = ExprKind::IntervalOf { value: Box::new(value), qualifier };
        Ok(Expr::new(kind, self.since(start)))
    }

    /// `unit[(p[, s])] [TO unit[(s)]]`
    pub(super) fn interval_qualifier(&mut self) -> Parsed<IntervalQualifier> {
        let start_span = self.peek().span;
        let start = self.time_unit()?;
        let mut qualifier = IntervalQualifier::unit(start);
        if self.symbol_at(0, "(") {
            self.advance();
            qualifier.start_precision = Some(self.unsigned()?);
            if start == TimeUnit::Second && self.eat(",") {
                qualifier.fraction_precision = Some(self.unsigned()?);
            }
            self.expect(")")?;
        }
        // `TO` also ends FLOOR's argument, but no unit stands before it there.
        if self.at_kw("TO") {
            self.advance();
            let end = self.time_unit()?;
            if !is_interval_range(start, end) {
                return self.invalid(
                    self.since(start_span),
                    format!("There is no interval type {} TO {}.", start.keyword(), end.keyword()),
                );
            }
            qualifier.end = Some(end);
            if end == TimeUnit::Second && self.symbol_at(0, "(") {
                qualifier.fraction_precision = Some(self.parens(Self::unsigned)?);
            }
        }
        Ok(qualifier)
    }

    /// A time unit by its keyword.
    pub(super) fn time_unit(&mut self) -> Parsed<TimeUnit> {
        match self.try_time_unit() {
            Some(unit) => Ok(unit),
            None => {
                for (_, keyword) in TimeUnit::ALL {
                    self.note(keyword);
                }
                self.unexpected()
            }
        }
    }

    pub(super) fn try_time_unit(&mut self) -> Option<TimeUnit> {
        let token = self.peek();
        if token.kind != TokenKind::Word {
            return None;
        }
        let unit = unit_of(self.text_of(token))?;
        self.advance();
        Some(unit)
    }
}

/// The unit of a keyword: singular, plural or `SQL_TSI_…`.
pub(super) fn unit_of(word: &str) -> Option<TimeUnit> {
    let upper = word.to_ascii_uppercase();
    let name = upper.strip_prefix("SQL_TSI_").unwrap_or(&upper);
    if name == "FRAC_SECOND" {
        return Some(TimeUnit::Microsecond);
    }
    let plural = ["YEARS", "QUARTERS", "MONTHS", "WEEKS", "DAYS", "HOURS", "MINUTES", "SECONDS"];
    let name = if plural.contains(&name) { &name[..name.len() - 1] } else { name };
    TimeUnit::ALL.iter().find(|(_, keyword)| *keyword == name).map(|(unit, _)| *unit)
}

fn is_interval_range(start: TimeUnit, end: TimeUnit) -> bool {
    use TimeUnit::{Day, Hour, Minute, Month, Second, Year};
    let order = [Day, Hour, Minute, Second];
    let rank = |unit| order.iter().position(|other| *other == unit);
    match (rank(start), rank(end)) {
        (Some(from), Some(to)) => from < to,
        _ => start == Year && end == Month,
    }
}

/// The text between single quotes, doubled ones undone.
fn unquote(raw: &str) -> String {
    let inner = raw.strip_prefix('\'').unwrap_or(raw);
    inner.strip_suffix('\'').unwrap_or(inner).replace("''", "'")
}
