//! Tests: a real broker and registry in this process, a directory and metastore in memory.

mod create;
mod support;
