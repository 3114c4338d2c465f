//! [`prove`]: does a storage keep what [`Storage`] promises?
//!
//! A store that accepts a conditional request and ignores its condition looks fine until two jobs of one statement meet. So
//! it is tried before anything is entrusted to it: the second creation of a path must be refused, and a list must show what
//! was written just before. That two creations *at the same moment* have one winner cannot be proved from here.

use bytes::Bytes;

use super::{Creation, Storage};
use crate::error::StateError;

/// Folder of the files that are tried; ids of statements never begin with a dot.
const FOLDER: &str = ".probe";

/// Tries `storage` (`name` is for messages) and leaves nothing behind.
///
/// # Errors
/// [`StateError::Unsuitable`] when it does not keep a promise; other errors when it could not be tried.
pub async fn prove(storage: &dyn Storage, name: &str) -> Result<(), StateError> {
    let unsuitable = |problem: &str| StateError::Unsuitable { store: name.to_owned(), problem: problem.to_owned() };
    let path = format!("{FOLDER}/{}", uuid::Uuid::new_v4().simple());
    let first = match storage.create(&path, Bytes::from_static(b"first")).await {
        Err(StateError::Storage { source, .. }) if source.kind() == std::io::ErrorKind::Unsupported => {
            return Err(unsuitable(&format!("it cannot create a file only if it is absent: {source}")));
        }
        outcome => outcome?,
    };
    let outcome = async {
        if first != Creation::Created {
            return Err(unsuitable("it says that a file exists which nobody has written"));
        }
        if storage.create(&path, Bytes::from_static(b"second")).await? != Creation::Exists {
            return Err(unsuitable("it replaces a file that was to be created only if absent"));
        }
        if storage.get(&path).await?.as_deref() != Some(b"first") {
            return Err(unsuitable("it does not give back what was written"));
        }
        if !storage.list(FOLDER).await?.contains(&path) {
            return Err(unsuitable("a list does not show a file that was written before"));
        }
        Ok(())
    };
    let outcome = outcome.await;
    // What was found out matters more than a file that stays.
    let deleted = storage.delete(&path).await;
    outcome?;
    deleted?;
    match storage.list(FOLDER).await?.contains(&path) {
        true => Err(unsuitable("a list shows a file that was deleted before")),
        false => Ok(()),
    }
}
