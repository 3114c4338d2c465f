//! [`MemorySink`]: rows into a [`MemoryOutput`], each with the checkpoint that it belongs to.

use arrow_array::Array;
use nutkin_plan::table::Table;
use nutkin_types::Batch;

use crate::error::{Failure, FailureKind, Result};
use crate::memory::MemoryOutput;

pub(crate) struct MemorySink {
    output: MemoryOutput,
    table: String,
    /// Names of the columns that take no NULL, by position.
    not_null: Vec<(usize, String)>,
    epoch: u64,
}

impl MemorySink {
    /// A sink whose first rows belong to checkpoint `epoch`.
    pub fn new(output: MemoryOutput, table: &Table, epoch: u64) -> MemorySink {
        let columns = table.persisted_columns().enumerate();
        let not_null = columns.filter(|(_, column)| !column.data_type.nullable);
        MemorySink {
            not_null: not_null.map(|(index, column)| (index, column.name.clone())).collect(),
            table: table.path.to_string(),
            output,
            epoch,
        }
    }

    pub fn write(&mut self, batch: Batch) -> Result<()> {
        for (index, name) in &self.not_null {
            if batch.column(*index).logical_null_count() > 0 {
                return Err(Failure::new(
                    FailureKind::Serialization,
                    format!(
                        "Column '{name}' of {} is NOT NULL, however, a null value is being written into it.",
                        self.table
                    ),
                ));
            }
        }
        self.output.push(self.epoch, batch);
        Ok(())
    }

    pub fn prepare(&mut self, epoch: u64) {
        self.epoch = epoch + 1;
    }
}
