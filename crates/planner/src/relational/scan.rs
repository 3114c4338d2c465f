//! Reading a table.

use std::sync::Arc;

use nutkin_plan::operators::ScanColumn;
use nutkin_plan::{Expr, Table};

use super::Rel;

/// Reads stored columns; computed columns are made by a Calc above.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scan {
    /// With startup and bounded mode as hints and properties left them.
    pub table: Arc<Table>,
    pub columns: Vec<ScanColumn>,
    /// Event time over `columns`; None when the table has none, or when nothing above needs it.
    pub time: Option<ScanTime>,
    /// Of a query that ends, over a table that is updated by a key: its rows as they are at the end.
    pub at_end: bool,
}

/// How event time is read, and how it advances.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ScanTime {
    pub rowtime: Expr,
    pub source: WatermarkSource,
}

/// Where watermarks come from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum WatermarkSource {
    /// `SOURCE_WATERMARK()`.
    Source,
    MaxSeen,
    Expression(Expr),
}

impl Scan {
    pub(super) fn inputs(&self) -> Vec<&Rel> {
        Vec::new()
    }

    pub(super) fn inputs_mut(&mut self) -> Vec<&mut Rel> {
        Vec::new()
    }
}

impl ScanTime {
    /// Every expression.
    pub fn exprs_mut(&mut self) -> Vec<&mut Expr> {
        match &mut self.source {
            WatermarkSource::Expression(watermark) => vec![&mut self.rowtime, watermark],
            WatermarkSource::Source | WatermarkSource::MaxSeen => vec![&mut self.rowtime],
        }
    }

    /// The scan's columns that are read.
    pub fn inputs(&self) -> Vec<usize> {
        let mut inputs = self.rowtime.inputs();
        if let WatermarkSource::Expression(watermark) = &self.source {
            inputs.extend(watermark.inputs());
        }
        inputs
    }
}
