//! Tests of the format room: each format by itself, then what all of them promise.

mod avro_decode;
mod avro_mapping;
mod combined;
mod documented;
mod framing;
mod json_decode;
mod json_mapping;
mod moments;
mod null_keys;
mod promises;
mod protobuf_decode;
mod protobuf_mapping;
mod raw;
mod support;
mod unions;
