//! OVER windows, frames and ORDER BY.

use super::Parsed;
use super::cursor::Parser;
use crate::ast::{
    FrameBound, FrameUnit, NamedWindow, NullsOrder, OrderItem, Over, SortDirection, WindowFrame, WindowSpec,
};

impl Parser<'_> {
    /// `ORDER BY a, b`
    pub(super) fn order_by(&mut self) -> Parsed<Vec<OrderItem>> {
        self.expect_kws(&["ORDER", "BY"])?;
        self.list(Self::order_item)
    }

    pub(super) fn order_item(&mut self) -> Parsed<OrderItem> {
        let expr = self.expr()?;
        let direction = if self.eat_kw("ASC") {
            Some(SortDirection::Asc)
        } else if self.eat_kw("DESC") {
            Some(SortDirection::Desc)
        } else {
            None
        };
        let nulls = if self.eat_kws(&["NULLS", "FIRST"]) {
            Some(NullsOrder::First)
        } else if self.eat_kws(&["NULLS", "LAST"]) {
            Some(NullsOrder::Last)
        } else {
            None
        };
        Ok(OrderItem { expr, direction, nulls })
    }

    /// `OVER …`, if it stands here.
    pub(super) fn over(&mut self) -> Parsed<Option<Over>> {
        if !self.eat_kw("OVER") {
            return Ok(None);
        }
        if self.symbol_at(0, "(") {
            self.window_spec().map(Over::Spec).map(Some)
        } else {
            self.ident().map(Over::Name).map(Some)
        }
    }

    /// `WINDOW a AS (…), b AS (…)` without the first word.
    pub(super) fn named_windows(&mut self) -> Parsed<Vec<NamedWindow>> {
        self.list(|parser| {
            let name = parser.ident()?;
            parser.expect_kw("AS")?;
            let spec = parser.window_spec()?;
            Ok(NamedWindow { name, spec })
        })
    }

    fn window_spec(&mut self) -> Parsed<WindowSpec> {
        let start = self.expect("(")?;
        let mut spec = WindowSpec { base: self.try_ident(), ..WindowSpec::default() };
        if self.eat_kws(&["PARTITION", "BY"]) {
            spec.partition_by = self.list(Self::expr)?;
        }
        if self.at_kw("ORDER") {
            spec.order_by = self.order_by()?;
        }
        let frame_start = self.peek().span;
        if self.eat_kw("ROWS") {
            spec.frame = Some(self.frame(FrameUnit::Rows)?);
        } else if self.eat_kw("RANGE") {
            spec.frame = Some(self.frame(FrameUnit::Range)?);
        }
        if let Some(frame) = &mut spec.frame {
            frame.span = self.since(frame_start);
        }
        self.expect(")")?;
        spec.span = self.since(start);
        Ok(spec)
    }

    fn frame(&mut self, unit: FrameUnit) -> Parsed<WindowFrame> {
        let between = self.eat_kw("BETWEEN");
        let start = self.frame_bound()?;
        let end = if between {
            self.expect_kw("AND")?;
            Some(self.frame_bound()?)
        } else {
            None
        };
        let span = crate::span::Span::default();
        Ok(WindowFrame { unit, start, end, span })
    }

    fn frame_bound(&mut self) -> Parsed<FrameBound> {
        if self.eat_kws(&["CURRENT", "ROW"]) {
            return Ok(FrameBound::CurrentRow);
        }
        if self.eat_kws(&["UNBOUNDED", "PRECEDING"]) {
            return Ok(FrameBound::UnboundedPreceding);
        }
        if self.eat_kws(&["UNBOUNDED", "FOLLOWING"]) {
            return Ok(FrameBound::UnboundedFollowing);
        }
        // AND joins the bounds: read an operand that binds more tightly.
        let distance = Box::new(self.expr_above(crate::precedence::level::PREDICATE + 1)?);
        if self.eat_kw("PRECEDING") {
            Ok(FrameBound::Preceding(distance))
        } else {
            self.expect_kw("FOLLOWING")?;
            Ok(FrameBound::Following(distance))
        }
    }
}
