//! Damaged input for everything that reads bytes or text from outside.
//!
//! Purpose: whatever a client, a broker, a registry or a disk sends, Nutkin answers with a value or an error: no panic, no
//! endless loop, no memory out of proportion, and what a reader documents about its results holds. Design: a file of
//! [`targets`] is one reader with valid samples and a check; [`run`] changes samples at random ([`mutate`]), in bounded
//! number, under `cargo test`; [`shrink`] makes what fails small. An input is a pure function of a seed, which failures name.
//! Trade-off: no coverage guides the changes, as that needs a nightly compiler; samples that reach far and changes that know
//! tokens and JSON make up for much of it.
//!
//! What another test package needs of it, numbers from a seed, is public: [`random`].

pub mod random;

#[cfg(test)]
mod cpu;
#[cfg(test)]
mod mutate;
#[cfg(test)]
mod payloads;
#[cfg(test)]
mod run;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod shrink;
#[cfg(test)]
mod targets;
#[cfg(test)]
mod tests;
