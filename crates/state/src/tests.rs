//! Tests of the state room.

mod file;
mod lineage;
mod storage;
