//! ALTER TABLE ... ADD and MODIFY of columns, watermark and primary key (spec D-08, D-04).

use nutkin_plan::Table;
use nutkin_plan::table::{ColumnKind, Connector, FormatKind, PrimaryKey, TableColumn, Watermark, WatermarkStrategy};
use nutkin_sql::Span;
use nutkin_sql::ast::{self, ColumnDef, ColumnPosition, SchemaChange, TableSchema};

use super::fixed_distribution;
use crate::analyze::statement::create_table;
use crate::analyzed::TableChange;
use crate::error::{ErrorKind, PlannerError, Result};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Add,
    Modify,
}

/// What changes, the columns first.
pub(super) fn changes(
    table: &Table,
    verb: Verb,
    written: &SchemaChange,
    flink_extensions: bool,
) -> Result<Vec<TableChange>> {
    if let Some(distribution) = &written.distribution {
        return Err(fixed_distribution().at(distribution.span));
    }
    if let (Verb::Add, Some(watermark)) = (verb, &written.watermark) {
        return Err(wrong("The table already has a watermark strategy", watermark.column.span)
            .with_remedy("Every table has a default one: write MODIFY WATERMARK FOR ... instead of ADD."));
    }
    let definitions: Vec<ColumnDef> = written.columns.iter().map(|change| change.column.clone()).collect();
    let mut columns = with_columns(table, verb, &written.columns, &definitions, flink_extensions)?;
    let primary_key = primary_key(table, verb, definitions, &written.constraints, &mut columns)?;
    create_table::retyped(&mut columns, flink_extensions)?;
    let watermark =
        written.watermark.as_ref().map(|watermark| create_table::of_watermark(watermark, &columns)).transpose()?;
    if let (None, Some(kept)) = (&watermark, table.watermark.as_ref().filter(|watermark| !watermark.is_default)) {
        check_kept(kept, &columns)?;
    }
    let mut changes = Vec::with_capacity(3);
    if !written.columns.is_empty() {
        changes.push(TableChange::Columns(columns));
    }
    changes.extend(primary_key.map(|key| TableChange::PrimaryKey(Some(key))));
    changes.extend(watermark.map(|watermark| TableChange::Watermark(Some(watermark))));
    Ok(changes)
}

/// All columns of the table, with those that are written among them.
fn with_columns(
    table: &Table,
    verb: Verb,
    written: &[ast::ColumnChange],
    definitions: &[ColumnDef],
    flink_extensions: bool,
) -> Result<Vec<TableColumn>> {
    for change in written {
        match verb {
            Verb::Add => check_added(table, change)?,
            Verb::Modify => check_modified(table, change)?,
        }
    }
    let is_written = |column: &TableColumn| definitions.iter().any(|written| written.name.value == column.name);
    let others: Vec<TableColumn> = table.columns.iter().filter(|column| !is_written(column)).cloned().collect();
    let defined = create_table::columns_after(&others, definitions, flink_extensions)?;
    let mut columns = table.columns.clone();
    for (mut column, change) in defined.into_iter().zip(written) {
        let place = columns.iter().position(|other| other.name == column.name);
        if let Some(old) = place.map(|place| columns.remove(place)) {
            column.comment = column.comment.or(old.comment);
        }
        let place = match &change.position {
            None => place.unwrap_or(columns.len()),
            Some(ColumnPosition::First) => 0,
            Some(ColumnPosition::After(other)) => after(&columns, other)?,
        };
        columns.insert(place, column);
    }
    Ok(columns)
}

fn after(columns: &[TableColumn], name: &ast::ObjectName) -> Result<usize> {
    let text = name.values().collect::<Vec<_>>().join(".");
    let place = name.as_simple().and_then(|ident| columns.iter().position(|column| column.name == ident.value));
    let missing = || wrong(format!("Referenced column `{text}` by 'AFTER' does not exist in the table."), name.span);
    place.map(|place| place + 1).ok_or_else(missing)
}

fn check_added(table: &Table, change: &ast::ColumnChange) -> Result<()> {
    let name = &change.column.name;
    if !change.parent.is_empty() || matches!(change.column.kind, ast::ColumnKind::Physical(_)) {
        let cause = format!("Physical column '{}' cannot be added to a table", name.value);
        return Err(wrong(cause, name.span).with_remedy("Evolve the schema in Schema Registry: the table follows it."));
    }
    if table.column(&name.value).is_some() {
        let cause = format!("Try to add a column `{}` which already exists in the table.", name.value);
        return Err(wrong(cause, name.span).with_remedy("Use MODIFY to change it."));
    }
    Ok(())
}

fn check_modified(table: &Table, change: &ast::ColumnChange) -> Result<()> {
    let name = &change.column.name;
    let old = table.column(&name.value).filter(|_| change.parent.is_empty());
    let Some(old) = old else {
        let parts = change.parent.iter().chain([name]).map(|part| part.value.as_str());
        let text = parts.collect::<Vec<_>>().join(".");
        let cause = format!("Try to modify a column `{text}` which does not exist in the table.");
        return Err(wrong(cause, name.span));
    };
    let is_physical = matches!(change.column.kind, ast::ColumnKind::Physical(_));
    match (old.kind == ColumnKind::Physical, is_physical) {
        (false, false) => Ok(()),
        (true, true) if is_raw(table, &name.value) => Ok(()),
        (true, true) => {
            let cause =
                format!("Physical column '{}' cannot be modified: a registered schema says its type", name.value);
            Err(wrong(cause, name.span).with_remedy("Evolve the schema in Schema Registry: the table follows it."))
        }
        (true, false) => {
            let cause = format!("Physical column '{}' cannot become a metadata or computed column", name.value);
            Err(wrong(cause, name.span).with_remedy("Add the metadata or computed column under another name."))
        }
        (false, true) => {
            let cause = format!("Metadata or computed column '{}' cannot become a physical column", name.value);
            Err(wrong(cause, name.span)
                .with_remedy("Drop it; a field of that name in the registered schema then becomes a column by itself."))
        }
    }
}

/// True for a column whose type no schema says: the whole key or value as bytes.
fn is_raw(table: &Table, name: &str) -> bool {
    let Connector::Kafka(kafka) = &table.connector else { return false };
    let sides = kafka.key.iter().chain([&kafka.value]);
    let mut raw = sides.filter(|side| side.kind == FormatKind::Raw);
    raw.any(|side| side.fields.iter().any(|field| field.column == name))
}

/// The primary key that is written, if any. Its columns, or those of the key that stays, are NOT NULL.
fn primary_key(
    table: &Table,
    verb: Verb,
    columns_written: Vec<ColumnDef>,
    constraints: &[ast::TableConstraint],
    columns: &mut [TableColumn],
) -> Result<Option<PrimaryKey>> {
    let of_columns = columns_written.iter().find_map(|column| column.constraint.as_ref().map(|found| found.span));
    let span = of_columns.or_else(|| constraints.first().map(|found| found.span));
    let schema = TableSchema { columns: columns_written, constraints: constraints.to_vec(), ..TableSchema::default() };
    let found = create_table::primary_key(&schema, columns)?;
    let span = span.unwrap_or_default();
    match (verb, &found, &table.primary_key) {
        (Verb::Add, Some(_), Some(old)) => {
            let cause = format!(
                "The base table has already defined the primary key constraint [`{}`]. You might want to drop it before adding a new one.",
                old.columns.join("`, `")
            );
            return Err(wrong(cause, span));
        }
        (Verb::Modify, Some(_), None) => {
            let cause = "The base table does not define any primary key constraint. You might want to add a new one.";
            return Err(wrong(cause, span));
        }
        _ => {}
    }
    let kept = table.primary_key.iter().filter(|_| found.is_none()).flat_map(|key| &key.columns);
    for name in kept {
        if let Some(column) = columns.iter_mut().find(|column| column.name == *name) {
            column.data_type.nullable = false;
        }
    }
    Ok(found)
}

/// The watermark that stays must still make sense.
fn check_kept(watermark: &Watermark, columns: &[TableColumn]) -> Result<()> {
    let strategy = match &watermark.strategy {
        WatermarkStrategy::Source | WatermarkStrategy::MaxSeen => "SOURCE_WATERMARK()",
        WatermarkStrategy::Expression(text) => text,
    };
    let reading = |error: PlannerError| {
        let cause = format!("The watermark on column `{}` reads what is changed: {}", watermark.column, error.cause);
        PlannerError::new(ErrorKind::Definition, cause).with_remedy("Modify or drop the watermark first.")
    };
    let written = ast::Watermark {
        column: ast::ObjectName::new([watermark.column.as_str()]),
        strategy: crate::analyze::definition::parse(strategy)?,
        span: Span::default(),
    };
    create_table::of_watermark(&written, columns).map(drop).map_err(reading)
}

fn wrong(cause: impl Into<String>, span: Span) -> PlannerError {
    PlannerError::new(ErrorKind::Definition, cause).at(span)
}
