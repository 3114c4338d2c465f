//! SINGLE_VALUE: the value of a group that has one row. What scalar sub-queries become.

use std::any::Any;
use std::sync::Arc;

use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, BooleanArray, Int64Array};
use nutkin_types::{DataType, LogicalType as T};

use super::codec::with_codec;
use super::counted::{Counted, Show};
use super::rows::Rows;
use super::{Accumulator, AggregateFunction, state};
use crate::error::{AggregateError, EvaluationError};
use crate::signature::Inferred;

pub(super) static SINGLE_VALUE: AggregateFunction = AggregateFunction {
    name: "SINGLE_VALUE",
    aliases: &[],
    signature: "SINGLE_VALUE(value)",
    description: "The value of the only row, NULL without rows, an error if there are more.",
    retractable: true,
    types: |of, args| {
        let [arg] = args else { return Err(of.count(args.len())) };
        if arg.data_type.logical == T::Variant {
            return Err(of.wrong(0, arg.data_type, "any type but VARIANT"));
        }
        let arg_types = vec![arg.data_type.clone()];
        Ok(Inferred { arg_types, result: arg.data_type.with_nullable(true) })
    },
    create: |options| {
        let arg = state::argument_type(options)?;
        let values: Box<dyn Accumulator> =
            with_codec!(arg, C => Box::new(Counted::<C>::new(arg, options.result, Show::Least)?));
        Ok(Box::new(SingleValue { values, rows: Vec::new() }))
    },
};

struct SingleValue {
    /// The values that are not NULL.
    values: Box<dyn Accumulator>,
    /// Number of rows of each slot, those with NULL too.
    rows: Vec<i64>,
}

impl Accumulator for SingleValue {
    fn resize(&mut self, slots: usize) {
        self.values.resize(slots);
        self.rows.resize(slots.max(self.rows.len()), 0);
    }

    fn update(
        &mut self,
        slots: &[u32],
        kinds: Option<&[u8]>,
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<(), AggregateError> {
        Rows { slots, kinds, filter }.for_each(None, |_, slot, adds| self.rows[slot] += if adds { 1 } else { -1 });
        self.values.update(slots, kinds, args, filter)
    }

    fn merge(&mut self, into: &[u32], other: &dyn Accumulator, from: &[u32]) -> Result<(), AggregateError> {
        let other = state::same::<SingleValue>(other)?;
        for (&into, &from) in into.iter().zip(from) {
            self.rows[into as usize] += other.rows[from as usize];
        }
        self.values.merge(into, other.values.as_ref(), from)
    }

    fn values(&self, slots: &[u32]) -> Result<ArrayRef, AggregateError> {
        if let Some(rows) = slots.iter().map(|&slot| self.rows[slot as usize]).find(|rows| *rows > 1) {
            return Err(AggregateError::Evaluation(EvaluationError::InvalidArgument {
                function: "SINGLE_VALUE",
                value: format!("{rows} rows"),
                reason: "SingleValueAggFunction received more than one element".to_owned(),
            }));
        }
        self.values.values(slots)
    }

    fn state_types(&self) -> Vec<DataType> {
        let mut types = self.values.state_types();
        types.push(T::BigInt.not_null());
        types
    }

    fn export(&self, slots: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        let mut columns = self.values.export(slots)?;
        columns.push(Arc::new(Int64Array::from_iter_values(slots.iter().map(|&slot| self.rows[slot as usize]))));
        Ok(columns)
    }

    fn import(&mut self, slots: &[u32], columns: &[ArrayRef]) -> Result<(), AggregateError> {
        let last = self.values.state_types().len();
        self.values.import(slots, columns.get(..last).unwrap_or_default())?;
        let rows = state::numbers::<Int64Type>(columns, last)?;
        for (row, &slot) in slots.iter().enumerate() {
            self.rows[slot as usize] = rows.value(row);
        }
        Ok(())
    }

    fn clear(&mut self, slots: &[u32]) {
        slots.iter().for_each(|&slot| self.rows[slot as usize] = 0);
        self.values.clear(slots);
    }

    fn memory_size(&self) -> usize {
        self.values.memory_size() + self.rows.capacity() * size_of::<i64>()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
