//! Keys of the service: 32 random bytes in a file of the data directory, made at the first start, readable by its owner only.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::error::ControlError;

/// The key in file `name` of `directory`, made if the file is missing.
pub fn open(directory: &Path, name: &str) -> Result<[u8; 32], ControlError> {
    let path = directory.join(name);
    let failed = |e: std::io::Error| ControlError::Internal(format!("NUTKIN-6004: {}: {e}", path.display()));
    match std::fs::read(&path) {
        Ok(bytes) => bytes.try_into().map_err(|_| {
            ControlError::Internal(format!(
                "NUTKIN-6006: {} does not hold 32 bytes. Restore it from a backup.",
                path.display()
            ))
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let mut key = [0u8; 32];
            getrandom::fill(&mut key).map_err(|e| ControlError::Internal(format!("no random numbers: {e}")))?;
            write(directory, &path, &key).map_err(failed)?;
            Ok(key)
        }
        Err(error) => Err(failed(error)),
    }
}

/// The file appears whole or not at all, and is there after a crash.
fn write(directory: &Path, path: &Path, key: &[u8; 32]) -> std::io::Result<()> {
    let temporary = path.with_extension("key.new");
    // One left by a start that was cut short may have other rights.
    match std::fs::remove_file(&temporary) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&temporary)?;
    file.write_all(key)?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)?;
    File::open(directory)?.sync_all()
}
