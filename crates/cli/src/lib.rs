//! Shell and verbs; a client of the public API only.
