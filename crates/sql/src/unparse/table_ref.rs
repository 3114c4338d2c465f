//! What stands in FROM.

use super::{List, optional, optional_list, word};
use crate::ast::{Join, JoinCondition, JoinKind, TableAlias, TableRef, TableRefKind};
use std::fmt::{self, Display, Formatter};

impl Display for TableRef {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        optional(f, "AS ", self.alias.as_ref())
    }
}

impl Display for TableRefKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            TableRefKind::Table { name, hints, system_time } => {
                name.fmt(f)?;
                if !hints.is_empty() {
                    write!(f, " /*+ {} */", List(hints))?;
                }
                optional(f, "FOR SYSTEM_TIME AS OF ", system_time.as_ref())
            }
            TableRefKind::Derived { lateral, query } => {
                word(f, *lateral, "LATERAL")?;
                write!(f, "({query})")
            }
            TableRefKind::Function { lateral, call } => {
                word(f, *lateral, "LATERAL")?;
                write!(f, "TABLE({call})")
            }
            TableRefKind::Unnest { exprs, with_ordinality } => {
                write!(f, "UNNEST({})", List(exprs))?;
                f.write_str(if *with_ordinality { " WITH ORDINALITY" } else { "" })
            }
            TableRefKind::Join(join) => join.fmt(f),
            TableRefKind::MatchRecognize { input, pattern } => {
                let is_join = matches!(input.kind, TableRefKind::Join(_));
                write!(f, "{} MATCH_RECOGNIZE {pattern}", Nested(input, is_join))
            }
        }
    }
}

impl Display for TableAlias {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)?;
        optional_list(f, "", &self.columns)
    }
}

/// A table, in parentheses or not.
struct Nested<'a>(&'a TableRef, bool);

impl Display for Nested<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.1 { write!(f, "({})", self.0) } else { self.0.fmt(f) }
    }
}

impl Display for Join {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let comma = self.kind == JoinKind::Comma;
        let is_comma =
            |table: &TableRef| matches!(&table.kind, TableRefKind::Join(join) if join.kind == JoinKind::Comma);
        let is_join = |table: &TableRef| matches!(table.kind, TableRefKind::Join(_));
        // The comma is the loosest join; all associate to the left.
        let left = Nested(&self.left, !comma && is_comma(&self.left));
        let right = Nested(&self.right, is_comma(&self.right) || (!comma && is_join(&self.right)));
        if comma {
            return write!(f, "{left}, {right}");
        }
        let natural = if self.natural { "NATURAL " } else { "" };
        let kind = match self.kind {
            JoinKind::Left => "LEFT JOIN",
            JoinKind::Right => "RIGHT JOIN",
            JoinKind::Full => "FULL JOIN",
            JoinKind::Cross => "CROSS JOIN",
            JoinKind::Inner | JoinKind::Comma => "JOIN",
        };
        write!(f, "{left} {natural}{kind} {right}")?;
        match &self.condition {
            Some(JoinCondition::On(condition)) => write!(f, " ON {condition}"),
            Some(JoinCondition::Using(columns)) => write!(f, " USING ({})", List(columns)),
            None => Ok(()),
        }
    }
}
