//! Requests over a socket, encoded by the codec's client side.

mod access;
mod client;
mod data;
mod encryption;
mod transactions;
