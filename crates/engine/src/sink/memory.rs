//! [`MemorySink`]: rows into a [`MemoryOutput`], each with the checkpoint that it belongs to.

use arrow_array::{Array, RecordBatch, RecordBatchOptions, UInt8Array};
use nutkin_plan::table::Table;
use nutkin_types::value::array_of;
use nutkin_types::{Batch, DataType, Value};

use crate::error::Result;
use crate::memory::constraints::null_in;
use crate::memory::{Constraints, MemoryOutput};

pub(crate) struct MemorySink {
    output: MemoryOutput,
    table: String,
    /// Names and types of the columns.
    columns: Vec<(String, DataType)>,
    constraints: Constraints,
    epoch: u64,
}

impl MemorySink {
    /// A sink whose first rows belong to checkpoint `epoch`.
    pub fn new(output: MemoryOutput, table: &Table, epoch: u64) -> MemorySink {
        let columns = table.persisted_columns().map(|column| (column.name.clone(), column.data_type.clone()));
        MemorySink {
            columns: columns.collect(),
            table: table.path.to_string(),
            constraints: output.constraints(),
            output,
            epoch,
        }
    }

    pub fn write(&mut self, batch: Batch) -> Result<()> {
        let batch = match self.constraints.are_usual() {
            true => self.checked(batch)?,
            false => self.fitted(&batch)?,
        };
        self.output.push(self.epoch, batch);
        Ok(())
    }

    fn checked(&self, batch: Batch) -> Result<Batch> {
        let not_null = self.columns.iter().enumerate().filter(|(_, (_, data_type))| !data_type.nullable);
        for (index, (name, _)) in not_null {
            if batch.column(index).logical_null_count() > 0 {
                return Err(null_in(name, &format!(" of {}", self.table)));
            }
        }
        Ok(batch)
    }

    /// Row by row: these rules are for tests.
    fn fitted(&self, batch: &Batch) -> Result<Batch> {
        let (mut rows, mut kinds) = (Vec::with_capacity(batch.num_rows()), Vec::with_capacity(batch.num_rows()));
        for row in 0..batch.num_rows() {
            let (mut values, mut fits) = (Vec::with_capacity(self.columns.len()), true);
            for (index, (name, data_type)) in self.columns.iter().enumerate() {
                let mut value = Value::from_array(batch.column(index), &data_type.logical, row)?;
                fits &= self.constraints.apply(name, data_type, &mut value)?;
                values.push(value);
            }
            if fits {
                rows.push(values);
                kinds.push(batch.kind(row) as u8);
            }
        }
        let columns = self.columns.iter().enumerate().map(|(index, (_, data_type))| {
            let cells: Vec<&Value> = rows.iter().filter_map(|row| row.get(index)).collect();
            array_of(&cells, &data_type.logical)
        });
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let columns = columns.collect::<std::result::Result<Vec<_>, _>>()?;
        let made = RecordBatch::try_new_with_options(batch.rows().schema(), columns, &options)?;
        match batch.kinds() {
            None => Ok(Batch::append(made)),
            Some(_) => Ok(Batch::changelog(made, UInt8Array::from(kinds))?),
        }
    }

    pub fn prepare(&mut self, epoch: u64) {
        self.epoch = epoch + 1;
    }
}
