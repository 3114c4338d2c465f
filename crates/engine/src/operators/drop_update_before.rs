//! StreamDropUpdateBefore.

use arrow_array::BooleanArray;
use nutkin_types::{Batch, RowKind};

use crate::error::Result;
use crate::operators::{Cx, Operator};

struct DropUpdateBefore;

pub(super) fn create() -> Result<Box<dyn Operator>> {
    Ok(Box::new(DropUpdateBefore))
}

impl Operator for DropUpdateBefore {
    fn on_batch(&mut self, _port: usize, batch: Batch, cx: &mut Cx<'_>) -> Result<()> {
        let stays = |kind: &u8| *kind != RowKind::UpdateBefore as u8;
        let stay: Option<BooleanArray> = batch.kinds().map(|kinds| kinds.iter().map(stays).map(Some).collect());
        cx.emit(match stay {
            Some(stay) if stay.true_count() < batch.num_rows() => batch.filter(&stay)?,
            _ => batch,
        });
        Ok(())
    }
}
