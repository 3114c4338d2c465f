//! INSERT (D-21) and statement sets (D-22).

use super::Parsed;
use super::cursor::Parser;
use crate::ast::{Insert, Statement, StatementSet};
use crate::span::Span;

impl Parser<'_> {
    pub(super) fn insert_statement(&mut self) -> Parsed<Statement> {
        let start = self.peek().span;
        self.insert(start).map(|insert| Statement::Insert(Box::new(insert)))
    }

    fn insert(&mut self, start: Span) -> Parsed<Insert> {
        self.expect_kw("INSERT")?;
        let overwrite = self.eat_kw("OVERWRITE");
        if !overwrite {
            self.expect_kw("INTO")?;
        }
        let table = self.object_name()?;
        let hints = self.hints()?;
        let partitions = if self.eat_kw("PARTITION") { self.partition_spec()? } else { Vec::new() };
        let columns =
            if self.symbol_at(0, "(") && !self.query_at(0) { self.paren_list(Self::object_name)? } else { Vec::new() };
        let query = Box::new(self.query()?);
        let span = self.since(start);
        Ok(Insert { overwrite, table, hints, partitions, columns, query, span })
    }

    /// `EXECUTE` before an INSERT, a query or a statement set.
    pub(super) fn execute(&mut self) -> Parsed<Statement> {
        let start = self.expect_kw("EXECUTE")?;
        if self.at_kw("STATEMENT") {
            return self.statement_set(start);
        }
        if self.at_kw("INSERT") {
            let insert = self.insert(start)?;
            return Ok(Statement::Insert(Box::new(insert)));
        }
        if self.keyword_at(0, "PLAN") {
            return self.unsupported(start, "The statement EXECUTE PLAN", "Submit the statement's SQL text.");
        }
        let query = self.query()?;
        Ok(Statement::Query(Box::new(query)))
    }

    /// `BEGIN STATEMENT SET; … END`, the form of Flink's client.
    pub(super) fn begin_statement_set(&mut self) -> Parsed<Statement> {
        let start = self.expect_kw("BEGIN")?;
        self.expect_kws(&["STATEMENT", "SET"])?;
        self.expect(";")?;
        self.inserts(start)
    }

    /// `STATEMENT SET BEGIN … END`
    pub(super) fn statement_set(&mut self, start: Span) -> Parsed<Statement> {
        self.expect_kws(&["STATEMENT", "SET", "BEGIN"])?;
        self.inserts(start)
    }

    fn inserts(&mut self, start: Span) -> Parsed<Statement> {
        let mut inserts = Vec::new();
        while inserts.is_empty() || !self.at_kw("END") {
            let insert_start = self.peek().span;
            self.eat_kw("EXECUTE");
            inserts.push(self.insert(insert_start)?);
            if !self.eat(";") {
                break;
            }
        }
        self.expect_kw("END")?;
        let span = self.since(start);
        let set = StatementSet { inserts, span };
        Ok(Statement::StatementSet(Box::new(set)))
    }
}
