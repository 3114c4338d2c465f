//! Random SQL.

pub mod expressions;
pub mod leaves;
pub mod queries;
pub mod signature;
pub mod slots;
pub mod tree;
