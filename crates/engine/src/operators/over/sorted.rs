//! [`Sorted`]: rows by partition and order, and which rows are peers.

use arrow_array::{ArrayRef, UInt32Array};
use arrow_ord::sort::SortOptions;
use arrow_row::{RowConverter, SortField};
use arrow_schema::DataType as ArrowType;
use nutkin_plan::operators::SortKey;
use nutkin_types::Schema;
use nutkin_types::arrow::arrow_type;

use super::unsupported;
use crate::error::Result;
use crate::state::KeyIndex;

pub(super) struct Sorted {
    /// All columns, in order.
    pub columns: Vec<ArrayRef>,
    /// First row of each row's partition, and the row after its last.
    pub partitions: Vec<(u32, u32)>,
    /// Number of each row's partition.
    pub partition_of: Vec<u32>,
    /// First row that is equal by the order within the partition, and the row after the last.
    pub peers: Vec<(u32, u32)>,
}

/// Encodes the columns of an order, so that bytes compare as rows do.
pub(super) fn order_converter(order: &[SortKey], input: &Schema) -> Result<RowConverter> {
    let field = |key: &SortKey| {
        let options = SortOptions { descending: key.descending, nulls_first: key.nulls_first };
        let column = input.columns.get(key.column).map_or(ArrowType::Null, |c| arrow_type(&c.data_type.logical));
        SortField::new_with_options(column, options)
    };
    let fields: Vec<SortField> = order.iter().map(field).collect();
    if !RowConverter::supports_fields(&fields) {
        return Err(unsupported("The types of the ORDER BY of an OVER window have no order"));
    }
    Ok(RowConverter::new(fields)?)
}

impl Sorted {
    /// Sorts `rows` rows; those that are equal keep their places.
    pub fn new(
        columns: &[ArrayRef],
        rows: usize,
        partition: &[usize],
        order: &[SortKey],
        input: &Schema,
    ) -> Result<Sorted> {
        let keys: Vec<ArrayRef> = partition.iter().map(|&column| columns[column].clone()).collect();
        let types: Vec<ArrowType> = keys.iter().map(|key| key.data_type().clone()).collect();
        let mut partitions = Vec::new();
        KeyIndex::new(&types)?.insert(&keys, rows, &mut partitions, |_| {})?;
        let by: Vec<ArrayRef> = order.iter().map(|key| columns[key.column].clone()).collect();
        let by = if by.is_empty() { None } else { Some(order_converter(order, input)?.convert_columns(&by)?) };
        let place = |row: u32| (partitions[row as usize], by.as_ref().map(|by| by.row(row as usize)));
        let mut sorted: Vec<u32> = (0..rows as u32).collect();
        sorted.sort_by(|&a, &b| place(a).cmp(&place(b)));
        let starts = ranges(rows, |a, b| partitions[sorted[a] as usize] == partitions[sorted[b] as usize]);
        let peers = ranges(rows, |a, b| place(sorted[a]) == place(sorted[b]));
        let partition_of = sorted.iter().map(|&row| partitions[row as usize]).collect();
        let indices = UInt32Array::from(sorted);
        let columns = columns.iter().map(|column| arrow_select::take::take(column, &indices, None));
        let columns = columns.collect::<std::result::Result<Vec<_>, _>>()?;
        Ok(Sorted { columns, partitions: starts, partition_of, peers })
    }

    pub fn rows(&self) -> usize {
        self.partitions.len()
    }
}

/// For each row the bounds of the run of rows it is in.
fn ranges(rows: usize, same: impl Fn(usize, usize) -> bool) -> Vec<(u32, u32)> {
    let mut found = Vec::with_capacity(rows);
    while found.len() < rows {
        let start = found.len();
        let end = (start + 1..rows).find(|&row| !same(start, row)).unwrap_or(rows);
        found.resize(end, (start as u32, end as u32));
    }
    found
}
