//! [`Analyzed`]: what a statement means, for whoever carries it out.

use std::collections::BTreeMap;

use nutkin_plan::table::{PrimaryKey, TableColumn, Watermark};
use nutkin_plan::{Plan, TablePath};
use nutkin_sql::{StatementKind, ast};
use nutkin_types::Schema;

use crate::warnings::Warning;

/// A statement after analysis.
#[derive(Debug, Clone)]
pub struct Analyzed {
    /// `sql_kind` of the statement's traits (spec L-06).
    pub kind: StatementKind,
    pub action: Action,
    pub warnings: Vec<Warning>,
}

/// What is to be done.
#[derive(Debug, Clone)]
pub enum Action {
    /// SELECT, INSERT, EXECUTE STATEMENT SET: a data plane runs the plan.
    Run(Execution),
    /// CREATE TABLE. When `as_query` is set, make the table first, then call [`crate::plan_create_table_as`] and run that.
    CreateTable(Box<CreateTable>),
    /// ALTER TABLE of a table that exists; without changes there is none, and IF EXISTS was written.
    AlterTable {
        path: TablePath,
        changes: Option<Vec<TableChange>>,
    },
    /// DROP TABLE.
    DropTable {
        path: TablePath,
        if_exists: bool,
    },
    CreateView(Box<CreateView>),
    /// ALTER VIEW; None: IF EXISTS, and there is no such view.
    AlterView {
        path: TablePath,
        change: Option<ViewChange>,
    },
    DropView {
        path: TablePath,
        if_exists: bool,
    },
    /// DESCRIBE [EXTENDED] of a table that exists.
    Describe {
        path: TablePath,
        extended: bool,
    },
    /// DESCRIBE [EXTENDED] of a view: the columns of its query.
    DescribeView {
        path: TablePath,
        schema: Schema,
        extended: bool,
    },
    /// DESCRIBE FUNCTION [EXTENDED] of a built-in function, by its canonical name.
    DescribeFunction {
        name: String,
        extended: bool,
    },
    /// DESCRIBE FUNCTION [EXTENDED] of a function that a user registered.
    DescribeUserFunction {
        path: TablePath,
        extended: bool,
    },
    CreateFunction(Box<CreateFunction>),
    DropFunction {
        path: TablePath,
        if_exists: bool,
    },
    /// SHOW, with names resolved.
    Show(Show),
    /// EXPLAIN: the text, one column `Plan` of one row.
    Explain(String),
    /// USE.
    Use(Use),
    /// SET; both None lists all properties.
    Set {
        key: Option<String>,
        value: Option<String>,
    },
    /// RESET; None resets all properties.
    Reset {
        key: Option<String>,
    },
}

/// A plan with the traits that clients see.
#[derive(Debug, Clone)]
pub struct Execution {
    pub plan: Plan,
    /// Columns of the result; of a foreground query what the client sees, else empty.
    pub schema: Schema,
    /// The statement ends by itself.
    pub is_bounded: bool,
    pub is_append_only: bool,
    /// Result columns that identify a row when the result is updated.
    pub upsert_columns: Option<Vec<usize>>,
}

/// CREATE TABLE with everything resolved. Option values are as written and not judged here; defaults (watermark,
/// options, buckets) are the catalog's.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateTable {
    pub path: TablePath,
    pub if_not_exists: bool,
    /// Columns in order; of a CTAS already merged with the query's. Computed columns carry their type and the text that
    /// SHOW CREATE TABLE prints.
    pub columns: Vec<TableColumn>,
    /// None when none is written.
    pub watermark: Option<Watermark>,
    pub primary_key: Option<PrimaryKey>,
    /// None when none is written.
    pub distribution: Option<Distribution>,
    pub options: BTreeMap<String, String>,
    pub comment: Option<String>,
    pub as_query: Option<AsQuery>,
}

/// DISTRIBUTED as written: no keys in `DISTRIBUTED INTO n BUCKETS`, no number when it is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    pub keys: Vec<String>,
    pub buckets: Option<u32>,
}

/// What the query of a CTAS gives.
#[derive(Debug, Clone, PartialEq)]
pub struct AsQuery {
    pub schema: Schema,
    /// False: without a declared primary key or mode the table's `changelog.mode` is `retract`, else `append`.
    pub is_append_only: bool,
    /// Names of the columns that identify a row of the result, when known.
    pub upsert_key: Option<Vec<String>>,
}

/// What ALTER TABLE changes (spec D-08). Option values are as written and not judged here.
#[derive(Debug, Clone, PartialEq)]
pub enum TableChange {
    SetOptions(BTreeMap<String, String>),
    ResetOptions(Vec<String>),
    /// None restores the default strategy.
    Watermark(Option<Watermark>),
    /// All columns in order, as they are afterwards: metadata and computed ones were added, modified or dropped, and raw
    /// ones have another type. Other physical ones are as they were.
    Columns(Vec<TableColumn>),
    /// None drops it.
    PrimaryKey(Option<PrimaryKey>),
}

/// CREATE FUNCTION (spec D-11). Nothing of the artifact was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateFunction {
    pub path: TablePath,
    pub if_not_exists: bool,
    /// Class, or qualified name of the Python object.
    pub class: String,
    /// As written.
    pub language: Option<ast::FunctionLanguage>,
    pub artifact: String,
    /// None: the newest one.
    pub version: Option<String>,
    pub connections: Vec<String>,
}

/// CREATE VIEW with its query analysed. Its text is in the statement.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateView {
    pub path: TablePath,
    pub if_not_exists: bool,
    pub columns: Vec<TableColumn>,
    /// Names were given to the columns.
    pub is_named: bool,
    pub comment: Option<String>,
}

/// What ALTER VIEW changes.
#[derive(Debug, Clone, PartialEq)]
pub enum ViewChange {
    /// In the same database.
    Rename(TablePath),
    /// Another query, with these columns.
    Query(Vec<TableColumn>),
}

/// SHOW with names resolved to display names.
#[derive(Debug, Clone, PartialEq)]
pub enum Show {
    Catalogs {
        filter: Option<ast::ShowFilter>,
    },
    Databases {
        catalog: String,
        filter: Option<ast::ShowFilter>,
    },
    Tables {
        catalog: String,
        database: String,
        filter: Option<ast::ShowFilter>,
    },
    Views {
        catalog: String,
        database: String,
        filter: Option<ast::ShowFilter>,
    },
    /// Built-in functions and those that users registered in a database, or only the latter.
    Functions {
        /// Catalog and database; None: none is current.
        database: Option<(String, String)>,
        only_users: bool,
        filter: Option<ast::ShowFilter>,
    },
    CreateTable {
        path: TablePath,
    },
    CreateView {
        path: TablePath,
    },
    /// Statements of the environment; the filter is on their names.
    Jobs {
        filter: Option<ast::ShowFilter>,
    },
    CurrentCatalog,
    CurrentDatabase,
}

/// USE. Names are as written: an error comes with the next statement (spec D-19).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// None keeps the catalog.
    pub catalog: Option<String>,
    /// None for USE CATALOG.
    pub database: Option<String>,
}
