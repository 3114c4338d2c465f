//! The operators, one file per kind, named as Flink's exec nodes.

use serde::{Deserialize, Serialize};

pub mod aggregate;
pub mod calc;
pub mod changelog_normalize;
pub mod exchange;
pub mod limit;
pub mod scan;
pub mod sink;
pub mod temporal_join;
pub mod union;
pub mod values;
pub mod window_aggregate;
pub mod window_table_function;

pub use aggregate::GroupAggregate;
pub use calc::Calc;
pub use changelog_normalize::ChangelogNormalize;
pub use exchange::{Exchange, ExchangeKind};
pub use limit::Limit;
pub use scan::{ScanColumn, ScanWatermark, TableSourceScan};
pub use sink::{Sink, SinkTarget};
pub use temporal_join::{TemporalJoin, TemporalJoinKind};
pub use union::Union;
pub use values::Values;
pub use window_aggregate::{WindowAggregate, WindowInput, WindowProperty};
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
    GroupAggregate, "StreamGroupAggregate", 1..=1;
    WindowTableFunction, "StreamWindowTableFunction", 1..=1;
    WindowAggregate, "StreamWindowAggregate", 1..=1;
    TemporalJoin, "StreamTemporalJoin", 2..=2;
    Limit, "StreamLimit", 1..=1;
    Sink, "StreamSink", 1..=1;
}

impl Operator {
    /// Position in the plan's tables of the table that is read or written.
    pub fn table(&self) -> Option<usize> {
        match self {
            Operator::TableSourceScan(scan) => Some(scan.table),
            Operator::Sink(sink) => match sink.target {
                SinkTarget::Table(table) => Some(table),
                SinkTarget::Collect => None,
            },
            _ => None,
        }
    }
}
