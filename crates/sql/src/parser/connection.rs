//! CREATE CONNECTION and ALTER CONNECTION (D-13).

use super::Parsed;
use super::cursor::Parser;
use super::statement::CreateWords;
use crate::ast::{AlterConnection, CreateConnection, Statement};
use crate::span::Span;

impl Parser<'_> {
    pub(super) fn create_connection(&mut self, words: CreateWords) -> Parsed<Statement> {
        self.only_words(words, true, false, false)?;
        let if_not_exists = self.if_not_exists();
        let name = self.object_name()?;
        let comment = self.comment()?;
        self.expect_kw("WITH")?;
        let options = self.options()?;
        Ok(Statement::CreateConnection(Box::new(CreateConnection {
            or_replace: words.or_replace,
            if_not_exists,
            name,
            comment,
            options,
            span: self.since(words.start),
        })))
    }

    pub(super) fn alter_connection(&mut self, start: Span) -> Parsed<Statement> {
        let if_exists = self.if_exists();
        let name = self.object_name()?;
        self.expect_kw("SET")?;
        let options = self.options()?;
        let span = self.since(start);
        let alter = AlterConnection { if_exists, name, options, span };
        Ok(Statement::AlterConnection(Box::new(alter)))
    }
}
