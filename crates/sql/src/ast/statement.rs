//! Statements.

use super::{
    AlterAgent, AlterConnection, AlterMaterializedTable, AlterModel, AlterNamespace, AlterTable, AlterView,
    CreateAgent, CreateConnection, CreateFunction, CreateMaterializedTable, CreateModel, CreateNamespace, CreateTable,
    CreateTool, CreateView, Describe, DropObject, Explain, Insert, Query, Reset, Set, Show, StatementSet, Use,
};

/// One SQL statement.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Statement {
    /// SELECT, VALUES, TABLE, set operations.
    Query(Box<Query>),
    /// INSERT.
    Insert(Box<Insert>),
    /// EXECUTE STATEMENT SET.
    StatementSet(Box<StatementSet>),
    /// CREATE TABLE, also LIKE and AS.
    CreateTable(Box<CreateTable>),
    /// ALTER TABLE.
    AlterTable(Box<AlterTable>),
    /// DROP of any object.
    Drop(Box<DropObject>),
    /// CREATE VIEW.
    CreateView(Box<CreateView>),
    /// ALTER VIEW.
    AlterView(Box<AlterView>),
    /// CREATE FUNCTION.
    CreateFunction(Box<CreateFunction>),
    /// CREATE MODEL.
    CreateModel(Box<CreateModel>),
    /// ALTER MODEL.
    AlterModel(Box<AlterModel>),
    /// CREATE CONNECTION.
    CreateConnection(Box<CreateConnection>),
    /// ALTER CONNECTION.
    AlterConnection(Box<AlterConnection>),
    /// CREATE MATERIALIZED TABLE.
    CreateMaterializedTable(Box<CreateMaterializedTable>),
    /// ALTER MATERIALIZED TABLE.
    AlterMaterializedTable(Box<AlterMaterializedTable>),
    /// CREATE AGENT.
    CreateAgent(Box<CreateAgent>),
    /// ALTER AGENT.
    AlterAgent(Box<AlterAgent>),
    /// CREATE TOOL.
    CreateTool(Box<CreateTool>),
    /// CREATE CATALOG, CREATE DATABASE.
    CreateNamespace(Box<CreateNamespace>),
    /// ALTER CATALOG, ALTER DATABASE.
    AlterNamespace(Box<AlterNamespace>),
    /// SHOW.
    Show(Box<Show>),
    /// DESCRIBE.
    Describe(Box<Describe>),
    /// EXPLAIN.
    Explain(Box<Explain>),
    /// USE.
    Use(Box<Use>),
    /// SET.
    Set(Box<Set>),
    /// RESET.
    Reset(Box<Reset>),
}
