//! [`Moment`]: a point in time as Flink holds it, and the one place that knows in which units arrays keep them.
//!
//! A moment is milliseconds since the epoch and the nanoseconds below the millisecond, so kernels compute with the same two
//! numbers whatever the precision of the column. Arrays of precision 0 to 3 hold milliseconds, of 4 to 6 microseconds, both
//! in 64 bits, and of 7 to 9 nanoseconds in 128 bits ([`NANOSECONDS`]): every precision holds the years 1 to 9999 and more.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Decimal128Type, TimestampMicrosecondType, TimestampMillisecondType};
use arrow_array::{Array, ArrayRef, PrimitiveArray};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer};
use arrow_schema::{ArrowError, DataType as ArrowType};

use crate::arrow::{NANOSECONDS, arrow_type};
use crate::data_type::LogicalType;
use crate::value::Value;

/// Nanoseconds in a millisecond.
const PER_MILLI: i64 = 1_000_000;

/// A point in time, local or an instant: milliseconds since 1970-01-01 and nanoseconds below the millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    millis: i64,
    /// 0 to 999 999.
    below: i64,
}

impl Moment {
    /// Whole milliseconds.
    #[inline]
    pub const fn of_millis(millis: i64) -> Moment {
        Moment { millis, below: 0 }
    }

    /// Seconds since the epoch and nanoseconds of the second (0 to 999 999 999); None beyond the milliseconds of 64 bits.
    #[inline]
    pub fn of_seconds(seconds: i64, nanos: i64) -> Option<Moment> {
        let millis = seconds.checked_mul(1000)?.checked_add(nanos.div_euclid(PER_MILLI))?;
        Some(Moment { millis, below: nanos.rem_euclid(PER_MILLI) })
    }

    /// Nanoseconds since the epoch; None beyond the milliseconds of 64 bits.
    #[inline]
    pub fn of_nanos(nanos: i128) -> Option<Moment> {
        // Nearly all times are in the range of 64 bits, where a division takes a fraction of the time.
        if let Ok(nanos) = i64::try_from(nanos) {
            return Some(Moment { millis: nanos.div_euclid(PER_MILLI), below: nanos.rem_euclid(PER_MILLI) });
        }
        let millis = i64::try_from(nanos.div_euclid(PER_MILLI.into())).ok()?;
        Some(Moment { millis, below: nanos.rem_euclid(PER_MILLI.into()) as i64 })
    }

    #[inline]
    fn of_micros(micros: i64) -> Moment {
        Moment { millis: micros.div_euclid(1000), below: micros.rem_euclid(1000) * 1000 }
    }

    /// Whole milliseconds since the epoch, towards the past.
    #[inline]
    pub fn millis(self) -> i64 {
        self.millis
    }

    /// Nanoseconds below the millisecond, 0 to 999 999.
    #[inline]
    pub fn below_millis(self) -> i64 {
        self.below
    }

    /// Whole seconds since the epoch, towards the past.
    #[inline]
    pub fn seconds(self) -> i64 {
        self.millis.div_euclid(1000)
    }

    /// Nanoseconds of the second, 0 to 999 999 999.
    #[inline]
    pub fn nano_of_second(self) -> i64 {
        self.millis.rem_euclid(1000) * PER_MILLI + self.below
    }

    /// Nanoseconds since the epoch.
    #[inline]
    pub fn nanos(self) -> i128 {
        i128::from(self.millis) * i128::from(PER_MILLI) + i128::from(self.below)
    }

    /// Ticks since the epoch of which `per_second` (1000 to 1 000 000 000) make a second, towards the past; None beyond 64
    /// bits.
    #[inline]
    pub fn ticks(self, per_second: i64) -> Option<i64> {
        let per_milli = per_second / 1000;
        if per_milli == 1 {
            return Some(self.millis);
        }
        let whole = self.millis.checked_mul(per_milli);
        let ticks = whole.and_then(|ticks| ticks.checked_add(self.below / (PER_MILLI / per_milli)));
        // The first millisecond of the range is only partly in it.
        ticks.or_else(|| i64::try_from(self.nanos().div_euclid((1_000_000_000 / per_second).into())).ok())
    }

    /// The same nanoseconds below other milliseconds.
    #[inline]
    pub fn with_millis(self, millis: i64) -> Moment {
        Moment { millis, ..self }
    }

    /// Moved by milliseconds; None beyond 64 bits.
    #[inline]
    pub fn plus_millis(self, millis: i64) -> Option<Moment> {
        Some(self.with_millis(self.millis.checked_add(millis)?))
    }

    /// Moved by nanoseconds; None beyond 64 bits of milliseconds.
    pub fn plus_nanos(self, nanos: i128) -> Option<Moment> {
        Moment::of_nanos(self.nanos().checked_add(nanos)?)
    }

    /// With the digits after `precision` cut off: of milliseconds towards 1970, of what lies below them towards the past, as
    /// in Flink.
    #[inline]
    pub fn truncated(self, precision: u8) -> Moment {
        match precision {
            0..=2 => {
                let step = 10i64.pow(u32::from(3 - precision));
                Moment::of_millis(self.millis / step * step)
            }
            3..=8 => Moment { below: self.below - self.below % 10i64.pow(u32::from(9 - precision)), ..self },
            _ => self,
        }
    }

    /// The moment at `row` of an array of a timestamp of `precision`, whatever its NULLs. [`Moments`] checks the array first;
    /// this panics on another one, as Arrow's typed accessors do.
    #[inline]
    pub fn of_array(array: &dyn Array, precision: u8, row: usize) -> Moment {
        match precision {
            0..=3 => Moment::of_millis(array.as_primitive::<TimestampMillisecondType>().value(row)),
            4..=6 => Moment::of_micros(array.as_primitive::<TimestampMicrosecondType>().value(row)),
            _ => Moment::of_stored(array.as_primitive::<Decimal128Type>().value(row)),
        }
    }

    /// Nothing beyond is ever stored.
    #[inline]
    fn of_stored(nanos: i128) -> Moment {
        Moment::of_nanos(nanos).unwrap_or(Moment::of_millis(i64::MAX))
    }

    /// As an array of `precision` holds it, cut to its unit towards the past; None beyond its range.
    #[inline]
    pub fn within(self, precision: u8) -> Option<Moment> {
        match precision {
            0..=3 => Some(Moment::of_millis(self.millis)),
            4..=6 => self.ticks(1_000_000).map(|_| Moment { below: self.below / 1000 * 1000, ..self }),
            _ => Some(self),
        }
    }

    /// The [`Value`] of a timestamp of `precision`; None beyond its range.
    pub fn value(self, precision: u8) -> Option<Value> {
        match precision {
            0..=3 => Some(Value::Integer(self.millis)),
            4..=6 => self.ticks(1_000_000).map(Value::Integer),
            _ => Some(Value::Decimal(self.nanos())),
        }
    }

    /// The moment of the value of a timestamp of `precision`; None of any other value.
    pub fn of_value(value: &Value, precision: u8) -> Option<Moment> {
        match (value, precision) {
            (Value::Integer(millis), 0..=3) => Some(Moment::of_millis(*millis)),
            (Value::Integer(micros), 4..=6) => Some(Moment::of_micros(*micros)),
            (Value::Decimal(nanos), 7..) => Moment::of_nanos(*nanos),
            _ => None,
        }
    }
}

/// Reads the moments of an array of TIMESTAMP or TIMESTAMP_LTZ, whatever its NULLs.
#[derive(Debug, Clone, Copy)]
pub enum Moments<'a> {
    Millis(&'a [i64]),
    Micros(&'a [i64]),
    Nanos(&'a [i128]),
}

impl<'a> Moments<'a> {
    /// Of an array of a timestamp of `precision`; None of any other array.
    #[inline]
    pub fn open(array: &'a dyn Array, precision: u8) -> Option<Moments<'a>> {
        Some(match precision {
            0..=3 => Moments::Millis(array.as_primitive_opt::<TimestampMillisecondType>()?.values()),
            4..=6 => Moments::Micros(array.as_primitive_opt::<TimestampMicrosecondType>()?.values()),
            _ if *array.data_type() == NANOSECONDS => {
                Moments::Nanos(array.as_primitive_opt::<Decimal128Type>()?.values())
            }
            _ => return None,
        })
    }

    /// The moment at `row`, which must be in the array.
    #[inline]
    pub fn get(&self, row: usize) -> Moment {
        match self {
            Moments::Millis(values) => Moment::of_millis(values[row]),
            Moments::Micros(values) => Moment::of_micros(values[row]),
            Moments::Nanos(values) => Moment::of_stored(values[row]),
        }
    }

    /// Ticks since the epoch of the moment at `row`, as [`Moment::ticks`].
    #[inline]
    pub fn ticks(&self, row: usize, per_second: i64) -> Option<i64> {
        match (self, per_second) {
            (Moments::Micros(values), 1_000_000) => Some(values[row]),
            _ => self.get(row).ticks(per_second),
        }
    }
}

/// An array of `rows` moments of `logical`, a TIMESTAMP or TIMESTAMP_LTZ. `value` gives the moment of a row, None for NULL;
/// [`Moment::within`] says whether the array can hold it, and one that it cannot hold is an error.
pub fn moment_array<E: From<ArrowError>>(
    logical: &LogicalType,
    rows: usize,
    mut value: impl FnMut(usize) -> Result<Option<Moment>, E>,
) -> Result<ArrayRef, E> {
    let target = arrow_type(logical);
    Ok(match logical {
        LogicalType::Timestamp { precision: 0..=3 } | LogicalType::TimestampLtz { precision: 0..=3 } => {
            Arc::new(collect::<TimestampMillisecondType, E>(target, rows, |row| Ok(value(row)?.map(Moment::millis)))?)
        }
        LogicalType::Timestamp { precision: 4..=6 } | LogicalType::TimestampLtz { precision: 4..=6 } => {
            Arc::new(collect::<TimestampMicrosecondType, E>(target, rows, |row| {
                let Some(moment) = value(row)? else { return Ok(None) };
                let beyond = || ArrowError::InvalidArgumentError(format!("{moment:?} is beyond {logical}"));
                Ok(Some(moment.ticks(1_000_000).ok_or_else(beyond)?))
            })?)
        }
        LogicalType::Timestamp { .. } | LogicalType::TimestampLtz { .. } => {
            Arc::new(collect::<Decimal128Type, E>(target, rows, |row| Ok(value(row)?.map(Moment::nanos)))?)
        }
        other => return Err(ArrowError::SchemaError(format!("moments of type {other}")).into()),
    })
}

fn collect<P: ArrowPrimitiveType, E: From<ArrowError>>(
    target: ArrowType,
    rows: usize,
    mut value: impl FnMut(usize) -> Result<Option<P::Native>, E>,
) -> Result<PrimitiveArray<P>, E> {
    let mut values = Vec::with_capacity(rows);
    let mut validity = BooleanBufferBuilder::new(rows);
    for row in 0..rows {
        let value = value(row)?;
        validity.append(value.is_some());
        values.push(value.unwrap_or_default());
    }
    let nulls = Some(NullBuffer::new(validity.finish())).filter(|nulls| nulls.null_count() > 0);
    Ok(PrimitiveArray::<P>::try_new(values.into(), nulls)?.with_data_type(target))
}
