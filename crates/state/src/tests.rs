//! Tests of the state room.

mod conformance;
mod fake_s3;
mod file;
mod lineage;
mod location;
mod s3;
mod takeover;
