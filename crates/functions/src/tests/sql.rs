//! Expressions of the tests: SQL text to a typed expression, through the registry as the analysis does it.

mod json;

use nutkin_plan::{CastFailure, Expr, ExprKind};
use nutkin_types::data_type::{DayTimeResolution, YearMonthResolution};
use nutkin_types::{DataType, LogicalType as T, Moment, Value};

use super::lexer::{Token, tokens};
use super::types::Reader;
use crate::error::SignatureError;
use crate::resolve;
use crate::signature::least_restrictive;
use crate::time::text as time_text;

/// Why there is no expression.
#[derive(Debug)]
pub enum Problem {
    /// The test parser does not know the syntax.
    Syntax(String),
    Signature(SignatureError),
}

impl From<String> for Problem {
    fn from(text: String) -> Problem {
        Problem::Syntax(text)
    }
}

impl From<SignatureError> for Problem {
    fn from(error: SignatureError) -> Problem {
        Problem::Signature(error)
    }
}

type Answer = Result<Expr, Problem>;

struct Parser<'a> {
    reader: Reader,
    columns: &'a [(String, DataType)],
}

/// The expression of `sql` over `columns`.
pub fn parse(sql: &str, columns: &[(String, DataType)]) -> Answer {
    let mut parser = Parser { reader: Reader { tokens: tokens(sql)?, at: 0 }, columns };
    let expr = parser.expr(0)?;
    match parser.reader.peek() {
        None => Ok(expr),
        Some(token) => Err(Problem::Syntax(format!("{token:?} after the expression"))),
    }
}

fn text(value: &str) -> Expr {
    let length = value.chars().count() as u32;
    Expr::literal(Value::String(value.to_owned()), T::Char { length }.not_null())
}

fn call(name: &str, args: Vec<Expr>) -> Answer {
    Ok(resolve::call(name, args)?)
}

fn negate(negated: bool, expr: Expr) -> Answer {
    if negated { call("NOT", vec![expr]) } else { Ok(expr) }
}

const COMPARISON: u8 = 4;

impl Parser<'_> {
    fn expr(&mut self, least: u8) -> Answer {
        let mut left = self.prefix()?;
        loop {
            let Some((name, power)) = self.infix() else { return Ok(left) };
            if power < least || (power == least && least > 0) {
                return Ok(left);
            }
            left = self.continue_with(left, &name, power)?;
        }
    }

    fn infix(&self) -> Option<(String, u8)> {
        Some(match self.reader.peek()? {
            Token::Symbol(symbol) => match *symbol {
                "=" | "<>" | "!=" | "<" | "<=" | ">" | ">=" => ((*symbol).to_owned(), COMPARISON),
                "+" | "-" | "||" => ((*symbol).to_owned(), 5),
                "*" | "/" | "%" => ((*symbol).to_owned(), 6),
                "[" | "." => ((*symbol).to_owned(), 9),
                _ => return None,
            },
            Token::Word(word) => match word.to_uppercase().as_str() {
                "OR" => ("OR".to_owned(), 1),
                "AND" => ("AND".to_owned(), 2),
                "IS" | "LIKE" | "SIMILAR" | "IN" | "BETWEEN" | "NOT" => (word.to_uppercase(), COMPARISON),
                _ => return None,
            },
            _ => return None,
        })
    }

    fn continue_with(&mut self, left: Expr, name: &str, power: u8) -> Answer {
        self.reader.at += 1;
        match name {
            "[" => {
                let index = self.expr(0)?;
                self.reader.expect("]")?;
                call("ITEM", vec![left, index])
            }
            "." => {
                let field = self.reader.name()?;
                let Some(fields) = left.data_type.logical.fields() else {
                    return Err(Problem::Syntax(format!("field {field} of {}", left.data_type)));
                };
                let index = fields.iter().position(|f| f.name == field).ok_or(format!("field {field}"))?;
                let nullable = left.data_type.nullable || fields[index].data_type.nullable;
                let data_type = fields[index].data_type.with_nullable(nullable);
                Ok(Expr { kind: ExprKind::Field { arg: Box::new(left), index }, data_type })
            }
            "IS" => {
                let negated = self.reader.word("NOT");
                let not = if negated { "NOT " } else { "" };
                if self.reader.word("DISTINCT") {
                    self.reader.word("FROM");
                    let right = self.expr(COMPARISON)?;
                    return call(&format!("IS {not}DISTINCT FROM"), vec![left, right]);
                }
                let mut test = self.reader.name()?.to_uppercase();
                if test == "JSON" {
                    let kinds = ["VALUE", "OBJECT", "ARRAY", "SCALAR"];
                    let kind = kinds.into_iter().find(|kind| self.reader.word(kind)).unwrap_or("VALUE");
                    test = format!("JSON {kind}");
                }
                call(&format!("IS {not}{test}"), vec![left])
            }
            "NOT" => {
                let word = self.reader.name()?.to_uppercase();
                self.predicate(left, &word, true)
            }
            "LIKE" | "SIMILAR" | "IN" | "BETWEEN" => self.predicate(left, name, false),
            operator => {
                let right = self.expr(power)?;
                call(operator, vec![left, right])
            }
        }
    }

    fn predicate(&mut self, left: Expr, word: &str, negated: bool) -> Answer {
        match word {
            "LIKE" | "SIMILAR" => {
                if word == "SIMILAR" {
                    self.reader.word("TO");
                }
                let mut args = vec![left, self.expr(COMPARISON)?];
                if self.reader.word("ESCAPE") {
                    args.push(self.expr(COMPARISON)?);
                }
                negate(negated, call(if word == "LIKE" { "LIKE" } else { "SIMILAR TO" }, args)?)
            }
            "IN" => {
                self.reader.expect("(")?;
                let mut args = vec![left];
                args.extend(self.list(")")?);
                negate(negated, call("IN", args)?)
            }
            "BETWEEN" => {
                let symmetric = self.reader.word("SYMMETRIC");
                self.reader.word("ASYMMETRIC");
                let low = self.expr(COMPARISON)?;
                if !self.reader.word("AND") {
                    return Err(Problem::Syntax("BETWEEN without AND".to_owned()));
                }
                let high = self.expr(COMPARISON)?;
                let within = |low: Expr, high: Expr| -> Answer {
                    let (above, below) = (call(">=", vec![left.clone(), low])?, call("<=", vec![left.clone(), high])?);
                    call("AND", vec![above, below])
                };
                let mut result = within(low.clone(), high.clone())?;
                if symmetric {
                    result = call("OR", vec![result, within(high, low)?])?;
                }
                negate(negated, result)
            }
            other => Err(Problem::Syntax(format!("predicate {other}"))),
        }
    }

    fn list(&mut self, close: &str) -> Result<Vec<Expr>, Problem> {
        let mut items = Vec::new();
        if self.reader.symbol(close) {
            return Ok(items);
        }
        loop {
            items.push(self.expr(0)?);
            if self.reader.symbol(",") {
                continue;
            }
            self.reader.expect(close)?;
            return Ok(items);
        }
    }

    fn prefix(&mut self) -> Answer {
        let token = self.reader.peek().cloned().ok_or("the end".to_owned())?;
        self.reader.at += 1;
        match token {
            Token::Number(number) => Ok(number_literal(&number)?),
            Token::Text(value) => Ok(text(&value)),
            Token::Symbol("-") => {
                let arg = self.expr(7)?;
                if let (ExprKind::Literal(Value::Integer(v)), T::Int | T::BigInt) = (&arg.kind, &arg.data_type.logical)
                {
                    return Ok(Expr::literal(Value::Integer(-v), arg.data_type.clone()));
                }
                if let ExprKind::Literal(Value::Decimal(v)) = &arg.kind {
                    let fits = i64::try_from(-v).ok().filter(|_| arg.data_type.logical.as_decimal() == Some((19, 0)));
                    return Ok(match fits {
                        Some(v) => Expr::literal(Value::Integer(v), T::BigInt.not_null()),
                        None => Expr::literal(Value::Decimal(-v), arg.data_type.clone()),
                    });
                }
                if let ExprKind::Literal(Value::Double(v)) = &arg.kind {
                    return Ok(Expr::literal(Value::Double(-v), arg.data_type.clone()));
                }
                call("-", vec![arg])
            }
            Token::Symbol("+") => {
                let arg = self.expr(7)?;
                call("+", vec![arg])
            }
            Token::Symbol("(") => {
                let mut items = self.list(")")?;
                if self.reader.word("OVERLAPS") {
                    self.reader.expect("(")?;
                    items.extend(self.list(")")?);
                    return call("OVERLAPS", items);
                }
                match items.len() {
                    1 => Ok(items.remove(0)),
                    _ => call("ROW", items),
                }
            }
            Token::Quoted(name) => self.name(&name, true),
            Token::Word(name) => self.name(&name, false),
            other => Err(Problem::Syntax(format!("{other:?}"))),
        }
    }

    fn name(&mut self, name: &str, quoted: bool) -> Answer {
        let upper = name.to_uppercase();
        let next = self.reader.peek().cloned();
        if next == Some(Token::Symbol("(")) && upper != "NOT" {
            self.reader.at += 1;
            return self.function(&upper);
        }
        if let Some(index) = self.columns.iter().position(|(column, _)| column == name) {
            return Ok(Expr::input(index, self.columns[index].1.clone()));
        }
        if name == "testTable" && self.reader.symbol(".") {
            let column = self.reader.name()?;
            return self.name(&column, true);
        }
        if quoted {
            return Err(Problem::Syntax(format!("column {name}")));
        }
        match (upper.as_str(), next) {
            ("TRUE", _) => Ok(Expr::literal(Value::Boolean(true), T::Boolean.not_null())),
            ("FALSE", _) => Ok(Expr::literal(Value::Boolean(false), T::Boolean.not_null())),
            ("NULL", _) => Ok(Expr::literal(Value::Null, T::Null.nullable())),
            ("NOT", _) => {
                let arg = self.expr(3)?;
                call("NOT", vec![arg])
            }
            ("CASE", _) => self.case(),
            ("ARRAY" | "MAP", Some(Token::Symbol("["))) => {
                self.reader.at += 1;
                let args = self.list("]")?;
                call(&upper, args)
            }
            ("DATE" | "TIME" | "TIMESTAMP", Some(Token::Text(value))) => {
                self.reader.at += 1;
                Ok(time_literal(&upper, &value)?)
            }
            ("X", Some(Token::Text(value))) => {
                self.reader.at += 1;
                let bytes = hex::decode(&value).map_err(|_| format!("bytes {value}"))?;
                let length = bytes.len() as u32;
                Ok(Expr::literal(Value::Bytes(bytes), T::Binary { length }.not_null()))
            }
            ("INTERVAL", Some(Token::Text(value))) => {
                self.reader.at += 1;
                self.interval(&value)
            }
            ("CURRENT_DATE" | "CURRENT_TIME" | "CURRENT_TIMESTAMP" | "LOCALTIME" | "LOCALTIMESTAMP", _) => {
                call(&upper, Vec::new())
            }
            _ => Err(Problem::Syntax(format!("name {name}"))),
        }
    }

    fn unit(&mut self) -> Result<Expr, Problem> {
        Ok(text(&self.reader.name()?.to_uppercase()))
    }

    fn function(&mut self, name: &str) -> Answer {
        match name {
            "CAST" | "TRY_CAST" => {
                let arg = self.expr(0)?;
                if !self.reader.word("AS") {
                    return Err(Problem::Syntax("CAST without AS".to_owned()));
                }
                let target = self.reader.data_type()?;
                self.reader.expect(")")?;
                let failure = if name == "CAST" { CastFailure::Error } else { CastFailure::Null };
                Ok(resolve::cast(arg, &target, failure)?)
            }
            "EXTRACT" => {
                let unit = self.unit()?;
                self.reader.word("FROM");
                let arg = self.expr(0)?;
                self.reader.expect(")")?;
                call(name, vec![unit, arg])
            }
            "TIMESTAMPADD" | "TIMESTAMPDIFF" => {
                let mut args = vec![self.unit()?];
                self.reader.expect(",")?;
                args.extend(self.list(")")?);
                call(name, args)
            }
            "FLOOR" | "CEIL" | "CEILING" => {
                let mut args = vec![self.expr(0)?];
                if self.reader.word("TO") {
                    args.push(self.unit()?);
                }
                self.reader.expect(")")?;
                call(name, args)
            }
            "TRIM" => self.trim(),
            "POSITION" => {
                let search = self.expr(COMPARISON)?;
                if !self.reader.word("IN") {
                    return Err(Problem::Syntax("POSITION without IN".to_owned()));
                }
                let mut args = vec![search, self.expr(0)?];
                if self.reader.word("FROM") {
                    args.push(self.expr(0)?);
                }
                self.reader.expect(")")?;
                call(name, args)
            }
            "SUBSTRING" | "OVERLAY" => {
                let mut args = vec![self.expr(0)?];
                while self.reader.symbol(",")
                    || self.reader.word("FROM")
                    || self.reader.word("FOR")
                    || self.reader.word("PLACING")
                {
                    args.push(self.expr(0)?);
                }
                self.reader.expect(")")?;
                call(name, args)
            }
            "JSON_VALUE" | "JSON_QUERY" | "JSON_EXISTS" | "JSON_OBJECT" | "JSON_ARRAY" => self.json(name),
            _ => {
                let args = self.list(")")?;
                call(name, args)
            }
        }
    }

    fn trim(&mut self) -> Answer {
        let mode = ["BOTH", "LEADING", "TRAILING"].into_iter().find(|mode| self.reader.word(mode));
        if self.reader.word("FROM") {
            let arg = self.expr(0)?;
            self.reader.expect(")")?;
            return call("TRIM", vec![text(mode.unwrap_or("BOTH")), text(" "), arg]);
        }
        let first = self.expr(0)?;
        if self.reader.word("FROM") {
            let arg = self.expr(0)?;
            self.reader.expect(")")?;
            return call("TRIM", vec![text(mode.unwrap_or("BOTH")), first, arg]);
        }
        self.reader.expect(")")?;
        call("TRIM", vec![first])
    }

    fn case(&mut self) -> Answer {
        let subject = if self.reader.is_word("WHEN") { None } else { Some(self.expr(0)?) };
        let mut branches = Vec::new();
        while self.reader.word("WHEN") {
            let when = self.expr(0)?;
            let when = match &subject {
                Some(subject) => call("=", vec![subject.clone(), when])?,
                None => when,
            };
            if !self.reader.word("THEN") {
                return Err(Problem::Syntax("WHEN without THEN".to_owned()));
            }
            branches.push((when, self.expr(0)?));
        }
        let otherwise =
            if self.reader.word("ELSE") { self.expr(0)? } else { Expr::literal(Value::Null, T::Null.nullable()) };
        if !self.reader.word("END") {
            return Err(Problem::Syntax("CASE without END".to_owned()));
        }
        let mut common = otherwise.data_type.clone();
        for (_, then) in &branches {
            common = least_restrictive(&common, &then.data_type).ok_or("CASE of different types".to_owned())?;
        }
        let cast = |expr: Expr| {
            let target = common.with_nullable(expr.data_type.nullable);
            Expr::cast(expr, target, CastFailure::Error)
        };
        let branches = branches.into_iter().map(|(when, then)| (when, cast(then))).collect();
        let otherwise = Box::new(cast(otherwise));
        Ok(Expr { kind: ExprKind::Case { branches, otherwise }, data_type: common })
    }

    fn interval(&mut self, value: &str) -> Answer {
        let from = self.reader.name()?.to_uppercase();
        if self.reader.symbol("(") {
            self.reader.at += 1;
            self.reader.expect(")")?;
        }
        let to = if self.reader.word("TO") { self.reader.name()?.to_uppercase() } else { from.clone() };
        if self.reader.symbol("(") {
            self.reader.at += 1;
            self.reader.expect(")")?;
        }
        let (negative, value) = match value.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, value),
        };
        let parts: Vec<f64> = value
            .split([' ', ':', '-'])
            .map(|p| p.parse().map_err(|_| format!("interval {value}")))
            .collect::<Result<_, _>>()?;
        let order = ["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"];
        let sizes = [12.0, 1.0, 86_400_000.0, 3_600_000.0, 60_000.0, 1000.0];
        let start = order.iter().position(|unit| *unit == from).ok_or(format!("interval unit {from}"))?;
        let _ = to;
        let total: f64 = parts.iter().zip(&sizes[start..]).map(|(part, size)| part * size).sum();
        let total = total.round() as i64 * if negative { -1 } else { 1 };
        let logical = if start < 2 {
            T::IntervalYearMonth { resolution: YearMonthResolution::Month, precision: 2 }
        } else {
            T::IntervalDayTime { resolution: DayTimeResolution::Second, day_precision: 2, fractional_precision: 3 }
        };
        Ok(Expr::literal(Value::Integer(total), logical.not_null()))
    }
}

fn number_literal(text: &str) -> Result<Expr, String> {
    if text.contains(['e', 'E']) {
        let value = text.parse().map_err(|_| format!("number {text}"))?;
        return Ok(Expr::literal(Value::Double(value), T::Double.not_null()));
    }
    if let Ok(value) = text.parse::<i64>() {
        let logical = if i32::try_from(value).is_ok() { T::Int } else { T::BigInt };
        return Ok(Expr::literal(Value::Integer(value), logical.not_null()));
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{fraction}");
    let scale = fraction.len() as u8;
    let precision = (digits.trim_start_matches('0').len() as u8).max(scale + 1).max(whole.len() as u8 + scale);
    let value = digits.parse().map_err(|_| format!("number {text}"))?;
    Ok(Expr::literal(Value::Decimal(value), T::Decimal { precision, scale }.not_null()))
}

fn time_literal(kind: &str, value: &str) -> Result<Expr, String> {
    let bad = || format!("{kind} {value}");
    let (value, logical) = match kind {
        "DATE" => (Value::Integer(time_text::parse_date(value).ok_or_else(bad)?.into()), T::Date),
        "TIME" => {
            let nanos = time_text::parse_time(value).ok_or_else(bad)?;
            (Value::Integer(nanos / 1_000_000), T::Time { precision: 0 })
        }
        _ => {
            let precision = value.split_once('.').map_or(0, |(_, fraction)| fraction.len() as u8);
            let (seconds, nanos) = time_text::parse_timestamp(value).ok_or_else(bad)?;
            let value = Moment::of_seconds(seconds, nanos).and_then(|moment| moment.value(precision));
            (value.ok_or_else(bad)?, T::Timestamp { precision })
        }
    };
    Ok(Expr::literal(value, logical.not_null()))
}
