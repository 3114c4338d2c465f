//! Statements that change tables: CREATE TABLE, ALTER TABLE and DROP TABLE.
//!
//! Topic, subjects and record are changed one after another, and a crash may come between any two. Before the first step the
//! record says what is being done and by which statement; the second try of that statement finds it and goes on. An error
//! (as opposed to a crash) undoes what was made.

mod alter_table;
mod create_table;
mod definition;
mod drop_table;
mod making;
pub(crate) mod without_topic;

pub(crate) use alter_table::alter_table;
pub(crate) use create_table::create_table;
pub(crate) use drop_table::drop_table;
