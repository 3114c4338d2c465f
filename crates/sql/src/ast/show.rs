//! SHOW (D-18 and the SHOW forms of D-10 to D-15).

use super::{ObjectKind, ObjectName, StringLiteral};
use crate::span::Span;

/// A SHOW statement.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Show {
    /// `SHOW CURRENT CATALOG`
    CurrentCatalog(Span),
    /// `SHOW CURRENT DATABASE`
    CurrentDatabase(Span),
    /// `SHOW CREATE TABLE name` and the like.
    Create(ShowCreate),
    /// `SHOW TABLES …` and the like.
    List(ShowList),
    /// `SHOW COLUMNS FROM | IN table [[NOT] LIKE]`
    Columns(ShowColumns),
    /// `SHOW PARTITIONS table`
    Partitions(ObjectName),
}

/// `SHOW CREATE kind name`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ShowCreate {
    /// What is shown.
    pub kind: ObjectKind,
    /// Its name.
    pub name: ObjectName,
    /// The whole statement.
    pub span: Span,
}

/// `SHOW kind [FROM | IN name] [[NOT] LIKE | ILIKE 'pattern']`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ShowList {
    /// What is listed.
    pub kind: ShowKind,
    /// FROM or IN.
    pub scope: Option<ShowScope>,
    /// LIKE.
    pub filter: Option<ShowFilter>,
    /// The whole statement.
    pub span: Span,
}

/// `SHOW COLUMNS …`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ShowColumns {
    /// FROM or IN.
    pub scope: ShowScope,
    /// LIKE.
    pub filter: Option<ShowFilter>,
    /// The whole statement.
    pub span: Span,
}

/// `FROM name` or `IN name`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ShowScope {
    /// FROM or IN.
    pub preposition: Preposition,
    /// The catalog, database or table.
    pub name: ObjectName,
}

/// The word before a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Preposition {
    /// `FROM`
    From,
    /// `IN`
    In,
}

/// `[NOT] LIKE | ILIKE 'pattern'`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ShowFilter {
    /// With NOT.
    pub negated: bool,
    /// ILIKE: without regard to case.
    pub case_insensitive: bool,
    /// `%` any text, `_` one character, backslash escapes.
    pub pattern: StringLiteral,
}

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the keywords say it")]
pub enum ShowKind {
    Catalogs,
    Databases,
    Tables,
    MaterializedTables,
    Views,
    Functions,
    UserFunctions,
    Procedures,
    Models,
    Connections,
    Agents,
    Tools,
    Jobs,
    Modules,
    FullModules,
    Jars,
}

impl ShowKind {
    /// The keywords in SQL.
    pub fn keyword(self) -> &'static str {
        match self {
            ShowKind::Catalogs => "CATALOGS",
            ShowKind::Databases => "DATABASES",
            ShowKind::Tables => "TABLES",
            ShowKind::MaterializedTables => "MATERIALIZED TABLES",
            ShowKind::Views => "VIEWS",
            ShowKind::Functions => "FUNCTIONS",
            ShowKind::UserFunctions => "USER FUNCTIONS",
            ShowKind::Procedures => "PROCEDURES",
            ShowKind::Models => "MODELS",
            ShowKind::Connections => "CONNECTIONS",
            ShowKind::Agents => "AGENTS",
            ShowKind::Tools => "TOOLS",
            ShowKind::Jobs => "JOBS",
            ShowKind::Modules => "MODULES",
            ShowKind::FullModules => "FULL MODULES",
            ShowKind::Jars => "JARS",
        }
    }
}
