//! COUNT(*) and COUNT(value).

use std::any::Any;
use std::sync::Arc;

use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array};
use arrow_buffer::NullBuffer;
use nutkin_types::{DataType, LogicalType as T};

use super::rows::{Rows, Step};
use super::{Accumulator, AggregateFunction, AggregateOptions, Read, state};
use crate::error::AggregateError;
use crate::signature::Inferred;

pub(super) static COUNT: AggregateFunction = AggregateFunction {
    name: "COUNT",
    aliases: &[],
    signature: "COUNT(*) or COUNT([DISTINCT] value)",
    description: "Number of rows, or of rows where the value is not NULL.",
    retractable: true,
    types: |_, args| {
        let arg_types = args.iter().map(|arg| arg.data_type.clone()).collect();
        Ok(Inferred { arg_types, result: T::BigInt.not_null() })
    },
    create: |_: &AggregateOptions<'_>| Ok(Box::new(Count::default())),
};

#[derive(Default)]
struct Count {
    counts: Vec<i64>,
}

/// NULL where any of the arguments is.
fn nulls_of_any(args: &[ArrayRef]) -> Option<NullBuffer> {
    args.iter().fold(None, |nulls, arg| NullBuffer::union(nulls.as_ref(), arg.logical_nulls().as_ref()))
}

impl Accumulator for Count {
    fn resize(&mut self, slots: usize) {
        self.counts.resize(slots.max(self.counts.len()), 0);
    }

    fn update(
        &mut self,
        slots: &[u32],
        kinds: Option<&[u8]>,
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<(), AggregateError> {
        let nulls = nulls_of_any(args);
        let counts = &mut self.counts;
        Rows { slots, kinds, filter }
            .for_each(nulls.as_ref(), |_, slot, adds| counts[slot] += if adds { 1 } else { -1 });
        Ok(())
    }

    fn trace(
        &mut self,
        slots: &[u32],
        kinds: Option<&[u8]>,
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
        reads: &[Read],
    ) -> Result<ArrayRef, AggregateError> {
        let (counts, mut found) = (&mut self.counts, Vec::with_capacity(reads.len()));
        Rows { slots, kinds, filter }.for_each_and_read(nulls_of_any(args).as_ref(), reads, |step| match step {
            Step::Row { slot, adds, .. } => counts[slot] += if adds { 1 } else { -1 },
            Step::Read { slot } => found.push(counts[slot]),
        });
        Ok(Arc::new(Int64Array::from(found)))
    }

    fn merge(&mut self, into: &[u32], other: &dyn Accumulator, from: &[u32]) -> Result<(), AggregateError> {
        let other = state::same::<Count>(other)?;
        for (&into, &from) in into.iter().zip(from) {
            self.counts[into as usize] += other.counts[from as usize];
        }
        Ok(())
    }

    fn values(&self, slots: &[u32]) -> Result<ArrayRef, AggregateError> {
        Ok(Arc::new(Int64Array::from_iter_values(slots.iter().map(|&slot| self.counts[slot as usize]))))
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![T::BigInt.not_null()]
    }

    fn export(&self, slots: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        Ok(vec![self.values(slots)?])
    }

    fn import(&mut self, slots: &[u32], columns: &[ArrayRef]) -> Result<(), AggregateError> {
        let counts = state::numbers::<Int64Type>(columns, 0)?;
        for (row, &slot) in slots.iter().enumerate() {
            self.counts[slot as usize] = counts.value(row);
        }
        Ok(())
    }

    fn clear(&mut self, slots: &[u32]) {
        slots.iter().for_each(|&slot| self.counts[slot as usize] = 0);
    }

    fn memory_size(&self) -> usize {
        self.counts.capacity() * size_of::<i64>()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
