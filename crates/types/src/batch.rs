//! [`Batch`]: what flows between operators.
//!
//! An Arrow `RecordBatch` plus, for changelogs, one [`RowKind`] per row. No kinds means that every row is an insert: the
//! fast path of append-only streams never touches a kind column. Kinds are bytes in one shared buffer, so slicing and
//! cloning are free.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, BooleanArray, RecordBatch, RecordBatchOptions, UInt8Array, UInt32Array};
use arrow_schema::{ArrowError, SchemaRef};

use crate::row_kind::RowKind;

/// Rows with their kinds of change. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Batch {
    rows: RecordBatch,
    kinds: Option<UInt8Array>,
}

impl Batch {
    /// Rows that are all inserts.
    pub fn append(rows: RecordBatch) -> Batch {
        Batch { rows, kinds: None }
    }

    /// Rows with one [`RowKind`] byte each. Errors when the lengths differ or a byte is no kind.
    pub fn changelog(rows: RecordBatch, kinds: UInt8Array) -> Result<Batch, ArrowError> {
        if rows.num_rows() != kinds.len() {
            let message = format!("{} rows but {} change kinds", rows.num_rows(), kinds.len());
            return Err(ArrowError::InvalidArgumentError(message));
        }
        if kinds.values().iter().any(|&kind| kind > RowKind::Delete as u8) {
            return Err(ArrowError::InvalidArgumentError("a change kind outside 0..=3".to_owned()));
        }
        Ok(Batch { rows, kinds: Some(kinds) })
    }

    /// `columns` under `schema`, with the kinds of this batch; the number of rows stays, also without columns.
    pub fn with_columns(&self, schema: SchemaRef, columns: Vec<ArrayRef>) -> Result<Batch, ArrowError> {
        let options = RecordBatchOptions::new().with_row_count(Some(self.num_rows()));
        let rows = RecordBatch::try_new_with_options(schema, columns, &options)?;
        Ok(Batch { rows, kinds: self.kinds.clone() })
    }

    pub fn rows(&self) -> &RecordBatch {
        &self.rows
    }

    /// Kinds as bytes, or None when all rows are inserts.
    pub fn kinds(&self) -> Option<&[u8]> {
        self.kinds.as_ref().map(|kinds| kinds.values().as_ref())
    }

    /// Kind of row `row`; Insert past the end, as for every row of an append batch.
    pub fn kind(&self, row: usize) -> RowKind {
        self.kinds().and_then(|kinds| kinds.get(row)).and_then(|&b| RowKind::from_byte(b)).unwrap_or(RowKind::Insert)
    }

    pub fn is_append(&self) -> bool {
        self.kinds.is_none()
    }

    pub fn num_rows(&self) -> usize {
        self.rows.num_rows()
    }

    pub fn column(&self, index: usize) -> &ArrayRef {
        self.rows.column(index)
    }

    pub fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }

    /// `length` rows from `offset` on, without copying.
    pub fn slice(&self, offset: usize, length: usize) -> Batch {
        Batch {
            rows: self.rows.slice(offset, length),
            kinds: self.kinds.as_ref().map(|kinds| kinds.slice(offset, length)),
        }
    }

    /// The rows where `mask` is true (null counts as false).
    pub fn filter(&self, mask: &BooleanArray) -> Result<Batch, ArrowError> {
        let rows = arrow_select::filter::filter_record_batch(&self.rows, mask)?;
        let kinds = match &self.kinds {
            None => None,
            Some(kinds) => Some(arrow_select::filter::filter(kinds, mask)?.as_primitive().clone()),
        };
        Ok(Batch { rows, kinds })
    }

    /// The rows at `indices`, in that order.
    pub fn take(&self, indices: &UInt32Array) -> Result<Batch, ArrowError> {
        let rows = arrow_select::take::take_record_batch(&self.rows, indices)?;
        let kinds = match &self.kinds {
            None => None,
            Some(kinds) => Some(arrow_select::take::take(kinds, indices, None)?.as_primitive().clone()),
        };
        Ok(Batch { rows, kinds })
    }

    /// All rows of `batches`, which share `schema`, one after another.
    pub fn concat(schema: &SchemaRef, batches: &[Batch]) -> Result<Batch, ArrowError> {
        let rows = arrow_select::concat::concat_batches(schema, batches.iter().map(|batch| &batch.rows))?;
        if batches.iter().all(Batch::is_append) {
            return Ok(Batch::append(rows));
        }
        let mut kinds = Vec::with_capacity(rows.num_rows());
        for batch in batches {
            match batch.kinds() {
                Some(bytes) => kinds.extend_from_slice(bytes),
                None => kinds.resize(kinds.len() + batch.num_rows(), RowKind::Insert as u8),
            }
        }
        Ok(Batch { rows, kinds: Some(UInt8Array::from(kinds)) })
    }

    /// Bytes that the arrays hold in memory.
    pub fn memory_size(&self) -> usize {
        self.rows.get_array_memory_size() + self.kinds.as_ref().map_or(0, UInt8Array::len)
    }

    /// An append batch without rows.
    pub fn empty(schema: SchemaRef) -> Batch {
        Batch::append(RecordBatch::new_empty(schema))
    }
}

/// A shared batch.
pub type BatchRef = Arc<Batch>;
