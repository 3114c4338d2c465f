//! Where checkpoints are, and that they are where they were.
//!
//! A statement that does not find its checkpoints would begin anew: without its state, and with results that were written
//! already. So the data directory remembers where they are, and a start with another place is refused. The place has no
//! secrets in it.

use std::path::Path;
use std::sync::Arc;

use nutkin_state::{CheckpointLocation, Storage};

use crate::error::ControlError;
use crate::options::Options;

/// File of the data directory with the place.
pub const FILE: &str = "checkpoints.location";
/// Folder of the data directory with the checkpoints where nothing else is said, and the name of that place.
pub const FOLDER: &str = "checkpoints";

/// The storage that `options` name, tried, and the one of the last start.
pub async fn open(options: &Options) -> Result<Arc<dyn Storage>, ControlError> {
    let failed = |e: std::io::Error| {
        ControlError::Internal(format!("NUTKIN-6004: data directory {}: {e}", options.data_dir.display()))
    };
    let now = name(options);
    let before = remembered(&options.data_dir).map_err(failed)?;
    if let Some(before) = before.as_ref().filter(|before| **before != now) {
        return Err(ControlError::Internal(format!(
            "NUTKIN-6008: the statements of {} have their checkpoints in {before}, not in {now}. Start with the former, or \
             stop, copy every file from there, and delete {FILE}.",
            options.data_dir.display()
        )));
    }
    let storage = options.checkpoints.open_proven().await.map_err(|error| ControlError::Internal(error.to_string()))?;
    if before.is_none() {
        std::fs::write(options.data_dir.join(FILE), format!("{now}\n")).map_err(failed)?;
    }
    Ok(storage)
}

/// The place as the file has it. The default has the same name wherever the data directory is moved to.
fn name(options: &Options) -> String {
    match &options.checkpoints {
        CheckpointLocation::Directory(path) if *path == options.data_dir.join(FOLDER) => FOLDER.to_owned(),
        CheckpointLocation::Directory(path) => {
            std::path::absolute(path).unwrap_or_else(|_| path.clone()).display().to_string()
        }
        CheckpointLocation::S3(s3) => match &s3.endpoint {
            Some(endpoint) => format!("{s3} at {}", endpoint.trim_end_matches('/')),
            None => s3.to_string(),
        },
    }
}

fn remembered(data_dir: &Path) -> std::io::Result<Option<String>> {
    match std::fs::read_to_string(data_dir.join(FILE)) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        // Releases that knew only the default wrote no such file.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut entries = match std::fs::read_dir(data_dir.join(FOLDER)) {
                Ok(entries) => entries,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            };
            Ok(entries.next().map(|_| FOLDER.to_owned()))
        }
        Err(error) => Err(error),
    }
}
