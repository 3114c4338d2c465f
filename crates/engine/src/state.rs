//! State of operators in memory, addressed by slot.
//!
//! [`KeyIndex`] gives every key a small number, its slot; values live in columns indexed by slot (accumulators) or in a
//! [`RowTable`]. What changed since the last checkpoint is a set of slots ([`Dirty`]), written as rows of a [`snapshot`]
//! file. Restoring reads files of any number of former subtasks and keeps the rows of its own key groups, so a checkpoint
//! fits every parallelism. Slot numbers mean nothing outside the subtask that wrote them.

mod arena;
mod dirty;
mod key_index;
mod row_table;
pub(crate) mod snapshot;

pub(crate) use arena::Arena;
pub(crate) use key_index::{KeyIndex, key_groups};
pub(crate) use row_table::RowTable;
pub(crate) use snapshot::{KeyGroupRange, Part, Snapshot, TableSnapshot};
