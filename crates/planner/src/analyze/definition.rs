//! Expressions of table definitions: computed columns and watermarks, which are SQL text in a frozen table.

use std::cell::RefCell;
use std::sync::Arc;

use nutkin_plan::table::TableColumn;
use nutkin_plan::{Expr, Table, TablePath};
use nutkin_sql::ast::{self, ArgValue, ExprKind as Ast};
use nutkin_types::{Column, Schema};

use super::Analyzer;
use super::expression::{Context, expression};
use super::query::scan;
use super::scope::Scope;
use crate::error::{ErrorKind, PlannerError, Result};
use crate::session::Session;
use crate::tables::Tables;

/// An expression over the columns of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalyzedExpression {
    /// Over the columns given, by position; `$rowtime` is the one after the last.
    pub expr: Expr,
    /// The text that SHOW CREATE TABLE prints.
    pub text: String,
}

/// Types the text of a computed column or a watermark over `columns`, as ALTER TABLE needs it.
pub fn analyze_expression(text: &str, columns: &[TableColumn]) -> Result<AnalyzedExpression> {
    typed(&parse(text)?, columns).map_err(|error| error.locate(text))
}

/// As [`analyze_expression`], of a parsed expression.
pub(crate) fn typed(ast: &ast::Expr, columns: &[TableColumn]) -> Result<AnalyzedExpression> {
    typed_in(ast, columns, false)
}

/// As [`typed`], where the statement may follow Apache Flink (decision 15).
pub(crate) fn typed_in(ast: &ast::Expr, columns: &[TableColumn], flink_extensions: bool) -> Result<AnalyzedExpression> {
    let session = Session { flink_extensions, ..Session::default() };
    let warnings = RefCell::default();
    let analyzer = Analyzer::new(&session, &NoTables, &warnings);
    let mut all: Vec<Column> = columns.iter().map(|c| Column::new(c.name.clone(), c.data_type.clone())).collect();
    if columns.iter().all(|column| column.name != scan::ROWTIME) {
        all.push(Column::new(scan::ROWTIME, scan::rowtime_type()));
    }
    let scope = Scope::of(None, None, &Schema::new(all), &[]);
    let expr = expression(&Context::new(&analyzer, &scope, "table definition"), ast)?;
    Ok(AnalyzedExpression { expr, text: canonical(ast) })
}

/// The columns of `table` as a query sees them, `$rowtime` last, with time attributes marked (spec D-16).
pub fn table_schema(table: &Table) -> Result<Schema> {
    let session = Session::default();
    let warnings = RefCell::default();
    let analyzer = Analyzer::new(&session, &NoTables, &warnings);
    scan::scan(&analyzer, &Arc::new(table.clone())).map(|(rel, _)| rel.schema)
}

/// The tree of an expression of a table definition.
pub(crate) fn parse(text: &str) -> Result<ast::Expr> {
    nutkin_sql::parse_expression(text).map_err(|error| {
        PlannerError::new(ErrorKind::Definition, format!("The expression '{text}' cannot be read: {error}"))
    })
}

/// The expression as Flink prints it in a table definition: names in back-ticks, functions in upper case.
pub(crate) fn canonical(ast: &ast::Expr) -> String {
    let mut ast = ast.clone();
    quote(&mut ast);
    ast.to_string()
}

fn quote(ast: &mut ast::Expr) {
    match &mut ast.kind {
        Ast::Name(name) => name.parts.iter_mut().for_each(|part| part.quoted = true),
        Ast::Field { field, .. } => field.quoted = true,
        Ast::Function(call) => {
            for part in &mut call.name.parts {
                part.value = part.value.to_uppercase();
            }
        }
        _ => {}
    }
    for child in parts_mut(ast) {
        quote(child);
    }
}

/// The direct parts of an expression that can stand in a table definition.
fn parts_mut(expr: &mut ast::Expr) -> Vec<&mut ast::Expr> {
    match &mut expr.kind {
        Ast::Unary { operand, .. }
        | Ast::Is { operand, .. }
        | Ast::Cast { operand, .. }
        | Ast::Extract { operand, .. }
        | Ast::FloorCeilTo { operand, .. }
        | Ast::Field { operand, .. }
        | Ast::IntervalOf { value: operand, .. } => vec![operand],
        Ast::Binary { left, right, .. } | Ast::IsDistinctFrom { left, right, .. } => vec![left, right],
        Ast::Between { operand, low, high, .. } => vec![operand, low, high],
        Ast::InList { operand, list, .. } => std::iter::once(operand.as_mut()).chain(list).collect(),
        Ast::Like { operand, pattern, escape, .. } => {
            [operand, pattern].into_iter().chain(escape).map(AsMut::as_mut).collect()
        }
        Ast::Case { operand, branches, else_result } => {
            let of_branches = branches.iter_mut().flat_map(|b| b.conditions.iter_mut().chain([&mut b.result]));
            operand.iter_mut().chain(else_result).map(AsMut::as_mut).chain(of_branches).collect()
        }
        Ast::Function(call) => call
            .args
            .iter_mut()
            .filter_map(|arg| match &mut arg.value {
                ArgValue::Expr(expr) => Some(expr),
                _ => None,
            })
            .collect(),
        Ast::Trim { characters, operand, .. } => characters.iter_mut().chain([operand]).map(AsMut::as_mut).collect(),
        Ast::Position { needle, haystack, from } => {
            [needle, haystack].into_iter().chain(from).map(AsMut::as_mut).collect()
        }
        Ast::TimestampAdd { count, timestamp, .. } => vec![count, timestamp],
        Ast::TimestampDiff { start, end, .. } => vec![start, end],
        Ast::Row { fields, .. } | Ast::Array(fields) | Ast::Multiset(fields) => fields.iter_mut().collect(),
        Ast::Map(entries) => entries.iter_mut().flat_map(|(key, value)| [key, value]).collect(),
        Ast::Element { operand, index } => vec![operand, index],
        _ => Vec::new(),
    }
}

/// A table definition refers to no other tables.
struct NoTables;

impl Tables for NoTables {
    fn catalog(&self, _name_or_id: &str) -> Option<String> {
        None
    }

    fn database(&self, _catalog: &str, _name_or_id: &str) -> Option<String> {
        None
    }

    fn table(&self, _path: &TablePath) -> Option<Arc<Table>> {
        None
    }
}
