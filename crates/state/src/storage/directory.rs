//! Storage in a directory of a local or shared POSIX file system.
//!
//! A file is written under a temporary name, synced, given its name by `rename` (put) or `link` (create, which fails when
//! the name exists), and then the folder is synced. A file system without hard links is found out at [`DirectoryStorage::open`].

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;

use super::{Creation, Storage};
use crate::error::StateError;

#[derive(Debug, Clone)]
pub struct DirectoryStorage {
    root: PathBuf,
}

/// Temporary names differ within the process by this counter and between processes by the process id.
static NEXT_TEMPORARY: AtomicU64 = AtomicU64::new(0);
const TEMPORARY: &str = ".tmp-";

impl DirectoryStorage {
    /// Opens or makes the directory and proves that it can create-if-absent.
    pub fn open(root: impl Into<PathBuf>) -> Result<DirectoryStorage, StateError> {
        let storage = DirectoryStorage { root: root.into() };
        let probe = format!("{TEMPORARY}probe-{}", std::process::id());
        let path = storage.root.join(&probe);
        let result = (|| {
            fs::create_dir_all(&storage.root)?;
            let _ = fs::remove_file(&path);
            let first = write_new(&path, b"probe")?;
            let second = write_new(&path, b"probe")?;
            fs::remove_file(&path)?;
            match (first, second) {
                (Creation::Created, Creation::Exists) => Ok(()),
                _ => Err(io::Error::new(ErrorKind::Unsupported, "the file system does not refuse a link that exists")),
            }
        })();
        result.map_err(|source| StateError::Storage {
            action: "open",
            path: storage.root.display().to_string(),
            source,
        })?;
        Ok(storage)
    }

    async fn run<T: Send + 'static>(
        &self,
        action: &'static str,
        path: &str,
        work: impl FnOnce(PathBuf) -> io::Result<T> + Send + 'static,
    ) -> Result<T, StateError> {
        let full = self.root.join(path);
        let result = tokio::task::spawn_blocking(move || work(full)).await.unwrap_or_else(|e| Err(io::Error::other(e)));
        result.map_err(|source| StateError::Storage { action, path: path.to_owned(), source })
    }
}

#[async_trait]
impl Storage for DirectoryStorage {
    async fn put(&self, path: &str, content: Bytes) -> Result<(), StateError> {
        self.run("write", path, move |full| {
            let temporary = write_temporary(&full, &content)?;
            fs::rename(&temporary, &full).inspect_err(|_| drop(fs::remove_file(&temporary)))?;
            sync_parent(&full)
        })
        .await
    }

    async fn create(&self, path: &str, content: Bytes) -> Result<Creation, StateError> {
        self.run("create", path, move |full| write_new(&full, &content)).await
    }

    async fn get(&self, path: &str) -> Result<Option<Bytes>, StateError> {
        self.run("read", path, |full| match fs::read(full) {
            Ok(content) => Ok(Some(Bytes::from(content))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StateError> {
        let prefix_owned = prefix.to_owned();
        self.run("list", prefix, move |full| {
            let mut found = Vec::new();
            collect(&full, &prefix_owned, &mut found)?;
            Ok(found)
        })
        .await
    }

    async fn delete(&self, path: &str) -> Result<(), StateError> {
        let root = self.root.clone();
        self.run("delete", path, move |full| {
            match fs::remove_file(&full) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            // Folders that became empty go too; one that is not empty refuses.
            let mut folder = full.parent();
            while let Some(empty) = folder.filter(|f| *f != root && fs::remove_dir(f).is_ok()) {
                folder = empty.parent();
            }
            Ok(())
        })
        .await
    }
}

fn write_new(full: &Path, content: &[u8]) -> io::Result<Creation> {
    let temporary = write_temporary(full, content)?;
    let linked = fs::hard_link(&temporary, full);
    fs::remove_file(&temporary)?;
    match linked {
        Ok(()) => sync_parent(full).map(|()| Creation::Created),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Creation::Exists),
        Err(error) => Err(error),
    }
}

fn write_temporary(full: &Path, content: &[u8]) -> io::Result<PathBuf> {
    let folder = full.parent().ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "a path without a folder"))?;
    make_folder(folder)?;
    let number = NEXT_TEMPORARY.fetch_add(1, Ordering::Relaxed);
    let temporary = folder.join(format!("{TEMPORARY}{}-{number}", std::process::id()));
    let write = || {
        let mut file = File::create(&temporary)?;
        file.write_all(content)?;
        file.sync_all()
    };
    // A full disk must not leave its half-written file behind.
    write().inspect_err(|_| drop(fs::remove_file(&temporary)))?;
    Ok(temporary)
}

/// Makes a folder and its parents, and syncs the parent of each one that was made.
fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        make_folder(parent)?;
    }
    match fs::create_dir(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    sync_parent(folder)
}

fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => File::open(parent)?.sync_all(),
        _ => Ok(()),
    }
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<String>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(TEMPORARY) {
            continue;
        }
        let path = format!("{prefix}/{name}");
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}
