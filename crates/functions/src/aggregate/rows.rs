//! Walking over the rows of an update: which slot, and whether the row comes or goes.

use arrow_array::{Array, BooleanArray};
use arrow_buffer::NullBuffer;

use super::Read;

/// The rows of one `update` call.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub slots: &'a [u32],
    pub kinds: Option<&'a [u8]>,
    pub filter: Option<&'a BooleanArray>,
}

impl Rows<'_> {
    /// Calls `visit(row, slot, adds)` for every row that passes the filter and is not NULL in `nulls`. Without kinds,
    /// filter and NULLs this is one tight loop.
    pub fn for_each(&self, nulls: Option<&NullBuffer>, mut visit: impl FnMut(usize, usize, bool)) {
        let nulls = nulls.filter(|nulls| nulls.null_count() > 0);
        match (self.kinds, self.filter, nulls) {
            (None, None, None) => {
                for (row, &slot) in self.slots.iter().enumerate() {
                    visit(row, slot as usize, true);
                }
            }
            (kinds, filter, nulls) => {
                for (row, &slot) in self.slots.iter().enumerate() {
                    let passes = filter.is_none_or(|mask| mask.is_valid(row) && mask.value(row));
                    if passes && nulls.is_none_or(|nulls| nulls.is_valid(row)) {
                        let adds = kinds.and_then(|kinds| kinds.get(row)).is_none_or(|&kind| kind == 0 || kind == 2);
                        visit(row, slot as usize, adds);
                    }
                }
            }
        }
    }

    /// [`Rows::for_each`], with the reads of a trace at their places between the rows.
    pub fn for_each_and_read(&self, nulls: Option<&NullBuffer>, reads: &[Read], mut visit: impl FnMut(Step)) {
        let mut due = reads.iter().peekable();
        self.for_each(nulls, |row, slot, adds| {
            while let Some(read) = due.next_if(|read| read.after as usize <= row) {
                visit(Step::Read { slot: read.slot as usize });
            }
            visit(Step::Row { row, slot, adds });
        });
        due.for_each(|read| visit(Step::Read { slot: read.slot as usize }));
    }
}

/// What happens next in a trace.
pub(super) enum Step {
    Row { row: usize, slot: usize, adds: bool },
    Read { slot: usize },
}
