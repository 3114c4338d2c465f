//! SELECT and its clauses.

use super::Parsed;
use super::cursor::Parser;
use crate::ast::{Expr, ExprKind, GroupBy, GroupingElement, Select, SelectItem};

impl Parser<'_> {
    pub(super) fn select(&mut self) -> Parsed<Select> {
        let start = self.expect_kw("SELECT")?;
        let hints = self.hints()?;
        let quantifier = self.set_quantifier();
        let items = self.list(Self::select_item)?;
        let from = if self.eat_kw("FROM") { Some(self.from()?) } else { None };
        let selection = self.clause("WHERE")?;
        let group_by = if self.at_kw("GROUP") { Some(self.group_by()?) } else { None };
        let having = self.clause("HAVING")?;
        let windows = if self.eat_kw("WINDOW") { self.named_windows()? } else { Vec::new() };
        let qualify = self.clause("QUALIFY")?;
        let span = self.since(start);
        Ok(Select { hints, quantifier, items, from, selection, group_by, having, windows, qualify, span })
    }

    fn clause(&mut self, keyword: &'static str) -> Parsed<Option<Expr>> {
        if self.eat_kw(keyword) { self.expr().map(Some) } else { Ok(None) }
    }

    fn select_item(&mut self) -> Parsed<SelectItem> {
        let start = self.peek().span;
        if self.eat("*") {
            return Ok(SelectItem::Wildcard(start));
        }
        let expr = self.expr()?;
        if self.symbol_at(0, ".") && self.symbol_at(1, "*") {
            if let ExprKind::Name(name) = expr.kind {
                self.advance();
                self.advance();
                return Ok(SelectItem::QualifiedWildcard(name));
            }
            return self.unexpected();
        }
        let alias = if self.eat_kw("AS") { Some(self.ident()?) } else { self.try_ident() };
        Ok(SelectItem::Expr { expr, alias })
    }

    fn group_by(&mut self) -> Parsed<GroupBy> {
        let start = self.expect_kw("GROUP")?;
        self.expect_kw("BY")?;
        let quantifier = self.set_quantifier();
        let elements = self.list(Self::grouping_element)?;
        let span = self.since(start);
        Ok(GroupBy { quantifier, elements, span })
    }

    fn grouping_element(&mut self) -> Parsed<GroupingElement> {
        self.nested(Self::grouping_element_inner)
    }

    fn grouping_element_inner(&mut self) -> Parsed<GroupingElement> {
        if self.eat_kws(&["GROUPING", "SETS"]) {
            let sets = self.paren_list(Self::grouping_element)?;
            return Ok(GroupingElement::GroupingSets(sets));
        }
        if self.eat_kw("ROLLUP") {
            let sets = self.paren_list(Self::grouping_set)?;
            return Ok(GroupingElement::Rollup(sets));
        }
        if self.eat_kw("CUBE") {
            let sets = self.paren_list(Self::grouping_set)?;
            return Ok(GroupingElement::Cube(sets));
        }
        self.grouping_set()
    }

    /// An expression, `()` or `(a, b)`.
    fn grouping_set(&mut self) -> Parsed<GroupingElement> {
        if self.symbol_at(0, "(") && self.symbol_at(1, ")") {
            self.advance();
            self.advance();
            return Ok(GroupingElement::Set(Vec::new()));
        }
        let expr = self.expr()?;
        Ok(match expr.kind {
            ExprKind::Row { fields, explicit: false } => GroupingElement::Set(fields),
            _ => GroupingElement::Expr(expr),
        })
    }
}
