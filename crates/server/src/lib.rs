//! HTTP routes, authentication, metrics export.
