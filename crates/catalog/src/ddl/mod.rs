//! Statements that change tables, views and functions: CREATE, ALTER and DROP.
//!
//! Topic, subjects and record are changed one after another, and a crash may come between any two. Before the first step the
//! record says what is being done and by which statement; the second try of that statement finds it and goes on. An error
//! (as opposed to a crash) undoes what was made.

mod again;
mod alter_table;
mod create_table;
mod definition;
mod drop_table;
mod function;
mod making;
mod view;
pub(crate) mod without_topic;

pub(crate) use again::already_altered;
pub(crate) use alter_table::alter_table;
pub(crate) use create_table::create_table;
pub(crate) use drop_table::drop_table;
pub(crate) use function::{create_function, drop_function};
pub(crate) use view::{alter_view, create_view, drop_view};
