//! [`Aggregates`]: the accumulators of all calls of an aggregation, by slot.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType as ArrowType;
use nutkin_functions::aggregate::{AggregateOptions, Read, lookup, lookup_over};
use nutkin_functions::{Accumulator, AggregateError};
use nutkin_plan::AggregateCall;
use nutkin_plan::operators::MergedCall;
use nutkin_types::arrow::arrow_type;
use nutkin_types::{Batch, Schema};

use crate::error::{Failure, FailureKind, Result};

struct Call {
    accumulator: Box<dyn Accumulator>,
    args: Vec<usize>,
    filter: Option<usize>,
    distinct: bool,
    state_types: Vec<ArrowType>,
}

pub(super) struct Aggregates {
    calls: Vec<Call>,
}

impl Aggregates {
    /// Empty accumulators for `calls` over rows of `input`.
    pub fn new(calls: &[AggregateCall], input: &Schema, input_retracts: bool) -> Result<Aggregates> {
        Aggregates::of(&typed(calls, input), input_retracts)
    }

    /// Empty accumulators for calls whose arguments have the types that stand with them.
    pub fn of(calls: &[MergedCall], input_retracts: bool) -> Result<Aggregates> {
        let calls = calls.iter().map(|MergedCall { call, arg_types }| {
            let function = lookup(&call.function).or_else(|| lookup_over(&call.function)).ok_or_else(|| {
                Failure::new(FailureKind::Unsupported, format!("aggregate function {} is not built in", call.function))
            })?;
            let accumulator = function.create(&AggregateOptions {
                arg_types,
                literals: &call.literals,
                distinct: call.distinct,
                result: &call.data_type,
                input_retracts,
            })?;
            let state_types = accumulator.state_types().iter().map(|t| arrow_type(&t.logical)).collect();
            Ok(Call { accumulator, args: call.args.clone(), filter: call.filter, distinct: call.distinct, state_types })
        });
        Ok(Aggregates { calls: calls.collect::<Result<_>>()? })
    }

    /// Makes room for slots 0..`slots`.
    pub fn resize(&mut self, slots: usize) {
        self.calls.iter_mut().for_each(|call| call.accumulator.resize(slots));
    }

    /// Folds the rows of `batch`; row i belongs to slot `slots[i]`.
    pub fn update(&mut self, slots: &[u32], batch: &Batch) -> Result<()> {
        for call in &mut self.calls {
            let args: Vec<ArrayRef> = call.args.iter().map(|&arg| batch.column(arg).clone()).collect();
            let filter =
                match call.filter {
                    Some(filter) => Some(batch.column(filter).as_boolean_opt().ok_or_else(|| {
                        Failure::internal("the FILTER of an aggregate call is not BOOLEAN".to_owned())
                    })?),
                    None => None,
                };
            call.accumulator.update(slots, batch.kinds(), &args, filter)?;
        }
        Ok(())
    }

    /// Folds rows whose columns are `columns` and gives, for each call, what slots hold at the `reads` between them.
    pub fn trace(
        &mut self,
        slots: &[u32],
        kinds: Option<&[u8]>,
        columns: &[ArrayRef],
        reads: &[Read],
    ) -> Result<Vec<ArrayRef>> {
        let mut found = Vec::with_capacity(self.calls.len());
        for call in &mut self.calls {
            let args: Vec<ArrayRef> = call.args.iter().map(|&arg| columns[arg].clone()).collect();
            let filter = call.filter.and_then(|filter| columns[filter].as_boolean_opt());
            found.push(call.accumulator.trace(slots, kinds, &args, filter, reads)?);
        }
        Ok(found)
    }

    /// Folds slot `from[i]` of `other` into slot `into[i]`.
    pub fn merge(&mut self, into: &[u32], other: &Aggregates, from: &[u32]) -> Result<()> {
        for (call, other) in self.calls.iter_mut().zip(&other.calls) {
            call.accumulator.merge(into, &*other.accumulator, from)?;
        }
        Ok(())
    }

    /// Merges slot `from[i]` of `parts` into slot `into[i]` of these accumulators, which are those of its calls with DISTINCT.
    /// What is new by it, and all of the other calls, is folded into slot `fresh_into[i]` of `fresh`, where no call has
    /// DISTINCT.
    pub fn merge_fresh(
        &mut self,
        into: &[u32],
        parts: &Aggregates,
        from: &[u32],
        fresh: &mut Aggregates,
        fresh_into: &[u32],
    ) -> Result<()> {
        let mut own = self.calls.iter_mut();
        for (part, fresh) in parts.calls.iter().zip(&mut fresh.calls) {
            let held = if part.distinct { own.next() } else { None };
            match held {
                Some(own) => {
                    let (part, fresh) = (&*part.accumulator, &mut *fresh.accumulator);
                    own.accumulator.merge_distinct(into, part, from, fresh, fresh_into)?;
                }
                None => fresh.accumulator.merge(fresh_into, &*part.accumulator, from)?,
            }
        }
        Ok(())
    }

    /// One array per call.
    pub fn values(&self, slots: &[u32]) -> Result<Vec<ArrayRef>> {
        Ok(self.calls.iter().map(|call| call.accumulator.values(slots)).collect::<Result<_, AggregateError>>()?)
    }

    pub fn clear(&mut self, slots: &[u32]) {
        self.calls.iter_mut().for_each(|call| call.accumulator.clear(slots));
    }

    /// Arrow types of the state columns of all calls, one after another.
    pub fn state_types(&self) -> Vec<ArrowType> {
        self.calls.iter().flat_map(|call| call.state_types.iter().cloned()).collect()
    }

    pub fn export(&self, slots: &[u32]) -> Result<Vec<ArrayRef>> {
        let mut columns = Vec::new();
        for call in &self.calls {
            columns.extend(call.accumulator.export(slots)?);
        }
        Ok(columns)
    }

    pub fn import(&mut self, slots: &[u32], columns: &[ArrayRef]) -> Result<()> {
        let mut rest = columns;
        for call in &mut self.calls {
            let (own, others) = rest
                .split_at_checked(call.state_types.len())
                .ok_or_else(|| Failure::internal("a checkpoint with too few aggregate columns"))?;
            call.accumulator.import(slots, own)?;
            rest = others;
        }
        Ok(())
    }

    pub fn memory(&self) -> usize {
        self.calls.iter().map(|call| call.accumulator.memory_size()).sum()
    }
}

/// Calls with the types of their arguments in `input`.
pub(super) fn typed(calls: &[AggregateCall], input: &Schema) -> Vec<MergedCall> {
    let type_of = |&arg: &usize| input.columns.get(arg).map(|column| column.data_type.clone());
    let typed = |call: &AggregateCall| MergedCall {
        call: call.clone(),
        arg_types: call.args.iter().filter_map(type_of).collect(),
    };
    calls.iter().map(typed).collect()
}

/// The columns of a batch at `indices`.
pub(super) fn columns_at(batch: &Batch, indices: &[usize]) -> Vec<ArrayRef> {
    indices.iter().map(|&index| batch.column(index).clone()).collect()
}

/// Arrow types of the columns of `schema` at `indices`.
pub(super) fn types_at(schema: &Schema, indices: &[usize]) -> Vec<ArrowType> {
    indices.iter().filter_map(|&i| schema.columns.get(i)).map(|c| arrow_type(&c.data_type.logical)).collect()
}

/// True where the two arrays of columns hold the same row.
pub(super) fn same_rows(left: &[ArrayRef], right: &[ArrayRef], rows: usize) -> Result<Vec<bool>> {
    let mut same = vec![true; rows];
    for (left, right) in left.iter().zip(right) {
        if left.data_type().is_nested() {
            let converter = arrow_row::RowConverter::new(vec![arrow_row::SortField::new(left.data_type().clone())])?;
            let left = converter.convert_columns(std::slice::from_ref(left))?;
            let right = converter.convert_columns(std::slice::from_ref(right))?;
            same.iter_mut().enumerate().for_each(|(row, same)| *same &= left.row(row) == right.row(row));
        } else {
            let equal = arrow_ord::cmp::not_distinct(left, right)?;
            same.iter_mut().zip(equal.values()).for_each(|(same, equal)| *same &= equal);
        }
    }
    Ok(same)
}
