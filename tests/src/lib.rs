//! End to end tests: real clients, real peers, kills.
//!
//! Purpose: hold the `nutkin` binary to what its users see, from outside. Design: one test binary; [`service`] starts the
//! binary that `tests/run.sh` built and kills it, [`api`] speaks its REST API in raw JSON, [`topic`] writes and reads its
//! topics, [`clients`] runs programs that nobody here wrote, [`workplace`] has what most cases begin with, and each file of
//! `cases` is one promise. Trade-off: wire types are not shared with the server, so that a change of shape fails here.
//!
//! At most two services run at a time. A case whose outside part is missing says so and returns; with `CI=true` it fails.

#[cfg(test)]
mod api;
#[cfg(test)]
mod avro;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod chance;
#[cfg(test)]
mod clients;
#[cfg(test)]
mod need;
#[cfg(test)]
mod process;
#[cfg(test)]
mod service;
#[cfg(test)]
mod topic;
#[cfg(test)]
mod workplace;
