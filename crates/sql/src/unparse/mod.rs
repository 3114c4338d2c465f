//! The unparser: `Display` of every node is its SQL on one line.
//!
//! Keywords are upper case, identifiers are quoted where they were or must be, parentheses stand where precedence needs them.
//! `parse(print(tree)) == tree` for every tree the parser makes.

mod agent;
mod alter;
mod call;
mod create_table;
mod data_type;
mod expr;
mod ident;
mod json;
mod literal;
mod match_recognize;
mod materialized_table;
mod model;
mod query;
mod show;
mod statement;
mod table_ref;
mod view;
mod window;

use std::fmt::{self, Display, Formatter};

/// Items with `, ` between them.
pub(crate) struct List<'a, T>(pub(crate) &'a [T]);

impl<T: Display> Display for List<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, item) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            item.fmt(f)?;
        }
        Ok(())
    }
}

/// A text as string literal.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.0.replace('\'', "''"))
    }
}

/// ` PREFIX item`, when there is an item.
fn optional(f: &mut Formatter<'_>, prefix: &str, item: Option<&impl Display>) -> fmt::Result {
    match item {
        Some(item) => write!(f, " {prefix}{item}"),
        None => Ok(()),
    }
}

/// ` PREFIX (items)`, when there are items.
fn optional_list<T: Display>(f: &mut Formatter<'_>, prefix: &str, items: &[T]) -> fmt::Result {
    if items.is_empty() { Ok(()) } else { write!(f, " {prefix}({})", List(items)) }
}

/// The word followed by a blank, when `present`.
fn word(f: &mut Formatter<'_>, present: bool, word: &str) -> fmt::Result {
    if present { write!(f, "{word} ") } else { Ok(()) }
}
