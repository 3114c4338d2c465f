//! What reads a column of a table: computed columns and the watermark.

use std::collections::BTreeSet;

use nutkin_plan::table::{ColumnKind, TableColumn, Watermark, WatermarkStrategy};
use nutkin_sql::ast::{Expr, ExprKind};
use nutkin_sql::{Visitor, walk_expr};

use crate::analyze::definition::parse;
use crate::error::Result;

/// Names that an expression reads: the first part of each, which is the column.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Visitor for Names {
    fn expr(&mut self, expr: &Expr) {
        if let ExprKind::Name(name) = &expr.kind
            && let Some(column) = name.parts.first()
        {
            self.0.insert(column.value.clone());
        }
        walk_expr(self, expr);
    }
}

fn names(text: &str) -> Result<BTreeSet<String>> {
    let mut names = Names::default();
    names.expr(&parse(text)?);
    Ok(names.0)
}

/// The computed columns among `columns` that read the column `name`.
pub(super) fn computed_readers<'a>(columns: &'a [TableColumn], name: &str) -> Result<Vec<&'a str>> {
    let mut readers = Vec::new();
    for column in columns {
        if let ColumnKind::Computed { expression } = &column.kind
            && names(expression)?.contains(name)
        {
            readers.push(column.name.as_str());
        }
    }
    Ok(readers)
}

/// Whether the watermark stands on the column `name` or its strategy reads it.
pub(super) fn is_read_by_watermark(watermark: &Watermark, name: &str) -> Result<bool> {
    if watermark.column == name {
        return Ok(true);
    }
    match &watermark.strategy {
        WatermarkStrategy::Expression(text) => Ok(names(text)?.contains(name)),
        WatermarkStrategy::Source | WatermarkStrategy::MaxSeen => Ok(false),
    }
}
