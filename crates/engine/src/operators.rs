//! The operators: synchronous, pushed from their inputs, one file per kind of plan operator, listed in [`create`].

use std::sync::Arc;

use nutkin_functions::{EvaluationContext, EvaluatorOptions};
use nutkin_plan::{Operator as PlanOperator, Plan};
use nutkin_types::Batch;

use crate::error::{Failure, FailureKind, Result};
use crate::state::{KeyGroupRange, Part, Snapshot};
use crate::telemetry::Telemetry;

mod aggregates;
pub(crate) mod arrival;
mod calc;
mod changelog;
mod changelog_normalize;
mod drop_update_before;
mod expand;
mod group_aggregate;
mod group_window_aggregate;
mod groups;
mod incremental_group_aggregate;
mod keyed_rows;
mod limit;
mod local_group_aggregate;
mod local_window_aggregate;
mod over;
mod partials;
mod runs;
mod sort;
mod temporal_join;
mod time;
mod union;
pub(crate) mod upsert_materializer;
mod window_aggregate;
mod window_table_function;

/// A running operator of one subtask. Every call handles a whole batch.
pub(crate) trait Operator: Send {
    /// Rows at input `port`.
    fn on_batch(&mut self, port: usize, batch: Batch, cx: &mut Cx<'_>) -> Result<()>;

    /// The combined watermark of all inputs has risen to `watermark`. It is sent on after this returns.
    fn on_watermark(&mut self, _watermark: i64, _cx: &mut Cx<'_>) -> Result<()> {
        Ok(())
    }

    /// What changed since the last snapshot; everything when `full`.
    fn snapshot(&mut self, _full: bool) -> Result<Snapshot> {
        Ok(Snapshot::default())
    }

    /// State of all former subtasks; called before anything else.
    fn restore(&mut self, _parts: &[Part]) -> Result<()> {
        Ok(())
    }

    fn state_bytes(&self) -> usize {
        0
    }
}

/// What an operator works with during one call.
pub(crate) struct Cx<'a> {
    /// Wall clock, milliseconds since the epoch.
    pub now: i64,
    /// Combined watermark of the operator's inputs before this call; `i64::MIN` before the first.
    pub watermark: i64,
    pub telemetry: &'a Telemetry,
    /// Batches put out.
    pub out: &'a mut Vec<Batch>,
}

impl Cx<'_> {
    pub fn emit(&mut self, batch: Batch) {
        if batch.num_rows() > 0 {
            self.out.push(batch);
        }
    }

    pub fn evaluation(&self) -> EvaluationContext {
        EvaluationContext {
            now_millis: self.now,
            query_start_millis: None,
            current_watermark: (self.watermark > i64::MIN).then_some(self.watermark),
        }
    }
}

/// What operators are made from.
pub(crate) struct OperatorOptions<'a> {
    pub plan: &'a Arc<Plan>,
    /// Position in the plan.
    pub node: usize,
    pub range: KeyGroupRange,
    pub evaluator: EvaluatorOptions,
    /// Rows per batch put out.
    pub batch_rows: usize,
}

impl OperatorOptions<'_> {
    /// Schema of input `port`.
    pub fn input(&self, port: usize) -> Result<&nutkin_types::Schema> {
        let node = &self.plan.nodes[self.node];
        let input = node.inputs.get(port).and_then(|&input| self.plan.nodes.get(input));
        input.map(|input| &input.schema).ok_or_else(|| Failure::internal(format!("{} has no input {port}", node.id)))
    }

    pub fn output(&self) -> &nutkin_types::Schema {
        &self.plan.nodes[self.node].schema
    }

    /// True when every row has to be answered by itself, as Flink answers it: batches of one row ask for Flink's changelog, and
    /// what stands behind may look at the order of rows.
    pub fn row_by_row(&self) -> bool {
        self.batch_rows == 1 || arrival::order_is_seen(self.plan, self.node)
    }

    /// True when input `port` only ever inserts.
    pub fn input_is_append(&self, port: usize) -> bool {
        let node = &self.plan.nodes[self.node];
        node.inputs.get(port).is_none_or(|&input| self.plan.nodes[input].changelog_mode.is_append())
    }
}

/// The running form of a plan operator that is neither source, sink nor exchange.
pub(crate) fn create(options: &OperatorOptions<'_>) -> Result<Box<dyn Operator>> {
    let node = &options.plan.nodes[options.node];
    match &node.operator {
        PlanOperator::Calc(calc) => calc::create(calc, options),
        PlanOperator::Union(_) => union::create(options),
        PlanOperator::DropUpdateBefore(_) => drop_update_before::create(),
        PlanOperator::GroupAggregate(aggregate) => group_aggregate::create(aggregate, options),
        PlanOperator::WindowAggregate(aggregate) => window_aggregate::create(aggregate, options),
        PlanOperator::LocalGroupAggregate(aggregate) => local_group_aggregate::create(aggregate, options),
        PlanOperator::GlobalGroupAggregate(aggregate) => group_aggregate::create_global(aggregate, options),
        PlanOperator::IncrementalGroupAggregate(aggregate) => incremental_group_aggregate::create(aggregate, options),
        PlanOperator::LocalWindowAggregate(aggregate) => local_window_aggregate::create(aggregate, options),
        PlanOperator::GlobalWindowAggregate(aggregate) => window_aggregate::create_global(aggregate, options),
        PlanOperator::GroupWindowAggregate(aggregate) => group_window_aggregate::create(aggregate, options),
        PlanOperator::WindowTableFunction(function) => window_table_function::create(function, options),
        PlanOperator::TemporalJoin(join) => temporal_join::create(join, options),
        PlanOperator::ChangelogNormalize(normalize) => changelog_normalize::create(normalize, options),
        PlanOperator::OverAggregate(over) => over::create(over, options),
        PlanOperator::Expand(expand) => expand::create(expand, options),
        PlanOperator::Sort(sort) => sort::create(sort, options),
        PlanOperator::Limit(limit) => limit::create(limit, options),
        PlanOperator::TableSourceScan(_)
        | PlanOperator::Values(_)
        | PlanOperator::Exchange(_)
        | PlanOperator::Sink(_) => {
            Err(Failure::new(FailureKind::Unsupported, format!("{} is not a chained operator", node.operator.name())))
        }
        other => Err(Failure::new(
            FailureKind::Unsupported,
            format!("The operator {} [{}] is planned, but cannot be run by this release", other.name(), node.id),
        )),
    }
}

/// Whether this release runs every operator of `plan`, which a statement asks before it makes the table that the plan fills.
///
/// # Errors
/// The failure of kind [`FailureKind::Unsupported`] that the job would end with. Other problems are left to the job.
pub fn check(plan: &Plan) -> Result<()> {
    let plan = Arc::new(plan.clone());
    let time_zone = nutkin_functions::TimeZone::parse(&plan.time_zone).unwrap_or_default();
    for (node, plan_node) in plan.nodes.iter().enumerate() {
        let options = OperatorOptions {
            plan: &plan,
            node,
            range: KeyGroupRange::of(0, 1),
            evaluator: EvaluatorOptions { time_zone },
            batch_rows: 1,
        };
        let made = match &plan_node.operator {
            PlanOperator::TableSourceScan(_)
            | PlanOperator::Values(_)
            | PlanOperator::Exchange(_)
            | PlanOperator::Sink(_) => continue,
            _ => create(&options),
        };
        match made {
            Err(failure) if failure.kind == FailureKind::Unsupported => return Err(failure),
            _ => {}
        }
    }
    Ok(())
}

/// Session windows depend on the rows and have no slices.
fn refuse_session(window: &nutkin_plan::WindowSpec, operator: &str) -> Result<()> {
    match window {
        nutkin_plan::WindowSpec::Session { .. } => Err(Failure::new(
            FailureKind::Unsupported,
            format!("{operator} over SESSION windows is planned, but cannot be run by this release"),
        )),
        _ => Ok(()),
    }
}

impl From<nutkin_functions::EvaluationError> for Failure {
    fn from(error: nutkin_functions::EvaluationError) -> Failure {
        let kind = match error {
            nutkin_functions::EvaluationError::Internal(_) => FailureKind::Internal,
            _ => FailureKind::Evaluation,
        };
        Failure::caused(kind, "", &error)
    }
}

impl From<nutkin_functions::AggregateError> for Failure {
    fn from(error: nutkin_functions::AggregateError) -> Failure {
        use nutkin_functions::AggregateError;
        match error {
            AggregateError::Evaluation(error) => error.into(),
            AggregateError::NotRetractable { .. } => Failure::caused(FailureKind::Unsupported, "", &error),
            AggregateError::Internal(_) => Failure::caused(FailureKind::Internal, "", &error),
        }
    }
}

impl From<nutkin_functions::FunctionError> for Failure {
    fn from(error: nutkin_functions::FunctionError) -> Failure {
        Failure::caused(FailureKind::Unsupported, "", &error)
    }
}
