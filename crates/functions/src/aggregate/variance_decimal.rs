//! The variance family of DECIMAL arguments: every step has the DECIMAL type that Flink derives for it, rounds to its scale and
//! is NULL beyond its digits.
//!
//! Squares that do not fit are NULL, and SUM leaves NULL out, so they have a count of their own.

use std::any::Any;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, Decimal128Array, Int64Array};
use nutkin_types::arrow::arrow_type;
use nutkin_types::{DataType, LogicalType as T};

use super::rows::Rows;
use super::{Accumulator, AggregateOptions, state};
use crate::decimal::{self, Decimal, derive};
use crate::error::AggregateError;

/// Precision and scale of COUNT as an operand.
const COUNT: (u8, u8) = (19, 0);

#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    count: i64,
    square_count: i64,
    sum: i128,
    squares: i128,
}

pub(super) struct DecimalVariance {
    slots: Vec<Moments>,
    /// Precision and scale of the argument and of its square.
    arg: (u8, u8),
    square: (u8, u8),
    result: (u8, u8),
    sample: bool,
    root: bool,
}

impl DecimalVariance {
    pub fn new(options: &AggregateOptions<'_>, sample: bool, root: bool) -> Result<DecimalVariance, AggregateError> {
        let decimal = |t: &DataType| t.logical.as_decimal();
        let (arg, result) = (options.arg_types.first().and_then(decimal), decimal(options.result));
        let (Some(arg), Some(result)) = (arg, result) else {
            return Err(AggregateError::Internal("a variance of no DECIMAL".to_owned()));
        };
        Ok(DecimalVariance { slots: Vec::new(), arg, square: derive::times(arg, arg), result, sample, root })
    }

    fn variance(&self, moments: &Moments) -> Option<i128> {
        let divisor = if self.sample { moments.count - 1 } else { moments.count };
        if divisor <= 0 || moments.square_count <= 0 {
            return None;
        }
        let (sum_type, squares_type) = (derive::sum(self.arg.1), derive::sum(self.square.1));
        let sum = Decimal { unscaled: decimal::fit(moments.sum, sum_type.0)?, scale: sum_type.1 };
        let squares = Decimal { unscaled: decimal::fit(moments.squares, squares_type.0)?, scale: squares_type.1 };
        let number = |count: i64| Decimal { unscaled: count.into(), scale: 0 };
        let product_type = derive::times(sum_type, sum_type);
        let product = decimal::multiply(sum, sum, product_type.0, product_type.1)?;
        let product = Decimal { unscaled: product, scale: product_type.1 };
        let share_type = derive::divide(product_type, COUNT);
        let share = decimal::divide(product, number(moments.count), share_type.0, share_type.1)?;
        let difference_type = derive::plus(squares_type, share_type);
        let minus_share = Decimal { unscaled: -share, scale: share_type.1 };
        let difference = decimal::add(squares, minus_share, difference_type.0, difference_type.1)?;
        let difference = Decimal { unscaled: difference, scale: difference_type.1 };
        let quotient_type = derive::divide(difference_type, COUNT);
        let quotient = decimal::divide(difference, number(divisor), quotient_type.0, quotient_type.1)?;
        if self.root {
            let root = decimal::to_double(quotient, quotient_type.1).powf(0.5);
            return decimal::from_double(root, self.result.0, self.result.1);
        }
        decimal::rescale(quotient, quotient_type.1, self.result.1, self.result.0)
    }

    fn decimals(&self, slots: &[u32], scale: u8, value: impl Fn(&Moments) -> i128) -> ArrayRef {
        let values = Decimal128Array::from_iter_values(slots.iter().map(|&slot| value(&self.slots[slot as usize])));
        Arc::new(values.with_data_type(arrow_type(&T::Decimal { precision: 38, scale })))
    }

    fn counts(&self, slots: &[u32], value: impl Fn(&Moments) -> i64) -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(slots.iter().map(|&slot| value(&self.slots[slot as usize]))))
    }
}

impl Accumulator for DecimalVariance {
    fn resize(&mut self, slots: usize) {
        self.slots.resize(slots.max(self.slots.len()), Moments::default());
    }

    fn update(
        &mut self,
        slots: &[u32],
        kinds: Option<&[u8]>,
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<(), AggregateError> {
        let array = state::argument(args)?.as_primitive_opt::<Decimal128Type>();
        let values = array.ok_or_else(|| AggregateError::Internal("a variance of no DECIMAL".to_owned()))?;
        let (scale, (precision, square_scale)) = (self.arg.1, self.square);
        Rows { slots, kinds, filter }.for_each(values.nulls(), |row, slot, adds| {
            let value = Decimal { unscaled: values.value(row), scale };
            let (sign, moments) = (if adds { 1 } else { -1 }, &mut self.slots[slot]);
            moments.count += sign;
            moments.sum =
                decimal::accumulate(decimal::restarted(moments.sum), value.unscaled.wrapping_mul(sign.into()));
            if let Some(square) = decimal::multiply(value, value, precision, square_scale) {
                moments.square_count += sign;
                moments.squares =
                    decimal::accumulate(decimal::restarted(moments.squares), square.wrapping_mul(sign.into()));
            }
        });
        Ok(())
    }

    fn merge(&mut self, into: &[u32], other: &dyn Accumulator, from: &[u32]) -> Result<(), AggregateError> {
        let other = state::same::<DecimalVariance>(other)?;
        for (&into, &from) in into.iter().zip(from) {
            let (moments, more) = (&mut self.slots[into as usize], &other.slots[from as usize]);
            moments.count += more.count;
            moments.square_count += more.square_count;
            moments.sum = decimal::accumulate(moments.sum, more.sum);
            moments.squares = decimal::accumulate(moments.squares, more.squares);
        }
        Ok(())
    }

    fn values(&self, slots: &[u32]) -> Result<ArrayRef, AggregateError> {
        let (precision, scale) = self.result;
        let values = slots.iter().map(|&slot| self.variance(&self.slots[slot as usize]));
        let array = Decimal128Array::from_iter(values);
        Ok(Arc::new(array.with_data_type(arrow_type(&T::Decimal { precision, scale }))))
    }

    fn state_types(&self) -> Vec<DataType> {
        let sum = |scale| T::Decimal { precision: 38, scale }.not_null();
        vec![T::BigInt.not_null(), T::BigInt.not_null(), sum(self.arg.1), sum(self.square.1)]
    }

    fn export(&self, slots: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        Ok(vec![
            self.counts(slots, |moments| moments.count),
            self.counts(slots, |moments| moments.square_count),
            self.decimals(slots, self.arg.1, |moments| moments.sum),
            self.decimals(slots, self.square.1, |moments| moments.squares),
        ])
    }

    fn import(&mut self, slots: &[u32], columns: &[ArrayRef]) -> Result<(), AggregateError> {
        let (counts, square_counts) =
            (state::numbers::<Int64Type>(columns, 0)?, state::numbers::<Int64Type>(columns, 1)?);
        let (sums, squares) =
            (state::numbers::<Decimal128Type>(columns, 2)?, state::numbers::<Decimal128Type>(columns, 3)?);
        for (row, &slot) in slots.iter().enumerate() {
            self.slots[slot as usize] = Moments {
                count: counts.value(row),
                square_count: square_counts.value(row),
                sum: sums.value(row),
                squares: squares.value(row),
            };
        }
        Ok(())
    }

    fn clear(&mut self, slots: &[u32]) {
        slots.iter().for_each(|&slot| self.slots[slot as usize] = Moments::default());
    }

    fn memory_size(&self) -> usize {
        self.slots.capacity() * size_of::<Moments>()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
