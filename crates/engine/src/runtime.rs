//! From a plan to running subtasks and back to one coordinator.

pub(crate) mod supervisor;
