//! Values between the rows of an update, for accumulators that do nothing special about it: as many rows as lie between two
//! reads are folded at a time.

use arrow_array::{Array, ArrayRef, BooleanArray};

use super::{Accumulator, Read};
use crate::error::AggregateError;

/// The rows of one `trace` call.
pub(super) struct Folded<'a> {
    pub slots: &'a [u32],
    pub kinds: Option<&'a [u8]>,
    pub args: &'a [ArrayRef],
    pub filter: Option<&'a BooleanArray>,
}

impl Folded<'_> {
    fn fold(
        &self,
        accumulator: &mut (impl Accumulator + ?Sized),
        from: usize,
        to: usize,
    ) -> Result<(), AggregateError> {
        if from >= to {
            return Ok(());
        }
        let args: Vec<ArrayRef> = self.args.iter().map(|arg| arg.slice(from, to - from)).collect();
        let filter = self.filter.map(|filter| filter.slice(from, to - from));
        accumulator.update(&self.slots[from..to], self.kinds.map(|kinds| &kinds[from..to]), &args, filter.as_ref())
    }
}

pub(super) fn step_by_step(
    accumulator: &mut (impl Accumulator + ?Sized),
    rows: &Folded<'_>,
    reads: &[Read],
) -> Result<ArrayRef, AggregateError> {
    let (mut values, mut done) = (Vec::new(), 0);
    for same in reads.chunk_by(|a, b| a.after == b.after) {
        let after = same.first().map_or(0, |read| read.after as usize);
        rows.fold(accumulator, done, after)?;
        done = done.max(after);
        let slots: Vec<u32> = same.iter().map(|read| read.slot).collect();
        values.push(accumulator.values(&slots)?);
    }
    rows.fold(accumulator, done, rows.slots.len())?;
    match values.as_slice() {
        [] => accumulator.values(&[]),
        [only] => Ok(only.clone()),
        many => Ok(arrow_select::concat::concat(&many.iter().map(AsRef::as_ref).collect::<Vec<&dyn Array>>())?),
    }
}
