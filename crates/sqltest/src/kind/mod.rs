//! The kinds of recorded cases, one file each. A new kind is a file and a line of [`KINDS`].

mod agg;
mod batch;
mod recorded;
mod scalar;
mod stream;
pub mod yaml;

use std::path::Path;

use serde_json::Value as Json;

use crate::case::Test;

/// A case, or what is wrong with it.
pub type Read = Result<Box<dyn Test>, String>;

/// How cases of a kind are read.
pub struct Kind {
    /// The case's field `kind`.
    pub name: &'static str,
    /// From a line of a file in a directory.
    pub read: fn(&Json, &Path) -> Read,
}

/// Every kind that can be run.
pub const KINDS: &[Kind] = &[
    Kind { name: "scalar", read: scalar::read },
    Kind { name: "agg", read: agg::read },
    Kind { name: "batch", read: batch::read },
    Kind { name: "stream", read: stream::read },
];
