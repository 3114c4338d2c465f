//! Materialized tables (D-14).

use super::Parsed;
use super::cursor::Parser;
use super::statement::CreateWords;
use crate::ast::{
    AlterMaterializedTable, AlterMaterializedTableAction, CreateMaterializedTable, Expr, RefreshMode, StartMode,
    Statement,
};
use crate::span::Span;

impl Parser<'_> {
    pub(super) fn create_materialized_table(&mut self, words: CreateWords) -> Parsed<Statement> {
        self.only_words(words, false, true, false)?;
        let if_not_exists = self.if_not_exists();
        let name = self.object_name()?;
        let schema = self.table_schema()?;
        let comment = self.comment()?;
        let distribution = self.distributed()?;
        let partitioned_by = self.partitioned_by()?;
        let options = self.with_options()?;
        let mut start_mode = self.start_mode()?;
        let freshness = if self.eat_kw("FRESHNESS") {
            self.expect("=")?;
            Some(self.interval()?)
        } else {
            None
        };
        let refresh_mode = self.refresh_mode()?;
        if start_mode.is_none() {
            start_mode = self.start_mode()?;
        }
        self.expect_kw("AS")?;
        let query = Box::new(self.query()?);
        let table = CreateMaterializedTable {
            or_alter: words.or_alter,
            if_not_exists,
            name,
            schema,
            comment,
            distribution,
            partitioned_by,
            options,
            start_mode,
            freshness,
            refresh_mode,
            query,
            span: self.since(words.start),
        };
        Ok(Statement::CreateMaterializedTable(Box::new(table)))
    }

    fn refresh_mode(&mut self) -> Parsed<Option<RefreshMode>> {
        if !self.eat_kw("REFRESH_MODE") {
            return Ok(None);
        }
        self.expect("=")?;
        if self.eat_kw("FULL") {
            return Ok(Some(RefreshMode::Full));
        }
        self.expect_kw("CONTINUOUS")?;
        Ok(Some(RefreshMode::Continuous))
    }

    fn start_mode(&mut self) -> Parsed<Option<StartMode>> {
        if !self.eat_kw("START_MODE") {
            return Ok(None);
        }
        self.expect("=")?;
        let mode = if self.eat_kw("FROM_BEGINNING") {
            StartMode::FromBeginning
        } else if self.eat_kw("FROM_NOW") {
            StartMode::FromNow(self.start_argument()?)
        } else if self.eat_kw("FROM_TIMESTAMP") {
            StartMode::FromTimestamp(self.parens(Self::expr)?)
        } else if self.eat_kw("RESUME_OR_FROM_BEGINNING") {
            StartMode::ResumeOrFromBeginning
        } else if self.eat_kw("RESUME_OR_FROM_NOW") {
            StartMode::ResumeOrFromNow(self.start_argument()?)
        } else {
            self.expect_kw("RESUME_OR_FROM_TIMESTAMP")?;
            StartMode::ResumeOrFromTimestamp(self.parens(Self::expr)?)
        };
        Ok(Some(mode))
    }

    fn start_argument(&mut self) -> Parsed<Option<Expr>> {
        if self.symbol_at(0, "(") { self.parens(Self::expr).map(Some) } else { Ok(None) }
    }

    pub(super) fn alter_materialized_table(&mut self, start: Span) -> Parsed<Statement> {
        let if_exists = self.if_exists();
        let name = self.object_name()?;
        let action = self.alter_materialized_table_action()?;
        let span = self.since(start);
        let alter = AlterMaterializedTable { if_exists, name, action, span };
        Ok(Statement::AlterMaterializedTable(Box::new(alter)))
    }

    fn alter_materialized_table_action(&mut self) -> Parsed<AlterMaterializedTableAction> {
        if self.eat_kw("SUSPEND") {
            return Ok(AlterMaterializedTableAction::Suspend);
        }
        if self.eat_kw("RESUME") {
            return self.with_options().map(AlterMaterializedTableAction::Resume);
        }
        if self.eat_kw("REFRESH") {
            let partitions = if self.eat_kw("PARTITION") { self.partition_spec()? } else { Vec::new() };
            return Ok(AlterMaterializedTableAction::Refresh(partitions));
        }
        let start_mode = self.start_mode()?;
        if start_mode.is_some() || self.at_kw("AS") {
            self.expect_kw("AS")?;
            let query = Box::new(self.query()?);
            return Ok(AlterMaterializedTableAction::As { start_mode, query });
        }
        self.alter_table_action().map(AlterMaterializedTableAction::Table)
    }
}
