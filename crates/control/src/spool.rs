//! Complete results on disk, for clients to page through.
//!
//! One file per statement, one JSON line per row; a page token is a byte offset. The file is removed with the statement.

use std::path::{Path, PathBuf};

use nutkin_pool::ResultRow;
use tokio::fs::OpenOptions;
use tokio::io::{AsyncBufReadExt, AsyncSeekExt, AsyncWriteExt, BufReader};

use crate::error::ControlError;

/// Largest spooled result.
pub const MAX_BYTES: u64 = 256 << 20;
const PAGE_ROWS: usize = 1000;

#[derive(Debug, Clone)]
pub struct Spool {
    path: PathBuf,
}

/// Rows and the token after them; None at the end of the file.
pub struct SpoolPage {
    pub rows: Vec<ResultRow>,
    pub next: Option<u64>,
}

impl Spool {
    pub fn of(data_dir: &Path, uid: &str) -> Spool {
        Spool { path: data_dir.join("results").join(format!("{uid}.jsonl")) }
    }

    /// Begins an empty result, replacing what an interrupted try left.
    pub async fn begin(&self) -> Result<(), ControlError> {
        if let Some(folder) = self.path.parent() {
            tokio::fs::create_dir_all(folder).await.map_err(|e| self.failed(e))?;
        }
        tokio::fs::write(&self.path, b"").await.map_err(|e| self.failed(e))
    }

    /// Adds rows at the end.
    pub async fn append(&self, rows: &[ResultRow]) -> Result<(), ControlError> {
        let mut content = Vec::new();
        for row in rows {
            serde_json::to_writer(&mut content, row).map_err(|e| ControlError::Internal(e.to_string()))?;
            content.push(b'\n');
        }
        let mut file = OpenOptions::new().append(true).open(&self.path).await.map_err(|e| self.failed(e))?;
        let size = file.metadata().await.map_err(|e| self.failed(e))?.len();
        if size + content.len() as u64 > MAX_BYTES {
            let limit = MAX_BYTES >> 20;
            return Err(ControlError::Invalid(format!(
                "The result is larger than {limit} MB. Write it to a table with INSERT INTO."
            )));
        }
        file.write_all(&content).await.map_err(|e| self.failed(e))?;
        file.flush().await.map_err(|e| self.failed(e))
    }

    /// The page at `token` (0 first).
    pub async fn page(&self, token: u64) -> Result<SpoolPage, ControlError> {
        let mut file = match tokio::fs::File::open(&self.path).await {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(SpoolPage { rows: vec![], next: None }),
            other => other.map_err(|e| self.failed(e))?,
        };
        let size = file.metadata().await.map_err(|e| self.failed(e))?.len();
        file.seek(std::io::SeekFrom::Start(token.min(size))).await.map_err(|e| self.failed(e))?;
        let mut reader = BufReader::new(file);
        let (mut rows, mut position, mut line) = (Vec::new(), token.min(size), String::new());
        while rows.len() < PAGE_ROWS {
            line.clear();
            let read = reader.read_line(&mut line).await.map_err(|e| self.failed(e))?;
            // A line without its end is still being written.
            if read == 0 || !line.ends_with('\n') {
                break;
            }
            let row = serde_json::from_str(&line);
            rows.push(
                row.map_err(|_| ControlError::Invalid(format!("page_token {token} is not one that was given out")))?,
            );
            position += read as u64;
        }
        let next = (position < size).then_some(position);
        Ok(SpoolPage { rows, next })
    }

    pub async fn remove(&self) {
        match tokio::fs::remove_file(&self.path).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(%error, path = %self.path.display(), "a result was not removed");
            }
            _ => {}
        }
    }

    fn failed(&self, error: std::io::Error) -> ControlError {
        ControlError::Internal(format!("NUTKIN-6002: the result file {} failed: {error}", self.path.display()))
    }
}
