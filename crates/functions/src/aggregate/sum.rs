//! SUM, SUM0 and AVG: a running sum and the number of values.
//!
//! Sums are made in the type of the argument: integers wrap around, FLOAT rounds; DECIMAL sums have 38 digits and are NULL
//! beyond. Those of averages are made in BIGINT and DOUBLE. Averages of integers are integers, cut towards zero. All as in
//! Flink, which makes an average beside STDDEV or VAR of a sum in the type of the argument, and so loses what is beyond it: not here.

use std::any::Any;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
};
use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array, PrimitiveArray};
use arrow_schema::DataType as ArrowType;
use nutkin_types::arrow::arrow_type;
use nutkin_types::{DataType, LogicalType as T};

use super::rows::{Rows, Step};
use super::{Accumulator, AggregateFunction, AggregateOptions, Read, state};
use crate::cast::retype;
use crate::decimal::{self, Decimal, derive};
use crate::error::{AggregateError, SignatureError};
use crate::signature::{Argument, Inferred, Of, Param};

pub(super) static SUM: AggregateFunction = AggregateFunction {
    name: "SUM",
    aliases: &[],
    signature: "SUM([DISTINCT] numeric)",
    description: "Sum of the values that are not NULL; NULL if there is none.",
    retractable: true,
    types: |of, args| Ok(Inferred { result: sum_type(of, args)?.nullable(), arg_types: numeric(of, args)? }),
    create: |options| create(options, Outcome::Sum),
};

pub(super) static SUM0: AggregateFunction = AggregateFunction {
    name: "$SUM0",
    aliases: &[],
    signature: "$SUM0(numeric)",
    description: "Sum of the values that are not NULL; 0 if there is none.",
    retractable: true,
    types: |of, args| Ok(Inferred { result: sum_type(of, args)?.not_null(), arg_types: numeric(of, args)? }),
    create: |options| create(options, Outcome::SumOrZero),
};

pub(super) static AVG: AggregateFunction = AggregateFunction {
    name: "AVG",
    aliases: &[],
    signature: "AVG([DISTINCT] numeric)",
    description: "Arithmetic mean of the values that are not NULL, of integers an integer.",
    retractable: true,
    types: |of, args| Ok(Inferred { arg_types: numeric(of, args)?, result: average_type(of, args)?.nullable() }),
    create: |options| create(options, Outcome::Average),
};

fn numeric(of: Of, args: &[Argument<'_>]) -> Result<Vec<DataType>, SignatureError> {
    of.check(args, &[Param::Numeric], 0)
}

fn sum_type(of: Of, args: &[Argument<'_>]) -> Result<T, SignatureError> {
    let arg = numeric(of, args)?.pop().ok_or_else(|| of.count(0))?;
    Ok(match arg.logical {
        T::Decimal { scale, .. } => {
            let (precision, scale) = derive::sum(scale);
            T::Decimal { precision, scale }
        }
        other => other,
    })
}

/// The type of AVG, and of the variance family.
pub(super) fn average_type(of: Of, args: &[Argument<'_>]) -> Result<T, SignatureError> {
    let arg = numeric(of, args)?.pop().ok_or_else(|| of.count(0))?;
    Ok(match arg.logical {
        T::Decimal { scale, .. } => {
            let (precision, scale) = derive::average(scale);
            T::Decimal { precision, scale }
        }
        other => other,
    })
}

/// What the sum becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Sum,
    SumOrZero,
    Average,
}

/// Addition as Flink's generated code does it.
trait Summable: ArrowPrimitiveType {
    fn plus(a: Self::Native, b: Self::Native) -> Self::Native;
    fn minus(a: Self::Native, b: Self::Native) -> Self::Native;
}

macro_rules! summable {
    ($($arrow:ty: $plus:expr, $minus:expr;)*) => {$(
        impl Summable for $arrow {
            #[inline]
            fn plus(a: Self::Native, b: Self::Native) -> Self::Native {
                $plus(a, b)
            }
            #[inline]
            fn minus(a: Self::Native, b: Self::Native) -> Self::Native {
                $minus(a, b)
            }
        }
    )*};
}

summable! {
    Int8Type: i8::wrapping_add, i8::wrapping_sub;
    Int16Type: i16::wrapping_add, i16::wrapping_sub;
    Int32Type: i32::wrapping_add, i32::wrapping_sub;
    Int64Type: i64::wrapping_add, i64::wrapping_sub;
    Float32Type: |a: f32, b: f32| a + b, |a: f32, b: f32| a - b;
    Float64Type: |a: f64, b: f64| a + b, |a: f64, b: f64| a - b;
}

impl Summable for Decimal128Type {
    #[inline]
    fn plus(a: i128, b: i128) -> i128 {
        decimal::accumulate(a, b)
    }
    #[inline]
    fn minus(a: i128, b: i128) -> i128 {
        decimal::accumulate(a, b.wrapping_neg())
    }
}

fn create(options: &AggregateOptions<'_>, result: Outcome) -> Result<Box<dyn Accumulator>, AggregateError> {
    let arg = options.arg_types.first().map(|t| &t.logical);
    let summed = arg.map(|arg| summed_type(arg, result));
    Ok(match summed {
        Some(T::TinyInt) => Box::new(Sum::<Int8Type>::new(options, result)),
        Some(T::SmallInt) => Box::new(Sum::<Int16Type>::new(options, result)),
        Some(T::Int) => Box::new(Sum::<Int32Type>::new(options, result)),
        Some(T::BigInt) => Box::new(Sum::<Int64Type>::new(options, result)),
        Some(T::Float) => Box::new(Sum::<Float32Type>::new(options, result)),
        Some(T::Double) => Box::new(Sum::<Float64Type>::new(options, result)),
        Some(T::Decimal { .. }) => Box::new(Sum::<Decimal128Type>::new(options, result)),
        other => return Err(AggregateError::Internal(format!("a sum of {other:?}"))),
    })
}

/// The type that values of a type are summed in.
fn summed_type(arg: &T, result: Outcome) -> T {
    match arg {
        T::TinyInt | T::SmallInt | T::Int if result == Outcome::Average => T::BigInt,
        T::Float if result == Outcome::Average => T::Double,
        other => other.clone(),
    }
}

struct Sum<P: ArrowPrimitiveType> {
    sums: Vec<P::Native>,
    /// Values that are not NULL.
    counts: Vec<i64>,
    /// What is summed.
    summed: DataType,
    target: DataType,
    result: Outcome,
}

impl<P: Summable> Sum<P> {
    fn new(options: &AggregateOptions<'_>, result: Outcome) -> Sum<P> {
        let arg = options.arg_types.first().map_or(&T::Null, |arg| &arg.logical);
        let summed = summed_type(arg, result).nullable();
        Sum { sums: Vec::new(), counts: Vec::new(), summed, target: options.result.clone(), result }
    }

    /// The same function without slots.
    fn empty(&self) -> Sum<P> {
        let (summed, target) = (self.summed.clone(), self.target.clone());
        Sum { sums: Vec::new(), counts: Vec::new(), summed, target, result: self.result }
    }

    fn column(&self, args: &[ArrayRef]) -> Result<PrimitiveArray<P>, AggregateError> {
        let array = state::argument(args)?;
        let cast = match array.as_primitive_opt::<P>() {
            Some(values) => return Ok(values.clone()),
            None => arrow_cast::cast(array, &P::DATA_TYPE)?,
        };
        let values = cast.as_primitive_opt::<P>().cloned();
        values.ok_or_else(|| AggregateError::Internal(format!("a sum of {} got {}", self.summed, array.data_type())))
    }

    /// Sums of the slots; NULL without a value, unless `or_zero`.
    fn sums(&self, slots: &[u32], or_zero: bool) -> PrimitiveArray<P> {
        slots
            .iter()
            .map(|&slot| (or_zero || self.counts[slot as usize] != 0).then(|| self.sums[slot as usize]))
            .collect()
    }

    /// DECIMAL sums with all their digits, NULL on overflow.
    fn fitted(&self, sums: &PrimitiveArray<P>, precision: u8) -> Option<PrimitiveArray<Decimal128Type>> {
        let sums = (sums as &dyn Array).as_any().downcast_ref::<PrimitiveArray<Decimal128Type>>()?;
        Some(sums.iter().map(|sum| sum.and_then(|sum| decimal::fit(sum, precision))).collect())
    }

    fn averages(&self, slots: &[u32]) -> Result<ArrayRef, AggregateError> {
        let sums: ArrayRef = Arc::new(self.sums(slots, false));
        let count = |row: usize| slots.get(row).map_or(1, |&slot| self.counts[slot as usize]);
        let target = arrow_type(&self.target.logical);
        match (&self.summed.logical, &self.target.logical) {
            (T::Decimal { scale: from, .. }, T::Decimal { precision, scale }) => {
                let sums = sums.as_primitive::<Decimal128Type>();
                let averages: PrimitiveArray<Decimal128Type> = sums
                    .iter()
                    .enumerate()
                    .map(|(row, sum)| {
                        let sum = Decimal { unscaled: decimal::fit(sum?, 38)?, scale: *from };
                        decimal::divide(sum, Decimal { unscaled: count(row).into(), scale: 0 }, *precision, *scale)
                    })
                    .collect();
                Ok(Arc::new(averages.with_data_type(target)))
            }
            (T::Double, _) => {
                let sums = sums.as_primitive::<Float64Type>();
                let averages = sums.iter().enumerate().map(|(row, sum)| sum.map(|sum| sum / count(row) as f64));
                let averages: ArrayRef = Arc::new(averages.collect::<PrimitiveArray<Float64Type>>());
                Ok(arrow_cast::cast(&averages, &target)?)
            }
            _ => {
                let sums = arrow_cast::cast(&sums, &ArrowType::Int64)?;
                let sums = sums.as_primitive::<Int64Type>();
                let averages = sums.iter().enumerate().map(|(row, sum)| sum?.checked_div(count(row)));
                let averages: ArrayRef = Arc::new(averages.collect::<PrimitiveArray<Int64Type>>());
                Ok(arrow_cast::cast(&averages, &target)?)
            }
        }
    }
}

#[inline]
fn fold<P: Summable>(sum: &mut P::Native, count: &mut i64, number: P::Native, adds: bool) {
    let before = *sum;
    if adds {
        *sum = P::plus(before, number);
        *count += 1;
    } else {
        *sum = P::minus(before, number);
        *count -= 1;
    }
}

impl<P: Summable> Accumulator for Sum<P> {
    fn resize(&mut self, slots: usize) {
        self.sums.resize(slots.max(self.sums.len()), P::Native::default());
        self.counts.resize(slots.max(self.counts.len()), 0);
    }

    fn update(
        &mut self,
        slots: &[u32],
        kinds: Option<&[u8]>,
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<(), AggregateError> {
        let values = self.column(args)?;
        let (sums, counts, numbers) = (&mut self.sums, &mut self.counts, values.values());
        Rows { slots, kinds, filter }.for_each(values.nulls(), |row, slot, adds| {
            fold::<P>(&mut sums[slot], &mut counts[slot], numbers[row], adds);
        });
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
        let values = self.column(args)?;
        let mut found = self.empty();
        let (sums, counts, numbers) = (&mut self.sums, &mut self.counts, values.values());
        Rows { slots, kinds, filter }.for_each_and_read(values.nulls(), reads, |step| match step {
            Step::Row { row, slot, adds } => {
                fold::<P>(&mut sums[slot], &mut counts[slot], numbers[row], adds);
            }
            Step::Read { slot } => {
                found.sums.push(sums[slot]);
                found.counts.push(counts[slot]);
            }
        });
        found.values(&(0..reads.len() as u32).collect::<Vec<_>>())
    }

    fn merge(&mut self, into: &[u32], other: &dyn Accumulator, from: &[u32]) -> Result<(), AggregateError> {
        let other = state::same::<Sum<P>>(other)?;
        for (&into, &from) in into.iter().zip(from) {
            let (into, from) = (into as usize, from as usize);
            self.sums[into] = P::plus(self.sums[into], other.sums[from]);
            self.counts[into] += other.counts[from];
        }
        Ok(())
    }

    fn values(&self, slots: &[u32]) -> Result<ArrayRef, AggregateError> {
        if self.result == Outcome::Average {
            return self.averages(slots);
        }
        let sums = self.sums(slots, self.result == Outcome::SumOrZero);
        if let T::Decimal { precision, .. } = self.target.logical
            && let Some(fitted) = self.fitted(&sums, precision)
        {
            return Ok(Arc::new(fitted.with_data_type(arrow_type(&self.target.logical))));
        }
        Ok(Arc::new(sums))
    }

    fn state_types(&self) -> Vec<DataType> {
        let sum = match &self.summed.logical {
            T::Decimal { scale, .. } => T::Decimal { precision: 38, scale: *scale },
            other => other.clone(),
        };
        vec![sum.not_null(), T::BigInt.not_null()]
    }

    fn export(&self, slots: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        let sums: ArrayRef = Arc::new(self.sums(slots, true));
        let counts = Int64Array::from_iter_values(slots.iter().map(|&slot| self.counts[slot as usize]));
        let sums = match self.state_types().first() {
            Some(sum) => retype(&sums, &arrow_type(&sum.logical))?,
            None => sums,
        };
        Ok(vec![sums, Arc::new(counts)])
    }

    fn import(&mut self, slots: &[u32], columns: &[ArrayRef]) -> Result<(), AggregateError> {
        let (sums, counts) = (state::numbers::<P>(columns, 0)?, state::numbers::<Int64Type>(columns, 1)?);
        for (row, &slot) in slots.iter().enumerate() {
            self.sums[slot as usize] = sums.value(row);
            self.counts[slot as usize] = counts.value(row);
        }
        Ok(())
    }

    fn clear(&mut self, slots: &[u32]) {
        for &slot in slots {
            self.sums[slot as usize] = P::Native::default();
            self.counts[slot as usize] = 0;
        }
    }

    fn memory_size(&self) -> usize {
        self.sums.capacity() * size_of::<P::Native>() + self.counts.capacity() * size_of::<i64>()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
