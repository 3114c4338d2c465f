//! Analysis: from the syntax tree to typed relational trees and resolved statements.

use std::sync::Arc;

use nutkin_plan::table::TableColumn;
use nutkin_plan::{Expr, Table};
use nutkin_sql::ast;
use nutkin_types::Schema;

use crate::analyzed::{Analyzed, Execution};
use crate::error::{PlannerError, Result};
use crate::session::Session;
use crate::tables::Tables;

/// An expression over the columns of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalyzedExpression {
    /// Over the columns given, by position.
    pub expr: Expr,
    /// The text that SHOW CREATE TABLE prints.
    pub text: String,
}

/// What `statement` means. `text` is its source, for places in errors.
pub fn analyze(_statement: &ast::Statement, text: &str, _session: &Session, _tables: &dyn Tables) -> Result<Analyzed> {
    Err(PlannerError::not_built("This statement").locate(text))
}

/// The INSERT part of CREATE TABLE AS, once `table` has been made.
pub fn plan_create_table_as(
    _statement: &ast::CreateTable,
    text: &str,
    _session: &Session,
    _tables: &dyn Tables,
    _table: Arc<Table>,
) -> Result<Execution> {
    Err(PlannerError::not_built("CREATE TABLE AS").locate(text))
}

/// Types `expression` over `columns`, as a computed column or a watermark of a table that has them.
pub fn analyze_expression(_expression: &str, _columns: &[TableColumn]) -> Result<AnalyzedExpression> {
    Err(PlannerError::not_built("A computed column"))
}

/// The columns of `table` as a query sees them, `$rowtime` last, with time attributes marked (spec D-16).
pub fn table_schema(_table: &Table) -> Result<Schema> {
    Err(PlannerError::not_built("A table's schema"))
}
