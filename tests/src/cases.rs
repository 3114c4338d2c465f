//! One promise a file.

mod access;
mod attached_kafka;
mod catalog;
mod confluent_sql;
mod exactly_once;
mod foreign_clients;
mod house;
mod inference;
mod isolation;
mod life_cycle;
mod numbers;
mod object_store;
mod quickstart;
mod rest;
mod routes;
mod sql;
mod temporal_join;
mod watermarks;
mod zombie;
