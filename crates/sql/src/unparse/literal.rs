//! Literals and interval qualifiers.

use super::Quoted;
use crate::ast::{IntervalLiteral, IntervalQualifier, Literal, NumberLiteral, TimeUnit};
use std::fmt::{self, Display, Formatter};

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Null => f.write_str("NULL"),
            Literal::Boolean(true) => f.write_str("TRUE"),
            Literal::Boolean(false) => f.write_str("FALSE"),
            Literal::Unknown => f.write_str("UNKNOWN"),
            Literal::Number(number) => number.fmt(f),
            Literal::String(value) => Quoted(value).fmt(f),
            Literal::Binary(bytes) => {
                f.write_str("X'")?;
                for byte in bytes {
                    write!(f, "{byte:02X}")?;
                }
                f.write_str("'")
            }
            Literal::Date(value) => write!(f, "DATE {}", Quoted(value)),
            Literal::Time(value) => write!(f, "TIME {}", Quoted(value)),
            Literal::Timestamp(value) => write!(f, "TIMESTAMP {}", Quoted(value)),
            Literal::TimestampLtz(value) => {
                write!(f, "TIMESTAMP WITH LOCAL TIME ZONE {}", Quoted(value))
            }
            Literal::Interval(interval) => interval.fmt(f),
            Literal::Unit(unit) => unit.fmt(f),
        }
    }
}

impl Display for NumberLiteral {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Display for IntervalLiteral {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        let text = Quoted(&self.text);
        write!(f, "INTERVAL {sign}{text} {}", self.qualifier)
    }
}

impl Display for IntervalQualifier {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.start.fmt(f)?;
        match (self.start_precision, self.fraction_precision, self.end) {
            (Some(precision), Some(fraction), None) => write!(f, "({precision}, {fraction})")?,
            (Some(precision), _, _) => write!(f, "({precision})")?,
            _ => {}
        }
        if let Some(end) = self.end {
            write!(f, " TO {end}")?;
            if let Some(fraction) = self.fraction_precision {
                write!(f, "({fraction})")?;
            }
        }
        Ok(())
    }
}

impl Display for TimeUnit {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.keyword())
    }
}
