//! Tests of the functions. Expressions are written in SQL and read by a small parser of their own ([`sql`]), because this room
//! may not use the real one; answers were recorded from Apache Flink 2.2.

mod accumulators;
mod accumulators_of_many;
mod approximate;
mod calendar;
mod cases;
mod completeness;
mod evaluation;
mod examples;
mod java_numbers;
mod json;
mod key_hash;
mod lexer;
mod moments;
mod recorded_aggregates;
mod recorded_casts;
mod recorded_ranges;
mod reference;
mod regular_expressions;
mod sql;
mod types;
