//! CURRENT_TIMESTAMP and its kin, UNIX_TIMESTAMP() and CURRENT_WATERMARK.

use std::sync::Arc;

use arrow_array::types::{ArrowPrimitiveType, Date32Type, Time32MillisecondType, TimestampMillisecondType};
use arrow_array::{ArrayRef, PrimitiveArray};
use nutkin_types::arrow::arrow_type;
use nutkin_types::data_type::TypeFamily;
use nutkin_types::{DataType, LogicalType as T};

use crate::args::Args;
use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::registry::{Determinism, Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of};
use crate::time::text::split_millis;

pub(in crate::scalar) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "CURRENT_TIMESTAMP",
        Family::Temporal,
        "CURRENT_TIMESTAMP",
        "The current instant.",
        |o, a| none(o, a, LTZ),
        |site| instant(site, |args| args.context.statement_millis()),
    )
    .aliases(&["NOW"])
    .determinism(Determinism::Dynamic),
    ScalarFunction::new(
        "CURRENT_ROW_TIMESTAMP",
        Family::Temporal,
        "CURRENT_ROW_TIMESTAMP()",
        "The instant at which the row is processed.",
        |o, a| none(o, a, LTZ),
        |site| instant(site, |args| args.context.now_millis),
    )
    .determinism(Determinism::NonDeterministic),
    ScalarFunction::new(
        "PROCTIME",
        Family::Temporal,
        "PROCTIME()",
        "The instant at which the row is processed; only with sql.flink-extensions.",
        |o, a| none(o, a, LTZ),
        |site| instant(site, |args| args.context.now_millis),
    )
    .determinism(Determinism::NonDeterministic),
    ScalarFunction::new(
        "LOCALTIMESTAMP",
        Family::Temporal,
        "LOCALTIMESTAMP",
        "The current time in the session time zone.",
        |o, a| none(o, a, T::Timestamp { precision: 3 }),
        |site| local::<TimestampMillisecondType>(site, |millis| millis),
    )
    .determinism(Determinism::Dynamic),
    ScalarFunction::new(
        "CURRENT_DATE",
        Family::Temporal,
        "CURRENT_DATE",
        "The current date in the session time zone.",
        |o, a| none(o, a, T::Date),
        |site| local::<Date32Type>(site, |millis| split_millis(millis).0),
    )
    .determinism(Determinism::Dynamic),
    ScalarFunction::new(
        "CURRENT_TIME",
        Family::Temporal,
        "CURRENT_TIME",
        "The current time of day in the session time zone.",
        |o, a| none(o, a, T::Time { precision: 0 }),
        |site| local::<Time32MillisecondType>(site, |millis| split_millis(millis).1 / 1000 * 1000),
    )
    .aliases(&["LOCALTIME"])
    .determinism(Determinism::Dynamic),
    ScalarFunction::new(
        "CURRENT_WATERMARK",
        Family::Temporal,
        "CURRENT_WATERMARK(rowtime)",
        "The watermark of the stream; NULL before the first one.",
        watermark_type,
        watermark,
    )
    .determinism(Determinism::NonDeterministic),
];

const LTZ: T = T::TimestampLtz { precision: 3 };

fn none(of: Of, args: &[Argument<'_>], result: T) -> Result<Inferred, SignatureError> {
    if !args.is_empty() {
        return Err(of.count(args.len()));
    }
    Ok(Inferred { arg_types: Vec::new(), result: result.not_null() })
}

fn instant(site: &Site<'_>, millis: fn(&Args<'_>) -> i64) -> Result<Kernel, FunctionError> {
    let target = arrow_type(&site.result.logical);
    Ok(Box::new(move |args| {
        let array = PrimitiveArray::<TimestampMillisecondType>::from_value(millis(args), args.rows);
        Ok(Arc::new(array.with_data_type(target.clone())))
    }))
}

fn local<P: ArrowPrimitiveType>(site: &Site<'_>, value: fn(i64) -> P::Native) -> Result<Kernel, FunctionError> {
    let zone = site.options.time_zone;
    Ok(Box::new(move |args| -> Result<ArrayRef, EvaluationError> {
        let millis = zone.to_local(args.context.statement_millis());
        Ok(Arc::new(PrimitiveArray::<P>::from_value(value(millis), args.rows)))
    }))
}

fn watermark_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [arg] = args else { return Err(of.count(args.len())) };
    let logical = match arg.data_type.family() {
        TypeFamily::Timestamp => T::Timestamp { precision: 3 },
        TypeFamily::TimestampLtz => LTZ,
        _ => return Err(of.wrong(0, arg.data_type, "a time attribute")),
    };
    Ok(Inferred { arg_types: vec![arg.data_type.clone()], result: DataType::new(logical, true) })
}

fn watermark(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let target = arrow_type(&site.result.logical);
    Ok(Box::new(move |args| {
        Ok(match args.context.current_watermark {
            None => arrow_array::new_null_array(&target, args.rows),
            Some(millis) => {
                let array = PrimitiveArray::<TimestampMillisecondType>::from_value(millis, args.rows);
                Arc::new(array.with_data_type(target.clone()))
            }
        })
    }))
}
