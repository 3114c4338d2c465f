//! [`Pane`]: the aggregates of one slice by key.

use arrow_array::ArrayRef;
use arrow_schema::DataType as ArrowType;
use nutkin_plan::operators::MergedCall;
use nutkin_types::Batch;

use crate::error::Result;
use crate::operators::aggregates::Aggregates;
use crate::operators::partials::Partials;
use crate::state::KeyIndex;

/// What a pane is made from.
pub(super) struct Recipe {
    pub calls: Vec<MergedCall>,
    /// A window is put together from its end.
    pub latest_first: bool,
    pub retracts: bool,
    pub key_types: Vec<ArrowType>,
}

pub(super) struct Pane {
    pub index: KeyIndex,
    pub aggregates: Aggregates,
    /// Rows per slot, kept when rows can be taken back.
    pub counts: Vec<i64>,
}

impl Pane {
    pub fn new(recipe: &Recipe) -> Result<Pane> {
        Ok(Pane {
            index: KeyIndex::new(&recipe.key_types)?,
            aggregates: Aggregates::of(&recipe.calls, recipe.retracts)?,
            counts: Vec::new(),
        })
    }

    pub fn grow(&mut self) {
        self.aggregates.resize(self.index.capacity());
        self.counts.resize(self.index.capacity(), 0);
    }

    /// Folds rows, or partial results that `merge` reads.
    pub fn update(&mut self, keys: &[ArrayRef], batch: &Batch, merge: Option<&mut Partials>) -> Result<()> {
        let mut slots = Vec::new();
        self.index.insert(keys, batch.num_rows(), &mut slots, |_| {})?;
        self.grow();
        slots.iter().for_each(|&slot| self.index.touch(slot));
        match merge {
            None => {
                for (row, &slot) in slots.iter().enumerate() {
                    self.counts[slot as usize] += batch.kind(row).sign();
                }
                self.aggregates.update(&slots, batch)
            }
            Some(merge) => {
                for (count, &slot) in merge.counts(batch)?.iter().zip(&slots) {
                    self.counts[slot as usize] += count;
                }
                merge.merge(batch, &slots, &mut self.aggregates)
            }
        }
    }

    /// Folds all of `other` into this pane.
    pub fn merge(&mut self, other: &Pane) -> Result<()> {
        let from = other.index.slots();
        let mut into = Vec::new();
        self.index.insert(&other.index.columns(&from)?, from.len(), &mut into, |_| {})?;
        self.grow();
        for (&into, &from) in into.iter().zip(&from) {
            self.counts[into as usize] += other.counts[from as usize];
        }
        self.aggregates.merge(&into, &other.aggregates, &from)
    }

    pub fn memory(&self) -> usize {
        self.index.memory() + self.aggregates.memory() + self.counts.capacity() * 8
    }
}
