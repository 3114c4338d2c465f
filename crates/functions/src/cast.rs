//! CAST and TRY_CAST: one kernel per pair of type families, chosen at compile time.
//!
//! [`text::write_value`] gives everything its text; [`parse`] reads texts; [`numeric`], [`temporal`] and [`nested`] do the
//! rest. A value that does not convert is an error that names it, or NULL under TRY_CAST. A number that overflows a
//! DECIMAL is NULL in both, and narrower integers wrap around, as in Flink.

mod bytes;
mod digits;
mod nested;
mod numeric;
mod parse;
mod temporal;
pub(crate) mod text;

pub(crate) use temporal::retype;

use nutkin_plan::CastFailure;
use nutkin_types::DataType;
use nutkin_types::arrow::arrow_type;
use nutkin_types::data_type::TypeFamily as F;

use crate::context::EvaluatorOptions;
use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::registry::Kernel;
use crate::time::zone::TimeZone;

/// One cast being compiled.
#[derive(Clone)]
struct Plan {
    from: DataType,
    to: DataType,
    null_on_failure: bool,
    zone: TimeZone,
}

impl Plan {
    /// NULL under TRY_CAST, else the error for `value`.
    fn fail<T>(&self, value: impl ToString, reason: &str) -> Result<Option<T>, EvaluationError> {
        if self.null_on_failure {
            return Ok(None);
        }
        Err(EvaluationError::Cast {
            value: value.to_string(),
            from: self.from.logical.to_string(),
            to: self.to.logical.to_string(),
            reason: reason.to_owned(),
        })
    }
}

/// The kernel that converts `from` into `to`. Errors when the types do not convert.
pub(crate) fn kernel(
    from: &DataType,
    to: &DataType,
    on_failure: CastFailure,
    options: &EvaluatorOptions,
) -> Result<Kernel, FunctionError> {
    let plan = Plan {
        from: from.clone(),
        to: to.clone(),
        null_on_failure: on_failure == CastFailure::Null,
        zone: options.time_zone,
    };
    compile(&plan)
}

fn compile(plan: &Plan) -> Result<Kernel, FunctionError> {
    let unsupported = || SignatureError::Cast { from: plan.from.to_string(), to: plan.to.to_string() };
    if plan.from.logical == plan.to.logical {
        return Ok(Box::new(|args| Ok(args.array(0)?.clone())));
    }
    let kernel = match (plan.from.family(), plan.to.family()) {
        (F::Null, _) => {
            let target = arrow_type(&plan.to.logical);
            Some(Box::new(move |args: &crate::args::Args<'_>| Ok(arrow_array::new_null_array(&target, args.rows)))
                as Kernel)
        }
        (F::BinaryString, F::CharacterString) => bytes::to_text(plan),
        (_, F::CharacterString) => text::kernel(plan),
        (F::CharacterString, F::BinaryString) | (F::BinaryString, F::BinaryString) => bytes::to_bytes(plan),
        (F::CharacterString, _) => parse::kernel(plan),
        (
            F::Boolean | F::ExactInteger | F::Decimal | F::Approximate,
            F::Boolean | F::ExactInteger | F::Decimal | F::Approximate,
        ) => numeric::kernel(plan),
        (F::ExactInteger, F::IntervalDayTime | F::IntervalYearMonth)
        | (F::IntervalDayTime, F::IntervalDayTime)
        | (F::IntervalYearMonth, F::IntervalYearMonth) => temporal::interval(plan),
        (F::Date | F::Time | F::Timestamp | F::TimestampLtz, F::Date | F::Time | F::Timestamp | F::TimestampLtz) => {
            temporal::kernel(plan)
        }
        (F::Array | F::Map | F::Multiset | F::Row | F::Structured, _) => {
            nested::kernel(plan)?.map(|kernel| nested::tried(plan, kernel))
        }
        _ => None,
    };
    kernel.ok_or_else(|| unsupported().into())
}
