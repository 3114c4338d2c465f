//! StreamWindowTableFunction: each row once per window it is in.

use std::sync::Arc;

use arrow_array::types::TimestampMillisecondType;
use arrow_array::{ArrayRef, PrimitiveArray, TimestampMillisecondArray, UInt32Array};
use arrow_schema::SchemaRef;
use nutkin_plan::WindowSpec;
use nutkin_plan::operators::WindowTableFunction;
use nutkin_types::arrow::{UTC, arrow_schema};
use nutkin_types::{Batch, LogicalType};

use crate::error::{Failure, Result};
use crate::operators::time::{WindowZone, event_times};
use crate::operators::{Cx, Operator, OperatorOptions};

struct WindowTableFunctionOperator {
    window: WindowSpec,
    time_column: usize,
    zone: WindowZone,
    /// window_time is TIMESTAMP_LTZ.
    is_instant: bool,
    schema: SchemaRef,
}

pub(super) fn create(plan: &WindowTableFunction, options: &OperatorOptions<'_>) -> Result<Box<dyn Operator>> {
    super::refuse_session(&plan.window, "StreamWindowTableFunction")?;
    let time = options.input(0)?.columns.get(plan.time_column);
    let time = time.ok_or_else(|| Failure::internal("a window over a column that is not there"))?;
    Ok(Box::new(WindowTableFunctionOperator {
        window: plan.window,
        time_column: plan.time_column,
        zone: WindowZone::new(&time.data_type.logical, options.evaluator.time_zone),
        is_instant: matches!(time.data_type.logical, LogicalType::TimestampLtz { .. }),
        schema: arrow_schema(options.output()),
    }))
}

impl Operator for WindowTableFunctionOperator {
    fn on_batch(&mut self, _port: usize, batch: Batch, cx: &mut Cx<'_>) -> Result<()> {
        let times = event_times(batch.column(self.time_column))?;
        let (mut rows, mut starts, mut ends, mut window_times) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (row, &time) in times.values().iter().enumerate() {
            let slice_end = self.window.slice_end(self.zone.local(time));
            for (start, end) in self.window.windows_of_slice(slice_end) {
                rows.push(row as u32);
                starts.push(start);
                ends.push(end);
                window_times.push(self.zone.window_time(end));
            }
        }
        let taken = batch.take(&UInt32Array::from(rows))?;
        let mut columns = taken.rows().columns().to_vec();
        columns.push(Arc::new(TimestampMillisecondArray::from(starts)));
        columns.push(Arc::new(TimestampMillisecondArray::from(ends)));
        columns.push(rowtime(window_times, self.is_instant));
        cx.emit(taken.with_columns(self.schema.clone(), columns)?);
        Ok(())
    }
}

/// Event times as TIMESTAMP_LTZ(3) or TIMESTAMP(3).
pub(super) fn rowtime(times: Vec<i64>, is_instant: bool) -> ArrayRef {
    let times: PrimitiveArray<TimestampMillisecondType> = times.into();
    if is_instant { Arc::new(times.with_timezone(UTC)) } else { Arc::new(times) }
}
