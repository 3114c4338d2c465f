//! FROM: tables, sub-queries, table functions, joins.

use super::Parsed;
use super::cursor::Parser;
use crate::ast::{Join, JoinCondition, JoinKind, TableAlias, TableRef, TableRefKind};
use crate::span::Span;

impl Parser<'_> {
    /// All of FROM: joins, separated by commas.
    pub(super) fn from(&mut self) -> Parsed<TableRef> {
        let start = self.peek().span;
        let mut left = self.joins()?;
        while self.eat(",") {
            let right = self.joins()?;
            left = self.join_of(left, right, JoinKind::Comma, false, None, start)?;
        }
        Ok(left)
    }

    fn joins(&mut self) -> Parsed<TableRef> {
        self.nested(Self::joins_inner)
    }

    fn joins_inner(&mut self) -> Parsed<TableRef> {
        let start = self.peek().span;
        let mut left = self.table_primary()?;
        while let Some((kind, natural)) = self.join_kind()? {
            let right = self.table_primary()?;
            let condition = self.join_condition()?;
            left = self.join_of(left, right, kind, natural, condition, start)?;
        }
        Ok(left)
    }

    fn join_of(
        &mut self,
        left: TableRef,
        right: TableRef,
        kind: JoinKind,
        natural: bool,
        condition: Option<JoinCondition>,
        start: Span,
    ) -> Parsed<TableRef> {
        self.grow()?;
        let span = self.since(start);
        let join = Join { left, right, kind, natural, condition, span };
        Ok(TableRef { kind: TableRefKind::Join(Box::new(join)), alias: None, span })
    }

    fn join_kind(&mut self) -> Parsed<Option<(JoinKind, bool)>> {
        let natural = self.eat_kw("NATURAL");
        let kind = if self.eat_kw("JOIN") {
            return Ok(Some((JoinKind::Inner, natural)));
        } else if self.eat_kw("INNER") {
            JoinKind::Inner
        } else if self.eat_kw("CROSS") {
            JoinKind::Cross
        } else if self.eat_kw("LEFT") {
            JoinKind::Left
        } else if self.eat_kw("RIGHT") {
            JoinKind::Right
        } else if self.eat_kw("FULL") {
            JoinKind::Full
        } else if natural {
            return self.unexpected();
        } else {
            return Ok(None);
        };
        if matches!(kind, JoinKind::Left | JoinKind::Right | JoinKind::Full) {
            self.eat_kw("OUTER");
        }
        self.expect_kw("JOIN")?;
        Ok(Some((kind, natural)))
    }

    fn join_condition(&mut self) -> Parsed<Option<JoinCondition>> {
        if self.eat_kw("ON") {
            self.expr().map(JoinCondition::On).map(Some)
        } else if self.eat_kw("USING") {
            self.ident_list().map(JoinCondition::Using).map(Some)
        } else {
            Ok(None)
        }
    }

    fn table_primary(&mut self) -> Parsed<TableRef> {
        let start = self.peek().span;
        let lateral = self.eat_kw("LATERAL");
        let mut table = if self.symbol_at(0, "(") {
            self.parenthesised_table(lateral)?
        } else if self.at_kw("UNNEST") {
            self.unnest()?
        } else if self.at_kw("TABLE") {
            self.advance();
            let kind = self.parens(|parser| parser.table_function(lateral))?;
            plain(kind, start)
        } else if lateral {
            let kind = self.table_function(lateral)?;
            plain(kind, start)
        } else {
            self.named_table()?
        };
        self.table_suffix(&mut table)?;
        table.span = self.since(start);
        if self.eat_kw("MATCH_RECOGNIZE") {
            let pattern = Box::new(self.match_recognize()?);
            let input = Box::new(table);
            table = plain(TableRefKind::MatchRecognize { input, pattern }, start);
            table.alias = self.table_alias()?;
            table.span = self.since(start);
        }
        if self.keyword_at(0, "TABLESAMPLE") {
            return self.unsupported(self.peek().span, "TABLESAMPLE", "Use WHERE with RAND() to take a sample.");
        }
        Ok(table)
    }

    /// `(query)`, or a join or table in parentheses.
    fn parenthesised_table(&mut self, lateral: bool) -> Parsed<TableRef> {
        let start = self.peek().span;
        if self.query_at(0) {
            let query = Box::new(self.parens(Self::query)?);
            return Ok(plain(TableRefKind::Derived { lateral, query }, start));
        }
        if lateral {
            self.advance();
            self.note("SELECT");
            return self.unexpected();
        }
        self.parens(Self::from)
    }

    fn unnest(&mut self) -> Parsed<TableRef> {
        let start = self.expect_kw("UNNEST")?;
        let exprs = self.paren_list(Self::expr)?;
        let with_ordinality = self.eat_kws(&["WITH", "ORDINALITY"]);
        Ok(plain(TableRefKind::Unnest { exprs, with_ordinality }, start))
    }

    fn table_function(&mut self, lateral: bool) -> Parsed<TableRefKind> {
        let name = self.object_name()?;
        let call = Box::new(self.call(name)?);
        Ok(TableRefKind::Function { lateral, call })
    }

    /// A table by name, or a function in the place of one.
    fn named_table(&mut self) -> Parsed<TableRef> {
        for start in ["(", "LATERAL", "TABLE", "UNNEST"] {
            self.note(start);
        }
        let name = self.object_name()?;
        let start = name.span;
        if self.symbol_at(0, "(") {
            let call = Box::new(self.call(name)?);
            return Ok(plain(TableRefKind::Function { lateral: false, call }, start));
        }
        let hints = self.hints()?;
        let kind = TableRefKind::Table { name, hints, system_time: None };
        Ok(plain(kind, start))
    }

    /// Alias and FOR SYSTEM_TIME, in either order.
    fn table_suffix(&mut self, table: &mut TableRef) -> Parsed<()> {
        self.system_time(table)?;
        let takes_alias = table.alias.is_none() && !matches!(table.kind, TableRefKind::Join(_));
        if takes_alias {
            table.alias = self.table_alias()?;
        }
        self.system_time(table)
    }

    fn system_time(&mut self, table: &mut TableRef) -> Parsed<()> {
        let start = self.peek().span;
        if !self.eat_kws(&["FOR", "SYSTEM_TIME"]) {
            return Ok(());
        }
        self.expect_kws(&["AS", "OF"])?;
        let time = self.expr()?;
        match &mut table.kind {
            TableRefKind::Table { system_time, .. } if system_time.is_none() => {
                *system_time = Some(time);
                Ok(())
            }
            _ => self.invalid(self.since(start), "FOR SYSTEM_TIME AS OF applies to a table, once."),
        }
    }

    /// `[AS] name [(columns)]`
    fn table_alias(&mut self) -> Parsed<Option<TableAlias>> {
        let name = if self.eat_kw("AS") {
            self.ident()?
        } else {
            match self.try_ident() {
                Some(name) => name,
                None => return Ok(None),
            }
        };
        let columns = if self.symbol_at(0, "(") { self.ident_list()? } else { Vec::new() };
        Ok(Some(TableAlias { name, columns }))
    }
}

fn plain(kind: TableRefKind, span: Span) -> TableRef {
    TableRef { kind, alias: None, span }
}
