//! Warning 4: sessions of all rows together, in one task.

use nutkin_plan::operators::WindowInput;
use nutkin_plan::{Operator, Plan, WindowSpec};

use super::{Severity, Warning};

pub(super) fn check(plan: &Plan) -> Option<Warning> {
    let is_session = |window: &WindowSpec| matches!(window, WindowSpec::Session { .. });
    let together = |operator: &Operator| match operator {
        Operator::WindowTableFunction(function) => is_session(&function.window) && function.partition.is_empty(),
        Operator::GroupWindowAggregate(aggregate) => is_session(&aggregate.window) && aggregate.grouping.is_empty(),
        Operator::WindowAggregate(aggregate) => match &aggregate.input {
            WindowInput::Assign { window, .. } => is_session(window) && aggregate.grouping.is_empty(),
            WindowInput::Attached { .. } => false,
        },
        _ => false,
    };
    plan.nodes.iter().any(|node| together(&node.operator)).then(|| Warning {
        severity: Severity::Moderate,
        reason: "SESSION_WINDOW_WITHOUT_PARTITION_BY".to_owned(),
        message: "Your query uses a SESSION window without a PARTITION BY clause. This results in all data being processed by a single, non-parallel task, which can create a significant bottleneck, leading to poor performance and high resource consumption. To improve performance and enable parallel execution, specify a PARTITION BY key in your SESSION window. For more information, see https://cnfl.io/session_without_partioning.".to_owned(),
    })
}
