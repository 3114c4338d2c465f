//! DESCRIBE [EXTENDED] of tables and views (spec D-16): the columns with their keys, metadata and watermark.

use nutkin_plan::TablePath;
use nutkin_plan::table::{ColumnKind, Table, TableColumn, Watermark, WatermarkStrategy};
use nutkin_planner::table_schema;
use nutkin_types::display::short_type;
use nutkin_types::{Column, DataType, Schema};

use crate::error::CatalogError;
use crate::outcome::Outcome;
use crate::result::{Row, row, table};
use crate::statement::Submission;

const HEADINGS: [&str; 5] = ["Column Name", "Data Type", "Nullable", "Extras", "Comment"];
/// What EXTENDED says about columns that the user did not declare.
const SYSTEM: &str = "SYSTEM";

pub(crate) fn describe(submission: &Submission<'_>, path: &TablePath, extended: bool) -> Result<Outcome, CatalogError> {
    let loaded = submission.snapshot.loaded(path).ok_or_else(|| CatalogError::TableNotFound(path.clone()))?;
    let headings = if extended { &HEADINGS[..] } else { &HEADINGS[..4] };
    Ok(table(submission.sql_kind(), headings, rows(&loaded.table, extended)?))
}

/// The columns of a view, as its query gives them now; comments are those of CREATE VIEW.
pub(crate) fn describe_view(
    submission: &Submission<'_>,
    path: &TablePath,
    schema: &Schema,
    extended: bool,
) -> Result<Outcome, CatalogError> {
    let view = submission.snapshot.view(path).ok_or_else(|| CatalogError::ViewNotFound(path.clone()))?;
    let line = |column: &Column| {
        let text = short_type(&DataType { logical: column.data_type.logical.clone(), nullable: true });
        let text = if column.is_rowtime() { format!("{text} *ROWTIME*") } else { text };
        let null = if column.data_type.nullable { "NULL" } else { "NOT NULL" };
        let mut cells = row([column.name.as_str(), &text, null, ""]);
        if extended {
            let declared = view.columns.iter().find(|declared| declared.name == column.name);
            cells.push(Some(declared.and_then(|declared| declared.comment.clone()).unwrap_or_default()));
        }
        cells
    };
    let headings = if extended { &HEADINGS[..] } else { &HEADINGS[..4] };
    Ok(table(submission.sql_kind(), headings, schema.columns.iter().map(line).collect()))
}

/// The lines of the description, one per column.
pub(crate) fn rows(table: &Table, extended: bool) -> Result<Vec<Row>, CatalogError> {
    let schema = table_schema(table)?;
    let mut rows = Vec::with_capacity(schema.len());
    for column in schema.columns.iter() {
        let declared = table.column(&column.name);
        if declared.is_none() && !extended {
            continue;
        }
        let mut cells = row([
            column.name.clone(),
            type_text(column, table, extended),
            (if column.data_type.nullable { "NULL" } else { "NOT NULL" }).to_owned(),
            extras(table, &column.name, declared, extended),
        ]);
        if extended {
            let comment = declared.map_or(SYSTEM, |declared| declared.comment.as_deref().unwrap_or_default());
            cells.push(Some(comment.to_owned()));
        }
        rows.push(cells);
    }
    Ok(rows)
}

/// STRING and BYTES by their short names, time attributes marked, nullability in its own column.
fn type_text(column: &Column, table: &Table, extended: bool) -> String {
    let text = short_type(&DataType { logical: column.data_type.logical.clone(), nullable: true });
    let is_shown = shown_watermark(table, extended).is_some_and(|watermark| watermark.column == column.name);
    if is_shown && column.is_rowtime() { format!("{text} *ROWTIME*") } else { text }
}

fn shown_watermark(table: &Table, extended: bool) -> Option<&Watermark> {
    table.watermark.as_ref().filter(|watermark| extended || !watermark.is_default)
}

fn extras(table: &Table, name: &str, declared: Option<&TableColumn>, extended: bool) -> String {
    let mut extras = Vec::new();
    if table.primary_key.as_ref().is_some_and(|key| key.columns.iter().any(|column| column == name)) {
        extras.push("PRIMARY KEY".to_owned());
    }
    if table.distribution.as_ref().is_some_and(|distribution| distribution.keys.iter().any(|column| column == name)) {
        extras.push("BUCKET KEY".to_owned());
    }
    match declared.map(|column| &column.kind) {
        None => extras.push("METADATA VIRTUAL".to_owned()),
        Some(ColumnKind::Physical) => {}
        Some(ColumnKind::Metadata { key, is_virtual }) => {
            let from = if key.name() == name { String::new() } else { format!(" FROM '{}'", key.name()) };
            extras.push(format!("METADATA{from}{}", if *is_virtual { " VIRTUAL" } else { "" }));
        }
        Some(ColumnKind::Computed { expression }) => extras.push(format!("AS {expression}")),
    }
    if let Some(watermark) = shown_watermark(table, extended)
        && watermark.column == name
    {
        let strategy = match &watermark.strategy {
            WatermarkStrategy::Source | WatermarkStrategy::MaxSeen => "`SOURCE_WATERMARK`()",
            WatermarkStrategy::Expression(text) => text,
        };
        extras.push(format!("WATERMARK AS {strategy}"));
    }
    extras.join(", ")
}
