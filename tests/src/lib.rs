//! End to end tests: real clients, real peers, kills.
