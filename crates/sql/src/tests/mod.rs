//! Tests of the dialect.
//!
//! The corpus in `tests-data/` was written for this crate; recorded texts of real Flink are used on top where `NUTKIN_ORACLE`
//! names their directory.

mod corpus;
mod errors;
mod generated;
mod generated_ddl;
mod lexical;
mod limits;
mod oracle;
mod references;
mod secrets;
mod trees;
