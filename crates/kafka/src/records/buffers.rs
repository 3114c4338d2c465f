//! [`Buffers`]: memory of records that were read, for those that come next.
//!
//! An answer decompresses to some megabytes. Fresh memory of that size comes from the system page by page and goes back the same way,
//! which costs as much as filling it. A reader that is busy therefore keeps a few buffers; one with nothing to read keeps none.

use std::sync::{Arc, Weak};

use bytes::Bytes;
use parking_lot::Mutex;

/// Buffers kept at a time.
const KEPT: usize = 4;
/// A larger buffer is given back at once: it came from an unusual answer.
const LARGEST: usize = 16 << 20;

/// Buffers of a reader; they come back by themselves when the records in them are dropped.
#[derive(Debug, Clone, Default)]
pub struct Buffers(Arc<Mutex<Vec<Vec<u8>>>>);

impl Buffers {
    /// An empty one, with memory if there is one.
    pub(super) fn take(&self) -> Vec<u8> {
        self.0.lock().pop().unwrap_or_default()
    }

    /// The bytes, whose memory is kept when nobody holds them any more.
    pub(super) fn share(&self, bytes: Vec<u8>) -> Bytes {
        if bytes.is_empty() {
            return Bytes::new();
        }
        Bytes::from_owner(Shared { bytes, home: Arc::downgrade(&self.0) })
    }

    /// Gives the memory back to the system.
    pub(crate) fn clear(&self) {
        self.0.lock().clear();
    }
}

struct Shared {
    bytes: Vec<u8>,
    home: Weak<Mutex<Vec<Vec<u8>>>>,
}

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        let Some(home) = self.home.upgrade().filter(|_| bytes.capacity() <= LARGEST) else { return };
        bytes.clear();
        let mut kept = home.lock();
        if kept.len() < KEPT {
            kept.push(bytes);
        }
    }
}
