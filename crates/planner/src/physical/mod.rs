//! The streaming plan: exchanges, changelog modes, keys and operator ids.
//!
//! Lowering walks the relational tree from the sink. Going down it carries whether the consumer needs -U rows; coming up it
//! gives nodes. As in Flink, -U is made only where somebody needs it: aggregations leave it out otherwise, and an upsert
//! source gets a ChangelogNormalize only below a consumer that needs it. One file per operator.

use nutkin_plan::Plan;

use crate::error::Result;
use crate::relational::{Rel, RelOp};

mod aggregate;
mod builder;
mod calc;
mod changes;
mod correlate;
mod expand;
mod group_window;
mod join;
mod limit;
mod lookup_join;
mod match_recognize;
mod meaning;
mod over;
mod rank;
mod scan;
mod sink;
mod sort;
mod temporal_join;
mod two_phase;
mod union;
mod values;
mod window_aggregate;
mod window_function;

pub(crate) use builder::Builder;
pub(crate) use changes::changes;
pub(crate) use sink::Target;

/// Whether a consumer needs the old row of an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// +U alone will do.
    After,
    BeforeAndAfter,
}

impl Builder<'_> {
    /// The node that computes `rel`.
    fn lower(&mut self, rel: &Rel, need: Need) -> Result<usize> {
        match &rel.op {
            RelOp::Scan(op) => scan::lower(self, rel, op, need),
            RelOp::Values(op) => values::lower(self, rel, op),
            RelOp::Calc(op) => calc::lower(self, rel, op, need),
            RelOp::Union(op) => union::lower(self, rel, op, need),
            RelOp::Aggregate(op) => aggregate::lower(self, rel, op, need),
            RelOp::WindowFunction(op) => window_function::lower(self, rel, op),
            RelOp::WindowAggregate(op) => window_aggregate::lower(self, rel, op),
            RelOp::TemporalJoin(op) => temporal_join::lower(self, rel, op),
            RelOp::Limit(op) => limit::lower(self, rel, op, need),
            RelOp::Join(op) => join::lower(self, rel, op, need),
            RelOp::Over(op) => over::lower(self, rel, op, need),
            RelOp::Rank(op) => rank::lower(self, rel, op, need),
            RelOp::Sort(op) => sort::lower(self, rel, op, need),
            RelOp::Correlate(op) => correlate::lower(self, rel, op, need),
            RelOp::Expand(op) => expand::lower(self, rel, op, need),
            RelOp::GroupWindow(op) => group_window::lower(self, rel, op),
            RelOp::Match(op) => match_recognize::lower(self, rel, op),
            RelOp::LookupJoin(op) => lookup_join::lower(self, rel, op, need),
        }
    }

    /// The finished plan, checked.
    pub fn finish(self) -> Result<Plan> {
        self.plan.check().map_err(|error| {
            crate::error::PlannerError::new(crate::error::ErrorKind::Internal, error.to_string())
                .with_remedy("This is a defect of the planner; please report the statement.")
        })?;
        Ok(self.plan)
    }
}
