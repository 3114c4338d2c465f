//! The same random SQL on Nutkin and on real Apache Flink.
//!
//! Purpose: find where an expression or a query means something else than in Flink, without anybody thinking of it first.
//! Design: [`sql`] makes typed expressions from the function registry's own signatures, and small queries, over the tables
//! of [`table`]; [`sides`] runs SQL on both engines; [`compare`] gives each its own verdict though about a hundred run in one
//! job; [`shrink`] makes what differs small; [`known`] is the list of differences that are there for a reason. Everything is
//! a function of one seed. Trade-off: the generator asks Nutkin's own typing what may stand where, so what Nutkin refuses and
//! Flink takes is tried only by those calls that were built against the types on purpose.
#![cfg(test)]

mod answer;
mod cases;
mod compare;
mod known;
mod report;
mod settings;
mod shrink;
mod sides;
mod sql;
mod table;
mod tests;
