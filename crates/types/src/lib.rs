//! Flink's logical types, their text, their place in Arrow, and values of them.
//!
//! Every other room speaks of columns in these terms. A [`DataType`] is a [`LogicalType`] plus nullability, exactly as
//! in Flink; [`arrow::arrow_type`] says which Arrow array holds it. Arrow types never stand for SQL types: two SQL types may
//! share an array (CHAR and VARCHAR), so the plan always carries the SQL type beside the array.

pub mod arrow;
pub mod batch;
pub mod cast;
pub mod class_name;
pub mod data_type;
pub mod display;
pub mod map;
pub mod moment;
pub mod row_kind;
pub mod schema;
pub mod value;

pub use batch::Batch;
pub use data_type::{DataType, LogicalType, RowField};
pub use moment::{Moment, Moments};
pub use row_kind::RowKind;
pub use schema::{Column, Schema, TimeAttribute};
pub use value::Value;

#[cfg(test)]
mod tests;
