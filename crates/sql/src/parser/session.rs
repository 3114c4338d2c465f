//! USE (D-19), SET and RESET (D-20).

use super::Parsed;
use super::cursor::Parser;
use crate::ast::{Reset, Set, Statement, Use};
use crate::lexer::TokenKind;

impl Parser<'_> {
    pub(super) fn use_statement(&mut self) -> Parsed<Statement> {
        let start = self.expect_kw("USE")?;
        if self.keyword_at(0, "MODULES") {
            return self.unsupported(start, "The statement USE MODULES", "Modules cannot be loaded.");
        }
        let catalog = self.ident_at(1) && self.eat_kw("CATALOG");
        let name = self.object_name()?;
        let span = self.since(start);
        Ok(Statement::Use(Box::new(Use { catalog, name, span })))
    }

    pub(super) fn set(&mut self) -> Parsed<Statement> {
        let start = self.expect_kw("SET")?;
        let entry = if self.at_statement_end() {
            None
        } else {
            let key = self.string()?;
            self.expect("=")?;
            Some((key, self.string()?))
        };
        let span = self.since(start);
        Ok(Statement::Set(Box::new(Set { entry, span })))
    }

    pub(super) fn reset(&mut self) -> Parsed<Statement> {
        let start = self.expect_kw("RESET")?;
        let key = if self.at_statement_end() { None } else { Some(self.string()?) };
        let span = self.since(start);
        Ok(Statement::Reset(Box::new(Reset { key, span })))
    }

    fn at_statement_end(&self) -> bool {
        self.peek().kind == TokenKind::Eof || self.symbol_at(0, ";") || self.symbol_at(0, ")")
    }
}
