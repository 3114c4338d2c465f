//! The operators, one file per kind, named as Flink's exec nodes.

use serde::{Deserialize, Serialize};

pub mod aggregate;
pub mod calc;
pub mod changelog_normalize;
pub mod correlate;
pub mod deduplicate;
pub mod drop_update_before;
pub mod exchange;
pub mod expand;
pub mod global_group_aggregate;
pub mod global_window_aggregate;
pub mod group_window_aggregate;
pub mod incremental_group_aggregate;
pub mod interval_join;
pub mod join;
pub mod limit;
pub mod local_group_aggregate;
pub mod local_window_aggregate;
pub mod lookup_join;
pub mod match_recognize;
pub mod order;
pub mod over_aggregate;
pub mod partial;
pub mod rank;
pub mod scan;
pub mod sink;
pub mod sort;
pub mod sort_limit;
pub mod temporal_join;
pub mod temporal_sort;
pub mod union;
pub mod values;
pub mod window_aggregate;
pub mod window_deduplicate;
pub mod window_join;
pub mod window_rank;
pub mod window_table_function;

pub use aggregate::GroupAggregate;
pub use calc::Calc;
pub use changelog_normalize::ChangelogNormalize;
pub use correlate::{Correlate, TableFunctionCall};
pub use deduplicate::Deduplicate;
pub use drop_update_before::DropUpdateBefore;
pub use exchange::{Exchange, ExchangeKind};
pub use expand::Expand;
pub use global_group_aggregate::GlobalGroupAggregate;
pub use global_window_aggregate::GlobalWindowAggregate;
pub use group_window_aggregate::GroupWindowAggregate;
pub use incremental_group_aggregate::IncrementalGroupAggregate;
pub use interval_join::IntervalJoin;
pub use join::{Join, JoinCondition, JoinKind};
pub use limit::Limit;
pub use local_group_aggregate::LocalGroupAggregate;
pub use local_window_aggregate::LocalWindowAggregate;
pub use lookup_join::LookupJoin;
pub use match_recognize::Match;
pub use order::SortKey;
pub use over_aggregate::{Frame, FrameBound, FrameUnit, OverAggregate};
pub use partial::MergedCall;
pub use rank::{Rank, RankFunction, RankRange, RankStrategy};
pub use scan::{ScanColumn, ScanWatermark, TableSourceScan};
pub use sink::{Sink, SinkTarget};
pub use sort::Sort;
pub use sort_limit::SortLimit;
pub use temporal_join::{TemporalJoin, TemporalJoinKind};
pub use temporal_sort::TemporalSort;
pub use union::Union;
pub use values::Values;
pub use window_aggregate::{WindowAggregate, WindowInput, WindowProperty};
pub use window_deduplicate::WindowDeduplicate;
pub use window_join::{WindowColumns, WindowJoin};
pub use window_rank::WindowRank;
pub use window_table_function::WindowTableFunction;

/// Declares [`Operator`] from one table: variant, name in EXPLAIN, smallest and largest number of inputs.
macro_rules! operators {
    ($($variant:ident, $name:literal, $min:literal ..= $max:expr;)*) => {
        /// What a node does.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub enum Operator { $($variant($variant),)* }

        impl Operator {
            /// The name in EXPLAIN (spec operations.md 4.6).
            pub fn name(&self) -> &'static str {
                match self { $(Operator::$variant(_) => $name,)* }
            }

            pub(crate) fn accepts_inputs(&self, count: usize) -> bool {
                match self { $(Operator::$variant(_) => ($min..=$max).contains(&count),)* }
            }
        }

        $(impl From<$variant> for Operator {
            fn from(operator: $variant) -> Operator { Operator::$variant(operator) }
        })*
    };
}

operators! {
    TableSourceScan, "StreamTableSourceScan", 0..=0;
    Values, "StreamValues", 0..=0;
    Calc, "StreamCalc", 1..=1;
    Exchange, "StreamExchange", 1..=1;
    Union, "StreamUnion", 2..=usize::MAX;
    ChangelogNormalize, "StreamChangelogNormalize", 1..=1;
    DropUpdateBefore, "StreamDropUpdateBefore", 1..=1;
    GroupAggregate, "StreamGroupAggregate", 1..=1;
    LocalGroupAggregate, "StreamLocalGroupAggregate", 1..=1;
    GlobalGroupAggregate, "StreamGlobalGroupAggregate", 1..=1;
    IncrementalGroupAggregate, "StreamIncrementalGroupAggregate", 1..=1;
    WindowTableFunction, "StreamWindowTableFunction", 1..=1;
    WindowAggregate, "StreamWindowAggregate", 1..=1;
    LocalWindowAggregate, "StreamLocalWindowAggregate", 1..=1;
    GlobalWindowAggregate, "StreamGlobalWindowAggregate", 1..=1;
    TemporalJoin, "StreamTemporalJoin", 2..=2;
    Limit, "StreamLimit", 1..=1;
    Join, "StreamJoin", 2..=2;
    IntervalJoin, "StreamIntervalJoin", 2..=2;
    WindowJoin, "StreamWindowJoin", 2..=2;
    LookupJoin, "StreamLookupJoin", 1..=1;
    Correlate, "StreamCorrelate", 1..=1;
    OverAggregate, "StreamOverAggregate", 1..=1;
    Rank, "StreamRank", 1..=1;
    Deduplicate, "StreamDeduplicate", 1..=1;
    WindowRank, "StreamWindowRank", 1..=1;
    WindowDeduplicate, "StreamWindowDeduplicate", 1..=1;
    Sort, "StreamSort", 1..=1;
    TemporalSort, "StreamTemporalSort", 1..=1;
    SortLimit, "StreamSortLimit", 1..=1;
    Expand, "StreamExpand", 1..=1;
    GroupWindowAggregate, "StreamGroupWindowAggregate", 1..=1;
    Match, "StreamMatch", 1..=1;
    Sink, "StreamSink", 1..=1;
}

impl Operator {
    /// Position in the plan's tables of the table that is read or written.
    pub fn table(&self) -> Option<usize> {
        match self {
            Operator::TableSourceScan(scan) => Some(scan.table),
            Operator::LookupJoin(join) => Some(join.table),
            Operator::Sink(sink) => match sink.target {
                SinkTarget::Table(table) => Some(table),
                SinkTarget::Collect => None,
            },
            _ => None,
        }
    }
}
