//! [`Generator`]: batches of a table's rows, only the columns asked for.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, TimestampMillisecondArray};
use arrow_schema::{ArrowError, SchemaRef};
use nutkin_types::arrow::{UTC, arrow_schema};
use thiserror::Error;

use crate::clock::Clock;
use crate::columns::Source;
use crate::table::Table;

/// Why no rows could be made.
#[derive(Debug, Error)]
pub enum GenerateError {
    #[error("table {table} of examples.marketplace has no column number {column}; it has {columns}")]
    NoSuchColumn { table: &'static str, column: usize, columns: usize },
    #[error("the generated columns do not make a batch: {0}")]
    Arrow(#[from] ArrowError),
}

/// Makes rows of one table. Row n is the same for every generator of the same seed and table.
#[derive(Debug, Clone)]
pub struct Generator {
    source: Source,
    projection: Vec<usize>,
    schema: SchemaRef,
}

impl Generator {
    /// All columns of `table`.
    pub fn new(table: Table, seed: u64) -> Generator {
        let schema = table.schema();
        let projection = (0..schema.len()).collect();
        Generator { source: Source { seed, table }, projection, schema: arrow_schema(&schema) }
    }

    /// Only the columns at these positions, in this order.
    pub fn with_projection(self, projection: &[usize]) -> Result<Generator, GenerateError> {
        let schema = self.source.table.schema();
        let columns = schema.len();
        if let Some(&column) = projection.iter().find(|&&column| column >= columns) {
            return Err(GenerateError::NoSuchColumn { table: self.source.table.name(), column, columns });
        }
        let arrow = arrow_schema(&schema.project(projection));
        Ok(Generator { projection: projection.to_vec(), schema: arrow, ..self })
    }

    pub fn table(&self) -> Table {
        self.source.table
    }

    /// Schema of the batches.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The rows of the range, in order.
    pub fn rows(&self, rows: Range<u64>) -> Result<RecordBatch, GenerateError> {
        let count = rows.end.saturating_sub(rows.start) as usize;
        let columns: Vec<ArrayRef> =
            self.projection.iter().filter_map(|&column| self.source.column(column, rows.clone())).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        Ok(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?)
    }
}

/// `$rowtime` of the rows: TIMESTAMP_LTZ(3).
pub fn timestamps(clock: &Clock, rows: Range<u64>) -> ArrayRef {
    Arc::new(TimestampMillisecondArray::from_iter_values(rows.map(|row| clock.timestamp(row))).with_timezone(UTC))
}
