//! Transactions and producer ids on disk: a journal, and its content in memory.

use std::collections::BTreeMap;
use std::path::Path;

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::state::Transaction;
use crate::error::Error;
use crate::journal::Journal;

/// Producer ids reserved with one write.
const ID_BLOCK: i64 = 1000;

#[derive(Serialize, Deserialize)]
enum Record {
    /// Producer ids below this one may have been handed out.
    Ids(i64),
    /// The state of a transactional id.
    Set(String, Box<Transaction>),
    /// A transactional id was forgotten.
    Forget(String),
}

struct Ids {
    next: i64,
    reserved: i64,
}

/// All transactional ids.
pub struct Store {
    journal: Mutex<Journal<Record>>,
    transactions: Mutex<BTreeMap<String, Transaction>>,
    ids: Mutex<Ids>,
}

impl Store {
    /// Opens the journal in `dir`. Blocks.
    pub fn open(dir: &Path, sync: bool) -> Result<Self, Error> {
        let mut transactions = BTreeMap::new();
        let mut reserved = 0;
        let journal = Journal::open(dir.join("transactions.journal"), sync, |record| match record {
            Record::Ids(limit) => reserved = limit.max(reserved),
            Record::Set(id, transaction) => {
                transactions.insert(id, *transaction);
            }
            Record::Forget(id) => {
                transactions.remove(&id);
            }
        })?;
        let ids = Mutex::new(Ids { next: reserved, reserved });
        Ok(Self { journal: Mutex::new(journal), transactions: Mutex::new(transactions), ids })
    }

    /// A producer id that was never handed out. Blocks.
    pub fn fresh_id(&self) -> std::io::Result<i64> {
        let mut ids = self.ids.lock();
        if ids.next >= ids.reserved {
            let limit = ids.next + ID_BLOCK;
            self.journal.lock().append(&[Record::Ids(limit)])?;
            ids.reserved = limit;
        }
        ids.next += 1;
        Ok(ids.next - 1)
    }

    /// The state of a transactional id.
    pub fn get(&self, id: &str) -> Option<Transaction> {
        self.transactions.lock().get(id).cloned()
    }

    /// Every transactional id.
    pub fn all(&self) -> Vec<(String, Transaction)> {
        self.transactions.lock().iter().map(|(id, transaction)| (id.clone(), transaction.clone())).collect()
    }

    /// Transactional ids whose outcome is decided and not carried out.
    pub fn prepared(&self) -> Vec<String> {
        let transactions = self.transactions.lock();
        transactions.iter().filter(|(_, known)| known.phase.is_prepared()).map(|(id, _)| id.clone()).collect()
    }

    /// Stores a state; `durable` ones are synced as the journal is configured. Blocks.
    pub fn set(&self, id: &str, transaction: &Transaction, durable: bool) -> std::io::Result<()> {
        let mut journal = self.journal.lock();
        let record = [Record::Set(id.to_owned(), Box::new(transaction.clone()))];
        if durable { journal.append(&record) } else { journal.append_unsynced(&record) }?;
        self.transactions.lock().insert(id.to_owned(), transaction.clone());
        if journal.is_long() {
            let reserved = self.ids.try_lock().map(|ids| ids.reserved);
            // Whoever reserves ids waits for the journal: the rewriting is left to the next change.
            if let Some(reserved) = reserved {
                let all = self.all().into_iter().map(|(id, transaction)| Record::Set(id, Box::new(transaction)));
                journal.rewrite(std::iter::once(Record::Ids(reserved)).chain(all))?;
            }
        }
        Ok(())
    }

    /// Forgets a transactional id. Blocks.
    pub fn forget(&self, id: &str) -> std::io::Result<()> {
        let mut journal = self.journal.lock();
        journal.append_unsynced(&[Record::Forget(id.to_owned())])?;
        self.transactions.lock().remove(id);
        Ok(())
    }
}
