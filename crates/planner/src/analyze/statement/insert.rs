//! INSERT INTO table [(columns)] query (spec D-21).

use std::sync::Arc;

use nutkin_plan::table::TableColumn;
use nutkin_plan::{Connector, Expr, Table};
use nutkin_sql::ast::{self, Ident, Insert, ObjectName};
use nutkin_types::cast::supports_implicit_cast;
use nutkin_types::display::short_type;
use nutkin_types::{LogicalType, Schema};

use super::execution;
use crate::analyze::Analyzer;
use crate::analyze::expression::{Context, expression, implicit_cast, null_of};
use crate::analyze::query::query as relation;
use crate::analyze::scope::Scope;
use crate::analyzed::Action;
use crate::error::{ErrorKind, PlannerError, Result};
use crate::physical::Target;
use crate::relational::{Rel, identity};
use crate::tables::resolve_table;

pub(super) fn insert(analyzer: &Analyzer<'_>, written: &Insert) -> Result<Action> {
    let (rel, table) = insertion(analyzer, written)?;
    let sinks = vec![(rel, Target::Table(&table))];
    let execution =
        execution::execution(analyzer, sinks, Schema::new([])).map_err(|error| error.at(written.table.span))?;
    Ok(Action::Run(execution))
}

/// The rows of an INSERT in the form of the table's persisted columns, and the table.
pub(super) fn insertion(analyzer: &Analyzer<'_>, written: &Insert) -> Result<(Rel, Arc<Table>)> {
    let extended = analyzer.session.flink_extensions;
    if let Some((name, _)) = written.partitions.first().filter(|_| !extended) {
        return Err(PlannerError::new(ErrorKind::Refused, "INSERT with PARTITION is not supported")
            .at(name.span)
            .with_remedy("Write the value as a column of the query."));
    }
    if let Some(hint) = written.hints.first() {
        return Err(PlannerError::not_built("A hint on the table of an INSERT").at(hint.span));
    }
    let table = resolve_table(&written.table, analyzer.session, analyzer.tables)?;
    check_writable(&table).map_err(|error| error.at(written.table.span))?;
    if written.overwrite && !(extended && table.connector == Connector::Memory) {
        return Err(PlannerError::new(ErrorKind::Refused, "INSERT OVERWRITE is not supported")
            .at(written.span)
            .with_remedy("Topics are only appended to: use INSERT INTO."));
    }
    let query = relation(analyzer, &written.query)?;
    let width = query.rel.schema.len();
    let rel = with_partition(analyzer, query.rel, &written.partitions)?;
    let places = match written.partitions.as_slice() {
        [] => places(&table, &written.columns, width).map_err(|error| error.at(written.query.span))?,
        fixed => around_partition(&table, &written.columns, fixed, width)?,
    };
    let rel = for_table(rel, &table, &places).map_err(|error| error.at(written.table.span))?;
    Ok((rel, table))
}

/// `rel` with the values of PARTITION behind its columns.
fn with_partition(analyzer: &Analyzer<'_>, rel: Rel, partitions: &[(Ident, ast::Expr)]) -> Result<Rel> {
    if partitions.is_empty() {
        return Ok(rel);
    }
    let scope = Scope::default();
    let context = Context::new(analyzer, &scope, "PARTITION");
    let mut projection = identity(&rel.schema);
    let mut names: Vec<String> = rel.schema.columns.iter().map(|column| column.name.clone()).collect();
    for (name, value) in partitions {
        projection.push(expression(&context, value)?);
        names.push(name.value.clone());
    }
    Ok(rel.project(projection, names))
}

/// The columns of the query fill the table's from the left, those of PARTITION left out.
fn around_partition(
    table: &Table,
    columns: &[ObjectName],
    fixed: &[(Ident, ast::Expr)],
    width: usize,
) -> Result<Vec<Option<usize>>> {
    if let Some(column) = columns.first() {
        return Err(PlannerError::not_built("INSERT with PARTITION and a list of columns").at(column.span));
    }
    let persisted: Vec<&TableColumn> = table.persisted_columns().collect();
    for (name, _) in fixed {
        if !persisted.iter().any(|column| column.name == name.value) {
            let cause = format!("Unknown target column '{}'", name.value);
            return Err(PlannerError::new(ErrorKind::NotFound, cause).at(name.span));
        }
    }
    let mut next = 0..width;
    let place = |column: &&TableColumn| match fixed.iter().position(|(name, _)| name.value == column.name) {
        Some(place) => Some(width + place),
        None => next.next(),
    };
    let places: Vec<Option<usize>> = persisted.iter().map(place).collect();
    // Too few columns: the error is that of any INSERT.
    Ok(if places.contains(&None) { (0..width + fixed.len()).map(Some).collect() } else { places })
}

pub(super) fn check_writable(table: &Table) -> Result<()> {
    match table.connector {
        Connector::Kafka(_) | Connector::Blackhole | Connector::Memory => Ok(()),
        Connector::Generator(_) => {
            Err(PlannerError::new(ErrorKind::Sink, format!("Table {} is read-only", table.path))
                .with_remedy("The tables of the catalog `examples` can only be read: write into a table of your own."))
        }
    }
}

/// Which column of the query each persisted column of the table takes.
fn places(table: &Table, columns: &[ObjectName], width: usize) -> Result<Vec<Option<usize>>> {
    let persisted: Vec<&TableColumn> = table.persisted_columns().collect();
    if columns.is_empty() {
        return Ok((0..width).map(Some).collect());
    }
    let mut places = vec![None; persisted.len()];
    for (i, name) in columns.iter().enumerate() {
        let Some(simple) = name.as_simple() else {
            return Err(PlannerError::not_built("Writing a field of a column").at(name.span));
        };
        let unknown = || {
            PlannerError::new(ErrorKind::NotFound, format!("Unknown target column '{}'", simple.value))
                .at(name.span)
                .with_remedy("Computed columns and virtual metadata columns cannot be written.")
        };
        let place = persisted.iter().position(|column| column.name == simple.value).ok_or_else(unknown)?;
        if places[place].replace(i).is_some() {
            let cause = format!("Target column '{}' is assigned more than once", simple.value);
            return Err(PlannerError::new(ErrorKind::Sink, cause).at(name.span));
        }
    }
    if columns.len() != width {
        let cause = format!(
            "Number of INSERT target columns ({}) does not equal number of source items ({width})",
            columns.len()
        );
        return Err(PlannerError::new(ErrorKind::Sink, cause));
    }
    for (column, place) in persisted.iter().zip(&places) {
        if place.is_none() && !column.data_type.nullable {
            let cause = format!("Column '{}' has no default value and does not allow NULLs", column.name);
            return Err(PlannerError::new(ErrorKind::Sink, cause).with_remedy("Name the column and give it a value."));
        }
    }
    Ok(places)
}

/// `rel` as the table takes it: columns in order, missing ones NULL, types cast.
pub(super) fn for_table(rel: Rel, table: &Table, places: &[Option<usize>]) -> Result<Rel> {
    let persisted: Vec<&TableColumn> = table.persisted_columns().collect();
    if places.len() != persisted.len() || places.iter().flatten().count() != rel.schema.len() {
        return Err(mismatch(&rel.schema, table, &persisted, "Different number of columns."));
    }
    let columns = identity(&rel.schema);
    let mut projection = Vec::with_capacity(persisted.len());
    for (position, (column, place)) in persisted.iter().zip(places).enumerate() {
        let Some(expr) = place.and_then(|place| columns.get(place)) else {
            projection.push(null_of(&column.data_type));
            continue;
        };
        if !supports_implicit_cast(&expr.data_type.logical, &column.data_type.logical) {
            let cause = format!("Incompatible types for sink column '{}' at position {position}.", column.name);
            return Err(mismatch(&rel.schema, table, &persisted, &cause));
        }
        projection.push(assigned(expr.clone(), column));
    }
    let names = persisted.iter().map(|column| column.name.clone()).collect();
    Ok(rel.project(projection, names))
}

/// The value in the column's type. A text or byte string that fits anyway is left as it is.
fn assigned(expr: Expr, column: &TableColumn) -> Expr {
    let fits = match (&expr.data_type.logical, &column.data_type.logical) {
        (
            LogicalType::Char { length: given } | LogicalType::VarChar { length: given },
            LogicalType::VarChar { length: wanted },
        )
        | (
            LogicalType::Binary { length: given } | LogicalType::VarBinary { length: given },
            LogicalType::VarBinary { length: wanted },
        ) => given <= wanted,
        _ => false,
    };
    if fits { expr } else { implicit_cast(expr, &column.data_type) }
}

fn mismatch(query: &Schema, table: &Table, sink: &[&TableColumn], cause: &str) -> PlannerError {
    let path = &table.path;
    let list = |columns: Vec<String>| format!("[{}]", columns.join(", "));
    let of_query = query.columns.iter().map(|c| format!("{}: {}", c.name, short_type(&c.data_type))).collect();
    let of_sink = sink.iter().map(|c| format!("{}: {}", c.name, short_type(&c.data_type))).collect();
    PlannerError::new(
        ErrorKind::Sink,
        format!(
            "Column types of query result and sink for '{}.{}.{}' do not match.\nCause: {cause}\n\nQuery schema: {}\nSink schema:  {}",
            path.catalog,
            path.database,
            path.name,
            list(of_query),
            list(of_sink)
        ),
    )
}
