//! Type syntax.

use super::Parsed;
use super::cursor::Parser;
use crate::ast::{DataType, DataTypeKind, RowField, TimeZoneKind};
use crate::keywords;
use crate::lexer::TokenKind;

type ParseType = fn(&mut Parser<'_>) -> Parsed<DataTypeKind>;

/// Types by their first keyword, which is taken when the parser is called.
const TYPES: [(&str, ParseType); 32] = [
    ("ARRAY", |p| p.element_type().map(DataTypeKind::Array)),
    ("BIGINT", |_| Ok(DataTypeKind::BigInt)),
    ("BINARY", |p| p.character(DataTypeKind::Binary, DataTypeKind::Varbinary)),
    ("BOOLEAN", |_| Ok(DataTypeKind::Boolean)),
    ("BYTES", |_| Ok(DataTypeKind::Bytes)),
    ("CHAR", |p| p.character(DataTypeKind::Char, DataTypeKind::Varchar)),
    ("CHARACTER", |p| p.character(DataTypeKind::Char, DataTypeKind::Varchar)),
    ("DATE", |_| Ok(DataTypeKind::Date)),
    ("DEC", |p| p.decimal()),
    ("DECIMAL", |p| p.decimal()),
    ("DOUBLE", |p| {
        p.eat_kw("PRECISION");
        Ok(DataTypeKind::Double)
    }),
    ("FLOAT", |_| Ok(DataTypeKind::Float)),
    ("INT", |_| Ok(DataTypeKind::Int)),
    ("INTEGER", |_| Ok(DataTypeKind::Int)),
    ("INTERVAL", |p| p.interval_qualifier().map(DataTypeKind::Interval)),
    ("MAP", |p| p.map_type()),
    ("MULTISET", |p| p.element_type().map(DataTypeKind::Multiset)),
    ("NULL", |_| Ok(DataTypeKind::Null)),
    ("NUMERIC", |p| p.decimal()),
    ("RAW", |p| p.raw_type()),
    ("REAL", |_| Ok(DataTypeKind::Real)),
    ("ROW", |p| p.row_type()),
    ("SMALLINT", |_| Ok(DataTypeKind::SmallInt)),
    ("STRING", |_| Ok(DataTypeKind::String)),
    ("TIME", |p| p.time_type()),
    ("TIMESTAMP", |p| p.timestamp_type()),
    ("TIMESTAMP_LTZ", |p| {
        let precision = p.type_length()?;
        Ok(DataTypeKind::Timestamp { precision, zone: TimeZoneKind::Local })
    }),
    ("TINYINT", |_| Ok(DataTypeKind::TinyInt)),
    ("VARBINARY", |p| p.type_length().map(DataTypeKind::Varbinary)),
    ("VARCHAR", |p| p.type_length().map(DataTypeKind::Varchar)),
    ("VARIANT", |_| Ok(DataTypeKind::Variant)),
    ("STRUCTURED", |p| p.structured_type()),
];

impl Parser<'_> {
    /// A type with its nullability and its collection suffixes.
    pub(super) fn data_type(&mut self) -> Parsed<DataType> {
        self.nested(Self::data_type_inner)
    }

    fn data_type_inner(&mut self) -> Parsed<DataType> {
        let start = self.peek().span;
        let kind = self.type_kind()?;
        let nullable = self.nullability();
        let span = self.since(start);
        let mut data_type = DataType { kind, nullable, span };
        loop {
            let kind: fn(Box<DataType>) -> DataTypeKind = if self.eat_kw("ARRAY") {
                DataTypeKind::Array
            } else if self.eat_kw("MULTISET") {
                DataTypeKind::Multiset
            } else {
                return Ok(data_type);
            };
            self.grow()?;
            let kind = kind(Box::new(data_type));
            let nullable = self.nullability();
            let span = self.since(start);
            data_type = DataType { kind, nullable, span };
        }
    }

    fn nullability(&mut self) -> Option<bool> {
        if self.eat_kws(&["NOT", "NULL"]) {
            Some(false)
        } else if self.keyword_at(0, "NULL") && !self.keyword_at(1, "ON") {
            // `NULL ON EMPTY` of JSON_VALUE's RETURNING is no nullability.
            self.advance();
            Some(true)
        } else {
            None
        }
    }

    fn type_kind(&mut self) -> Parsed<DataTypeKind> {
        let token = self.peek();
        if token.kind == TokenKind::Word {
            let word = self.text_of(token).to_ascii_uppercase();
            let entry = TYPES.iter().find(|(keyword, _)| *keyword == word);
            if let Some((_, parse)) = entry {
                // A type called like one of the words that are not reserved has more parts, or no brackets.
                let is_name = self.symbol_at(1, ".") || (word == "STRUCTURED" && !self.symbol_at(1, "<"));
                if keywords::is_reserved(&word) || !is_name {
                    self.advance();
                    return parse(self);
                }
            }
        }
        self.note("<TYPE>");
        if self.ident_at(0) {
            return self.object_name().map(DataTypeKind::Named);
        }
        self.unexpected()
    }

    /// `(n)`, if it stands here.
    fn type_length(&mut self) -> Parsed<Option<u32>> {
        if self.symbol_at(0, "(") { self.parens(Self::unsigned).map(Some) } else { Ok(None) }
    }

    /// `CHAR(n)`, `CHAR VARYING(n)`
    fn character(
        &mut self,
        fixed: fn(Option<u32>) -> DataTypeKind,
        varying: fn(Option<u32>) -> DataTypeKind,
    ) -> Parsed<DataTypeKind> {
        let kind = if self.eat_kw("VARYING") { varying } else { fixed };
        self.type_length().map(kind)
    }

    fn decimal(&mut self) -> Parsed<DataTypeKind> {
        let (mut precision, mut scale) = (None, None);
        if self.symbol_at(0, "(") {
            self.advance();
            precision = Some(self.unsigned()?);
            if self.eat(",") {
                scale = Some(self.unsigned()?);
            }
            self.expect(")")?;
        }
        Ok(DataTypeKind::Decimal { precision, scale })
    }

    fn time_type(&mut self) -> Parsed<DataTypeKind> {
        let precision = self.type_length()?;
        match self.time_zone()? {
            TimeZoneKind::Without => Ok(DataTypeKind::Time(precision)),
            _ => self.invalid(self.since(self.peek().span), "TIME has no time zone."),
        }
    }

    fn timestamp_type(&mut self) -> Parsed<DataTypeKind> {
        let precision = self.type_length()?;
        let zone = self.time_zone()?;
        Ok(DataTypeKind::Timestamp { precision, zone })
    }

    fn time_zone(&mut self) -> Parsed<TimeZoneKind> {
        if self.eat_kws(&["WITH", "LOCAL", "TIME", "ZONE"]) {
            Ok(TimeZoneKind::Local)
        } else if self.eat_kws(&["WITH", "TIME", "ZONE"]) {
            Ok(TimeZoneKind::With)
        } else {
            self.eat_kws(&["WITHOUT", "TIME", "ZONE"]);
            Ok(TimeZoneKind::Without)
        }
    }

    fn element_type(&mut self) -> Parsed<Box<DataType>> {
        self.expect("<")?;
        let element = self.data_type()?;
        self.expect(">")?;
        Ok(Box::new(element))
    }

    fn map_type(&mut self) -> Parsed<DataTypeKind> {
        self.expect("<")?;
        let key = self.data_type()?;
        self.expect(",")?;
        let value = self.data_type()?;
        self.expect(">")?;
        Ok(DataTypeKind::Map(Box::new(key), Box::new(value)))
    }

    fn row_type(&mut self) -> Parsed<DataTypeKind> {
        if self.eat("<>") {
            return Ok(DataTypeKind::Row(Vec::new()));
        }
        let (close, opened) = if self.eat("<") { (">", true) } else { (")", self.eat("(")) };
        if !opened {
            return self.unexpected();
        }
        let fields = if self.symbol_at(0, close) { Vec::new() } else { self.list(Self::row_field)? };
        self.expect(close)?;
        Ok(DataTypeKind::Row(fields))
    }

    fn structured_type(&mut self) -> Parsed<DataTypeKind> {
        self.expect("<")?;
        let class = self.string()?;
        let fields = if self.eat(",") { self.list(Self::row_field)? } else { Vec::new() };
        self.expect(">")?;
        Ok(DataTypeKind::Structured { class, fields })
    }

    fn row_field(&mut self) -> Parsed<RowField> {
        let name = self.ident()?;
        let data_type = self.data_type()?;
        let comment = if self.peek().kind == TokenKind::String { Some(self.string()?) } else { None };
        Ok(RowField { name, data_type, comment })
    }

    fn raw_type(&mut self) -> Parsed<DataTypeKind> {
        self.expect("(")?;
        let class = self.string()?;
        self.expect(",")?;
        let serializer = self.string()?;
        self.expect(")")?;
        Ok(DataTypeKind::Raw { class, serializer })
    }
}
