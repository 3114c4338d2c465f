//! Wire types of every public endpoint, error bodies, OpenAPI; no behaviour.
