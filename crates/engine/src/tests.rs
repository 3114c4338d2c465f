//! Tests of the engine: parts one by one, and whole jobs in one thread on virtual time against a cluster in memory.

mod alignment;
mod arrival;
mod commit;
mod coordinator;
mod crash;
mod debezium;
mod fake;
mod formats;
mod graph;
mod group_aggregate;
mod harness;
mod header_ids;
mod job;
mod live;
mod normalize;
mod over;
mod plans;
mod pruning;
mod records;
mod snapshot;
mod sort;
mod temporal_join;
mod upsert_materializer;
mod valve;
mod watermark;
mod windows;
