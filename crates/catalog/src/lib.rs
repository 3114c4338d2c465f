//! Environments, clusters, topics and schemas seen as catalogs, databases and tables.
//!
//! [`Catalog::submit`] takes a statement's text and properties. What needs no job (DDL, SHOW, DESCRIBE, EXPLAIN, USE) is
//! carried out and answered with a small table; everything else comes back as a plan with frozen tables. Nothing about a table
//! is kept twice: columns come from its topic and schemas, and only what those cannot say (watermark, computed columns, some
//! options) is in the [`Metastore`].

pub mod directory;
pub mod outcome;

pub use directory::{Database, Directory, DirectoryError, Environment, Metastore};
pub use outcome::{Outcome, ResultTable, StatementRequest, Traits};
