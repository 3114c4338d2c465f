//! End to end tests: real clients, real peers, kills.
//!
//! Purpose: hold the `nutkin` binary to what its users see, from outside. Design: one test binary; [`service`] starts the
//! binary that `tests/run.sh` built and kills it, [`api`] speaks its REST API in raw JSON, [`topic`] writes and reads its
//! topics, [`clients`] runs programs that nobody here wrote, [`workplace`] has what most cases begin with, [`scene`] the same on Apache Kafka, and each file of
//! `cases` is one promise. Trade-off: wire types are not shared with the server, so that a change of shape fails here.
//!
//! At most two services run at a time. A case whose outside part is missing says so and returns; with `CI=true` it fails.

#![cfg(test)]

mod apache_kafka;
mod api;
mod avro;
mod cases;
mod chance;
mod clients;
mod need;
mod process;
mod s3;
mod scene;
mod service;
mod topic;
mod workplace;
