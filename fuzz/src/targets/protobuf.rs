//! Protobuf payloads of a table with all types.

use nutkin_formats::SchemaKind;

use crate::mutate::BINARY;
use crate::payloads;
use crate::run::Target;

pub const TARGET: Target = Target {
    samples: || payloads::samples(SchemaKind::Protobuf),
    mutations: BINARY,
    check: || payloads::check(SchemaKind::Protobuf),
    a_minute: 280_000,
};
