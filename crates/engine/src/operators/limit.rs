//! StreamLimit: the first rows of an append-only input.

use nutkin_plan::operators::Limit;
use nutkin_types::Batch;
use serde::{Deserialize, Serialize};

use crate::error::{Failure, FailureKind, Result};
use crate::operators::{Cx, Operator, OperatorOptions};
use crate::state::{Part, Snapshot};

struct LimitOperator {
    limit: Limit,
    seen: Seen,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Seen {
    rows: u64,
}

pub(super) fn create(limit: &Limit, options: &OperatorOptions<'_>) -> Result<Box<dyn Operator>> {
    if !options.input_is_append(0) {
        let cause = "StreamLimit over rows that are updated is planned, but cannot be run by this release";
        return Err(Failure::new(FailureKind::Unsupported, cause));
    }
    Ok(Box::new(LimitOperator { limit: limit.clone(), seen: Seen::default() }))
}

impl Operator for LimitOperator {
    fn on_batch(&mut self, _port: usize, batch: Batch, cx: &mut Cx<'_>) -> Result<()> {
        let rows = batch.num_rows() as u64;
        let end = self.limit.offset.saturating_add(self.limit.fetch);
        // Row numbers of this batch that pass: offset..end, seen from the batch's first row.
        let from = self.limit.offset.saturating_sub(self.seen.rows).min(rows);
        let to = end.saturating_sub(self.seen.rows).min(rows);
        self.seen.rows = self.seen.rows.saturating_add(rows).min(end);
        if from < to {
            cx.emit(batch.slice(from as usize, (to - from) as usize));
        }
        Ok(())
    }

    fn snapshot(&mut self, _full: bool) -> Result<Snapshot> {
        let meta = serde_json::to_value(&self.seen).map_err(|error| Failure::internal(error.to_string()))?;
        Ok(Snapshot { meta, tables: Vec::new() })
    }

    fn restore(&mut self, parts: &[Part]) -> Result<()> {
        for part in parts {
            let seen: Seen = serde_json::from_value(part.meta.clone()).unwrap_or_default();
            self.seen.rows = self.seen.rows.max(seen.rows);
        }
        Ok(())
    }
}
