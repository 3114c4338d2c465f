//! CREATE MODEL and ALTER MODEL (D-12).

use super::Parsed;
use super::cursor::Parser;
use super::statement::CreateWords;
use crate::ast::{AlterModel, AlterModelAction, CreateModel, ModelColumn, Statement};
use crate::span::Span;

impl Parser<'_> {
    pub(super) fn create_model(&mut self, words: CreateWords) -> Parsed<Statement> {
        self.only_words(words, false, false, true)?;
        let if_not_exists = self.if_not_exists();
        let name = self.object_name()?;
        let input = self.model_columns("INPUT")?;
        let output = self.model_columns("OUTPUT")?;
        let comment = self.comment()?;
        let options = self.with_options()?;
        let query = self.as_query()?;
        Ok(Statement::CreateModel(Box::new(CreateModel {
            temporary: words.temporary,
            if_not_exists,
            name,
            input,
            output,
            comment,
            options,
            query,
            span: self.since(words.start),
        })))
    }

    fn model_columns(&mut self, keyword: &'static str) -> Parsed<Vec<ModelColumn>> {
        if !self.eat_kw(keyword) {
            return Ok(Vec::new());
        }
        self.paren_list(|parser| {
            let name = parser.ident()?;
            let data_type = parser.data_type()?;
            let comment = parser.comment()?;
            Ok(ModelColumn { name, data_type, comment })
        })
    }

    pub(super) fn alter_model(&mut self, start: Span) -> Parsed<Statement> {
        let if_exists = self.if_exists();
        let name = self.object_name()?;
        let action = if self.eat_kw("RENAME") {
            self.expect_kw("TO")?;
            AlterModelAction::Rename(self.object_name()?)
        } else if self.eat_kw("SET") {
            AlterModelAction::SetOptions(self.options()?)
        } else {
            self.expect_kw("RESET")?;
            AlterModelAction::ResetOptions(self.reset_keys()?)
        };
        let span = self.since(start);
        let alter = AlterModel { if_exists, name, action, span };
        Ok(Statement::AlterModel(Box::new(alter)))
    }
}
