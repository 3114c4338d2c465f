//! Avro, JSON Schema, Protobuf and raw to and from Arrow; schema mapping both ways.
