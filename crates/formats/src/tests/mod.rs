//! Tests of the format room: each format by itself, then what all of them promise.

mod avro_decode;
mod avro_mapping;
mod framing;
mod raw;
mod support;
