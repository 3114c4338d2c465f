//! From a plan to running subtasks and back to one coordinator.
//!
//! [`graph`] cuts the plan into tasks, [`build`] makes their subtasks, each subtask runs a [`chain`] of operators between
//! its [`gate`] and its [`output`]s, [`coordinator`] takes checkpoints of one attempt, [`supervisor`] starts attempts.

pub(crate) mod build;
pub(crate) mod chain;
pub(crate) mod channel;
pub(crate) mod coordinator;
pub(crate) mod element;
pub(crate) mod gate;
pub(crate) mod graph;
pub(crate) mod output;
pub(crate) mod pruning;
pub(crate) mod subtask;
pub(crate) mod supervisor;
pub(crate) mod valve;
