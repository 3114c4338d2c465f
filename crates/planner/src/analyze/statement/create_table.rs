//! CREATE TABLE (spec D-01 to D-06): columns, watermark, primary key, distribution, options.

use nutkin_plan::table::{ColumnKind, MetadataKey, PrimaryKey, TableColumn, Watermark, WatermarkStrategy};
use nutkin_sql::ast::{self, ColumnDef, ConstraintKind, ExprKind as Ast};
use nutkin_types::{DataType, LogicalType};

use super::{create_like, ctas, options};
use crate::analyze::Analyzer;
use crate::analyze::definition::{canonical, parse, typed, typed_in};
use crate::analyze::expression::types;
use crate::analyzed::{Action, CreateTable, Distribution};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::tables::resolve_path;

pub(super) fn create_table(analyzer: &Analyzer<'_>, written: &ast::CreateTable) -> Result<Action> {
    refuse(written)?;
    if let Some(like) = &written.like {
        return create_like::create_table_like(analyzer, written, like);
    }
    match &written.query {
        Some(query) => ctas::create_table_as(analyzer, written, query),
        None => {
            let columns = columns(&written.schema.columns, analyzer.session.flink_extensions)?;
            let table = definition(analyzer, written, columns)?;
            Ok(Action::CreateTable(Box::new(table)))
        }
    }
}

fn refuse(written: &ast::CreateTable) -> Result<()> {
    if written.temporary {
        return Err(PlannerError::new(ErrorKind::Refused, "Temporary tables are not supported")
            .at(written.name.span)
            .with_remedy("Create a table; it can be dropped when it is not needed any more."));
    }
    if written.or_replace {
        return Err(PlannerError::new(ErrorKind::Refused, "CREATE OR REPLACE TABLE is not supported")
            .at(written.name.span)
            .with_remedy("Drop the table first, or use ALTER TABLE."));
    }
    match (written.partitioned_by.first(), &written.distribution) {
        (Some(column), Some(_)) => {
            Err(PlannerError::new(ErrorKind::Definition, "PARTITIONED BY and DISTRIBUTED BY exclude each other")
                .at(column.span)
                .with_remedy("Keep DISTRIBUTED BY (...) INTO n BUCKETS."))
        }
        _ => Ok(()),
    }
}

/// DISTRIBUTED BY, or the older PARTITIONED BY, which means the same (D-01).
pub(super) fn written_distribution(
    written: &ast::CreateTable,
    columns: &[TableColumn],
) -> Result<Option<Distribution>> {
    if let Some(written) = &written.distribution {
        return distribution(written, columns).map(Some);
    }
    let (Some(first), Some(last)) = (written.partitioned_by.first(), written.partitioned_by.last()) else {
        return Ok(None);
    };
    let older = ast::Distribution {
        algorithm: Some(ast::DistributionAlgorithm::Hash),
        columns: written.partitioned_by.clone(),
        buckets: None,
        span: nutkin_sql::Span::new(first.span.start, last.span.end),
    };
    distribution(&older, columns).map(Some)
}

/// The definition around `columns`, of which those of the primary key become NOT NULL (D-04).
pub(super) fn definition(
    analyzer: &Analyzer<'_>,
    written: &ast::CreateTable,
    mut columns: Vec<TableColumn>,
) -> Result<CreateTable> {
    let path = resolve_path(&written.name, analyzer.session, analyzer.tables)?;
    if columns.iter().all(|column| column.kind != ColumnKind::Physical) {
        return Err(PlannerError::new(ErrorKind::Definition, format!("Table {path} has no physical column"))
            .at(written.name.span));
    }
    let primary_key = primary_key(&written.schema, &mut columns)?;
    retyped(&mut columns, analyzer.session.flink_extensions)?;
    let watermark = written.schema.watermark.as_ref().map(|watermark| of_watermark(watermark, &columns)).transpose()?;
    let distribution = written_distribution(written, &columns)?;
    Ok(CreateTable {
        path,
        if_not_exists: written.if_not_exists,
        columns,
        watermark,
        primary_key,
        distribution,
        options: options::options(&written.options),
        comment: written.comment.as_ref().map(|comment| comment.value.clone()),
        as_query: None,
    })
}

/// The columns written, computed ones typed over the others.
pub(super) fn columns(written: &[ColumnDef], flink_extensions: bool) -> Result<Vec<TableColumn>> {
    columns_after(&[], written, flink_extensions)
}

/// The columns written, without the types of computed ones.
fn untyped(written: &[ColumnDef]) -> Result<Vec<TableColumn>> {
    let mut found: Vec<TableColumn> = Vec::with_capacity(written.len());
    for column in written {
        if found.iter().any(|other| other.name == column.name.value) {
            let cause = format!("A column named '{}' already exists in the table", column.name.value);
            return Err(PlannerError::new(ErrorKind::Definition, cause).at(column.name.span));
        }
        let (data_type, kind) = match &column.kind {
            ast::ColumnKind::Physical(written) => (types::data_type(written)?, ColumnKind::Physical),
            ast::ColumnKind::Metadata { data_type, from, is_virtual } => {
                metadata(column, data_type, from.as_ref(), *is_virtual)?
            }
            // Typed below, when all others are known.
            ast::ColumnKind::Computed(_) => {
                (LogicalType::Null.nullable(), ColumnKind::Computed { expression: String::new() })
            }
            ast::ColumnKind::Reference => {
                let cause = format!("Column '{}' has no type", column.name.value);
                return Err(PlannerError::new(ErrorKind::Definition, cause)
                    .at(column.span)
                    .with_remedy("Only CREATE TABLE ... AS may name columns without types."));
            }
        };
        let comment = column.comment.as_ref().map(|comment| comment.value.clone());
        found.push(TableColumn { name: column.name.value.clone(), data_type, kind, comment });
    }
    Ok(found)
}

/// Columns written for a table that has `known` ones.
pub(super) fn columns_after(
    known: &[TableColumn],
    written: &[ColumnDef],
    flink_extensions: bool,
) -> Result<Vec<TableColumn>> {
    let mut found = untyped(written)?;
    type_computed(known, &mut found, written, flink_extensions)?;
    Ok(found)
}

/// Types the computed columns among `found` over all that are stored.
fn type_computed(
    known: &[TableColumn],
    found: &mut [TableColumn],
    written: &[ColumnDef],
    flink_extensions: bool,
) -> Result<()> {
    let all = known.iter().chain(found.iter());
    let stored: Vec<TableColumn> = all.filter(|c| !matches!(c.kind, ColumnKind::Computed { .. })).cloned().collect();
    for (column, written) in found.iter_mut().zip(written) {
        if let ast::ColumnKind::Computed(expression) = &written.kind {
            let analyzed = typed_in(expression, &stored, flink_extensions)?;
            column.data_type = analyzed.expr.data_type;
            column.kind = ColumnKind::Computed { expression: analyzed.text };
        }
    }
    Ok(())
}

fn metadata(
    column: &ColumnDef,
    data_type: &ast::DataType,
    from: Option<&ast::StringLiteral>,
    is_virtual: bool,
) -> Result<(DataType, ColumnKind)> {
    let name = from.map_or(column.name.value.as_str(), |from| from.value.as_str());
    let Some(key) = MetadataKey::from_name(name) else {
        let known: Vec<&str> = MetadataKey::ALL.iter().map(|key| key.name()).collect();
        let cause = format!("Invalid metadata key '{name}' in column '{}'", column.name.value);
        return Err(PlannerError::new(ErrorKind::Definition, cause)
            .at(from.map_or(column.name.span, |from| from.span))
            .with_remedy(format!("The metadata keys are {}.", known.join(", "))));
    };
    if !is_virtual && !key.is_writable() {
        let cause = format!("Metadata key '{name}' in column '{}' is read-only", column.name.value);
        return Err(PlannerError::new(ErrorKind::Definition, cause)
            .at(column.span)
            .with_remedy("Declare the column as VIRTUAL."));
    }
    Ok((types::data_type(data_type)?, ColumnKind::Metadata { key, is_virtual }))
}

/// Types computed columns anew, when what they are made of has changed: a primary key makes its columns NOT NULL.
pub(super) fn retyped(columns: &mut [TableColumn], flink_extensions: bool) -> Result<()> {
    let stored: Vec<TableColumn> =
        columns.iter().filter(|column| !matches!(column.kind, ColumnKind::Computed { .. })).cloned().collect();
    for column in columns {
        if let ColumnKind::Computed { expression } = &column.kind {
            let analyzed = typed_in(&parse(expression)?, &stored, flink_extensions).map_err(|error| {
                let mut error = error.without_place();
                error.cause = format!("Computed column '{}' reads what is changed: {}", column.name, error.cause);
                error
            })?;
            column.data_type = analyzed.expr.data_type;
        }
    }
    Ok(())
}

/// The primary key, of a column or of the table; its columns become NOT NULL.
pub(super) fn primary_key(schema: &ast::TableSchema, columns: &mut [TableColumn]) -> Result<Option<PrimaryKey>> {
    let of_columns = schema.columns.iter().filter_map(|column| {
        let constraint = column.constraint.as_ref()?;
        Some((constraint.kind, constraint.name.as_ref(), vec![&column.name], constraint.enforced, constraint.span))
    });
    let of_table = schema.constraints.iter().map(|constraint| {
        let names: Vec<&ast::Ident> = constraint.columns.iter().collect();
        (constraint.kind, constraint.name.as_ref(), names, constraint.enforced, constraint.span)
    });
    let mut found: Option<PrimaryKey> = None;
    for (kind, name, key, enforced, span) in of_columns.chain(of_table) {
        let wrong = |cause: &str| PlannerError::new(ErrorKind::Definition, cause).at(span);
        if kind == ConstraintKind::Unique {
            return Err(
                wrong("UNIQUE constraint is not supported yet").with_remedy("Use PRIMARY KEY (...) NOT ENFORCED.")
            );
        }
        if enforced != Some(false) {
            return Err(wrong("Flink doesn't support ENFORCED mode for PRIMARY KEY constraint. ENFORCED/NOT ENFORCED controls if the constraint checks are performed on the incoming/outgoing data. Flink does not own the data therefore the only supported mode is the NOT ENFORCED mode")
                .with_remedy("Write NOT ENFORCED after the constraint."));
        }
        if found.is_some() {
            return Err(wrong("Duplicate primary key definition"));
        }
        let key_columns: Vec<String> = key.iter().map(|ident| ident.value.clone()).collect();
        for ident in &key {
            let physical = columns.iter_mut().find(|c| c.name == ident.value && c.kind == ColumnKind::Physical);
            let Some(column) = physical else {
                let cause = format!("Primary key column '{}' is not a physical column of the table", ident.value);
                return Err(PlannerError::new(ErrorKind::Definition, cause).at(ident.span));
            };
            column.data_type.nullable = false;
        }
        let name = name.map_or_else(|| format!("PK_{}", key_columns.join("_")), |name| name.value.clone());
        found = Some(PrimaryKey { name, columns: key_columns });
    }
    Ok(found)
}

/// `WATERMARK FOR column AS strategy` (D-05).
pub(super) fn of_watermark(written: &ast::Watermark, columns: &[TableColumn]) -> Result<Watermark> {
    let Some(name) = written.column.as_simple() else {
        return Err(PlannerError::new(
            ErrorKind::Definition,
            "The rowtime column of a WATERMARK must be a top-level column",
        )
        .at(written.column.span));
    };
    let is_rowtime = name.value == crate::analyze::query::scan::ROWTIME;
    let data_type = match columns.iter().find(|column| column.name == name.value) {
        Some(column) => column.data_type.clone(),
        None if is_rowtime => crate::analyze::query::scan::rowtime_type(),
        None => {
            let cause = format!("The rowtime attribute field '{}' is not defined in the table schema", name.value);
            return Err(PlannerError::new(ErrorKind::Definition, cause).at(name.span));
        }
    };
    check_time(&data_type).map_err(|error| error.at(name.span))?;
    let strategy = if is_source_watermark(&written.strategy) {
        WatermarkStrategy::Source
    } else {
        let analyzed = typed(&written.strategy, columns)?;
        check_strategy(&analyzed.expr.data_type).map_err(|error| error.at(written.strategy.span))?;
        WatermarkStrategy::Expression(canonical(&written.strategy))
    };
    Ok(Watermark { column: name.value.clone(), strategy, is_default: false })
}

fn is_source_watermark(strategy: &ast::Expr) -> bool {
    match &strategy.kind {
        Ast::Function(call) => call.args.is_empty() && call.name.last().eq_ignore_ascii_case("SOURCE_WATERMARK"),
        _ => false,
    }
}

fn is_time(data_type: &DataType) -> bool {
    matches!(
        data_type.logical,
        LogicalType::Timestamp { precision: 0..=3 } | LogicalType::TimestampLtz { precision: 0..=3 }
    )
}

fn check_time(data_type: &DataType) -> Result<()> {
    if is_time(data_type) {
        return Ok(());
    }
    let cause = format!(
        "Invalid data type of time field for watermark definition. The field must be of type TIMESTAMP(p) or TIMESTAMP_LTZ(p), the supported precision 'p' is from 0 to 3, but the time field type is {data_type}"
    );
    Err(PlannerError::new(ErrorKind::Definition, cause).with_remedy(
        "Add a computed column of such a type, e.g. with TO_TIMESTAMP_LTZ(x, 3), and put the WATERMARK on it.",
    ))
}

fn check_strategy(data_type: &DataType) -> Result<()> {
    if is_time(data_type) {
        return Ok(());
    }
    let cause = format!(
        "Invalid data type of expression for watermark definition. The field must be of type TIMESTAMP(p) or TIMESTAMP_LTZ(p), the supported precision 'p' is from 0 to 3, but the watermark expression type is {data_type}"
    );
    Err(PlannerError::new(ErrorKind::Definition, cause))
}

fn distribution(written: &ast::Distribution, columns: &[TableColumn]) -> Result<Distribution> {
    if written.algorithm == Some(ast::DistributionAlgorithm::Range) {
        return Err(PlannerError::new(ErrorKind::Refused, "DISTRIBUTED BY RANGE is not supported")
            .at(written.span)
            .with_remedy("Use DISTRIBUTED BY HASH."));
    }
    for ident in &written.columns {
        if !columns.iter().any(|column| column.name == ident.value && column.kind == ColumnKind::Physical) {
            let cause = format!("Distribution key '{}' is not a physical column of the table", ident.value);
            return Err(PlannerError::new(ErrorKind::Definition, cause).at(ident.span));
        }
    }
    if written.buckets == Some(0) {
        let cause = "The number of buckets must be at least 1";
        return Err(PlannerError::new(ErrorKind::Definition, cause).at(written.span));
    }
    let keys = written.columns.iter().map(|ident| ident.value.clone()).collect();
    Ok(Distribution { keys, buckets: written.buckets })
}
