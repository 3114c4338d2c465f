//! What can go wrong with a statement in the catalog. `Display` begins with the code: it becomes `status.detail`.

use nutkin_formats::FormatError;
use nutkin_plan::TablePath;
use nutkin_planner::PlannerError;
use nutkin_sql::SyntaxError;

use crate::directory::DirectoryError;

/// A statement that was not carried out. Each code has a page in `docs/errors`.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    #[error("{code}: {0}", code = .0.code())]
    Syntax(#[from] SyntaxError),
    #[error("{code}: {0}", code = .0.code())]
    Planner(Box<PlannerError>),
    #[error("{0}")]
    Format(#[from] FormatError),
    /// The cluster refused or could not be asked.
    #[error("{code}: {0}", code = .0.code())]
    Kafka(#[from] nutkin_kafka::Error),
    /// The registry refused or could not be asked; `subject` is what it was asked about.
    #[error("{}: subject '{subject}': {}", .source.code(), without_code(.source))]
    Registry { subject: String, source: nutkin_registry::Error },
    /// CREATE TABLE of a name in use (D-01).
    #[error("NUTKIN-3200: Table {0} already exists. Choose another name, drop it first, or write IF NOT EXISTS")]
    TableExists(TablePath),
    /// The same of CREATE FUNCTION (D-11).
    #[error(
        "NUTKIN-3200: Function {0} already exists. Functions do not change: drop it first, choose another name, or write IF NOT EXISTS"
    )]
    FunctionExists(TablePath),
    /// DROP FUNCTION of nothing (D-11).
    #[error(
        "NUTKIN-3201: Function '{name}' does not exist: no user registered {0}. SHOW USER FUNCTIONS lists the functions; DROP FUNCTION IF EXISTS accepts a missing one",
        name = .0.name
    )]
    FunctionNotFound(TablePath),
    /// DROP TABLE of nothing (D-09).
    #[error(
        "NUTKIN-3201: Object '{name}' does not exist: there is no table {0}. SHOW TABLES lists the tables; DROP TABLE IF EXISTS accepts a missing one",
        name = .0.name
    )]
    TableNotFound(TablePath),
    /// The same of a view (D-10).
    #[error(
        "NUTKIN-3201: Object '{name}' does not exist: there is no view {0}. SHOW VIEWS lists the views; DROP VIEW IF EXISTS accepts a missing one",
        name = .0.name
    )]
    ViewNotFound(TablePath),
    #[error("NUTKIN-3202: Unknown table option '{key}'. Known options: {}", .known.join(", "))]
    UnknownOption { key: String, known: Vec<&'static str> },
    #[error("NUTKIN-3203: {what} is not built yet. {remedy}")]
    NotBuilt { what: String, remedy: String },
    #[error("NUTKIN-3204: Bad value of the table option '{key}': {problem}")]
    BadOption { key: String, problem: String },
    /// Parts of a CREATE TABLE that contradict each other (D-03, D-04).
    #[error("NUTKIN-3205: Table {path}: {problem}")]
    Definition { path: TablePath, problem: String },
    #[error(
        "NUTKIN-3206: {0} is read-only: the catalog `examples` and INFORMATION_SCHEMA can only be read. Create the table in a database of your own"
    )]
    ReadOnly(TablePath),
    /// What is stored about a table cannot be used.
    #[error("NUTKIN-3207: Table {path} cannot be used: {problem}")]
    Unusable { path: TablePath, problem: String },
    /// The same of the functions of a database.
    #[error("NUTKIN-3207: The functions of the database {cluster_id} cannot be used: {problem}")]
    FunctionsUnusable { cluster_id: String, problem: String },
    /// The list of environments, a cluster or the metastore could not be asked.
    #[error("NUTKIN-3208: The catalog cannot be read: {0}. Try again")]
    Directory(#[from] DirectoryError),
    /// DROP TABLE is not atomic (D-09).
    #[error("NUTKIN-3209: Table {path} was dropped only in part: {problem}. Run DROP TABLE again")]
    PartlyDropped { path: TablePath, problem: String },
    /// SET or RESET of a property that cannot be set so (D-20).
    #[error("NUTKIN-3210: {0}")]
    Session(String),
    /// What a query of `INFORMATION_SCHEMA` cannot have.
    #[error(
        "NUTKIN-3211: INFORMATION_SCHEMA {0}. Its views take SELECT, WHERE, CAST, UNION ALL, ORDER BY, DISTINCT, GROUP BY with aggregates, and LIMIT"
    )]
    InformationSchema(String),
    /// What the data plane says of a plan that it cannot run.
    #[error("{0}")]
    DataPlane(String),
}

impl From<PlannerError> for CatalogError {
    fn from(error: PlannerError) -> CatalogError {
        CatalogError::Planner(Box::new(error))
    }
}

impl CatalogError {
    pub(crate) fn registry(subject: &str, source: nutkin_registry::Error) -> CatalogError {
        CatalogError::Registry { subject: subject.to_owned(), source }
    }

    pub(crate) fn definition(path: &TablePath, problem: impl Into<String>) -> CatalogError {
        CatalogError::Definition { path: path.clone(), problem: problem.into() }
    }

    pub(crate) fn unusable(path: &TablePath, problem: impl Into<String>) -> CatalogError {
        CatalogError::Unusable { path: path.clone(), problem: problem.into() }
    }

    pub(crate) fn bad_option(key: &str, problem: impl Into<String>) -> CatalogError {
        CatalogError::BadOption { key: key.to_owned(), problem: problem.into() }
    }

    /// The code of the error's page.
    pub fn code(&self) -> &'static str {
        match self {
            CatalogError::Syntax(error) => error.code(),
            CatalogError::Planner(error) => error.code(),
            CatalogError::Format(error) => error.code(),
            CatalogError::Kafka(error) => error.code(),
            CatalogError::Registry { source, .. } => source.code(),
            CatalogError::TableExists(_) | CatalogError::FunctionExists(_) => "NUTKIN-3200",
            CatalogError::TableNotFound(_) | CatalogError::ViewNotFound(_) | CatalogError::FunctionNotFound(_) => {
                "NUTKIN-3201"
            }
            CatalogError::UnknownOption { .. } => "NUTKIN-3202",
            CatalogError::NotBuilt { .. } => "NUTKIN-3203",
            CatalogError::BadOption { .. } => "NUTKIN-3204",
            CatalogError::Definition { .. } => "NUTKIN-3205",
            CatalogError::ReadOnly(_) => "NUTKIN-3206",
            CatalogError::Unusable { .. } | CatalogError::FunctionsUnusable { .. } => "NUTKIN-3207",
            CatalogError::Directory(_) => "NUTKIN-3208",
            CatalogError::PartlyDropped { .. } => "NUTKIN-3209",
            CatalogError::Session(_) => "NUTKIN-3210",
            CatalogError::InformationSchema(_) => "NUTKIN-3211",
            CatalogError::DataPlane(_) => "NUTKIN-5109",
        }
    }
}

/// The registry's text; some of its errors name their code themselves.
fn without_code(error: &nutkin_registry::Error) -> String {
    let text = error.to_string();
    match text.strip_prefix(error.code()) {
        Some(rest) => rest.trim_start_matches([':', ' ']).to_owned(),
        None => text,
    }
}
