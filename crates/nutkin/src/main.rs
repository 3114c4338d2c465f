//! The binary: configuration, commands, wiring, process supervision.

fn main() {}
