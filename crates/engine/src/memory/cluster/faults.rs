//! What goes wrong in clusters, at the wish of a test.

use super::{MemoryCluster, State, Transaction};

impl MemoryCluster {
    /// What a broker does at `transaction.timeout.ms`.
    pub(crate) fn time_out_transactions(&self) {
        let mut broker = self.broker.lock();
        let open: Vec<Transaction> =
            broker.transactions.iter().filter(|(_, state)| **state == State::Ongoing).map(|(key, _)| *key).collect();
        for key in open {
            broker.end(key, false);
            if let Some(id) = broker.ids.values_mut().find(|id| **id == key) {
                id.1 += 1;
            }
        }
    }

    pub(crate) fn open_count(&self) -> usize {
        self.broker.lock().transactions.values().filter(|state| **state == State::Ongoing).count()
    }

    /// Forgets every marker, as a broker does after `offsets.retention.minutes`.
    pub(crate) fn forget_markers(&self) {
        self.broker.lock().markers.clear();
    }
}
