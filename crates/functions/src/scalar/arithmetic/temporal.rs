//! Dates, times and timestamps moved by intervals; intervals added, negated and multiplied.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, DurationMillisecondType, Int64Type, IntervalYearMonthType, Time32MillisecondType,
};
use arrow_array::{Array, ArrayRef};
use nutkin_types::arrow::{arrow_type, ticks_per_second, timestamp_unit};
use nutkin_types::data_type::TypeFamily as F;
use nutkin_types::{DataType, LogicalType as T};

use super::Operator;
use crate::args::Args;
use crate::column::Column;
use crate::error::{EvaluationError, FunctionError};
use crate::registry::{Kernel, Site};
use crate::scalar::binary::binary;
use crate::time::calendar::{DAY_MILLIS, Date, add_months_millis};

pub(super) fn compile(site: &Site<'_>, operator: Operator) -> Result<Kernel, FunctionError> {
    let inconsistent = || FunctionError::Inconsistent(format!("{operator:?} on {:?}", site.args));
    match site.args {
        [interval] => negate(interval, operator).ok_or_else(inconsistent),
        [a, b] if operator == Operator::Times => {
            let interval_first = a.logical.is_interval();
            times(if interval_first { a } else { b }, interval_first).ok_or_else(inconsistent)
        }
        [a, b] if a.logical.is_interval() && b.logical.is_interval() => {
            add_intervals(a, operator).ok_or_else(inconsistent)
        }
        [a, b] => {
            let swapped = a.logical.is_interval();
            let (moment, interval) = if swapped { (b, a) } else { (a, b) };
            shift(moment, interval, swapped, operator).ok_or_else(inconsistent)
        }
        _ => Err(inconsistent()),
    }
}

fn negate(interval: &DataType, operator: Operator) -> Option<Kernel> {
    if operator == Operator::Plus {
        return Some(Box::new(|args| Ok(args.array(0)?.clone())));
    }
    match interval.family() {
        F::IntervalYearMonth => Some(Box::new(|args| {
            let months = args.numbers::<IntervalYearMonthType>(0)?;
            Ok(Arc::new(args.build_numbers::<IntervalYearMonthType>(|row| Ok(months.get(row).map(i32::wrapping_neg)))?))
        })),
        F::IntervalDayTime => Some(Box::new(|args| {
            let millis = args.numbers::<DurationMillisecondType>(0)?;
            Ok(Arc::new(
                args.build_numbers::<DurationMillisecondType>(|row| Ok(millis.get(row).map(i64::wrapping_neg)))?,
            ))
        })),
        _ => None,
    }
}

fn times(interval: &DataType, interval_first: bool) -> Option<Kernel> {
    let (i, n) = if interval_first { (0, 1) } else { (1, 0) };
    match interval.family() {
        F::IntervalYearMonth => Some(Box::new(move |args| {
            let (months, factors) = (args.numbers::<IntervalYearMonthType>(i)?, args.bigints(n)?);
            Ok(Arc::new(args.build_numbers::<IntervalYearMonthType>(|row| {
                Ok(months.get(row).zip(factors.get(row)).map(|(m, f)| m.wrapping_mul(f as i32)))
            })?))
        })),
        F::IntervalDayTime => Some(Box::new(move |args| {
            let (millis, factors) = (args.numbers::<DurationMillisecondType>(i)?, args.bigints(n)?);
            Ok(Arc::new(args.build_numbers::<DurationMillisecondType>(|row| {
                Ok(millis.get(row).zip(factors.get(row)).map(|(m, f)| m.wrapping_mul(f)))
            })?))
        })),
        _ => None,
    }
}

fn add_intervals(first: &DataType, operator: Operator) -> Option<Kernel> {
    let sign: i32 = if operator == Operator::Minus { -1 } else { 1 };
    match first.family() {
        F::IntervalYearMonth => Some(Box::new(move |args| {
            binary::<IntervalYearMonthType>(args, |a, b| a.wrapping_add(b.wrapping_mul(sign)))
        })),
        F::IntervalDayTime => Some(Box::new(move |args| {
            binary::<DurationMillisecondType>(args, |a, b| a.wrapping_add(b.wrapping_mul(i64::from(sign))))
        })),
        _ => None,
    }
}

/// `moment` moved by `interval`.
fn shift(moment: &DataType, interval: &DataType, swapped: bool, operator: Operator) -> Option<Kernel> {
    let sign: i64 = if operator == Operator::Minus { -1 } else { 1 };
    let months = interval.family() == F::IntervalYearMonth;
    let (m, i) = if swapped { (1, 0) } else { (0, 1) };
    let target = arrow_type(&moment.logical);
    match &moment.logical {
        T::Date => Some(Box::new(move |args| {
            move_by::<Date32Type>(args, m, i, months, |days, amount| {
                if months {
                    Date::from_days(days).add_months(sign * amount).to_days()
                } else {
                    days.wrapping_add((sign * amount).div_euclid(DAY_MILLIS) as i32)
                }
            })
        })),
        T::Time { .. } if !months => Some(Box::new(move |args| {
            move_by::<Time32MillisecondType>(args, m, i, false, |time, amount| {
                (i64::from(time) + sign * amount).rem_euclid(DAY_MILLIS) as i32
            })
        })),
        T::Timestamp { precision } | T::TimestampLtz { precision } => {
            let per_milli = ticks_per_second(timestamp_unit(*precision)) / 1000;
            Some(Box::new(move |args| {
                let ticks = as_ticks(args, m)?;
                let columns = [ticks, args.column(i)?.clone()];
                let args = Args { columns: &columns, rows: args.rows, context: args.context };
                let moved = move_by::<Int64Type>(&args, 0, 1, months, |ticks, amount| {
                    if months {
                        let millis = ticks.div_euclid(per_milli);
                        add_months_millis(millis, sign * amount) * per_milli + ticks.rem_euclid(per_milli)
                    } else {
                        ticks.wrapping_add((sign * amount).wrapping_mul(per_milli))
                    }
                })?;
                let data = moved.to_data().into_builder().data_type(target.clone()).build()?;
                Ok(arrow_array::make_array(data))
            }))
        }
        _ => None,
    }
}

/// A timestamp column as plain ticks.
fn as_ticks(args: &Args<'_>, index: usize) -> Result<Column, EvaluationError> {
    let column = args.column(index)?;
    let data = column.array.to_data().into_builder().data_type(arrow_schema::DataType::Int64).build()?;
    Ok(Column { array: arrow_array::make_array(data), constant: column.constant })
}

fn move_by<P: ArrowPrimitiveType>(
    args: &Args<'_>,
    moment: usize,
    interval: usize,
    months: bool,
    step: impl Fn(P::Native, i64) -> P::Native,
) -> Result<ArrayRef, EvaluationError> {
    let moments = args.numbers::<P>(moment)?;
    let column = args.column(interval)?;
    // A constant interval, by far the usual case, becomes one vectorised pass.
    if column.constant && !args.column(moment)?.constant {
        let amount = if months {
            args.numbers::<IntervalYearMonthType>(interval)?.get(0).map(i64::from)
        } else {
            args.numbers::<DurationMillisecondType>(interval)?.get(0)
        };
        let array = args.array(moment)?.as_primitive::<P>();
        return Ok(match amount {
            Some(amount) => Arc::new(array.unary::<_, P>(|value| step(value, amount))),
            None => arrow_array::new_null_array(&P::DATA_TYPE, args.rows),
        });
    }
    if months {
        let amounts = args.numbers::<IntervalYearMonthType>(interval)?;
        return Ok(Arc::new(args.build_numbers::<P>(|row| {
            Ok(moments.get(row).zip(amounts.get(row)).map(|(value, amount)| step(value, i64::from(amount))))
        })?));
    }
    let amounts = args.numbers::<DurationMillisecondType>(interval)?;
    Ok(Arc::new(args.build_numbers::<P>(|row| {
        Ok(moments.get(row).zip(amounts.get(row)).map(|(value, amount)| step(value, amount)))
    })?))
}
