//! The syntax tree: one module per statement family, and one each for queries, expressions and types.
//!
//! Every node that an error may point at carries a [`Span`](crate::Span); spans do not take part in comparison.
//! Parentheses, keyword case and synonyms (`DEC`, `SUBSTRING(x FROM a)`, `FETCH FIRST`) are not kept: the tree holds the
//! meaning, the unparser writes one canonical text for it. `Display` of a node is that text.

mod agent;
mod alter_table;
mod connection;
mod create_table;
mod data_type;
mod database;
mod describe;
mod expr;
mod function_call;
mod function_ddl;
mod ident;
mod insert;
mod json;
mod literal;
mod match_recognize;
mod materialized_table;
mod model;
mod query;
mod session;
mod show;
mod statement;
mod table_ref;
mod view;
mod window;

pub use agent::*;
pub use alter_table::*;
pub use connection::*;
pub use create_table::*;
pub use data_type::*;
pub use database::*;
pub use describe::*;
pub use expr::*;
pub use function_call::*;
pub use function_ddl::*;
pub use ident::*;
pub use insert::*;
pub use json::*;
pub use literal::*;
pub use match_recognize::*;
pub use materialized_table::*;
pub use model::*;
pub use query::*;
pub use session::*;
pub use show::*;
pub use statement::*;
pub use table_ref::*;
pub use view::*;
pub use window::*;
