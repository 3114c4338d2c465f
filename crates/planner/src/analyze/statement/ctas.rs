//! CREATE TABLE AS (spec D-06): new columns first, then the query's, whose types may be overridden.

use nutkin_plan::table::{ColumnKind, TableColumn};
use nutkin_plan::{ChangelogMode, Connector, Table};
use nutkin_sql::ast::{self, Query};
use nutkin_types::cast::supports_implicit_cast;
use nutkin_types::{LogicalType, Schema};

use super::{create_table, execution, insert};
use crate::analyze::Analyzer;
use crate::analyze::definition::typed;
use crate::analyze::query::query as relation;
use crate::analyzed::{Action, AsQuery, CreateTable, Execution};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::physical::{Target, changes};
use crate::relational::Rel;
use crate::relational::keys::upsert_keys;
use crate::rules::settled;

pub(super) fn create_table_as(analyzer: &Analyzer<'_>, written: &ast::CreateTable, query: &Query) -> Result<Action> {
    let relation = relation(analyzer, query)?;
    let table = merged(analyzer, written, &relation.rel).map_err(|error| error.at(query.span))?;
    // What cannot be planned must not leave a topic behind.
    planned(analyzer, relation.rel, &preview(&table))?;
    Ok(Action::CreateTable(Box::new(table)))
}

/// The plan that fills `table`.
pub(super) fn plan(analyzer: &Analyzer<'_>, written: &ast::CreateTable, table: &Table) -> Result<Execution> {
    let Some(query) = &written.query else {
        return Err(PlannerError::new(ErrorKind::Internal, "CREATE TABLE without a query has no plan"));
    };
    planned(analyzer, relation(analyzer, query)?.rel, table)
}

/// The plan as EXPLAIN shows it, of a table that does not exist.
pub(super) fn explained(analyzer: &Analyzer<'_>, written: &ast::CreateTable, query: &Query) -> Result<Execution> {
    let relation = relation(analyzer, query)?;
    let table = merged(analyzer, written, &relation.rel)?;
    planned(analyzer, relation.rel, &preview(&table))
}

fn planned(analyzer: &Analyzer<'_>, rel: Rel, table: &Table) -> Result<Execution> {
    let places: Vec<Option<usize>> =
        table.persisted_columns().map(|column| rel.schema.index_of(&column.name)).collect();
    let rel = insert::for_table(rel, table, &places)?;
    execution::execution(analyzer, vec![(rel, Target::Table(table))], Schema::new([]))
}

fn merged(analyzer: &Analyzer<'_>, written: &ast::CreateTable, rel: &Rel) -> Result<CreateTable> {
    let query_columns = query_columns(&rel.schema)?;
    let references = written.schema.columns.iter().filter(|c| c.kind == ast::ColumnKind::Reference).count();
    let columns = if references > 0 && references == written.schema.columns.len() {
        reordered(&written.schema.columns, query_columns)?
    } else {
        combined(&written.schema.columns, query_columns)?
    };
    let mut table = create_table::definition(analyzer, written, columns)?;
    let name = |&column: &usize| rel.column(column).map_or_else(String::new, |column| column.name.clone());
    table.as_query = Some(AsQuery {
        schema: rel.schema.clone(),
        is_append_only: changes(&settled(rel.clone(), analyzer.session)).is_append(),
        upsert_key: upsert_keys(rel).first().filter(|key| !key.is_empty()).map(|key| key.iter().map(name).collect()),
    });
    Ok(table)
}

/// The query's columns as those of a table.
fn query_columns(schema: &Schema) -> Result<Vec<TableColumn>> {
    let column = |column: &nutkin_types::Column| {
        if column.data_type.logical == LogicalType::Null {
            let cause = format!("Column '{}' of the query has no type", column.name);
            return Err(PlannerError::new(ErrorKind::Definition, cause).with_remedy("CAST the NULL to a type."));
        }
        Ok(TableColumn {
            name: column.name.clone(),
            data_type: column.data_type.clone(),
            kind: ColumnKind::Physical,
            comment: None,
        })
    };
    schema.columns.iter().map(column).collect()
}

/// `CREATE TABLE t (b, a) AS ...`: the query's columns in that order.
fn reordered(written: &[ast::ColumnDef], query: Vec<TableColumn>) -> Result<Vec<TableColumn>> {
    if written.len() != query.len() {
        let cause = "The number of columns in the column list must match the number of columns in the source schema.";
        return Err(PlannerError::new(ErrorKind::Definition, cause));
    }
    let find = |column: &ast::ColumnDef| {
        query.iter().find(|other| other.name == column.name.value).cloned().ok_or_else(|| {
            let cause = format!("Column '{}' not found in the source schema.", column.name.value);
            PlannerError::new(ErrorKind::Definition, cause).at(column.name.span)
        })
    };
    written.iter().map(find).collect()
}

/// Columns that only the definition has, then the query's with the definition's types.
fn combined(written: &[ast::ColumnDef], mut query: Vec<TableColumn>) -> Result<Vec<TableColumn>> {
    let is_computed = |column: &&ast::ColumnDef| matches!(column.kind, ast::ColumnKind::Computed(_));
    let stored: Vec<ast::ColumnDef> = written.iter().filter(|column| !is_computed(column)).cloned().collect();
    let mut new = Vec::new();
    for (explicit, column) in create_table::columns(&stored, false)?.into_iter().zip(&stored) {
        match query.iter_mut().find(|other| other.name == explicit.name) {
            Some(of_query) => overridden(of_query, explicit).map_err(|error| error.at(column.span))?,
            None => new.push(added(explicit).map_err(|error| error.at(column.span))?),
        }
    }
    // Computed columns may use all others, and stand where they were written.
    let all: Vec<TableColumn> = new.iter().chain(&query).cloned().collect();
    let mut columns = Vec::with_capacity(written.len() + query.len());
    for column in written {
        match &column.kind {
            ast::ColumnKind::Computed(expression) => columns.push(computed(column, expression, &all, &query)?),
            _ => columns.extend(new.iter().find(|other| other.name == column.name.value).cloned()),
        }
    }
    columns.extend(query);
    Ok(columns)
}

/// The query's column under the type that is written.
fn overridden(of_query: &mut TableColumn, explicit: TableColumn) -> Result<()> {
    if !supports_implicit_cast(&of_query.data_type.logical, &explicit.data_type.logical) {
        let cause = format!(
            "Incompatible types for sink column '{}'. The source column has type '{}', while the target column has type '{}'.",
            explicit.name, of_query.data_type, explicit.data_type
        );
        return Err(PlannerError::new(ErrorKind::Sink, cause));
    }
    *of_query = explicit;
    Ok(())
}

/// A stored column that the query does not fill.
fn added(explicit: TableColumn) -> Result<TableColumn> {
    if explicit.kind == ColumnKind::Physical && !explicit.data_type.nullable {
        let cause = format!("Column '{}' is not in the query and does not allow NULLs", explicit.name);
        return Err(PlannerError::new(ErrorKind::Sink, cause)
            .with_remedy("Add the column to the query, or declare it without NOT NULL."));
    }
    Ok(explicit)
}

fn computed(
    column: &ast::ColumnDef,
    expression: &ast::Expr,
    all: &[TableColumn],
    query: &[TableColumn],
) -> Result<TableColumn> {
    let name = &column.name.value;
    if query.iter().any(|other| other.name == *name) {
        let cause = format!(
            "A column named '{name}' already exists in the source schema. Computed columns cannot overwrite columns of the query."
        );
        return Err(PlannerError::new(ErrorKind::Definition, cause).at(column.name.span));
    }
    let analyzed = typed(expression, all)?;
    Ok(TableColumn {
        name: name.clone(),
        data_type: analyzed.expr.data_type,
        kind: ColumnKind::Computed { expression: analyzed.text },
        comment: column.comment.as_ref().map(|comment| comment.value.clone()),
    })
}

/// The table as the catalog will make it, as far as planning needs it.
fn preview(table: &CreateTable) -> Table {
    let declared = table.options.get("changelog.mode").and_then(|mode| ChangelogMode::from_name(mode));
    let append = table.as_query.as_ref().is_none_or(|query| query.is_append_only);
    let derived = match (&table.primary_key, append) {
        (Some(_), _) => ChangelogMode::Upsert,
        (None, true) => ChangelogMode::Append,
        (None, false) => ChangelogMode::Retract,
    };
    Table {
        path: table.path.clone(),
        columns: table.columns.clone(),
        watermark: table.watermark.clone(),
        primary_key: table.primary_key.clone(),
        distribution: None,
        changelog_mode: declared.unwrap_or(derived),
        options: table.options.clone(),
        comment: table.comment.clone(),
        connector: Connector::Kafka(Box::new(preview_topic(table))),
    }
}

/// A topic that stands for the one to be made; nobody reads it.
fn preview_topic(table: &CreateTable) -> nutkin_plan::table::KafkaTable {
    use nutkin_plan::table::{
        BoundedMode, Compression, ErrorHandling, Format, FormatKind, IsolationLevel, StartupMode,
    };
    nutkin_plan::table::KafkaTable {
        cluster_id: String::new(),
        registry_id: String::new(),
        topic: table.path.name.clone(),
        partitions: 1,
        key: None,
        value: Format {
            kind: FormatKind::AvroRegistry,
            schema: None,
            fields: Vec::new(),
            is_atomic: false,
            debezium: false,
        },
        isolation: IsolationLevel::ReadCommitted,
        startup: StartupMode::EarliestOffset,
        bounded: BoundedMode::Unbounded,
        error_handling: ErrorHandling::Fail,
        compression: Compression::None,
    }
}
