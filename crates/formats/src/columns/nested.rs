//! Columns of lists, maps and rows.
//!
//! A list is open while its child holds more elements than the last offset says; closing it adds an offset. So a decoder
//! may add elements whenever they come (Protobuf interleaves repeated fields) and close the lists at the record's end.

use std::sync::Arc;

use arrow_array::{ArrayRef, ListArray, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType as ArrowType};
use nutkin_types::arrow::arrow_type;
use nutkin_types::map::map_array;
use nutkin_types::{DataType, LogicalType, RowField};

use super::bytes::ColumnFull;
use super::{ColumnBuilder, Validity, wrong_column};

/// Offsets and NULL bits of lists and maps.
#[derive(Debug)]
struct Spans {
    offsets: Vec<i32>,
    validity: Validity,
}

impl Spans {
    fn new() -> Spans {
        Spans { offsets: vec![0], validity: Validity::default() }
    }

    fn len(&self) -> usize {
        self.validity.len()
    }

    fn end(&self) -> usize {
        self.offsets.last().map_or(0, |&offset| offset as usize)
    }

    fn close(&mut self, elements: usize) -> Result<(), ColumnFull> {
        self.offsets.push(i32::try_from(elements).map_err(|_| ColumnFull)?);
        self.validity.append_valid();
        Ok(())
    }

    fn append_null(&mut self) {
        self.offsets.push(self.offsets.last().copied().unwrap_or(0));
        self.validity.append_null();
    }

    fn truncate(&mut self, length: usize) {
        self.offsets.truncate(length + 1);
        self.validity.truncate(length);
    }

    fn take(&mut self) -> (OffsetBuffer<i32>, Option<NullBuffer>) {
        let offsets = std::mem::replace(&mut self.offsets, vec![0]);
        (OffsetBuffer::new(ScalarBuffer::from(offsets)), self.validity.take())
    }
}

/// ARRAY.
#[derive(Debug)]
pub(crate) struct ListColumn {
    spans: Spans,
    pub element: ColumnBuilder,
    element_type: LogicalType,
}

impl ListColumn {
    pub fn new(element: &DataType) -> ListColumn {
        ListColumn {
            spans: Spans::new(),
            element: ColumnBuilder::new(&element.logical),
            element_type: element.logical.clone(),
        }
    }

    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Ends the open list.
    pub fn close(&mut self) -> Result<(), ColumnFull> {
        self.spans.close(self.element.len())
    }

    pub fn append_null(&mut self) {
        self.discard();
        self.spans.append_null();
    }

    /// Forgets the elements of the open list.
    pub fn discard(&mut self) {
        self.element.truncate(self.spans.end());
    }

    pub fn truncate(&mut self, length: usize) {
        self.spans.truncate(length);
        self.discard();
    }

    pub fn finish(&mut self, logical: &LogicalType) -> Result<ArrayRef, ArrowError> {
        let child = self.element.finish(&self.element_type)?;
        let ArrowType::List(field) = arrow_type(logical) else { return Err(wrong_column(&child)) };
        let (offsets, nulls) = self.spans.take();
        Ok(Arc::new(ListArray::try_new(field, offsets, child, nulls)?))
    }
}

/// MAP and MULTISET.
#[derive(Debug)]
pub(crate) struct MapColumn {
    spans: Spans,
    pub key: ColumnBuilder,
    pub value: ColumnBuilder,
    pub value_nullable: bool,
    key_type: LogicalType,
    value_type: LogicalType,
}

impl MapColumn {
    pub fn new(key: &DataType, value: &DataType) -> MapColumn {
        MapColumn {
            spans: Spans::new(),
            key: ColumnBuilder::new(&key.logical),
            value: ColumnBuilder::new(&value.logical),
            value_nullable: value.nullable,
            key_type: key.logical.clone(),
            value_type: value.logical.clone(),
        }
    }

    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Ends the open map.
    pub fn close(&mut self) -> Result<(), ColumnFull> {
        self.spans.close(self.key.len())
    }

    pub fn append_null(&mut self) {
        self.discard();
        self.spans.append_null();
    }

    /// Forgets the entries of the open map.
    pub fn discard(&mut self) {
        let end = self.spans.end();
        self.key.truncate(end);
        self.value.truncate(end);
    }

    pub fn truncate(&mut self, length: usize) {
        self.spans.truncate(length);
        self.discard();
    }

    pub fn finish(&mut self, logical: &LogicalType) -> Result<ArrayRef, ArrowError> {
        let keys = self.key.finish(&self.key_type)?;
        let values = self.value.finish(&self.value_type)?;
        let (offsets, nulls) = self.spans.take();
        map_array(logical, offsets, keys, values, nulls)
    }
}

/// One field of a [`RowColumn`].
#[derive(Debug)]
pub(crate) struct FieldColumn {
    pub name: String,
    pub nullable: bool,
    pub column: ColumnBuilder,
    logical: LogicalType,
}

/// ROW. A row is written field by field and then closed.
#[derive(Debug)]
pub(crate) struct RowColumn {
    validity: Validity,
    pub fields: Vec<FieldColumn>,
}

impl RowColumn {
    pub fn new(fields: &[RowField]) -> RowColumn {
        let fields = fields.iter().map(|field| FieldColumn {
            name: field.name.clone(),
            nullable: field.data_type.nullable,
            column: ColumnBuilder::new(&field.data_type.logical),
            logical: field.data_type.logical.clone(),
        });
        RowColumn { validity: Validity::default(), fields: fields.collect() }
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.validity.len()
    }

    /// Ends the open row, whose fields have all been written.
    #[inline]
    pub fn close(&mut self) {
        self.validity.append_valid();
    }

    pub fn append_null(&mut self) {
        let length = self.len();
        for field in &mut self.fields {
            field.column.truncate(length);
            field.column.append_null();
        }
        self.validity.append_null();
    }

    pub fn truncate(&mut self, length: usize) {
        self.validity.truncate(length);
        for field in &mut self.fields {
            field.column.truncate(length);
        }
    }

    pub fn finish(&mut self, logical: &LogicalType) -> Result<ArrayRef, ArrowError> {
        let length = self.len();
        let arrays = self.finish_fields()?;
        let nulls = self.validity.take();
        let ArrowType::Struct(fields) = arrow_type(logical) else {
            return Err(ArrowError::SchemaError(format!("{logical} is no ROW")));
        };
        if fields.is_empty() {
            return Ok(Arc::new(StructArray::new_empty_fields(length, nulls)));
        }
        Ok(Arc::new(StructArray::try_new(fields, arrays, nulls)?))
    }

    /// The arrays of the fields alone.
    pub fn finish_fields(&mut self) -> Result<Vec<ArrayRef>, ArrowError> {
        self.fields.iter_mut().map(|field| field.column.finish(&field.logical)).collect()
    }

    /// Forgets the NULL bits, after [`RowColumn::finish_fields`].
    pub fn reset(&mut self) {
        self.validity = Validity::default();
    }
}
