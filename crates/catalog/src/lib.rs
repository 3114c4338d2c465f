//! Environments, clusters, topics and schemas seen as catalogs, databases and tables.
//!
//! [`Catalog::submit`] takes a statement's text and properties. What needs no job (DDL, SHOW, DESCRIBE, EXPLAIN, USE) is
//! carried out and answered with a small table; everything else comes back as a plan with frozen tables. Nothing about a table
//! is kept twice: columns come from its topic and schemas, and only what those cannot say (watermark, computed columns, some
//! options) is in the [`Metastore`].
//!
//! Decisions are pure ([`infer`](self), the definition of a new table, every text that is printed); requests to cluster,
//! registry and metastore stand at the rim, in `load` and `ddl`.

mod bounds;
mod catalog;
mod ddl;
mod describe;
mod describe_function;
pub mod directory;
mod error;
mod explain;
mod functions;
mod infer;
mod information_schema;
mod load;
pub mod outcome;
mod record;
mod result;
mod run;
mod samples;
mod session;
mod show;
mod snapshot;
mod statement;
mod statistics;
mod table_options;
mod view;

pub use catalog::{Catalog, Options};
pub use directory::{Database, Directory, DirectoryError, Environment, Job, Metastore};
pub use error::CatalogError;
pub use nutkin_sql::{REDACTED, is_secret_key, redacted};
pub use outcome::{Outcome, ResultTable, Sees, StatementRequest, Traits};

#[cfg(test)]
mod tests;
