//! Dates, times and timestamps moved by intervals; intervals added, negated and multiplied.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, DurationMillisecondType, Int64Type, IntervalYearMonthType,
    Time32MillisecondType,
};
use arrow_array::{Array, ArrayRef};
use nutkin_types::arrow::{arrow_type, ticks_per_second};
use nutkin_types::data_type::TypeFamily as F;
use nutkin_types::{DataType, LogicalType as T, Moment};

use super::Operator;
use crate::args::Args;
use crate::cast::retype;
use crate::column::Column;
use crate::error::{EvaluationError, FunctionError};
use crate::registry::{Kernel, Site};
use crate::time::calendar::{DAY_MILLIS, Date, add_months, add_months_millis};

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
            Ok(Arc::new(args.build_numbers::<IntervalYearMonthType>(|row| {
                months.get(row).map(|months| months.checked_neg().ok_or_else(|| too_long(months))).transpose()
            })?))
        })),
        F::IntervalDayTime => Some(Box::new(|args| {
            let millis = args.numbers::<DurationMillisecondType>(0)?;
            Ok(Arc::new(args.build_numbers::<DurationMillisecondType>(|row| {
                millis.get(row).map(|millis| millis.checked_neg().ok_or_else(|| too_long(millis))).transpose()
            })?))
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
                let Some((months, factor)) = months.get(row).zip(factors.get(row)) else { return Ok(None) };
                let product = i64::from(months).checked_mul(factor).and_then(|product| i32::try_from(product).ok());
                product.map(Some).ok_or_else(|| too_long(factor))
            })?))
        })),
        F::IntervalDayTime => Some(Box::new(move |args| {
            let (millis, factors) = (args.numbers::<DurationMillisecondType>(i)?, args.bigints(n)?);
            Ok(Arc::new(args.build_numbers::<DurationMillisecondType>(|row| {
                let Some((millis, factor)) = millis.get(row).zip(factors.get(row)) else { return Ok(None) };
                millis.checked_mul(factor).map(Some).ok_or_else(|| too_long(factor))
            })?))
        })),
        _ => None,
    }
}

/// An interval that its type does not hold.
fn too_long(value: impl ToString) -> EvaluationError {
    let reason = "the interval becomes longer than its type holds".to_owned();
    EvaluationError::InvalidArgument { function: "interval arithmetic", value: value.to_string(), reason }
}

fn add_intervals(first: &DataType, operator: Operator) -> Option<Kernel> {
    let minus = operator == Operator::Minus;
    match first.family() {
        F::IntervalYearMonth => Some(Box::new(move |args| {
            let (a, b) = (args.numbers::<IntervalYearMonthType>(0)?, args.numbers::<IntervalYearMonthType>(1)?);
            Ok(Arc::new(args.build_numbers::<IntervalYearMonthType>(|row| {
                let Some((a, b)) = a.get(row).zip(b.get(row)) else { return Ok(None) };
                let sum = if minus { a.checked_sub(b) } else { a.checked_add(b) };
                sum.map(Some).ok_or_else(|| too_long(b))
            })?))
        })),
        F::IntervalDayTime => Some(Box::new(move |args| {
            let (a, b) = (args.numbers::<DurationMillisecondType>(0)?, args.numbers::<DurationMillisecondType>(1)?);
            Ok(Arc::new(args.build_numbers::<DurationMillisecondType>(|row| {
                let Some((a, b)) = a.get(row).zip(b.get(row)) else { return Ok(None) };
                let sum = if minus { a.checked_sub(b) } else { a.checked_add(b) };
                sum.map(Some).ok_or_else(|| too_long(b))
            })?))
        })),
        _ => None,
    }
}

/// `moment` moved by `interval`.
fn shift(moment: &DataType, interval: &DataType, swapped: bool, operator: Operator) -> Option<Kernel> {
    let sign: i64 = if operator == Operator::Minus { -1 } else { 1 };
    let months = interval.family() == F::IntervalYearMonth;
    let (m, i) = if swapped { (1, 0) } else { (0, 1) };
    let (target, logical) = (arrow_type(&moment.logical), moment.logical.clone());
    match &moment.logical {
        T::Date => Some(Box::new(move |args| {
            move_by::<Date32Type>(args, m, i, months, &logical, |days, amount| {
                let amount = amount.checked_mul(sign)?;
                if months {
                    return Some(Date::from_days(days).add_months(amount)?.to_days());
                }
                i32::try_from(i64::from(days) + amount / DAY_MILLIS).ok()
            })
        })),
        // Months do not move a time of day.
        T::Time { .. } => Some(Box::new(move |args| {
            move_by::<Time32MillisecondType>(args, m, i, months, &logical, |time, amount| {
                let distance = if months { 0 } else { amount.rem_euclid(DAY_MILLIS) * sign };
                Some((i64::from(time) + distance).rem_euclid(DAY_MILLIS) as i32)
            })
        })),
        T::Timestamp { precision: 7.. } | T::TimestampLtz { precision: 7.. } => Some(Box::new(move |args| {
            let moved = move_by::<Decimal128Type>(args, m, i, months, &logical, |nanos, amount| {
                let (moment, amount) = (Moment::of_nanos(nanos)?, amount.checked_mul(sign)?);
                let moved = if months { add_months(moment, amount)? } else { moment.plus_millis(amount)? };
                Some(moved.nanos())
            })?;
            retype(&moved, &target)
        })),
        T::Timestamp { precision } | T::TimestampLtz { precision } => {
            let per_milli = ticks_per_second(*precision) / 1000;
            Some(Box::new(move |args| {
                let ticks = as_ticks(args, m)?;
                let columns = [ticks, args.column(i)?.clone()];
                let args = Args { columns: &columns, rows: args.rows, context: args.context };
                let moved = move_by::<Int64Type>(&args, 0, 1, months, &logical, |ticks, amount| {
                    let amount = amount.checked_mul(sign)?;
                    if months {
                        let moved = add_months_millis(ticks.div_euclid(per_milli), amount)?;
                        return moved.checked_mul(per_milli)?.checked_add(ticks.rem_euclid(per_milli));
                    }
                    ticks.checked_add(amount.checked_mul(per_milli)?)
                })?;
                retype(&moved, &target)
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
    logical: &T,
    step: impl Fn(P::Native, i64) -> Option<P::Native>,
) -> Result<ArrayRef, EvaluationError> {
    let step = |value, amount| {
        step(value, amount).ok_or_else(|| EvaluationError::beyond("interval arithmetic", amount, logical))
    };
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
            Some(amount) => Arc::new(array.try_unary::<_, P, _>(|value| step(value, amount))?),
            None => arrow_array::new_null_array(&P::DATA_TYPE, args.rows),
        });
    }
    if months {
        let amounts = args.numbers::<IntervalYearMonthType>(interval)?;
        return Ok(Arc::new(args.build_numbers::<P>(|row| {
            moments.get(row).zip(amounts.get(row)).map(|(value, amount)| step(value, i64::from(amount))).transpose()
        })?));
    }
    let amounts = args.numbers::<DurationMillisecondType>(interval)?;
    Ok(Arc::new(args.build_numbers::<P>(|row| {
        moments.get(row).zip(amounts.get(row)).map(|(value, amount)| step(value, amount)).transpose()
    })?))
}
