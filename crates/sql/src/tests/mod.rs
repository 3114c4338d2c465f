//! Tests of the dialect.
//!
//! The corpus in `tests-data/` was written for this crate; recorded texts of real Flink are used on top where `NUTKIN_ORACLE`
//! names their directory.

mod oracle;
