//! ALTER TABLE ... DROP of metadata and computed columns (spec D-08).

use nutkin_plan::Table;
use nutkin_plan::table::{ColumnKind, TableColumn};
use nutkin_sql::Span;
use nutkin_sql::ast::ObjectName;

use super::references::{computed_readers, is_read_by_watermark};
use crate::error::{ErrorKind, PlannerError, Result};

/// The columns that are left.
///
/// # Errors
/// For columns that do not exist, that a schema has, or that something reads which stays.
pub(super) fn remaining(table: &Table, written: &[ObjectName]) -> Result<Vec<TableColumn>> {
    let mut dropped: Vec<(&str, Span)> = Vec::with_capacity(written.len());
    for name in written {
        let column = found(table, name)?;
        if dropped.iter().any(|(other, _)| *other == column) {
            return Err(wrong(format!("Duplicate column `{column}`."), name.span));
        }
        dropped.push((column, name.span));
    }
    let is_dropped = |column: &TableColumn| dropped.iter().any(|(name, _)| *name == column.name);
    let left: Vec<TableColumn> = table.columns.iter().filter(|column| !is_dropped(column)).cloned().collect();
    for (name, span) in dropped {
        check_readers(table, &left, name, span)?;
    }
    Ok(left)
}

fn found<'a>(table: &'a Table, name: &ObjectName) -> Result<&'a str> {
    let column = name.as_simple().and_then(|ident| table.column(&ident.value));
    let Some(column) = column else {
        let text = name.values().collect::<Vec<_>>().join(".");
        return Err(wrong(format!("The table has no column '{text}'"), name.span));
    };
    if column.kind == ColumnKind::Physical {
        let cause = format!("Physical column '{}' cannot be dropped from a table", column.name);
        return Err(wrong(cause, name.span).with_remedy("Evolve the schema in Schema Registry: the table follows it."));
    }
    Ok(&column.name)
}

/// What stays must not read what goes.
fn check_readers(table: &Table, left: &[TableColumn], name: &str, span: Span) -> Result<()> {
    let readers = computed_readers(left, name)?;
    if !readers.is_empty() {
        let readers: Vec<String> = readers.iter().map(|reader| format!("`{reader}`")).collect();
        let cause = format!("The column `{name}` is referenced by computed column {}.", readers.join(", "));
        return Err(wrong(cause, span).with_remedy("Drop or modify the computed column first, or drop both together."));
    }
    let watermark = table.watermark.as_ref().filter(|watermark| !watermark.is_default);
    if let Some(watermark) = watermark
        && is_read_by_watermark(watermark, name)?
    {
        let cause =
            format!("The column `{name}` is referenced by watermark expression: WATERMARK FOR `{}`.", watermark.column);
        return Err(wrong(cause, span).with_remedy("Drop or modify the watermark first."));
    }
    Ok(())
}

fn wrong(cause: String, span: Span) -> PlannerError {
    PlannerError::new(ErrorKind::Definition, cause).at(span)
}
