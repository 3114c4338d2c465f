//! CREATE and ALTER of catalogs and databases (refused later, by name: D-24).

use super::Parsed;
use super::cursor::Parser;
use super::statement::CreateWords;
use crate::ast::{AlterNamespace, CreateNamespace, ObjectKind, Statement};
use crate::span::Span;

impl Parser<'_> {
    pub(super) fn create_catalog(&mut self, words: CreateWords) -> Parsed<Statement> {
        self.create_namespace(words, ObjectKind::Catalog)
    }

    pub(super) fn create_database(&mut self, words: CreateWords) -> Parsed<Statement> {
        self.create_namespace(words, ObjectKind::Database)
    }

    fn create_namespace(&mut self, words: CreateWords, kind: ObjectKind) -> Parsed<Statement> {
        self.only_words(words, false, false, false)?;
        let if_not_exists = self.if_not_exists();
        let name = self.object_name()?;
        let comment = self.comment()?;
        let options = self.with_options()?;
        let span = self.since(words.start);
        Ok(Statement::CreateNamespace(Box::new(CreateNamespace { kind, if_not_exists, name, comment, options, span })))
    }

    pub(super) fn alter_catalog(&mut self, start: Span) -> Parsed<Statement> {
        self.alter_namespace(start, ObjectKind::Catalog)
    }

    pub(super) fn alter_database(&mut self, start: Span) -> Parsed<Statement> {
        self.alter_namespace(start, ObjectKind::Database)
    }

    fn alter_namespace(&mut self, start: Span, kind: ObjectKind) -> Parsed<Statement> {
        let name = self.object_name()?;
        self.expect_kw("SET")?;
        let options = self.options()?;
        let span = self.since(start);
        let alter = AlterNamespace { kind, name, options, span };
        Ok(Statement::AlterNamespace(Box::new(alter)))
    }
}
