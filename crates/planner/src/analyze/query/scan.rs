//! From a table's definition to a scan with its computed columns, event time and `$rowtime` (spec sql.md 2.6).

use std::sync::Arc;

use nutkin_plan::operators::ScanColumn;
use nutkin_plan::table::{ColumnKind, WatermarkStrategy};
use nutkin_plan::{Expr, ExprKind, Table};
use nutkin_types::{Column, DataType, LogicalType, Schema, TimeAttribute};

use crate::analyze::Analyzer;
use crate::analyze::definition::parse;
use crate::analyze::expression::{Context, expression};
use crate::analyze::scope::Scope;
use crate::error::Result;
use crate::relational::{Calc, Rel, Scan, ScanTime, WatermarkSource, time_of};

/// The system column of every table: the record's timestamp.
pub(crate) const ROWTIME: &str = "$rowtime";

/// TIMESTAMP_LTZ(3) NOT NULL.
pub(crate) fn rowtime_type() -> DataType {
    LogicalType::TimestampLtz { precision: 3 }.not_null()
}

/// A scan of `table` with all columns of its definition, then `$rowtime`; and the names of its system columns.
pub(crate) fn scan(analyzer: &Analyzer<'_>, table: &Arc<Table>) -> Result<(Rel, Vec<String>)> {
    let stored = stored_columns(table);
    let schema = Schema::new(stored.iter().map(|(_, column)| column.clone()));
    let declared = declared_expressions(analyzer, table, &schema)?;
    let time = scan_time(analyzer, table, &schema, &declared)?;
    let rowtime = table.watermark.as_ref().map(|watermark| watermark.column.as_str());
    let names = table.columns.iter().map(|column| column.name.as_str());
    let mut columns: Vec<Column> = names
        .zip(&declared)
        .map(|(name, e)| Column { time_attribute: time_of(e), ..Column::new(name, e.data_type.clone()) })
        .collect();
    let mut projection = declared;
    let mut hidden = Vec::new();
    // A column of the user's own hides the system column of that name.
    if table.column(ROWTIME).is_none() {
        columns.push(Column::new(ROWTIME, rowtime_type()));
        projection.push(Expr::input(schema.len() - 1, rowtime_type()));
        hidden.push(ROWTIME.to_owned());
    }
    for column in &mut columns {
        if rowtime == Some(column.name.as_str()) {
            column.time_attribute = Some(TimeAttribute::Rowtime);
        }
    }
    let columns_read = stored.into_iter().map(|(column, _)| column).collect();
    let scan = Rel::new(Scan { table: Arc::clone(table), columns: columns_read, time, at_end: false }, schema);
    let calc = Calc { input: Box::new(scan), projection, condition: None };
    Ok((Rel::new(calc, Schema::new(columns)), hidden))
}

/// What is stored with a record: physical and metadata columns, and the record's timestamp last.
fn stored_columns(table: &Table) -> Vec<(ScanColumn, Column)> {
    let mut stored: Vec<(ScanColumn, Column)> = Vec::with_capacity(table.columns.len() + 1);
    for column in &table.columns {
        let source = match &column.kind {
            ColumnKind::Physical => ScanColumn::Physical(column.name.clone()),
            ColumnKind::Metadata { key, .. } => ScanColumn::Metadata(*key),
            ColumnKind::Computed { .. } => continue,
        };
        stored.push((source, Column::new(column.name.clone(), column.data_type.clone())));
    }
    stored.push((ScanColumn::Rowtime, Column::new(ROWTIME, rowtime_type())));
    stored
}

/// Every column of the definition over the stored columns.
fn declared_expressions(analyzer: &Analyzer<'_>, table: &Table, stored: &Schema) -> Result<Vec<Expr>> {
    let scope = Scope::of(Some(table.path.name.clone()), None, stored, &[]);
    let context = Context::new(analyzer, &scope, "computed column");
    let mut expressions = Vec::with_capacity(table.columns.len());
    for column in &table.columns {
        expressions.push(match &column.kind {
            ColumnKind::Computed { expression: text } => {
                expression(&context, &parse(text)?).map_err(|error| error.locate(text))?
            }
            _ => {
                let index = stored.index_of(&column.name).unwrap_or_default();
                Expr::input(index, column.data_type.clone())
            }
        });
    }
    Ok(expressions)
}

fn scan_time(analyzer: &Analyzer<'_>, table: &Table, stored: &Schema, declared: &[Expr]) -> Result<Option<ScanTime>> {
    let Some(watermark) = &table.watermark else { return Ok(None) };
    let place = table.columns.iter().position(|column| column.name == watermark.column);
    let rowtime = match place.and_then(|place| declared.get(place)) {
        Some(expr) => expr.clone(),
        None => Expr::input(stored.len() - 1, rowtime_type()),
    };
    let source = match &watermark.strategy {
        WatermarkStrategy::Source => WatermarkSource::Source,
        WatermarkStrategy::MaxSeen => WatermarkSource::MaxSeen,
        WatermarkStrategy::Expression(text) => {
            let columns = table.columns.iter().zip(declared);
            let mut all: Vec<Column> =
                columns.map(|(column, expr)| Column::new(column.name.clone(), expr.data_type.clone())).collect();
            all.push(Column::new(ROWTIME, rowtime_type()));
            let scope = Scope::of(Some(table.path.name.clone()), None, &Schema::new(all), &[]);
            let context = Context::new(analyzer, &scope, "WATERMARK");
            let mut expr = expression(&context, &parse(text)?).map_err(|error| error.locate(text))?;
            let mut inner = declared.to_vec();
            inner.push(Expr::input(stored.len() - 1, rowtime_type()));
            substitute(&mut expr, &inner);
            WatermarkSource::Expression(expr)
        }
    };
    Ok(Some(ScanTime { rowtime, source }))
}

/// Replaces every input column by the expression that makes it.
pub(crate) fn substitute(expr: &mut Expr, columns: &[Expr]) {
    if let ExprKind::Input(index) = expr.kind {
        if let Some(inner) = columns.get(index) {
            *expr = inner.clone();
        }
        return;
    }
    for child in expr.children_mut() {
        substitute(child, columns);
    }
}
