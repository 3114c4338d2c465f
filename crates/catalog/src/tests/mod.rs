//! Tests: a real broker and registry in this process, a directory and metastore in memory.

mod alter;
mod crashes;
mod create;
mod describe;
mod drops;
mod errors;
mod inference;
mod like;
mod names;
mod options;
mod properties;
mod samples;
mod show;
mod statements;
mod support;
