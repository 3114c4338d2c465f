//! OVER windows and sort orders.

use super::List;
use crate::ast::{
    FrameBound, FrameUnit, NamedWindow, NullsOrder, OrderItem, Over, SortDirection, WindowFrame, WindowSpec,
};
use crate::precedence::{level, of_expr};
use std::fmt::{self, Display, Formatter};

impl Display for Over {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Over::Name(name) => name.fmt(f),
            Over::Spec(spec) => spec.fmt(f),
        }
    }
}

impl Display for WindowSpec {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let base = self.base.as_ref().map(ToString::to_string);
        let partition_by =
            (!self.partition_by.is_empty()).then(|| format!("PARTITION BY {}", List(&self.partition_by)));
        let order_by = (!self.order_by.is_empty()).then(|| format!("ORDER BY {}", List(&self.order_by)));
        let frame = self.frame.as_ref().map(ToString::to_string);
        let parts: Vec<String> = [base, partition_by, order_by, frame].into_iter().flatten().collect();
        write!(f, "({})", parts.join(" "))
    }
}

impl Display for NamedWindow {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} AS {}", self.name, self.spec)
    }
}

impl Display for WindowFrame {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            FrameUnit::Rows => "ROWS",
            FrameUnit::Range => "RANGE",
        };
        match &self.end {
            Some(end) => write!(f, "{unit} BETWEEN {} AND {end}", self.start),
            None => write!(f, "{unit} {}", self.start),
        }
    }
}

impl Display for FrameBound {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (distance, direction) = match self {
            FrameBound::CurrentRow => return f.write_str("CURRENT ROW"),
            FrameBound::UnboundedPreceding => return f.write_str("UNBOUNDED PRECEDING"),
            FrameBound::UnboundedFollowing => return f.write_str("UNBOUNDED FOLLOWING"),
            FrameBound::Preceding(distance) => (distance, "PRECEDING"),
            FrameBound::Following(distance) => (distance, "FOLLOWING"),
        };
        if of_expr(distance) <= level::PREDICATE {
            write!(f, "({distance}) {direction}")
        } else {
            write!(f, "{distance} {direction}")
        }
    }
}

impl Display for OrderItem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.expr.fmt(f)?;
        f.write_str(match self.direction {
            Some(SortDirection::Asc) => " ASC",
            Some(SortDirection::Desc) => " DESC",
            None => "",
        })?;
        f.write_str(match self.nulls {
            Some(NullsOrder::First) => " NULLS FIRST",
            Some(NullsOrder::Last) => " NULLS LAST",
            None => "",
        })
    }
}
