//! The text of types, read.

use nutkin_types::data_type::{DayTimeResolution as D, MAX_LENGTH, YearMonthResolution as Y};
use nutkin_types::{DataType, LogicalType as T, RowField};

use super::lexer::{Token, tokens};

pub struct Reader {
    pub tokens: Vec<Token>,
    pub at: usize,
}

pub fn data_type(text: &str) -> Result<DataType, String> {
    let mut reader = Reader { tokens: tokens(text)?, at: 0 };
    let found = reader.data_type()?;
    if reader.at == reader.tokens.len() { Ok(found) } else { Err(format!("type {text}")) }
}

impl Reader {
    pub fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    pub fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(w)) if w.eq_ignore_ascii_case(word))
    }

    pub fn word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    pub fn symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Symbol(s)) if *s == symbol);
        self.at += usize::from(found);
        found
    }

    pub fn expect(&mut self, symbol: &str) -> Result<(), String> {
        if self.symbol(symbol) { Ok(()) } else { Err(format!("expected {symbol} at {:?}", self.peek())) }
    }

    pub fn name(&mut self) -> Result<String, String> {
        match self.peek().cloned() {
            Some(Token::Word(w) | Token::Quoted(w)) => {
                self.at += 1;
                Ok(w)
            }
            other => Err(format!("expected a name at {other:?}")),
        }
    }

    fn number(&mut self) -> Result<u32, String> {
        match self.peek().cloned() {
            Some(Token::Number(n)) => {
                self.at += 1;
                n.parse().map_err(|_| format!("number {n}"))
            }
            other => Err(format!("expected a number at {other:?}")),
        }
    }

    fn length(&mut self, default: u32) -> Result<u32, String> {
        if !self.symbol("(") {
            return Ok(default);
        }
        let n = self.number()?;
        self.expect(")")?;
        Ok(n)
    }

    pub fn data_type(&mut self) -> Result<DataType, String> {
        let name = self.name()?.to_uppercase();
        let logical = match name.as_str() {
            "NULL" => T::Null,
            "BOOLEAN" => T::Boolean,
            "TINYINT" => T::TinyInt,
            "SMALLINT" => T::SmallInt,
            "INT" | "INTEGER" => T::Int,
            "BIGINT" => T::BigInt,
            "FLOAT" => T::Float,
            "DOUBLE" => {
                self.word("PRECISION");
                T::Double
            }
            "DECIMAL" | "NUMERIC" | "DEC" => {
                let (mut precision, mut scale) = (10, 0);
                if self.symbol("(") {
                    precision = self.number()? as u8;
                    if self.symbol(",") {
                        scale = self.number()? as u8;
                    }
                    self.expect(")")?;
                }
                T::Decimal { precision, scale }
            }
            "STRING" => T::STRING,
            "BYTES" => T::BYTES,
            "CHAR" => T::Char { length: self.length(1)? },
            "VARCHAR" => T::VarChar { length: self.length(MAX_LENGTH)? },
            "BINARY" => T::Binary { length: self.length(1)? },
            "VARBINARY" => T::VarBinary { length: self.length(MAX_LENGTH)? },
            "DATE" => T::Date,
            "TIME" => T::Time { precision: self.length(0)? as u8 },
            "TIMESTAMP" => {
                let precision = self.length(6)? as u8;
                if self.word("WITH") {
                    self.word("LOCAL");
                    self.word("TIME");
                    self.word("ZONE");
                    T::TimestampLtz { precision }
                } else {
                    T::Timestamp { precision }
                }
            }
            "TIMESTAMP_LTZ" => T::TimestampLtz { precision: self.length(6)? as u8 },
            "INTERVAL" => self.interval()?,
            "ARRAY" => {
                self.expect("<")?;
                let element = self.data_type()?;
                self.expect(">")?;
                T::array(element)
            }
            "MULTISET" => {
                self.expect("<")?;
                let element = self.data_type()?;
                self.expect(">")?;
                T::Multiset { element: Box::new(element) }
            }
            "MAP" => {
                self.expect("<")?;
                let key = self.data_type()?;
                self.expect(",")?;
                let value = self.data_type()?;
                self.expect(">")?;
                T::map(key, value)
            }
            "ROW" => {
                let close = if self.symbol("<") {
                    ">"
                } else {
                    self.expect("(")?;
                    ")"
                };
                let mut fields = Vec::new();
                while !self.symbol(close) {
                    if self.symbol("<>") {
                        break;
                    }
                    let name = self.name()?;
                    fields.push(RowField::new(name, self.data_type()?));
                    self.symbol(",");
                }
                T::Row { fields: fields.into() }
            }
            "VARIANT" => T::Variant,
            other => return Err(format!("type {other}")),
        };
        let mut nullable = true;
        if self.is_word("NOT") {
            self.at += 1;
            nullable = !self.word("NULL");
        } else {
            self.word("NULL");
        }
        Ok(DataType::new(logical, nullable))
    }

    fn interval(&mut self) -> Result<T, String> {
        let from = self.name()?.to_uppercase();
        self.length(2)?;
        let to = if self.word("TO") { Some(self.name()?.to_uppercase()) } else { None };
        self.length(6)?;
        Ok(match from.as_str() {
            "YEAR" | "MONTH" => T::IntervalYearMonth { resolution: Y::Month, precision: 2 },
            _ => {
                let _ = to;
                T::IntervalDayTime { resolution: D::Second, day_precision: 2, fractional_precision: 3 }
            }
        })
    }
}
