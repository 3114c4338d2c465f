//! The data directory: one service at a time.

use std::path::Path;

use crate::error::ControlError;

/// A data directory that no other service uses while this lives. Whoever writes into the directory takes it first.
#[derive(Debug)]
pub struct DataDir {
    /// The lock ends with the file, and so with the process.
    _lock: std::fs::File,
}

impl DataDir {
    /// Makes `directory` where it is missing, and locks it.
    ///
    /// # Errors
    /// NUTKIN-6004 when it cannot be made or written, 6005 when another service uses it.
    pub fn lock(directory: &Path) -> Result<DataDir, ControlError> {
        let failed = |path: &Path, e: std::io::Error| {
            ControlError::Internal(format!("NUTKIN-6004: data directory {}: {e}", path.display()))
        };
        std::fs::create_dir_all(directory).map_err(|e| failed(directory, e))?;
        let path = directory.join("lock");
        let open = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let lock = open.map_err(|e| failed(&path, e))?;
        match lock.try_lock() {
            Ok(()) => Ok(DataDir { _lock: lock }),
            Err(std::fs::TryLockError::WouldBlock) => Err(ControlError::Internal(format!(
                "NUTKIN-6005: {} is in use by another Nutkin service. Stop it, or choose another --data-dir.",
                directory.display()
            ))),
            Err(std::fs::TryLockError::Error(error)) => Err(failed(&path, error)),
        }
    }
}
