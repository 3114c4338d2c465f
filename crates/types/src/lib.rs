//! Logical types, nullability, cast rules and values, and their mapping to Arrow.
