//! Tests: a real broker and registry in this process, a directory and metastore in memory.

mod absent;
mod alter;
mod alter_schema;
mod crashes;
mod create;
mod create_like;
mod describe;
mod drops;
mod errors;
mod functions;
mod inference;
mod information_schema;
mod like;
mod names;
mod options;
mod properties;
mod samples;
mod show;
mod statements;
mod statistics;
mod support;
mod user_functions;
mod views;
