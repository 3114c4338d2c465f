//! What can go wrong with checkpoint files.

/// Errors of storage and lineage. `Fenced` means that the job must end; `Corrupt` that a file is not what was written;
/// `Unsuitable` and `Location` that a person must change settings; `Storage` can be tried again.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    #[error("NUTKIN-5201: checkpoint storage failed to {action} {path}: {source}")]
    Storage { action: &'static str, path: String, source: std::io::Error },
    #[error("NUTKIN-5202: checkpoint file {path} is damaged: {problem}")]
    Corrupt { path: String, problem: String },
    #[error("NUTKIN-5203: statement {uid} was taken over by a newer job (entry {entry} of its checkpoint log exists)")]
    Fenced { uid: String, entry: u64 },
    #[error("NUTKIN-5204: the checkpoint of statement {uid} was written by an incompatible release: {problem}")]
    Incompatible { uid: String, problem: String },
    #[error("NUTKIN-5205: checkpoints cannot be kept in {store}: {problem}")]
    Unsuitable { store: String, problem: String },
    #[error("NUTKIN-5206: checkpoints cannot be kept in {location}: {problem}")]
    Location { location: String, problem: String },
}

impl StateError {
    /// True when another try may succeed without anybody doing anything.
    pub fn is_retriable(&self) -> bool {
        matches!(self, StateError::Storage { .. })
    }
}
