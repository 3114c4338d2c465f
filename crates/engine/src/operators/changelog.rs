//! [`Changes`]: a changelog put together from rows of two sets of columns.

use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, UInt8Array};
use arrow_schema::SchemaRef;
use arrow_select::interleave::interleave;
use nutkin_types::{Batch, RowKind};

use crate::error::Result;

/// Which of the two sets a row comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Old = 0,
    New = 1,
}

/// Rows of the output, in order.
#[derive(Debug, Default)]
pub(super) struct Changes {
    rows: Vec<(usize, usize)>,
    kinds: Vec<u8>,
}

impl Changes {
    pub fn push(&mut self, kind: RowKind, side: Side, row: usize) {
        self.rows.push((side as usize, row));
        self.kinds.push(kind as u8);
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The changes as a batch of `schema`; an append batch when all are inserts and `append` allows it.
    pub fn batch(self, schema: &SchemaRef, old: &[ArrayRef], new: &[ArrayRef]) -> Result<Batch> {
        let columns = old.iter().zip(new).map(|(old, new)| {
            let sides: [&dyn Array; 2] = [old, new];
            interleave(&sides, &self.rows)
        });
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(self.rows.len()));
        let rows = RecordBatch::try_new_with_options(schema.clone(), columns, &options)?;
        Ok(Batch::changelog(rows, UInt8Array::from(self.kinds))?)
    }
}
