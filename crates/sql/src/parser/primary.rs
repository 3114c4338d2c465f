//! Operands: literals, names, calls, parentheses, constructors, and the accesses `x[i]` and `x.field` after them.

use super::Parsed;
use super::cursor::Parser;
use super::special;
use crate::ast::{Expr, ExprKind, Literal, ObjectName};
use crate::keywords;
use crate::lexer::TokenKind;

/// The class of an operand in lists of what was expected.
const EXPRESSION: &str = "<EXPRESSION>";

impl Parser<'_> {
    /// An operand with its accesses.
    pub(super) fn primary(&mut self) -> Parsed<Expr> {
        let mut expr = self.operand()?;
        loop {
            if self.symbol_at(0, "[") {
                self.advance();
                let index = Box::new(self.expr()?);
                self.expect("]")?;
                let span = self.since(expr.span);
                let operand = Box::new(expr);
                expr = Expr::new(ExprKind::Element { operand, index }, span);
            } else if self.symbol_at(0, ".") && !self.symbol_at(1, "*") {
                self.advance();
                let field = self.ident()?;
                let span = self.since(expr.span);
                let operand = Box::new(expr);
                expr = Expr::new(ExprKind::Field { operand, field }, span);
            } else {
                return Ok(expr);
            }
            self.grow()?;
        }
    }

    fn operand(&mut self) -> Parsed<Expr> {
        let start = self.peek().span;
        if let Some(literal) = self.try_literal()? {
            return Ok(Expr::new(ExprKind::Literal(literal), self.since(start)));
        }
        match self.peek().kind {
            TokenKind::Symbol("(") => self.parenthesised(),
            TokenKind::QuotedIdent => self.name_or_call(),
            TokenKind::Word => self.word_operand(),
            _ => self.no_operand(),
        }
    }

    fn no_operand<T>(&mut self) -> Parsed<T> {
        self.note(EXPRESSION);
        self.note(super::cursor::IDENTIFIER);
        self.unexpected()
    }

    fn word_operand(&mut self) -> Parsed<Expr> {
        let token = self.peek();
        let word = self.text_of(token).to_ascii_uppercase();
        if let Some(parse) = special::find(&word)
            && let Some(expr) = parse(self)?
        {
            return Ok(expr);
        }
        let is_call = self.symbol_at(1, "(");
        if !keywords::is_reserved(&word) || (is_call && keywords::is_function_name(&word)) {
            return self.name_or_call();
        }
        if keywords::is_bare_function(&word) {
            return self.bare_call();
        }
        self.no_operand()
    }

    /// `a.b.c` or `a.b(…)`.
    fn name_or_call(&mut self) -> Parsed<Expr> {
        let start = self.peek();
        // The first word may be a reserved function name.
        self.advance();
        let mut parts = vec![self.ident_of(start)];
        while self.symbol_at(0, ".") && !self.symbol_at(1, "*") {
            self.advance();
            parts.push(self.ident()?);
        }
        let name = ObjectName { parts, span: self.since(start.span) };
        if self.symbol_at(0, "(") {
            let call = self.call(name)?;
            let span = call.span;
            return Ok(Expr::new(ExprKind::Function(Box::new(call)), span));
        }
        let span = name.span;
        Ok(Expr::new(ExprKind::Name(name), span))
    }

    /// `(expr)`, `(a, b)` or `(query)`.
    fn parenthesised(&mut self) -> Parsed<Expr> {
        let start = self.peek().span;
        if self.query_at(0) {
            let query = self.parens(Self::query)?;
            let kind = ExprKind::Subquery(Box::new(query));
            return Ok(Expr::new(kind, self.since(start)));
        }
        let mut fields = self.paren_list(Self::expr)?;
        let span = self.since(start);
        if fields.len() == 1
            && let Some(mut only) = fields.pop()
        {
            only.span = span;
            return Ok(only);
        }
        let kind = ExprKind::Row { fields, explicit: false };
        Ok(Expr::new(kind, span))
    }

    /// A literal of keywords.
    pub(super) fn keyword_literal(&mut self, literal: Literal) -> Expr {
        let span = self.advance().span;
        Expr::new(ExprKind::Literal(literal), span)
    }
}
