//! [`Output`]: the sending side of an exchange in one subtask.

use arrow_array::UInt32Array;
use nutkin_functions::keys::{KeyEncoder, key_group};
use nutkin_plan::operators::ExchangeKind;
use nutkin_types::Batch;

use crate::error::Result;
use crate::runtime::channel::Sender;
use crate::runtime::element::Element;
use crate::state::KeyGroupRange;

pub(crate) struct Output {
    kind: ExchangeKind,
    senders: Vec<Sender>,
    encoder: KeyEncoder,
}

impl Output {
    /// An exchange to as many subtasks as there are senders.
    pub fn new(kind: ExchangeKind, senders: Vec<Sender>) -> Output {
        Output { kind, senders, encoder: KeyEncoder::new() }
    }

    /// Batches go to the subtasks that own their rows' keys, everything else to all.
    pub async fn send(&mut self, element: Element) -> Result<()> {
        match element {
            Element::Batch(batch) => self.send_batch(batch).await,
            other => {
                for sender in &self.senders {
                    sender.send(other.clone()).await;
                }
                Ok(())
            }
        }
    }

    async fn send_batch(&mut self, batch: Batch) -> Result<()> {
        let keys = match &self.kind {
            ExchangeKind::Hash(keys) if self.senders.len() > 1 => keys,
            _ => {
                self.senders[0].send(Element::Batch(batch)).await;
                return Ok(());
            }
        };
        let columns: Vec<_> = keys.iter().map(|&key| batch.column(key).clone()).collect();
        self.encoder.encode(&columns, batch.num_rows())?;
        let parallelism = self.senders.len() as u32;
        let mut rows: Vec<Vec<u32>> = vec![Vec::new(); self.senders.len()];
        for row in 0..batch.num_rows() {
            let owner = KeyGroupRange::owner(key_group(self.encoder.key(row)), parallelism);
            rows[owner as usize].push(row as u32);
        }
        for (sender, rows) in self.senders.iter().zip(rows) {
            if rows.len() == batch.num_rows() {
                sender.send(Element::Batch(batch.clone())).await;
            } else if !rows.is_empty() {
                sender.send(Element::Batch(batch.take(&UInt32Array::from(rows))?)).await;
            }
        }
        Ok(())
    }
}
