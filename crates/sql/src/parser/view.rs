//! CREATE VIEW and ALTER VIEW (D-10).

use super::Parsed;
use super::cursor::Parser;
use super::statement::CreateWords;
use crate::ast::{AlterView, AlterViewAction, CreateView, Statement, ViewColumn};
use crate::span::Span;

impl Parser<'_> {
    pub(super) fn create_view(&mut self, words: CreateWords) -> Parsed<Statement> {
        self.only_words(words, true, false, true)?;
        let if_not_exists = self.if_not_exists();
        let name = self.object_name()?;
        let columns = if self.symbol_at(0, "(") {
            self.paren_list(|parser| {
                let name = parser.ident()?;
                let comment = parser.comment()?;
                Ok(ViewColumn { name, comment })
            })?
        } else {
            Vec::new()
        };
        let comment = self.comment()?;
        self.expect_kw("AS")?;
        let query = Box::new(self.query()?);
        Ok(Statement::CreateView(Box::new(CreateView {
            or_replace: words.or_replace,
            temporary: words.temporary,
            if_not_exists,
            name,
            columns,
            comment,
            query,
            span: self.since(words.start),
        })))
    }

    pub(super) fn alter_view(&mut self, start: Span) -> Parsed<Statement> {
        let if_exists = self.if_exists();
        let name = self.object_name()?;
        let action = if self.eat_kw("RENAME") {
            self.expect_kw("TO")?;
            AlterViewAction::Rename(self.object_name()?)
        } else {
            self.expect_kw("AS")?;
            AlterViewAction::As(Box::new(self.query()?))
        };
        let span = self.since(start);
        let alter = AlterView { if_exists, name, action, span };
        Ok(Statement::AlterView(Box::new(alter)))
    }
}
