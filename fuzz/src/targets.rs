//! The readers under test: a file each, and a line in the table below.
//!
//! The name of a target is that of its test: `cargo test -p nutkin-fuzz sql`.

mod avro;
mod fetch_answer;
mod frame;
mod json;
mod plan;
mod protobuf;
mod raw;
mod record_batches;
mod registry;
mod request_frame;
mod schema_mapping;
mod sql;
mod state_file;

macro_rules! targets {
    ($($name:ident,)*) => {
        $(
            #[test]
            fn $name() {
                crate::run::run(stringify!($name), $name::TARGET);
            }
        )*
    };
}

targets! {
    avro,
    fetch_answer,
    frame,
    json,
    plan,
    protobuf,
    raw,
    record_batches,
    registry,
    request_frame,
    schema_mapping,
    sql,
    state_file,
}
