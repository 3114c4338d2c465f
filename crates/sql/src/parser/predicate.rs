//! Predicates after an operand: IS, BETWEEN, IN, LIKE, SIMILAR TO, quantified comparisons, AT TIME ZONE, COLLATE.

use super::Parsed;
use super::cursor::Parser;
use super::expr::Step;
use crate::ast::{BinaryOp, Expr, ExprKind, IsTest, LikeKind, QuantifiedOperand, Quantifier};
use crate::precedence::level;

/// Tests after IS [NOT], longer ones first.
const IS_TESTS: [(&[&str], IsTest); 11] = [
    (&["NULL"], IsTest::Null),
    (&["TRUE"], IsTest::True),
    (&["FALSE"], IsTest::False),
    (&["UNKNOWN"], IsTest::Unknown),
    (&["JSON", "OBJECT"], IsTest::JsonObject),
    (&["JSON", "ARRAY"], IsTest::JsonArray),
    (&["JSON", "SCALAR"], IsTest::JsonScalar),
    (&["JSON", "VALUE"], IsTest::JsonValue),
    (&["JSON"], IsTest::JsonValue),
    (&["A", "SET"], IsTest::Set),
    (&["EMPTY"], IsTest::Empty),
];

impl Parser<'_> {
    /// A predicate or a postfix operator of at least `min`, if one stands here.
    pub(super) fn predicate(&mut self, left: Expr, min: u8) -> Parsed<Step> {
        if self.keyword_at(0, "IS") {
            let distinct_at = if self.keyword_at(1, "NOT") { 2 } else { 1 };
            if self.keyword_at(distinct_at, "DISTINCT") {
                return self.when(level::COMPARISON >= min, left, Self::is_distinct_from);
            }
            return self.when(level::IS >= min, left, Self::is_test);
        }
        let word_at = usize::from(self.keyword_at(0, "NOT"));
        let is_predicate = ["BETWEEN", "IN", "LIKE", "SIMILAR"].iter().any(|word| self.keyword_at(word_at, word));
        if is_predicate {
            return self.when(level::PREDICATE >= min, left, Self::negatable);
        }
        if self.keyword_at(0, "AT") && (self.keyword_at(1, "TIME") || self.keyword_at(1, "LOCAL")) {
            return self.when(level::ZONE >= min, left, Self::at_time_zone);
        }
        if self.keyword_at(0, "COLLATE") {
            return self.when(level::ZONE >= min, left, Self::collate);
        }
        Ok(Step::Done(left))
    }

    fn when(&mut self, fits: bool, left: Expr, parse: impl FnOnce(&mut Self, Expr) -> Parsed<Expr>) -> Parsed<Step> {
        if fits { parse(self, left).map(Step::More) } else { Ok(Step::Done(left)) }
    }

    fn is_test(&mut self, left: Expr) -> Parsed<Expr> {
        self.expect_kw("IS")?;
        let negated = self.eat_kw("NOT");
        for (words, test) in IS_TESTS {
            if self.eat_kws(words) {
                let span = self.since(left.span);
                let operand = Box::new(left);
                return Ok(Expr::new(ExprKind::Is { operand, test, negated }, span));
            }
        }
        self.note("DISTINCT");
        self.unexpected()
    }

    fn is_distinct_from(&mut self, left: Expr) -> Parsed<Expr> {
        self.expect_kw("IS")?;
        let negated = self.eat_kw("NOT");
        self.expect_kws(&["DISTINCT", "FROM"])?;
        let right = self.expr_above(level::COMPARISON + 1)?;
        let span = left.span.to(right.span);
        let (left, right) = (Box::new(left), Box::new(right));
        Ok(Expr::new(ExprKind::IsDistinctFrom { left, right, negated }, span))
    }

    fn negatable(&mut self, left: Expr) -> Parsed<Expr> {
        let start = left.span;
        let operand = Box::new(left);
        let negated = self.eat_kw("NOT");
        let kind = if self.eat_kw("BETWEEN") {
            self.between(operand, negated)?
        } else if self.eat_kw("IN") {
            self.in_list(operand, negated)?
        } else if self.eat_kw("LIKE") {
            self.like(operand, LikeKind::Like, negated)?
        } else {
            self.expect_kws(&["SIMILAR", "TO"])?;
            self.like(operand, LikeKind::SimilarTo, negated)?
        };
        Ok(Expr::new(kind, self.since(start)))
    }

    fn between(&mut self, operand: Box<Expr>, negated: bool) -> Parsed<ExprKind> {
        let symmetric = self.eat_kw("SYMMETRIC");
        if !symmetric {
            self.eat_kw("ASYMMETRIC");
        }
        let low = Box::new(self.expr_above(level::PREDICATE + 1)?);
        self.expect_kw("AND")?;
        let high = Box::new(self.expr_above(level::PREDICATE + 1)?);
        Ok(ExprKind::Between { operand, low, high, symmetric, negated })
    }

    fn in_list(&mut self, operand: Box<Expr>, negated: bool) -> Parsed<ExprKind> {
        if self.query_at(0) && self.symbol_at(0, "(") {
            let query = Box::new(self.parens(Self::query)?);
            return Ok(ExprKind::InSubquery { operand, query, negated });
        }
        let list = self.paren_list(Self::expr)?;
        Ok(ExprKind::InList { operand, list, negated })
    }

    fn like(&mut self, operand: Box<Expr>, kind: LikeKind, negated: bool) -> Parsed<ExprKind> {
        let pattern = Box::new(self.expr_above(level::PREDICATE + 1)?);
        let escape = if self.eat_kw("ESCAPE") { Some(Box::new(self.expr_above(level::PREDICATE + 1)?)) } else { None };
        Ok(ExprKind::Like { operand, kind, pattern, escape, negated })
    }

    /// Whether `ANY (`, `SOME (` or `ALL (` stands here.
    pub(super) fn at_quantifier(&self) -> bool {
        let quantifiers = ["ANY", "SOME", "ALL"];
        self.symbol_at(1, "(") && quantifiers.iter().any(|word| self.keyword_at(0, word))
    }

    pub(super) fn quantified(&mut self, left: Expr, op: BinaryOp) -> Parsed<Expr> {
        let quantifier = if self.eat_kw("ALL") {
            Quantifier::All
        } else {
            self.advance();
            Quantifier::Any
        };
        let right = if self.query_at(0) {
            QuantifiedOperand::Query(Box::new(self.parens(Self::query)?))
        } else {
            QuantifiedOperand::List(self.paren_list(Self::expr)?)
        };
        let span = self.since(left.span);
        let left = Box::new(left);
        Ok(Expr::new(ExprKind::Quantified { left, op, quantifier, right }, span))
    }

    fn at_time_zone(&mut self, left: Expr) -> Parsed<Expr> {
        self.expect_kw("AT")?;
        let zone = if self.eat_kw("LOCAL") {
            None
        } else {
            self.expect_kws(&["TIME", "ZONE"])?;
            Some(Box::new(self.expr_above(level::ZONE + 1)?))
        };
        let span = self.since(left.span);
        let operand = Box::new(left);
        Ok(Expr::new(ExprKind::AtTimeZone { operand, zone }, span))
    }

    fn collate(&mut self, left: Expr) -> Parsed<Expr> {
        self.expect_kw("COLLATE")?;
        let collation = self.object_name()?;
        let span = self.since(left.span);
        let operand = Box::new(left);
        Ok(Expr::new(ExprKind::Collate { operand, collation }, span))
    }
}
