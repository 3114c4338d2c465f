//! MATCH_RECOGNIZE.

use super::List;
use crate::ast::{AfterMatch, Define, MatchRecognize, Measure, Pattern, RowsPerMatch, Subset};
use std::fmt::{self, Display, Formatter};

fn clause<T: Display>(f: &mut Formatter<'_>, keyword: &str, items: &[T]) -> fmt::Result {
    if items.is_empty() { Ok(()) } else { write!(f, "{keyword} {} ", List(items)) }
}

impl Display for MatchRecognize {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        clause(f, "PARTITION BY", &self.partition_by)?;
        clause(f, "ORDER BY", &self.order_by)?;
        clause(f, "MEASURES", &self.measures)?;
        f.write_str(match self.rows_per_match {
            Some(RowsPerMatch::One) => "ONE ROW PER MATCH ",
            Some(RowsPerMatch::All) => "ALL ROWS PER MATCH ",
            None => "",
        })?;
        if let Some(after_match) = &self.after_match {
            write!(f, "AFTER MATCH {after_match} ")?;
        }
        let start = if self.anchored_start { "^ " } else { "" };
        let end = if self.anchored_end { " $" } else { "" };
        write!(f, "PATTERN ({start}{}{end})", self.pattern)?;
        super::optional(f, "WITHIN ", self.within.as_ref())?;
        if !self.subsets.is_empty() {
            write!(f, " SUBSET {}", List(&self.subsets))?;
        }
        if !self.defines.is_empty() {
            write!(f, " DEFINE {}", List(&self.defines))?;
        }
        f.write_str(")")
    }
}

impl Display for Measure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} AS {}", self.expr, self.alias)
    }
}

impl Display for AfterMatch {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            AfterMatch::NextRow => f.write_str("SKIP TO NEXT ROW"),
            AfterMatch::PastLastRow => f.write_str("SKIP PAST LAST ROW"),
            AfterMatch::First(variable) => write!(f, "SKIP TO FIRST {variable}"),
            AfterMatch::Last(variable) => write!(f, "SKIP TO LAST {variable}"),
        }
    }
}

impl Display for Subset {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} = ({})", self.name, List(&self.variables))
    }
}

impl Display for Define {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} AS {}", self.variable, self.condition)
    }
}

/// A part of a pattern: in parentheses when it is a looser form than the level.
struct Part<'a>(&'a Pattern, u8);

fn tightness(pattern: &Pattern) -> u8 {
    match pattern {
        Pattern::Alternation(_) => 0,
        Pattern::Sequence(_) => 1,
        Pattern::Quantified { .. } => 2,
        _ => 3,
    }
}

impl Display for Part<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if tightness(self.0) < self.1 { write!(f, "({})", self.0) } else { self.0.fmt(f) }
    }
}

fn joined(f: &mut Formatter<'_>, parts: &[Pattern], separator: &str, level: u8) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        let before = if index > 0 { separator } else { "" };
        write!(f, "{before}{}", Part(part, level))?;
    }
    Ok(())
}

impl Display for Pattern {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Pattern::Variable(name) => name.fmt(f),
            Pattern::Sequence(parts) => joined(f, parts, " ", 2),
            Pattern::Alternation(parts) => joined(f, parts, " | ", 1),
            Pattern::Permute(parts) => write!(f, "PERMUTE({})", List(parts)),
            Pattern::Exclude(inner) => write!(f, "{{- {inner} -}}"),
            Pattern::Quantified { pattern, min, max, reluctant } => {
                Part(pattern, 3).fmt(f)?;
                match (min, max) {
                    (0, None) => f.write_str("*")?,
                    (1, None) => f.write_str("+")?,
                    (0, Some(1)) => f.write_str("?")?,
                    (min, None) => write!(f, "{{{min},}}")?,
                    (min, Some(max)) if min == max => write!(f, "{{{min}}}")?,
                    (min, Some(max)) => write!(f, "{{{min},{max}}}")?,
                }
                f.write_str(if *reluctant { "?" } else { "" })
            }
        }
    }
}
