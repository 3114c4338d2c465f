//! The relational plan: a tree of operators with typed columns, before exchanges and changelog modes are chosen.
//!
//! Analysis writes it, [`crate::rules`] rewrite it, [`crate::physical`] lowers it. Filter and projection are one operator
//! ([`Calc`]) from the start. A tree, not a graph: equal parts are found when they are lowered. One file per operator.

use nutkin_types::{Column, Schema};

/// The inputs of an operator that has one.
macro_rules! one_input {
    ($operator:ident) => {
        impl $operator {
            pub(super) fn inputs(&self) -> Vec<&Rel> {
                vec![&self.input]
            }

            pub(super) fn inputs_mut(&mut self) -> Vec<&mut Rel> {
                vec![&mut self.input]
            }
        }
    };
}
use one_input;

mod aggregate;
mod calc;
mod correlate;
mod expand;
mod group_window;
mod join;
pub(crate) mod keys;
mod limit;
mod lookup_join;
mod match_recognize;
mod over;
mod rank;
mod scan;
mod sort;
mod temporal_join;
mod union;
mod values;
mod window_aggregate;
mod window_function;
pub(crate) mod window_properties;

pub(crate) use aggregate::{Aggregate, AggregateStep};
pub(crate) use calc::{Calc, identity, time_of};
pub(crate) use correlate::Correlate;
pub(crate) use expand::Expand;
pub(crate) use group_window::GroupWindow;
pub(crate) use join::{Join, JoinBound, join_schema};
pub(crate) use limit::Limit;
pub(crate) use lookup_join::LookupJoin;
pub(crate) use match_recognize::Match;
pub(crate) use over::Over;
pub(crate) use rank::Rank;
pub(crate) use scan::{Scan, ScanTime, WatermarkSource};
pub(crate) use sort::Sort;
pub(crate) use temporal_join::TemporalJoin;
pub(crate) use union::Union;
pub(crate) use values::Values;
pub(crate) use window_aggregate::WindowAggregate;
pub(crate) use window_function::WindowFunction;

/// An operator with its inputs and its output columns.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rel {
    pub op: RelOp,
    pub schema: Schema,
}

/// Declares [`RelOp`] from one table: variants, and from them the conversions.
macro_rules! operators {
    ($($variant:ident),*) => {
        #[derive(Debug, Clone, PartialEq)]
        pub(crate) enum RelOp { $($variant($variant),)* }

        $(impl From<$variant> for RelOp {
            fn from(op: $variant) -> RelOp { RelOp::$variant(op) }
        })*

        impl Rel {
            /// The inputs, left to right.
            pub fn inputs(&self) -> Vec<&Rel> {
                match &self.op { $(RelOp::$variant(op) => op.inputs(),)* }
            }

            /// The inputs, to be changed in place.
            pub fn inputs_mut(&mut self) -> Vec<&mut Rel> {
                match &mut self.op { $(RelOp::$variant(op) => op.inputs_mut(),)* }
            }
        }
    };
}

operators!(
    Scan,
    Values,
    Calc,
    Union,
    Aggregate,
    WindowFunction,
    WindowAggregate,
    TemporalJoin,
    Limit,
    Join,
    Over,
    Rank,
    Sort,
    Correlate,
    Expand,
    GroupWindow,
    Match,
    LookupJoin
);

impl Rel {
    pub fn new(op: impl Into<RelOp>, schema: Schema) -> Rel {
        Rel { op: op.into(), schema }
    }

    /// Column `index` of the output; the planner only makes positions that exist.
    pub fn column(&self, index: usize) -> Option<&Column> {
        self.schema.columns.get(index)
    }
}
