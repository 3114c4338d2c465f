//! VAR_POP, VAR_SAMP, STDDEV_POP, STDDEV_SAMP from count, sum and sum of squares, as Flink rewrites them:
//! `(sum(x * x) - sum(x) * sum(x) / n) / (n or n - 1)`. Of integers the whole computation is in integers.
//! [`super::variance_decimal`] does it for DECIMAL.

use std::any::Any;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, Float64Array, Int64Array};
use nutkin_types::arrow::arrow_type;
use nutkin_types::{DataType, LogicalType as T};

use super::rows::Rows;
use super::sum::average_type;
use super::variance_decimal::DecimalVariance;
use super::{Accumulator, AggregateFunction, AggregateOptions, state};
use crate::error::{AggregateError, SignatureError};
use crate::signature::{Argument, Inferred, Of};

macro_rules! variance {
    ($static:ident, $name:literal, $aliases:expr, $signature:literal, $description:literal, $sample:literal, $root:literal) => {
        pub(super) static $static: AggregateFunction = AggregateFunction {
            name: $name,
            aliases: $aliases,
            signature: $signature,
            description: $description,
            retractable: true,
            types,
            create: |options| create(options, $sample, $root),
        };
    };
}

variance!(VAR_POP, "VAR_POP", &[], "VAR_POP(numeric)", "Variance of the population.", false, false);
variance!(VAR_SAMP, "VAR_SAMP", &["VARIANCE"], "VAR_SAMP(numeric)", "Variance of a sample.", true, false);
variance!(STDDEV_POP, "STDDEV_POP", &[], "STDDEV_POP(numeric)", "Standard deviation of the population.", false, true);
variance!(
    STDDEV_SAMP,
    "STDDEV_SAMP",
    &["STDDEV"],
    "STDDEV_SAMP(numeric)",
    "Standard deviation of a sample.",
    true,
    true
);

fn types(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let result = average_type(of, args)?.nullable();
    let nullable = args.iter().any(|arg| arg.data_type.nullable);
    let arg = match &result.logical {
        T::Float | T::Double => T::Double,
        decimal @ T::Decimal { .. } => decimal.clone(),
        _ => T::BigInt,
    };
    Ok(Inferred { arg_types: vec![DataType::new(arg, nullable)], result })
}

fn create(options: &AggregateOptions<'_>, sample: bool, root: bool) -> Result<Box<dyn Accumulator>, AggregateError> {
    Ok(match options.result.logical {
        T::Decimal { .. } => Box::new(DecimalVariance::new(options, sample, root)?),
        _ => Box::new(Variance::new(options, sample, root)),
    })
}

struct Variance {
    counts: Vec<i64>,
    sums: Vec<f64>,
    squares: Vec<f64>,
    /// As above for integers, which wrap.
    whole: Vec<(i64, i64)>,
    integers: bool,
    /// Every step is rounded to FLOAT.
    short: bool,
    result: DataType,
    sample: bool,
    root: bool,
}

impl Variance {
    fn new(options: &AggregateOptions<'_>, sample: bool, root: bool) -> Variance {
        let integers = options.arg_types.first().is_some_and(|t| t.logical == T::BigInt);
        Variance {
            counts: Vec::new(),
            sums: Vec::new(),
            squares: Vec::new(),
            whole: Vec::new(),
            integers,
            short: options.result.logical == T::Float,
            result: options.result.clone(),
            sample,
            root,
        }
    }

    fn divisor(&self, slot: usize) -> Option<i64> {
        let count = self.counts[slot];
        let divisor = if self.sample { count - 1 } else { count };
        (divisor > 0).then_some(divisor)
    }

    fn double(&self, slot: usize) -> Option<f64> {
        let (divisor, count) = (self.divisor(slot)?, self.counts[slot] as f64);
        let (sum, squares) = (self.sums[slot], self.squares[slot]);
        let share = rounded(self.short, rounded(self.short, sum * sum) / count);
        let variance = rounded(self.short, rounded(self.short, squares - share) / divisor as f64);
        Some(if self.root { variance.powf(0.5) } else { variance })
    }

    fn integer(&self, slot: usize) -> Option<i64> {
        let (divisor, count) = (self.divisor(slot)?, self.counts[slot]);
        let (sum, squares) = self.whole[slot];
        // Sums and products have the type of the argument; the quotient by the count, a BIGINT, is one too.
        let (sum, squares) = (self.narrow(sum), self.narrow(squares));
        let variance = squares.wrapping_sub(self.narrow(sum.wrapping_mul(sum)) / count) / divisor;
        Some(self.narrow(if self.root { (variance as f64).powf(0.5) as i64 } else { variance }))
    }

    /// `value` wrapped around to the type of the result, which is that of the argument.
    fn narrow(&self, value: i64) -> i64 {
        match self.result.logical {
            T::TinyInt => i64::from(value as i8),
            T::SmallInt => i64::from(value as i16),
            T::Int => i64::from(value as i32),
            _ => value,
        }
    }
}

/// `value` as a FLOAT if `short`. Rounding a DOUBLE result of FLOATs gives what FLOAT arithmetic gives.
fn rounded(short: bool, value: f64) -> f64 {
    if short { f64::from(value as f32) } else { value }
}

impl Accumulator for Variance {
    fn resize(&mut self, slots: usize) {
        let slots = slots.max(self.counts.len());
        self.counts.resize(slots, 0);
        self.sums.resize(slots, 0.0);
        self.squares.resize(slots, 0.0);
        self.whole.resize(slots, (0, 0));
    }

    fn update(
        &mut self,
        slots: &[u32],
        kinds: Option<&[u8]>,
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<(), AggregateError> {
        let array = state::argument(args)?;
        let rows = Rows { slots, kinds, filter };
        if self.integers {
            let values = array.as_primitive_opt::<Int64Type>();
            let values = values.ok_or_else(|| AggregateError::Internal("a variance of no BIGINT".to_owned()))?;
            rows.for_each(values.nulls(), |row, slot, adds| {
                let (value, sign) = (values.value(row), if adds { 1 } else { -1 });
                self.counts[slot] += sign;
                let (sum, squares) = &mut self.whole[slot];
                *sum = sum.wrapping_add(value.wrapping_mul(sign));
                *squares = squares.wrapping_add(value.wrapping_mul(value).wrapping_mul(sign));
            });
            return Ok(());
        }
        let values = array.as_primitive_opt::<Float64Type>();
        let values = values.ok_or_else(|| AggregateError::Internal("a variance of no DOUBLE".to_owned()))?;
        let short = self.short;
        rows.for_each(values.nulls(), |row, slot, adds| {
            let (value, sign) = (values.value(row), if adds { 1 } else { -1 });
            self.counts[slot] += sign;
            self.sums[slot] = rounded(short, self.sums[slot] + value * sign as f64);
            self.squares[slot] = rounded(short, self.squares[slot] + rounded(short, value * value) * sign as f64);
        });
        Ok(())
    }

    fn merge(&mut self, into: &[u32], other: &dyn Accumulator, from: &[u32]) -> Result<(), AggregateError> {
        let other = state::same::<Variance>(other)?;
        for (&into, &from) in into.iter().zip(from) {
            let (into, from) = (into as usize, from as usize);
            self.counts[into] += other.counts[from];
            self.sums[into] += other.sums[from];
            self.squares[into] += other.squares[from];
            self.whole[into].0 = self.whole[into].0.wrapping_add(other.whole[from].0);
            self.whole[into].1 = self.whole[into].1.wrapping_add(other.whole[from].1);
        }
        Ok(())
    }

    fn values(&self, slots: &[u32]) -> Result<ArrayRef, AggregateError> {
        let target = arrow_type(&self.result.logical);
        if self.integers {
            let values: ArrayRef =
                Arc::new(Int64Array::from_iter(slots.iter().map(|&slot| self.integer(slot as usize))));
            return Ok(arrow_cast::cast(&values, &target)?);
        }
        let values: ArrayRef = Arc::new(Float64Array::from_iter(slots.iter().map(|&slot| self.double(slot as usize))));
        Ok(arrow_cast::cast(&values, &target)?)
    }

    fn state_types(&self) -> Vec<DataType> {
        let sums = if self.integers { T::BigInt } else { T::Double };
        vec![T::BigInt.not_null(), sums.clone().not_null(), sums.not_null()]
    }

    fn export(&self, slots: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        let at = |slot: &u32| *slot as usize;
        let counts = Int64Array::from_iter_values(slots.iter().map(|s| self.counts[at(s)]));
        let mut columns: Vec<ArrayRef> = vec![Arc::new(counts)];
        if self.integers {
            columns.push(Arc::new(Int64Array::from_iter_values(slots.iter().map(|s| self.whole[at(s)].0))));
            columns.push(Arc::new(Int64Array::from_iter_values(slots.iter().map(|s| self.whole[at(s)].1))));
        } else {
            columns.push(Arc::new(Float64Array::from_iter_values(slots.iter().map(|s| self.sums[at(s)]))));
            columns.push(Arc::new(Float64Array::from_iter_values(slots.iter().map(|s| self.squares[at(s)]))));
        }
        Ok(columns)
    }

    fn import(&mut self, slots: &[u32], columns: &[ArrayRef]) -> Result<(), AggregateError> {
        let counts = state::numbers::<Int64Type>(columns, 0)?;
        for (row, &slot) in slots.iter().enumerate() {
            let slot = slot as usize;
            self.counts[slot] = counts.value(row);
            if self.integers {
                let (sums, squares) =
                    (state::numbers::<Int64Type>(columns, 1)?, state::numbers::<Int64Type>(columns, 2)?);
                self.whole[slot] = (sums.value(row), squares.value(row));
            } else {
                self.sums[slot] = state::numbers::<Float64Type>(columns, 1)?.value(row);
                self.squares[slot] = state::numbers::<Float64Type>(columns, 2)?.value(row);
            }
        }
        Ok(())
    }

    fn clear(&mut self, slots: &[u32]) {
        for &slot in slots {
            let slot = slot as usize;
            (self.counts[slot], self.sums[slot], self.squares[slot], self.whole[slot]) = (0, 0.0, 0.0, (0, 0));
        }
    }

    fn memory_size(&self) -> usize {
        self.counts.capacity() * (size_of::<i64>() + 2 * size_of::<f64>() + size_of::<(i64, i64)>())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
