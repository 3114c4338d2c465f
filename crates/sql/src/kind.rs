//! What a statement is called in `traits.sql_kind` (statements.md L-06).

use crate::ast::{ObjectKind, Show, ShowKind, Statement};
use std::fmt::{self, Display, Formatter};

/// The kind of a statement; `Display` is the name in the API (`CREATE_TABLE_AS`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatementKind {
    /// `SELECT`: any query.
    Select,
    /// `INSERT_INTO`
    InsertInto,
    /// `INSERT_OVERWRITE`
    InsertOverwrite,
    /// `STATEMENT_SET`
    StatementSet,
    /// `CREATE_…`
    Create(ObjectKind),
    /// `CREATE_TABLE_AS`
    CreateTableAs,
    /// `CREATE_OR_ALTER_MATERIALIZED_TABLE`
    CreateOrAlterMaterializedTable,
    /// `ALTER_…`
    Alter(ObjectKind),
    /// `DROP_…`
    Drop(ObjectKind),
    /// `SHOW_…S`
    Show(ShowKind),
    /// `SHOW_CREATE_…`
    ShowCreate(ObjectKind),
    /// `SHOW_CURRENT_CATALOG`
    ShowCurrentCatalog,
    /// `SHOW_CURRENT_DATABASE`
    ShowCurrentDatabase,
    /// `SHOW_COLUMNS`
    ShowColumns,
    /// `SHOW_PARTITIONS`
    ShowPartitions,
    /// `DESCRIBE_…`
    Describe(ObjectKind),
    /// `EXPLAIN`
    Explain,
    /// `USE_CATALOG`
    UseCatalog,
    /// `USE_DATABASE`
    UseDatabase,
    /// `SET`
    Set,
    /// `RESET`
    Reset,
}

impl Statement {
    /// The statement's kind.
    pub fn kind(&self) -> StatementKind {
        match self {
            Statement::Query(_) => StatementKind::Select,
            Statement::Insert(insert) if insert.overwrite => StatementKind::InsertOverwrite,
            Statement::Insert(_) => StatementKind::InsertInto,
            Statement::StatementSet(_) => StatementKind::StatementSet,
            Statement::CreateTable(create) if create.query.is_some() => StatementKind::CreateTableAs,
            Statement::CreateTable(_) => StatementKind::Create(ObjectKind::Table),
            Statement::CreateMaterializedTable(create) if create.or_alter => {
                StatementKind::CreateOrAlterMaterializedTable
            }
            Statement::CreateMaterializedTable(_) => StatementKind::Create(ObjectKind::MaterializedTable),
            Statement::CreateView(_) => StatementKind::Create(ObjectKind::View),
            Statement::CreateFunction(_) => StatementKind::Create(ObjectKind::Function),
            Statement::CreateModel(_) => StatementKind::Create(ObjectKind::Model),
            Statement::CreateConnection(_) => StatementKind::Create(ObjectKind::Connection),
            Statement::CreateAgent(_) => StatementKind::Create(ObjectKind::Agent),
            Statement::CreateTool(_) => StatementKind::Create(ObjectKind::Tool),
            Statement::CreateNamespace(create) => StatementKind::Create(create.kind),
            Statement::AlterTable(_) => StatementKind::Alter(ObjectKind::Table),
            Statement::AlterMaterializedTable(_) => StatementKind::Alter(ObjectKind::MaterializedTable),
            Statement::AlterView(_) => StatementKind::Alter(ObjectKind::View),
            Statement::AlterModel(_) => StatementKind::Alter(ObjectKind::Model),
            Statement::AlterConnection(_) => StatementKind::Alter(ObjectKind::Connection),
            Statement::AlterAgent(_) => StatementKind::Alter(ObjectKind::Agent),
            Statement::AlterNamespace(alter) => StatementKind::Alter(alter.kind),
            Statement::Drop(object) => StatementKind::Drop(object.kind),
            Statement::Show(show) => kind_of_show(show),
            Statement::Describe(describe) => StatementKind::Describe(describe.kind),
            Statement::Explain(_) => StatementKind::Explain,
            Statement::Use(using) if using.catalog => StatementKind::UseCatalog,
            Statement::Use(_) => StatementKind::UseDatabase,
            Statement::Set(_) => StatementKind::Set,
            Statement::Reset(_) => StatementKind::Reset,
        }
    }
}

fn kind_of_show(show: &Show) -> StatementKind {
    match show {
        Show::CurrentCatalog(_) => StatementKind::ShowCurrentCatalog,
        Show::CurrentDatabase(_) => StatementKind::ShowCurrentDatabase,
        Show::Create(create) => StatementKind::ShowCreate(create.kind),
        Show::List(list) => StatementKind::Show(list.kind),
        Show::Columns(_) => StatementKind::ShowColumns,
        Show::Partitions(_) => StatementKind::ShowPartitions,
    }
}

impl Display for StatementKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let words = match self {
            StatementKind::Select => "SELECT".to_owned(),
            StatementKind::InsertInto => "INSERT INTO".to_owned(),
            StatementKind::InsertOverwrite => "INSERT OVERWRITE".to_owned(),
            StatementKind::StatementSet => "STATEMENT SET".to_owned(),
            StatementKind::Create(kind) => format!("CREATE {}", kind.keyword()),
            StatementKind::CreateTableAs => "CREATE TABLE AS".to_owned(),
            StatementKind::CreateOrAlterMaterializedTable => "CREATE OR ALTER MATERIALIZED TABLE".to_owned(),
            StatementKind::Alter(kind) => format!("ALTER {}", kind.keyword()),
            StatementKind::Drop(kind) => format!("DROP {}", kind.keyword()),
            StatementKind::Show(kind) => format!("SHOW {}", kind.keyword()),
            StatementKind::ShowCreate(kind) => format!("SHOW CREATE {}", kind.keyword()),
            StatementKind::ShowCurrentCatalog => "SHOW CURRENT CATALOG".to_owned(),
            StatementKind::ShowCurrentDatabase => "SHOW CURRENT DATABASE".to_owned(),
            StatementKind::ShowColumns => "SHOW COLUMNS".to_owned(),
            StatementKind::ShowPartitions => "SHOW PARTITIONS".to_owned(),
            StatementKind::Describe(kind) => format!("DESCRIBE {}", kind.keyword()),
            StatementKind::Explain => "EXPLAIN".to_owned(),
            StatementKind::UseCatalog => "USE CATALOG".to_owned(),
            StatementKind::UseDatabase => "USE DATABASE".to_owned(),
            StatementKind::Set => "SET".to_owned(),
            StatementKind::Reset => "RESET".to_owned(),
        };
        f.write_str(&words.replace(' ', "_"))
    }
}
