//! Expressions by operator precedence, with Calcite's levels.

use super::Parsed;
use super::cursor::Parser;
use crate::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::lexer::TokenKind;
use crate::precedence::{self, level};

impl Parser<'_> {
    /// Any expression.
    pub(super) fn expr(&mut self) -> Parsed<Expr> {
        self.expr_above(0)
    }

    /// An expression of operators at least as tight as `min`.
    pub(super) fn expr_above(&mut self, min: u8) -> Parsed<Expr> {
        self.nested(|parser| parser.operators(min))
    }

    fn operators(&mut self, min: u8) -> Parsed<Expr> {
        let mut left = self.prefix()?;
        loop {
            match self.infix(left, min)? {
                Step::More(expr) => {
                    self.grow()?;
                    left = expr;
                }
                Step::Done(expr) => return Ok(expr),
            }
        }
    }

    fn prefix(&mut self) -> Parsed<Expr> {
        let start = self.peek().span;
        let (op, operand_level) = if self.symbol_at(0, "-") {
            (UnaryOp::Minus, level::SIGN)
        } else if self.symbol_at(0, "+") {
            (UnaryOp::Plus, level::SIGN)
        } else if self.keyword_at(0, "NOT") {
            (UnaryOp::Not, level::NOT)
        } else {
            return self.primary();
        };
        self.advance();
        let operand = Box::new(self.expr_above(operand_level)?);
        Ok(Expr::new(ExprKind::Unary { op, operand }, self.since(start)))
    }

    /// One operator with what follows it, if one of at least `min` stands here.
    fn infix(&mut self, left: Expr, min: u8) -> Parsed<Step> {
        if let Some((op, length)) = self.binary_operator() {
            let own = precedence::of(op);
            if own < min {
                return Ok(Step::Done(left));
            }
            for _ in 0..length {
                self.advance();
            }
            if precedence::is_comparison(op) && self.at_quantifier() {
                return self.quantified(left, op).map(Step::More);
            }
            let right = self.expr_above(own + 1)?;
            let span = left.span.to(right.span);
            let (left, right) = (Box::new(left), Box::new(right));
            let kind = ExprKind::Binary { left, op, right };
            return Ok(Step::More(Expr::new(kind, span)));
        }
        self.predicate(left, min)
    }

    /// The binary operator that starts here and its number of tokens.
    fn binary_operator(&self) -> Option<(BinaryOp, usize)> {
        match self.peek().kind {
            TokenKind::Symbol(symbol) => {
                let op = match symbol {
                    "=" => BinaryOp::Eq,
                    "<>" | "!=" => BinaryOp::NotEq,
                    "<" => BinaryOp::Lt,
                    "<=" => BinaryOp::LtEq,
                    ">" => BinaryOp::Gt,
                    ">=" => BinaryOp::GtEq,
                    "||" => BinaryOp::Concat,
                    "+" => BinaryOp::Plus,
                    "-" => BinaryOp::Minus,
                    "*" => BinaryOp::Multiply,
                    "/" => BinaryOp::Divide,
                    "%" => BinaryOp::Modulo,
                    _ => return None,
                };
                Some((op, 1))
            }
            TokenKind::Word => WORD_OPERATORS.iter().find_map(|(words, op)| {
                let matches = words.iter().enumerate().all(|(ahead, word)| self.keyword_at(ahead, word));
                matches.then_some((*op, words.len()))
            }),
            _ => None,
        }
    }
}

/// What an attempt to go on after an operand gave.
pub(super) enum Step {
    /// A larger expression; more may follow.
    More(Expr),
    /// No operator here: the expression as it was.
    Done(Expr),
}

/// Operators of words, longer ones first.
const WORD_OPERATORS: [(&[&str], BinaryOp); 17] = [
    (&["OR"], BinaryOp::Or),
    (&["AND"], BinaryOp::And),
    (&["OVERLAPS"], BinaryOp::Overlaps),
    (&["CONTAINS"], BinaryOp::Contains),
    (&["EQUALS"], BinaryOp::Equals),
    (&["PRECEDES"], BinaryOp::Precedes),
    (&["SUCCEEDS"], BinaryOp::Succeeds),
    (&["IMMEDIATELY", "PRECEDES"], BinaryOp::ImmediatelyPrecedes),
    (&["IMMEDIATELY", "SUCCEEDS"], BinaryOp::ImmediatelySucceeds),
    (&["MEMBER", "OF"], BinaryOp::MemberOf),
    (&["SUBMULTISET", "OF"], BinaryOp::SubmultisetOf),
    (&["MULTISET", "UNION", "ALL"], BinaryOp::MultisetUnionAll),
    (&["MULTISET", "UNION"], BinaryOp::MultisetUnion),
    (&["MULTISET", "INTERSECT", "ALL"], BinaryOp::MultisetIntersectAll),
    (&["MULTISET", "INTERSECT"], BinaryOp::MultisetIntersect),
    (&["MULTISET", "EXCEPT", "ALL"], BinaryOp::MultisetExceptAll),
    (&["MULTISET", "EXCEPT"], BinaryOp::MultisetExcept),
];
