//! Literals. Values stay text: what a literal's type and value are is the planner's business.

use super::{IntervalQualifier, TimeUnit};

/// A literal value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Literal {
    /// `NULL`
    Null,
    /// `TRUE` or `FALSE`; `UNKNOWN` is [`Literal::Unknown`].
    Boolean(bool),
    /// `UNKNOWN`: the boolean NULL.
    Unknown,
    /// Unsigned number as written: `12`, `1.50`, `.5`, `1E-3`.
    Number(NumberLiteral),
    /// `'text'`, parts on lines of their own joined, `U&''` escapes undone.
    String(String),
    /// `X'0aff'`: the bytes.
    Binary(Vec<u8>),
    /// `DATE '2020-01-31'`: the text.
    Date(String),
    /// `TIME '12:34:56'`: the text.
    Time(String),
    /// `TIMESTAMP '2020-01-31 12:34:56.123'`: the text.
    Timestamp(String),
    /// `TIMESTAMP WITH LOCAL TIME ZONE '…'`: the text.
    TimestampLtz(String),
    /// `INTERVAL [-]'1-2' YEAR TO MONTH`
    Interval(IntervalLiteral),
    /// A bare time unit as argument of a function, e.g. `TUMBLE_START(x, DAY)`.
    Unit(TimeUnit),
}

/// An unsigned number as written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NumberLiteral {
    /// The digits as written, without sign.
    pub text: String,
}

impl NumberLiteral {
    /// Whether it has an exponent: an approximate number (DOUBLE).
    pub fn is_approximate(&self) -> bool {
        self.text.contains(['e', 'E'])
    }

    /// Whether it has neither point nor exponent.
    pub fn is_integer(&self) -> bool {
        self.text.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// Digits right of the point of an exact number.
    pub fn scale(&self) -> usize {
        if self.is_approximate() {
            return 0;
        }
        self.text.split_once('.').map_or(0, |(_, fraction)| fraction.len())
    }
}

/// `INTERVAL [-]'text' qualifier`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IntervalLiteral {
    /// A minus stands before the quotes.
    pub negative: bool,
    /// The text in quotes, e.g. `1`, `1-2`, `1 12:30:00.5`.
    pub text: String,
    /// The unit or range of units.
    pub qualifier: IntervalQualifier,
}
