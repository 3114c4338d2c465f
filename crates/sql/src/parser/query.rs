//! Queries: WITH, set operations, VALUES, ORDER BY and LIMIT.

use super::Parsed;
use super::cursor::Parser;
use crate::ast::{Cte, ExprKind, Query, QueryBody, SetOperation, SetOperator, Values, ValuesRow, With};
use crate::span::Span;

impl Parser<'_> {
    /// A whole query, with or without parentheses.
    pub(super) fn query(&mut self) -> Parsed<Query> {
        self.nested(Self::query_inner)
    }

    fn query_inner(&mut self) -> Parsed<Query> {
        let start = self.peek().span;
        let with = if self.at_kw("WITH") { Some(self.with()?) } else { None };
        let body = self.query_body()?;
        let mut query = Query::of(body, start);
        query.with = with;
        if self.at_kw("ORDER") {
            query.order_by = self.order_by()?;
        }
        self.limits(&mut query)?;
        query.span = self.since(start);
        // A query in parentheses with nothing around it is the query inside.
        if query.is_plain()
            && let QueryBody::Nested(inner) = query.body
        {
            return Ok(*inner);
        }
        Ok(query)
    }

    fn with(&mut self) -> Parsed<With> {
        let start = self.expect_kw("WITH")?;
        let recursive = self.eat_kw("RECURSIVE");
        let tables = self.list(|parser| {
            let name = parser.ident()?;
            let columns = if parser.symbol_at(0, "(") { parser.ident_list()? } else { Vec::new() };
            parser.expect_kw("AS")?;
            let query = parser.parens(Self::query)?;
            Ok(Cte { name, columns, query })
        })?;
        let span = self.since(start);
        Ok(With { recursive, tables, span })
    }

    /// LIMIT, OFFSET and FETCH in any order, each once.
    fn limits(&mut self, query: &mut Query) -> Parsed<()> {
        loop {
            if query.limit.is_none() && self.eat_kw("LIMIT") {
                if self.eat_kw("ALL") {
                    continue;
                }
                let first = self.expr()?;
                if query.offset.is_none() && self.eat(",") {
                    query.offset = Some(first);
                    query.limit = Some(self.expr()?);
                } else {
                    query.limit = Some(first);
                }
            } else if query.offset.is_none() && self.eat_kw("OFFSET") {
                query.offset = Some(self.expr()?);
                if !self.eat_kw("ROWS") {
                    self.eat_kw("ROW");
                }
            } else if query.limit.is_none() && self.eat_kw("FETCH") {
                if !self.eat_kw("NEXT") {
                    self.expect_kw("FIRST")?;
                }
                query.limit = Some(self.expr()?);
                if !self.eat_kw("ROWS") {
                    self.expect_kw("ROW")?;
                }
                self.expect_kw("ONLY")?;
            } else {
                return Ok(());
            }
        }
    }

    /// UNION and EXCEPT, from left to right.
    fn query_body(&mut self) -> Parsed<QueryBody> {
        let start = self.peek().span;
        let mut left = self.intersections()?;
        loop {
            let op = if self.eat_kw("UNION") {
                SetOperator::Union
            } else if self.eat_kw("EXCEPT") || self.eat_kw("MINUS") {
                SetOperator::Except
            } else {
                return Ok(left);
            };
            let all = self.set_all();
            let right = self.intersections()?;
            left = self.set_operation(op, all, left, right, start)?;
        }
    }

    /// INTERSECT binds more tightly.
    fn intersections(&mut self) -> Parsed<QueryBody> {
        let start = self.peek().span;
        let mut left = self.query_term()?;
        while self.eat_kw("INTERSECT") {
            let all = self.set_all();
            let right = self.query_term()?;
            left = self.set_operation(SetOperator::Intersect, all, left, right, start)?;
        }
        Ok(left)
    }

    fn set_all(&mut self) -> bool {
        let all = self.eat_kw("ALL");
        if !all {
            self.eat_kw("DISTINCT");
        }
        all
    }

    fn set_operation(
        &mut self,
        op: SetOperator,
        all: bool,
        left: QueryBody,
        right: QueryBody,
        start: Span,
    ) -> Parsed<QueryBody> {
        self.grow()?;
        let span = self.since(start);
        let operation = SetOperation { op, all, left, right, span };
        Ok(QueryBody::SetOperation(Box::new(operation)))
    }

    fn query_term(&mut self) -> Parsed<QueryBody> {
        if self.at_kw("SELECT") {
            return self.select().map(|select| QueryBody::Select(Box::new(select)));
        }
        if self.at_kw("VALUES") {
            return self.values().map(QueryBody::Values);
        }
        if self.at_kw("TABLE") {
            self.advance();
            return self.object_name().map(QueryBody::Table);
        }
        self.note("WITH");
        let query = self.parens(Self::query)?;
        Ok(if query.is_plain() { query.body } else { QueryBody::Nested(Box::new(query)) })
    }

    fn values(&mut self) -> Parsed<Values> {
        let start = self.expect_kw("VALUES")?;
        let rows = self.list(|parser| {
            let expr = parser.expr()?;
            let span = expr.span;
            let exprs = match expr.kind {
                ExprKind::Row { fields, .. } => fields,
                kind => vec![crate::ast::Expr::new(kind, span)],
            };
            Ok(ValuesRow { exprs, span })
        })?;
        let span = self.since(start);
        Ok(Values { rows, span })
    }
}
