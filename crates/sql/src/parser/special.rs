//! Operands that start with a keyword of their own: one table from keyword to parser.
//!
//! A parser of the table returns `None` when the keyword is used as a plain name (`map`, `date` as a function, …).

use super::Parsed;
use super::cursor::Parser;
use super::literal::unit_of;
use crate::ast::{
    ArgValue, CaseBranch, CollectionKind, Expr, ExprKind, FunctionArg, FunctionCall, Ident, Literal, ObjectName, Query,
    TimeUnit, TrimSide,
};
use crate::lexer::TokenKind;

type ParseSpecial = fn(&mut Parser<'_>) -> Parsed<Option<Expr>>;

const SPECIAL: [(&str, ParseSpecial); 39] = [
    ("ARRAY", |p| p.collection(CollectionKind::Array)),
    ("CASE", |p| p.case().map(Some)),
    ("CAST", |p| p.cast(false)),
    ("CEIL", |p| p.floor_ceil(true)),
    ("CEILING", |p| p.floor_ceil(true)),
    ("DATE", |p| p.datetime()),
    ("DEFAULT", |p| p.default_value()),
    ("DESCRIPTOR", |p| p.descriptor()),
    ("EXISTS", |p| p.of_query(ExprKind::Exists)),
    ("EXTRACT", |p| p.extract()),
    ("FALSE", |p| Ok(Some(p.keyword_literal(Literal::Boolean(false))))),
    ("FINAL", |p| p.match_scope(true)),
    ("FLOOR", |p| p.floor_ceil(false)),
    ("INTERVAL", |p| p.interval().map(Some)),
    ("JSON_ARRAY", |p| p.json_array()),
    ("JSON_ARRAYAGG", |p| p.json_array_agg()),
    ("JSON_EXISTS", |p| p.json_exists()),
    ("JSON_OBJECT", |p| p.json_object()),
    ("JSON_OBJECTAGG", |p| p.json_object_agg()),
    ("JSON_QUERY", |p| p.json_query()),
    ("JSON_VALUE", |p| p.json_value()),
    ("MAP", |p| p.collection(CollectionKind::Map)),
    ("MULTISET", |p| p.collection(CollectionKind::Multiset)),
    ("NULL", |p| Ok(Some(p.keyword_literal(Literal::Null)))),
    ("OVERLAY", |p| p.worded_call(&["PLACING", "FROM"])),
    ("POSITION", |p| p.position()),
    ("ROW", |p| p.row()),
    ("RUNNING", |p| p.match_scope(false)),
    ("SUBSTRING", |p| p.worded_call(&["FROM"])),
    ("TIME", |p| p.datetime()),
    ("TIMESTAMP", |p| p.datetime()),
    ("TIMESTAMPADD", |p| p.unit_call(|unit, count, timestamp| ExprKind::TimestampAdd { unit, count, timestamp })),
    ("TIMESTAMPDIFF", |p| p.unit_call(|unit, start, end| ExprKind::TimestampDiff { unit, start, end })),
    ("TIMESTAMP_LTZ", |p| p.datetime()),
    ("TRIM", |p| p.trim()),
    ("TRUE", |p| Ok(Some(p.keyword_literal(Literal::Boolean(true))))),
    ("TRY_CAST", |p| p.cast(true)),
    ("UNIQUE", |p| p.of_query(ExprKind::Unique)),
    ("UNKNOWN", |p| Ok(Some(p.keyword_literal(Literal::Unknown)))),
];

/// The parser of a keyword in upper case.
pub(super) fn find(word: &str) -> Option<ParseSpecial> {
    let entry = SPECIAL.iter().find(|(keyword, _)| *keyword == word)?;
    Some(entry.1)
}

impl Parser<'_> {
    /// `keyword (` here: takes both. Otherwise nothing.
    pub(super) fn open_call(&mut self) -> bool {
        let opens = self.symbol_at(1, "(");
        if opens {
            self.advance();
            self.advance();
        }
        opens
    }

    fn datetime(&mut self) -> Parsed<Option<Expr>> {
        let start = self.peek().span;
        let literal = self.try_datetime_literal()?;
        Ok(literal.map(|literal| Expr::new(ExprKind::Literal(literal), self.since(start))))
    }

    fn default_value(&mut self) -> Parsed<Option<Expr>> {
        let span = self.advance().span;
        Ok(Some(Expr::new(ExprKind::Default, span)))
    }

    fn case(&mut self) -> Parsed<Expr> {
        let start = self.expect_kw("CASE")?;
        let operand = if self.at_kw("WHEN") { None } else { Some(Box::new(self.expr()?)) };
        let mut branches = Vec::new();
        while branches.is_empty() || self.at_kw("WHEN") {
            self.expect_kw("WHEN")?;
            let conditions = if operand.is_some() { self.list(Self::expr)? } else { vec![self.expr()?] };
            self.expect_kw("THEN")?;
            let result = self.expr()?;
            branches.push(CaseBranch { conditions, result });
        }
        let else_result = if self.eat_kw("ELSE") { Some(Box::new(self.expr()?)) } else { None };
        self.expect_kw("END")?;
        let kind = ExprKind::Case { operand, branches, else_result };
        Ok(Expr::new(kind, self.since(start)))
    }

    fn cast(&mut self, try_cast: bool) -> Parsed<Option<Expr>> {
        let start = self.advance().span;
        self.expect("(")?;
        let operand = Box::new(self.expr()?);
        self.expect_kw("AS")?;
        let data_type = self.data_type()?;
        self.expect(")")?;
        let kind = ExprKind::Cast { operand, data_type, try_cast };
        Ok(Some(Expr::new(kind, self.since(start))))
    }

    /// `EXISTS (query)` and `UNIQUE (query)`.
    fn of_query(&mut self, kind: fn(Box<Query>) -> ExprKind) -> Parsed<Option<Expr>> {
        let start = self.advance().span;
        let query = Box::new(self.parens(Self::query)?);
        Ok(Some(Expr::new(kind(query), self.since(start))))
    }

    fn extract(&mut self) -> Parsed<Option<Expr>> {
        let start = self.advance().span;
        self.expect("(")?;
        let unit = self.time_unit()?;
        self.expect_kw("FROM")?;
        let operand = Box::new(self.expr()?);
        self.expect(")")?;
        let kind = ExprKind::Extract { unit, operand };
        Ok(Some(Expr::new(kind, self.since(start))))
    }

    /// `FLOOR(x TO unit)`; `FLOOR(x)` is a plain call.
    fn floor_ceil(&mut self, ceil: bool) -> Parsed<Option<Expr>> {
        let name = self.peek();
        if !self.open_call() {
            return Ok(None);
        }
        let operand = self.expr()?;
        if self.eat_kw("TO") {
            let unit = self.time_unit()?;
            self.expect(")")?;
            let operand = Box::new(operand);
            let kind = ExprKind::FloorCeilTo { ceil, operand, unit };
            return Ok(Some(Expr::new(kind, self.since(name.span))));
        }
        let canonical = if ceil { "CEIL" } else { "FLOOR" };
        let ident = Ident { value: canonical.to_owned(), quoted: false, span: name.span };
        self.rest_of_call(ident, operand)
    }

    /// `, y, z)` behind the first argument.
    fn rest_of_call(&mut self, name: Ident, first: Expr) -> Parsed<Option<Expr>> {
        let mut args = vec![first];
        while self.eat(",") {
            args.push(self.expr()?);
        }
        self.expect(")")?;
        self.plain_call(name, args).map(Some)
    }

    /// A call with the arguments given, for special syntax that means a plain call.
    fn plain_call(&mut self, name: Ident, args: Vec<Expr>) -> Parsed<Expr> {
        let start = name.span;
        let args = args
            .into_iter()
            .map(|arg| FunctionArg { name: None, span: arg.span, value: ArgValue::Expr(arg) })
            .collect();
        let name = ObjectName { span: start, parts: vec![name] };
        let mut call = FunctionCall::new(name, args, start);
        self.call_suffix(&mut call)?;
        call.span = self.since(start);
        let span = call.span;
        Ok(Expr::new(ExprKind::Function(Box::new(call)), span))
    }

    /// `SUBSTRING(x FROM y [FOR n])`, `OVERLAY(x PLACING y FROM z [FOR n])`: the words of the one before FOR. With commas it
    /// is the same call.
    fn worded_call(&mut self, words: &[&'static str]) -> Parsed<Option<Expr>> {
        let name = self.peek();
        if !self.open_call() {
            return Ok(None);
        }
        let first = self.expr()?;
        let name = self.ident_of(name);
        if !words.first().is_some_and(|word| self.at_kw(word)) {
            return self.rest_of_call(name, first);
        }
        let mut args = vec![first];
        for word in words {
            self.expect_kw(word)?;
            args.push(self.expr()?);
        }
        if self.eat_kw("FOR") {
            args.push(self.expr()?);
        }
        self.expect(")")?;
        self.plain_call(name, args).map(Some)
    }

    fn position(&mut self) -> Parsed<Option<Expr>> {
        let start = self.advance().span;
        self.expect("(")?;
        // IN would be taken as the predicate: read an operand that binds more tightly.
        let needle = Box::new(self.expr_above(crate::precedence::level::PREDICATE + 1)?);
        self.expect_kw("IN")?;
        let haystack = Box::new(self.expr()?);
        let from = if self.eat_kw("FROM") { Some(Box::new(self.expr()?)) } else { None };
        self.expect(")")?;
        let kind = ExprKind::Position { needle, haystack, from };
        Ok(Some(Expr::new(kind, self.since(start))))
    }

    fn trim(&mut self) -> Parsed<Option<Expr>> {
        let start = self.advance().span;
        self.expect("(")?;
        let side = if self.eat_kw("LEADING") {
            TrimSide::Leading
        } else if self.eat_kw("TRAILING") {
            TrimSide::Trailing
        } else {
            self.eat_kw("BOTH");
            TrimSide::Both
        };
        let first = if self.eat_kw("FROM") { None } else { Some(Box::new(self.expr()?)) };
        let (characters, operand) = match first {
            None => (None, Box::new(self.expr()?)),
            Some(characters) if self.eat_kw("FROM") => (Some(characters), Box::new(self.expr()?)),
            Some(operand) => (None, operand),
        };
        self.expect(")")?;
        let kind = ExprKind::Trim { side, characters, operand };
        Ok(Some(Expr::new(kind, self.since(start))))
    }

    /// `TIMESTAMPADD(unit, count, timestamp)` and `TIMESTAMPDIFF(unit, start, end)`.
    fn unit_call(&mut self, kind: fn(TimeUnit, Box<Expr>, Box<Expr>) -> ExprKind) -> Parsed<Option<Expr>> {
        let start = self.peek().span;
        if !self.open_call() {
            return Ok(None);
        }
        let unit = self.time_unit()?;
        self.expect(",")?;
        let first = Box::new(self.expr()?);
        self.expect(",")?;
        let second = Box::new(self.expr()?);
        self.expect(")")?;
        Ok(Some(Expr::new(kind(unit, first, second), self.since(start))))
    }

    /// `ROW(a, b)`
    fn row(&mut self) -> Parsed<Option<Expr>> {
        let start = self.advance().span;
        self.expect("(")?;
        let fields = if self.symbol_at(0, ")") { Vec::new() } else { self.list(Self::expr)? };
        self.expect(")")?;
        let kind = ExprKind::Row { fields, explicit: true };
        Ok(Some(Expr::new(kind, self.since(start))))
    }

    /// `ARRAY[…]`, `MAP[…]`, `MULTISET[…]`, or filled by a query in parentheses.
    fn collection(&mut self, kind: CollectionKind) -> Parsed<Option<Expr>> {
        let start = self.peek().span;
        if self.symbol_at(1, "(") && self.query_at(1) {
            self.advance();
            let query = Box::new(self.parens(Self::query)?);
            let kind = ExprKind::CollectionQuery { kind, query };
            return Ok(Some(Expr::new(kind, self.since(start))));
        }
        if !self.symbol_at(1, "[") {
            return Ok(None);
        }
        self.advance();
        self.advance();
        let items = if self.symbol_at(0, "]") { Vec::new() } else { self.list(Self::expr)? };
        self.expect("]")?;
        let span = self.since(start);
        let kind = match kind {
            CollectionKind::Array => ExprKind::Array(items),
            CollectionKind::Multiset => ExprKind::Multiset(items),
            CollectionKind::Map => {
                if items.len() % 2 != 0 {
                    return self.invalid(span, "MAP needs an even number of elements: keys and values in turn.");
                }
                let mut entries = Vec::with_capacity(items.len() / 2);
                let mut items = items.into_iter();
                while let (Some(key), Some(value)) = (items.next(), items.next()) {
                    entries.push((key, value));
                }
                ExprKind::Map(entries)
            }
        };
        Ok(Some(Expr::new(kind, span)))
    }

    fn descriptor(&mut self) -> Parsed<Option<Expr>> {
        let start = self.peek().span;
        if !self.symbol_at(1, "(") {
            return Ok(None);
        }
        self.advance();
        let columns = self.ident_list()?;
        let kind = ExprKind::Descriptor(columns);
        Ok(Some(Expr::new(kind, self.since(start))))
    }

    /// `FINAL LAST(A.x)`; the words are names where no operand follows.
    fn match_scope(&mut self, is_final: bool) -> Parsed<Option<Expr>> {
        let next = self.peek_at(1);
        if !matches!(next.kind, TokenKind::Word | TokenKind::QuotedIdent) || !self.symbol_at(2, "(") {
            return Ok(None);
        }
        let start = self.advance().span;
        let operand = Box::new(self.primary()?);
        let kind = ExprKind::MatchScope { is_final, operand };
        Ok(Some(Expr::new(kind, self.since(start))))
    }

    /// A time unit that is an argument by itself: a word that is a unit and stands alone before `,` or `)`.
    pub(super) fn try_unit_argument(&mut self) -> Option<Expr> {
        let token = self.peek();
        let stands_alone = self.symbol_at(1, ",") || self.symbol_at(1, ")");
        let is_reserved = crate::keywords::is_reserved(self.text_of(token));
        if token.kind != TokenKind::Word || !stands_alone || !is_reserved {
            return None;
        }
        let unit = unit_of(self.text_of(token))?;
        Some(self.keyword_literal(Literal::Unit(unit)))
    }
}
