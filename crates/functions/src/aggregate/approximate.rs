//! APPROX_COUNT_DISTINCT: HyperLogLog++ with 16384 registers, a relative standard deviation below 1 %. Estimates are Flink's to the
//! last digit: the same hash of the same bytes, the same corrections ([`biases`]).
//!
//! A slot holds nothing until its first value, then 16 KiB.

use std::any::Any;
use std::sync::Arc;

use arrow_array::builder::BinaryBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time32MillisecondType,
};
use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array};
use nutkin_types::{DataType, LogicalType as T, Moment};

use super::rows::Rows;
use super::{Accumulator, AggregateFunction, state};
use crate::error::{AggregateError, SignatureError};
use crate::keys::{canonical_f32, canonical_f64, xxh64};
use crate::signature::{Argument, Inferred, Of};

mod biases;

use biases::BIASES;

pub(super) static APPROX_COUNT_DISTINCT: AggregateFunction = AggregateFunction {
    name: "APPROX_COUNT_DISTINCT",
    aliases: &[],
    signature: "APPROX_COUNT_DISTINCT(value)",
    description: "Roughly how many different values there are, within about 1 %. For queries that end, and over OVER windows; it \
         cannot take rows back.",
    retractable: false,
    types,
    create: |options| {
        let logical = state::argument_type(options)?.logical.clone();
        Ok(Box::new(Approximate { logical, registers: Vec::new() }))
    },
};

const BITS: u32 = 14;
const REGISTERS: usize = 1 << BITS;
const SEED: u64 = 42;
/// Up to here empty registers say more than full ones.
const LINEAR: f64 = 15500.0;
/// How many of the nearest biases are averaged.
const NEAREST: usize = 6;

fn types(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [arg] = args else { return Err(of.reason("We now only support the count of one field")) };
    let logical = &arg.data_type.logical;
    if !(logical.is_numeric() || logical.is_character_string() || logical.is_datetime()) {
        return Err(of.reason(format!("it does not support type {logical}")));
    }
    Ok(Inferred { arg_types: vec![arg.data_type.clone()], result: T::BigInt.not_null() })
}

struct Approximate {
    logical: T,
    /// The longest run of zeros at the start of the hashes of each register, plus 1.
    registers: Vec<Option<Box<[u8]>>>,
}

/// The hash of the value at `row`, which is not NULL. Of a timestamp only its milliseconds count, as in Flink.
fn hash(array: &dyn Array, logical: &T, row: usize) -> u64 {
    let short = |value: i32| xxh64(&value.to_le_bytes(), SEED);
    let long = |value: i64| xxh64(&value.to_le_bytes(), SEED);
    match logical {
        T::TinyInt => short(array.as_primitive::<Int8Type>().value(row).into()),
        T::SmallInt => short(array.as_primitive::<Int16Type>().value(row).into()),
        T::Int => short(array.as_primitive::<Int32Type>().value(row)),
        T::BigInt => long(array.as_primitive::<Int64Type>().value(row)),
        T::Float => short(canonical_f32(array.as_primitive::<Float32Type>().value(row)) as i32),
        T::Double => long(canonical_f64(array.as_primitive::<Float64Type>().value(row)) as i64),
        T::Decimal { precision, .. } => {
            let unscaled = array.as_primitive::<Decimal128Type>().value(row);
            if *precision > 18 { xxh64(shortest(&unscaled.to_be_bytes()), SEED) } else { long(unscaled as i64) }
        }
        T::Date => long(array.as_primitive::<Date32Type>().value(row).into()),
        T::Time { .. } => long(array.as_primitive::<Time32MillisecondType>().value(row).into()),
        T::Timestamp { precision } | T::TimestampLtz { precision } => {
            long(Moment::of_array(array, *precision, row).millis())
        }
        _ => xxh64(array.as_string::<i32>().value(row).as_bytes(), SEED),
    }
}

/// The fewest bytes that are the same number in two's complement.
fn shortest(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let [first, next, ..] = rest
        && ((*first == 0 && *next < 0x80) || (*first == 0xff && *next >= 0x80))
    {
        rest = &rest[1..];
    }
    rest
}

fn add(registers: &mut [u8], hash: u64) {
    let (register, rest) = ((hash >> (64 - BITS)) as usize, hash << BITS | 1 << (BITS - 1));
    registers[register] = registers[register].max(rest.leading_zeros() as u8 + 1);
}

fn estimate(registers: &[u8]) -> i64 {
    let m = REGISTERS as f64;
    let sum: f64 = registers.iter().map(|&run| 1.0 / f64::from(1i32.wrapping_shl(run.into()))).sum();
    let empty = registers.iter().filter(|&&run| run == 0).count();
    let raw = 0.7213 / (1.0 + 1.079 / m) * m * m / sum;
    let linear = m * (m / empty as f64).ln();
    let found = if empty > 0 && (linear <= LINEAR || raw <= 2.5 * m) {
        linear
    } else if raw < 5.0 * m {
        raw - bias(raw)
    } else {
        raw
    };
    // Java rounds halves up.
    (found + 0.5).floor() as i64
}

/// The mean of the biases of the estimates nearest to `raw`.
fn bias(raw: f64) -> f64 {
    let distance = |at: usize| (raw - BIASES[at].0).powi(2);
    let nearest = BIASES.partition_point(|(estimate, _)| *estimate < raw);
    let mut low = (nearest + 1).saturating_sub(NEAREST);
    let mut high = (low + NEAREST).min(BIASES.len());
    while high < BIASES.len() && distance(high) < distance(low) {
        low += 1;
        high += 1;
    }
    BIASES[low..high].iter().map(|(_, bias)| bias).sum::<f64>() / (high - low) as f64
}

fn empty() -> Box<[u8]> {
    vec![0; REGISTERS].into_boxed_slice()
}

impl Accumulator for Approximate {
    fn resize(&mut self, slots: usize) {
        self.registers.resize(slots.max(self.registers.len()), None);
    }

    fn update(
        &mut self,
        slots: &[u32],
        kinds: Option<&[u8]>,
        args: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<(), AggregateError> {
        let [array] = args else { return Err(AggregateError::Internal("one argument is counted".to_owned())) };
        let (logical, registers) = (&self.logical, &mut self.registers);
        Rows { slots, kinds, filter }.for_each(array.nulls(), |row, slot, _| {
            add(registers[slot].get_or_insert_with(empty), hash(array.as_ref(), logical, row));
        });
        Ok(())
    }

    fn merge(&mut self, into: &[u32], other: &dyn Accumulator, from: &[u32]) -> Result<(), AggregateError> {
        let other = state::same::<Approximate>(other)?;
        for (&into, &from) in into.iter().zip(from) {
            let Some(theirs) = &other.registers[from as usize] else { continue };
            let ours = self.registers[into as usize].get_or_insert_with(empty);
            ours.iter_mut().zip(theirs).for_each(|(ours, theirs)| *ours = (*ours).max(*theirs));
        }
        Ok(())
    }

    fn values(&self, slots: &[u32]) -> Result<ArrayRef, AggregateError> {
        let of = |&slot: &u32| self.registers[slot as usize].as_deref().map_or(0, estimate);
        Ok(Arc::new(slots.iter().map(of).collect::<Int64Array>()))
    }

    fn state_types(&self) -> Vec<DataType> {
        vec![T::BYTES.nullable()]
    }

    fn export(&self, slots: &[u32]) -> Result<Vec<ArrayRef>, AggregateError> {
        let mut builder = BinaryBuilder::new();
        slots.iter().for_each(|&slot| builder.append_option(self.registers[slot as usize].as_deref()));
        Ok(vec![Arc::new(builder.finish())])
    }

    fn import(&mut self, slots: &[u32], state: &[ArrayRef]) -> Result<(), AggregateError> {
        let broken = || AggregateError::Internal("the state of APPROX_COUNT_DISTINCT is no registers".to_owned());
        let [column] = state else { return Err(broken()) };
        let column = column.as_binary_opt::<i32>().ok_or_else(broken)?;
        for (row, &slot) in slots.iter().enumerate() {
            let registers = column.is_valid(row).then(|| column.value(row));
            if registers.is_some_and(|registers| registers.len() != REGISTERS) {
                return Err(broken());
            }
            self.registers[slot as usize] = registers.map(Into::into);
        }
        Ok(())
    }

    fn clear(&mut self, slots: &[u32]) {
        slots.iter().for_each(|&slot| self.registers[slot as usize] = None);
    }

    fn memory_size(&self) -> usize {
        let held = self.registers.iter().flatten().count();
        held * REGISTERS + self.registers.capacity() * size_of::<Option<Box<[u8]>>>()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
