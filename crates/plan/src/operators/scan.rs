//! StreamTableSourceScan: reads a table.

use serde::{Deserialize, Serialize};

use crate::expr::Expr;
use crate::table::MetadataKey;

/// Reads the columns that the plan needs, and nothing else, from a table; computed columns are made by a Calc above.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableSourceScan {
    /// Position in [`crate::Plan::tables`].
    pub table: usize,
    /// Output columns in order.
    pub columns: Vec<ScanColumn>,
    /// None when nothing above needs event time.
    pub watermark: Option<ScanWatermark>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ScanColumn {
    /// A physical column by name.
    Physical(String),
    Metadata(MetadataKey),
    /// `$rowtime`: the record's timestamp as TIMESTAMP_LTZ(3).
    Rowtime,
}

/// How the source makes watermarks, per partition (spec sql.md 2.6).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ScanWatermark {
    /// `SOURCE_WATERMARK()`. `rowtime` is the event time over the scan's columns.
    Source { rowtime: Expr },
    /// The largest `rowtime` seen.
    MaxSeen { rowtime: Expr },
    /// The largest value of `watermark`; both over the scan's columns. NULL values do not count.
    Expression { rowtime: Expr, watermark: Expr },
}
