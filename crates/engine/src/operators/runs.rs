//! [`Runs`]: a batch in pieces, in each of which no key comes twice, so that every row can be answered by itself and yet many
//! in one go.

use std::ops::Range;

use arrow_array::ArrayRef;
use arrow_schema::DataType as ArrowType;
use nutkin_types::Batch;

use crate::error::Result;
use crate::operators::aggregates::columns_at;
use crate::state::KeyIndex;

pub(super) struct Runs {
    key: Vec<usize>,
    /// Empty between batches.
    index: KeyIndex,
}

impl Runs {
    /// By the columns `key`, which have these types.
    pub fn new(key: &[usize], types: &[ArrowType]) -> Result<Runs> {
        Ok(Runs { key: key.to_vec(), index: KeyIndex::new(types)? })
    }

    /// The pieces of `batch`, in order.
    pub fn split(&mut self, batch: &Batch) -> Result<Vec<Batch>> {
        let columns = columns_at(batch, &self.key);
        let ranges = self.ranges(&columns, batch.num_rows())?;
        Ok(ranges.into_iter().map(|range| batch.slice(range.start, range.len())).collect())
    }

    fn ranges(&mut self, columns: &[ArrayRef], rows: usize) -> Result<Vec<Range<usize>>> {
        let mut keys = Vec::new();
        self.index.insert(columns, rows, &mut keys, |_| {})?;
        // One more than the last row of each key.
        let mut last = vec![0; self.index.capacity()];
        self.index.reset();
        let (mut ranges, mut start) = (Vec::new(), 0);
        for (row, &key) in keys.iter().enumerate() {
            if last[key as usize] > start {
                ranges.push(start..row);
                start = row;
            }
            last[key as usize] = row + 1;
        }
        ranges.push(start..rows);
        Ok(ranges)
    }
}
