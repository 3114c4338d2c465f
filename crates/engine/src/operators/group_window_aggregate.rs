//! StreamGroupWindowAggregate: by event time the same as an aggregation over a window function (decision 15).

use nutkin_plan::operators::{GroupWindowAggregate, WindowAggregate, WindowInput};

use crate::error::{Failure, FailureKind, Result};
use crate::operators::{Operator, OperatorOptions, window_aggregate};

pub(super) fn create(plan: &GroupWindowAggregate, options: &OperatorOptions<'_>) -> Result<Box<dyn Operator>> {
    super::refuse_session(&plan.window, "StreamGroupWindowAggregate")?;
    if !plan.is_event_time {
        let what = "StreamGroupWindowAggregate by processing time is planned, but cannot be run by this release";
        return Err(Failure::new(FailureKind::Unsupported, what));
    }
    let plan = WindowAggregate {
        grouping: plan.grouping.clone(),
        calls: plan.calls.clone(),
        input: WindowInput::Assign { window: plan.window, time_column: plan.time_column },
        properties: plan.properties.clone(),
    };
    window_aggregate::create(&plan, options)
}
