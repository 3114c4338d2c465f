//! Avro payloads of a table with all types.

use nutkin_formats::SchemaKind;

use crate::mutate::BINARY;
use crate::payloads;
use crate::run::Target;

pub const TARGET: Target = Target {
    samples: || payloads::samples(SchemaKind::Avro),
    mutations: BINARY,
    check: || payloads::check(SchemaKind::Avro),
    a_minute: 300_000,
};
