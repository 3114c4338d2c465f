//! DESCRIBE (D-16, D-17) and EXPLAIN (D-23).

use super::Parsed;
use super::cursor::Parser;
use crate::ast::{Describe, Explain, ExplainDetail, ObjectKind, Statement};
use crate::lexer::TokenKind;

/// Objects with a keyword; a table has none.
const DESCRIBED: [(&str, ObjectKind); 7] = [
    ("CATALOG", ObjectKind::Catalog),
    ("DATABASE", ObjectKind::Database),
    ("FUNCTION", ObjectKind::Function),
    ("MODEL", ObjectKind::Model),
    ("CONNECTION", ObjectKind::Connection),
    ("AGENT", ObjectKind::Agent),
    ("TOOL", ObjectKind::Tool),
];

const DETAILS: [(&str, ExplainDetail); 4] = [
    ("ESTIMATED_COST", ExplainDetail::EstimatedCost),
    ("CHANGELOG_MODE", ExplainDetail::ChangelogMode),
    ("JSON_EXECUTION_PLAN", ExplainDetail::JsonExecutionPlan),
    ("PLAN_ADVICE", ExplainDetail::PlanAdvice),
];

impl Parser<'_> {
    pub(super) fn describe(&mut self) -> Parsed<Statement> {
        let start = self.advance().span;
        let mut kind = ObjectKind::Table;
        for (word, object) in DESCRIBED {
            // The words are names too: `DESCRIBE model` is a table.
            let names_object = self.ident_at(1) || self.keyword_at(1, "EXTENDED");
            if kind == ObjectKind::Table && names_object && self.eat_kw(word) {
                kind = object;
            }
        }
        if self.keyword_at(0, "JOB") && self.peek_at(1).kind == TokenKind::String {
            let remedy = "Read the statement's status instead.";
            return self.unsupported(start, "The statement DESCRIBE JOB", remedy);
        }
        let extended = self.eat_kw("EXTENDED");
        let name = self.object_name()?;
        let span = self.since(start);
        let describe = Describe { kind, extended, name, span };
        Ok(Statement::Describe(Box::new(describe)))
    }

    pub(super) fn explain(&mut self) -> Parsed<Statement> {
        let start = self.expect_kw("EXPLAIN")?;
        let mut details = Vec::new();
        if !self.eat_kws(&["PLAN", "FOR"]) {
            details = self.explain_details()?;
        }
        let statement_start = self.peek().span;
        let statement = if self.at_kw("STATEMENT") { self.statement_set(statement_start)? } else { self.statement()? };
        let explainable = match &statement {
            Statement::Query(_) | Statement::Insert(_) | Statement::StatementSet(_) => true,
            Statement::CreateTable(create) => create.query.is_some(),
            Statement::CreateMaterializedTable(_) => true,
            _ => false,
        };
        let span = self.since(statement_start);
        if !explainable {
            return self.invalid(span, "EXPLAIN takes a query, an INSERT, a statement set or a CREATE TABLE … AS.");
        }
        let explain = Explain { details, statement: Box::new(statement), span: self.since(start) };
        Ok(Statement::Explain(Box::new(explain)))
    }

    fn explain_details(&mut self) -> Parsed<Vec<ExplainDetail>> {
        let mut details = Vec::new();
        loop {
            let found = DETAILS.into_iter().find(|(word, _)| self.eat_kw(word));
            match found {
                Some((_, detail)) => details.push(detail),
                None if details.is_empty() => return Ok(details),
                None => return self.unexpected(),
            }
            if !self.eat(",") {
                return Ok(details);
            }
        }
    }
}
