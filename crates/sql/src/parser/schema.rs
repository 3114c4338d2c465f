//! What CREATE and ALTER share: columns, constraints, watermarks, distribution, comments, options.

use super::Parsed;
use super::cursor::Parser;
use crate::ast::{
    ColumnConstraint, ColumnDef, ColumnKind, ConstraintKind, Distribution, DistributionAlgorithm, Expr, Ident,
    OptionEntry, StringLiteral, TableConstraint, TableSchema, Watermark,
};

impl Parser<'_> {
    /// `(columns, watermark, constraints)`, if it stands here.
    pub(super) fn table_schema(&mut self) -> Parsed<TableSchema> {
        let mut schema = TableSchema::default();
        if !self.eat("(") {
            return Ok(schema);
        }
        loop {
            if self.at_watermark() {
                let watermark = self.watermark()?;
                if schema.watermark.is_some() {
                    return self.invalid(watermark.span, "Multiple WATERMARK statements is not supported yet.");
                }
                schema.watermark = Some(watermark);
            } else if self.at_table_constraint() {
                schema.constraints.push(self.table_constraint()?);
            } else {
                let column = self.column()?;
                schema.columns.push(column);
            }
            if !self.eat(",") {
                break;
            }
        }
        self.expect(")")?;
        Ok(schema)
    }

    pub(super) fn at_watermark(&mut self) -> bool {
        self.at_kw("WATERMARK")
    }

    pub(super) fn at_table_constraint(&mut self) -> bool {
        ["CONSTRAINT", "PRIMARY", "UNIQUE"].into_iter().any(|word| self.at_kw(word))
    }

    /// `WATERMARK FOR column AS expr`
    pub(super) fn watermark(&mut self) -> Parsed<Watermark> {
        let start = self.expect_kw("WATERMARK")?;
        self.expect_kw("FOR")?;
        let column = self.object_name()?;
        self.expect_kw("AS")?;
        let strategy = self.expr()?;
        let span = self.since(start);
        Ok(Watermark { column, strategy, span })
    }

    fn constraint_name(&mut self) -> Parsed<Option<Ident>> {
        if self.eat_kw("CONSTRAINT") { self.ident().map(Some) } else { Ok(None) }
    }

    fn constraint_kind(&mut self) -> Parsed<ConstraintKind> {
        if self.eat_kw("UNIQUE") {
            return Ok(ConstraintKind::Unique);
        }
        self.expect_kws(&["PRIMARY", "KEY"])?;
        Ok(ConstraintKind::PrimaryKey)
    }

    fn enforcement(&mut self) -> Option<bool> {
        if self.eat_kws(&["NOT", "ENFORCED"]) {
            Some(false)
        } else if self.eat_kw("ENFORCED") {
            Some(true)
        } else {
            None
        }
    }

    pub(super) fn table_constraint(&mut self) -> Parsed<TableConstraint> {
        let start = self.peek().span;
        let name = self.constraint_name()?;
        let kind = self.constraint_kind()?;
        let columns = self.ident_list()?;
        let enforced = self.enforcement();
        let span = self.since(start);
        Ok(TableConstraint { name, kind, columns, enforced, span })
    }

    fn column_constraint(&mut self) -> Parsed<Option<ColumnConstraint>> {
        if !self.at_table_constraint() {
            return Ok(None);
        }
        let start = self.peek().span;
        let name = self.constraint_name()?;
        let kind = self.constraint_kind()?;
        let enforced = self.enforcement();
        let span = self.since(start);
        Ok(Some(ColumnConstraint { name, kind, enforced, span }))
    }

    /// A column of CREATE TABLE.
    pub(super) fn column(&mut self) -> Parsed<ColumnDef> {
        let name = self.ident()?;
        self.column_after(name)
    }

    /// A column whose name was read.
    pub(super) fn column_after(&mut self, name: Ident) -> Parsed<ColumnDef> {
        let start = name.span;
        let mut constraint = None;
        let kind = if self.eat_kw("AS") {
            ColumnKind::Computed(self.expr()?)
        } else if self.symbol_at(0, ",") || self.symbol_at(0, ")") {
            ColumnKind::Reference
        } else {
            let data_type = self.data_type()?;
            constraint = self.column_constraint()?;
            if self.eat_kw("METADATA") {
                let from = if self.eat_kw("FROM") { Some(self.string()?) } else { None };
                let is_virtual = self.eat_kw("VIRTUAL");
                ColumnKind::Metadata { data_type, from, is_virtual }
            } else {
                ColumnKind::Physical(data_type)
            }
        };
        let comment = self.comment()?;
        let span = self.since(start);
        Ok(ColumnDef { name, kind, constraint, comment, span })
    }

    /// `COMMENT 'text'`, if it stands here.
    pub(super) fn comment(&mut self) -> Parsed<Option<StringLiteral>> {
        if self.eat_kw("COMMENT") { self.string().map(Some) } else { Ok(None) }
    }

    /// `DISTRIBUTED …`, if it stands here.
    pub(super) fn distributed(&mut self) -> Parsed<Option<Distribution>> {
        let start = self.peek().span;
        if !self.eat_kw("DISTRIBUTED") {
            return Ok(None);
        }
        self.distribution_after(start).map(Some)
    }

    /// `[BY [HASH | RANGE] (columns)] [INTO n BUCKETS]` after the first word.
    pub(super) fn distribution_after(&mut self, start: crate::span::Span) -> Parsed<Distribution> {
        let mut algorithm = None;
        let mut columns = Vec::new();
        let by = self.eat_kw("BY");
        if by {
            if self.eat_kw("HASH") {
                algorithm = Some(DistributionAlgorithm::Hash);
            } else if self.eat_kw("RANGE") {
                algorithm = Some(DistributionAlgorithm::Range);
            }
            columns = self.ident_list()?;
        }
        let buckets = if self.eat_kw("INTO") {
            let buckets = self.unsigned()?;
            self.expect_kw("BUCKETS")?;
            Some(buckets)
        } else if by {
            None
        } else {
            return self.unexpected();
        };
        let span = self.since(start);
        Ok(Distribution { algorithm, columns, buckets, span })
    }

    /// `PARTITIONED BY (columns)`, if it stands here.
    pub(super) fn partitioned_by(&mut self) -> Parsed<Vec<Ident>> {
        if self.eat_kws(&["PARTITIONED", "BY"]) { self.ident_list() } else { Ok(Vec::new()) }
    }

    /// `WITH ('k' = 'v', …)`, if it stands here.
    pub(super) fn with_options(&mut self) -> Parsed<Vec<OptionEntry>> {
        if self.eat_kw("WITH") { self.options() } else { Ok(Vec::new()) }
    }

    /// `('k' = 'v', …)`
    pub(super) fn options(&mut self) -> Parsed<Vec<OptionEntry>> {
        if self.symbol_at(0, "(") && self.symbol_at(1, ")") {
            self.advance();
            self.advance();
            return Ok(Vec::new());
        }
        self.paren_list(|parser| {
            let key = parser.string()?;
            parser.expect("=")?;
            let value = parser.string()?;
            let span = parser.since(key.span);
            Ok(OptionEntry { key, value, span })
        })
    }

    /// `(k = v, …)` of PARTITION.
    pub(super) fn partition_spec(&mut self) -> Parsed<Vec<(Ident, Expr)>> {
        self.paren_list(|parser| {
            let key = parser.ident()?;
            parser.expect("=")?;
            let value = parser.expr()?;
            Ok((key, value))
        })
    }
}
