//! Statements by their leading keywords: one table; CREATE, ALTER and DROP have tables of their own objects.

use super::Parsed;
use super::cursor::Parser;
use crate::ast::Statement;
use crate::span::Span;

type ParseStatement = fn(&mut Parser<'_>) -> Parsed<Statement>;

/// Statements; the parser finds the leading keyword not yet taken.
const STATEMENTS: [(&str, ParseStatement); 17] = [
    ("ALTER", |p| p.alter()),
    ("BEGIN", |p| p.begin_statement_set()),
    ("CREATE", |p| p.create()),
    ("DESC", |p| p.describe()),
    ("DESCRIBE", |p| p.describe()),
    ("DROP", |p| p.drop()),
    ("EXECUTE", |p| p.execute()),
    ("EXPLAIN", |p| p.explain()),
    ("INSERT", |p| p.insert_statement()),
    ("RESET", |p| p.reset()),
    ("SELECT", |p| p.query_statement()),
    ("SET", |p| p.set()),
    ("SHOW", |p| p.show()),
    ("TABLE", |p| p.query_statement()),
    ("USE", |p| p.use_statement()),
    ("VALUES", |p| p.query_statement()),
    ("WITH", |p| p.query_statement()),
];

/// Statements of Flink that the original refuses (D-24), with what to do instead.
const UNSUPPORTED: [(&str, &str); 14] = [
    ("ADD", "Upload a function's JAR as an artifact and name it in CREATE FUNCTION … USING JAR."),
    ("ANALYZE", "Statistics are kept by the system."),
    ("CALL", "Procedures do not exist here."),
    ("COMPILE", "Plans are kept with the statement; EXPLAIN shows them."),
    ("DELETE", "Write a deletion through an INSERT into an upsert table."),
    ("LOAD", "Modules cannot be loaded."),
    ("MERGE", "Use INSERT INTO a table with a primary key."),
    ("REMOVE", "Delete the artifact instead."),
    ("REPLACE", "Use DROP TABLE and CREATE TABLE … AS."),
    ("STOP", "Stop the statement instead."),
    ("TRUNCATE", "Drop the table and create it again."),
    ("UNLOAD", "Modules cannot be unloaded."),
    ("UPDATE", "Use INSERT INTO a table with a primary key."),
    ("UPSERT", "Use INSERT INTO a table with a primary key."),
];

/// Words between CREATE and the object.
#[derive(Debug, Clone, Copy)]
pub(super) struct CreateWords {
    pub(super) or_replace: bool,
    pub(super) or_alter: bool,
    pub(super) temporary: bool,
    pub(super) system: bool,
    pub(super) start: Span,
}

type ParseCreate = fn(&mut Parser<'_>, CreateWords) -> Parsed<Statement>;

/// Objects of CREATE; the keywords are taken when the parser is called.
const CREATE: [(&[&str], ParseCreate); 10] = [
    (&["TABLE"], |p, words| p.create_table(words)),
    (&["MATERIALIZED", "TABLE"], |p, words| p.create_materialized_table(words)),
    (&["VIEW"], |p, words| p.create_view(words)),
    (&["FUNCTION"], |p, words| p.create_function(words)),
    (&["MODEL"], |p, words| p.create_model(words)),
    (&["CONNECTION"], |p, words| p.create_connection(words)),
    (&["AGENT"], |p, words| p.create_agent(words)),
    (&["TOOL"], |p, words| p.create_tool(words)),
    (&["CATALOG"], |p, words| p.create_catalog(words)),
    (&["DATABASE"], |p, words| p.create_database(words)),
];

type ParseAlter = fn(&mut Parser<'_>, Span) -> Parsed<Statement>;

/// Objects of ALTER; the keywords are taken when the parser is called.
const ALTER: [(&[&str], ParseAlter); 8] = [
    (&["TABLE"], |p, start| p.alter_table(start)),
    (&["MATERIALIZED", "TABLE"], |p, start| p.alter_materialized_table(start)),
    (&["VIEW"], |p, start| p.alter_view(start)),
    (&["MODEL"], |p, start| p.alter_model(start)),
    (&["CONNECTION"], |p, start| p.alter_connection(start)),
    (&["AGENT"], |p, start| p.alter_agent(start)),
    (&["CATALOG"], |p, start| p.alter_catalog(start)),
    (&["DATABASE"], |p, start| p.alter_database(start)),
];

impl Parser<'_> {
    /// One statement, without its `;`.
    pub(super) fn statement(&mut self) -> Parsed<Statement> {
        self.nested(Self::statement_inner)
    }

    fn statement_inner(&mut self) -> Parsed<Statement> {
        if self.symbol_at(0, "(") {
            if self.query_at(0) || !self.closes_at_end() {
                return self.query_statement();
            }
            // A client may put any statement in parentheses.
            return self.parens(Self::statement);
        }
        for (keyword, parse) in STATEMENTS {
            if self.keyword_at(0, keyword) {
                return parse(self);
            }
        }
        for (keyword, remedy) in UNSUPPORTED {
            if self.keyword_at(0, keyword) {
                return self.unsupported(self.peek().span, &format!("The statement {keyword}"), remedy);
            }
        }
        for (keyword, _) in STATEMENTS {
            self.note(keyword);
        }
        self.unexpected()
    }

    fn query_statement(&mut self) -> Parsed<Statement> {
        let query = self.query()?;
        Ok(Statement::Query(Box::new(query)))
    }

    fn create(&mut self) -> Parsed<Statement> {
        let start = self.expect_kw("CREATE")?;
        let mut words = CreateWords { or_replace: false, or_alter: false, temporary: false, system: false, start };
        if self.eat_kw("OR") {
            words.or_replace = self.eat_kw("REPLACE");
            if !words.or_replace {
                self.expect_kw("ALTER")?;
                words.or_alter = true;
            }
        }
        words.temporary = self.eat_kw("TEMPORARY");
        words.system = words.temporary && self.eat_kw("SYSTEM");
        for (keywords, parse) in CREATE {
            if self.eat_kws(keywords) {
                return parse(self, words);
            }
        }
        self.unexpected()
    }

    /// Refuses words of CREATE that the object does not take.
    pub(super) fn only_words(
        &self,
        words: CreateWords,
        or_replace: bool,
        or_alter: bool,
        temporary: bool,
    ) -> Parsed<()> {
        let refused = [
            (words.or_replace && !or_replace, "OR REPLACE"),
            (words.or_alter && !or_alter, "OR ALTER"),
            (words.temporary && !temporary, "TEMPORARY"),
        ];
        match refused.iter().find(|(is_refused, _)| *is_refused) {
            Some((_, word)) => {
                let statement = self.since(words.start);
                let text = statement.text(self.text);
                self.invalid(statement, format!("{word} is not allowed in {text}."))
            }
            None => Ok(()),
        }
    }

    fn alter(&mut self) -> Parsed<Statement> {
        let start = self.expect_kw("ALTER")?;
        for (keywords, parse) in ALTER {
            if self.eat_kws(keywords) {
                return parse(self, start);
            }
        }
        if self.at_kw("FUNCTION") {
            return self.unsupported(start, "The statement ALTER FUNCTION", "Drop the function and create it again.");
        }
        self.unexpected()
    }

    /// `IF NOT EXISTS`, if it stands here.
    pub(super) fn if_not_exists(&mut self) -> bool {
        self.eat_kws(&["IF", "NOT", "EXISTS"])
    }

    /// `IF EXISTS`, if it stands here.
    pub(super) fn if_exists(&mut self) -> bool {
        self.eat_kws(&["IF", "EXISTS"])
    }
}
