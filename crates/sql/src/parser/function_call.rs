//! Calls: arguments by position and by name, table arguments, DISTINCT, FILTER, WITHIN GROUP, OVER.

use super::Parsed;
use super::cursor::Parser;
use crate::ast::{
    ArgValue, Expr, ExprKind, FunctionArg, FunctionCall, NullTreatment, ObjectName, SetQuantifier, TableArg,
    TableArgInput,
};

impl Parser<'_> {
    /// A call whose name was read; the parenthesis comes next.
    pub(super) fn call(&mut self, name: ObjectName) -> Parsed<FunctionCall> {
        self.nested(|parser| parser.call_inner(name))
    }

    fn call_inner(&mut self, name: ObjectName) -> Parsed<FunctionCall> {
        let start = name.span;
        self.expect("(")?;
        let mut call = FunctionCall::new(name, Vec::new(), start);
        call.quantifier = self.set_quantifier();
        if !self.symbol_at(0, ")") {
            call.args = self.list(Self::argument)?;
            if self.at_kw("ORDER") {
                call.order_by = self.order_by()?;
            }
            call.nulls = self.null_treatment();
        }
        self.expect(")")?;
        self.call_suffix(&mut call)?;
        call.span = self.since(start);
        Ok(call)
    }

    /// DISTINCT or ALL, if one stands here.
    pub(super) fn set_quantifier(&mut self) -> Option<SetQuantifier> {
        if self.eat_kw("DISTINCT") {
            Some(SetQuantifier::Distinct)
        } else if self.eat_kw("ALL") {
            Some(SetQuantifier::All)
        } else {
            None
        }
    }

    fn null_treatment(&mut self) -> Option<NullTreatment> {
        if self.eat_kws(&["IGNORE", "NULLS"]) {
            Some(NullTreatment::Ignore)
        } else if self.eat_kws(&["RESPECT", "NULLS"]) {
            Some(NullTreatment::Respect)
        } else {
            None
        }
    }

    /// What may follow the parentheses.
    pub(super) fn call_suffix(&mut self, call: &mut FunctionCall) -> Parsed<()> {
        if call.nulls.is_none() {
            call.nulls = self.null_treatment();
        }
        if self.eat_kws(&["WITHIN", "GROUP"]) {
            call.within_group = self.parens(Self::order_by)?;
        }
        call.filter = self.filter()?.map(Box::new);
        if call.nulls.is_none() {
            call.nulls = self.null_treatment();
        }
        call.over = self.over()?;
        Ok(())
    }

    /// `FILTER (WHERE …)`
    pub(super) fn filter(&mut self) -> Parsed<Option<Expr>> {
        if !(self.at_kw("FILTER") && self.symbol_at(1, "(")) {
            return Ok(None);
        }
        self.advance();
        let condition = self.parens(|parser| {
            parser.expect_kw("WHERE")?;
            parser.expr()
        })?;
        Ok(Some(condition))
    }

    /// A function without parentheses.
    pub(super) fn bare_call(&mut self) -> Parsed<Expr> {
        let token = self.advance();
        let name = ObjectName { parts: vec![self.ident_of(token)], span: token.span };
        // `CURRENT_TIMESTAMP(3)` has an argument after all.
        let call = if self.symbol_at(0, "(") {
            self.call(name)?
        } else {
            let mut call = FunctionCall::new(name, Vec::new(), token.span);
            call.bare = true;
            call
        };
        let span = call.span;
        Ok(Expr::new(ExprKind::Function(Box::new(call)), span))
    }

    fn argument(&mut self) -> Parsed<FunctionArg> {
        let start = self.peek().span;
        let name = if self.symbol_at(1, "=>") {
            // A parameter may be called like a reserved word (`input`, `table`, …).
            let token = self.advance();
            self.advance();
            Some(self.ident_of(token))
        } else {
            None
        };
        let value = self.argument_value()?;
        Ok(FunctionArg { name, value, span: self.since(start) })
    }

    fn argument_value(&mut self) -> Parsed<ArgValue> {
        if self.symbol_at(0, "*") {
            self.advance();
            return Ok(ArgValue::Wildcard);
        }
        if self.keyword_at(0, "MODEL") && self.ident_at(1) {
            self.advance();
            return Ok(ArgValue::Model(self.object_name()?));
        }
        if self.keyword_at(0, "TABLE") {
            self.advance();
            let input = if self.symbol_at(0, "(") {
                TableArgInput::Query(Box::new(self.parens(Self::query)?))
            } else {
                TableArgInput::Table(self.object_name()?)
            };
            return self.table_argument(input);
        }
        if self.query_at(0) {
            let start = self.peek().span;
            let query = if self.symbol_at(0, "(") { self.parens(Self::query)? } else { self.query()? };
            let is_table = ["PARTITION", "ORDER"].iter().any(|word| self.keyword_at(0, word));
            if is_table {
                return self.table_argument(TableArgInput::Query(Box::new(query)));
            }
            let kind = ExprKind::Subquery(Box::new(query));
            let expr = Expr::new(kind, self.since(start));
            return Ok(ArgValue::Expr(expr));
        }
        if let Some(unit) = self.try_unit_argument() {
            return Ok(ArgValue::Expr(unit));
        }
        self.expr().map(ArgValue::Expr)
    }

    /// `[PARTITION BY …] [ORDER BY …]` after a table argument.
    fn table_argument(&mut self, input: TableArgInput) -> Parsed<ArgValue> {
        let start = self.peek().span;
        let partition_by = if self.eat_kws(&["PARTITION", "BY"]) { self.partition_list()? } else { Vec::new() };
        let order_by = if self.at_kw("ORDER") { self.order_by_single_or_list()? } else { Vec::new() };
        Ok(ArgValue::Table(Box::new(TableArg { input, partition_by, order_by, span: self.since(start) })))
    }

    /// One key, or several in parentheses: a comma outside ends the argument.
    fn partition_list(&mut self) -> Parsed<Vec<Expr>> {
        if self.symbol_at(0, "(") { self.paren_list(Self::expr) } else { Ok(vec![self.expr()?]) }
    }

    fn order_by_single_or_list(&mut self) -> Parsed<Vec<crate::ast::OrderItem>> {
        self.expect_kws(&["ORDER", "BY"])?;
        if self.symbol_at(0, "(") { self.paren_list(Self::order_item) } else { Ok(vec![self.order_item()?]) }
    }
}
