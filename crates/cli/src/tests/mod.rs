//! Tests of the crate; `server` is the HTTP server that stands for the service.

mod attach;
mod client;
mod connection;
mod local;
mod render;
mod resource;
mod run;
mod script;
mod server;
mod shell;
