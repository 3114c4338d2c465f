//! Json payloads of a table with all types.

use nutkin_formats::SchemaKind;

use crate::mutate::JSON;
use crate::payloads;
use crate::run::Target;

pub const TARGET: Target = Target {
    samples: || payloads::samples(SchemaKind::Json),
    mutations: JSON,
    check: || payloads::check(SchemaKind::Json),
    a_minute: 240_000,
};
