//! OVERLAPS. Calls are written out as comparisons ([`crate::resolve`]); here is what it takes.

use nutkin_types::{DataType, LogicalType as T};

use crate::error::{FunctionError, SignatureError};
use crate::registry::{Family, ScalarFunction};
use crate::signature::{Argument, Inferred, Of, any_nullable};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[ScalarFunction::new(
    "OVERLAPS",
    Family::Temporal,
    "(start1, end1) OVERLAPS (start2, end2)",
    "TRUE if the two periods have a point in common; an end may be an interval.",
    infer,
    |_| Err(FunctionError::Inconsistent("OVERLAPS is written out as comparisons".to_owned())),
)
.examples(&[
    ("(TIME '2:55:00', INTERVAL '1' HOUR) OVERLAPS (TIME '3:30:00', INTERVAL '2' HOUR)", "TRUE"),
    ("(TIME '9:00:00', TIME '10:00:00') OVERLAPS (TIME '10:15:00', INTERVAL '3' HOUR)", "FALSE"),
])];

fn infer(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [start1, end1, start2, end2] = args else { return Err(of.count(args.len())) };
    for (index, [start, end]) in [[start1, end1], [start2, end2]].iter().enumerate() {
        let (from, to) = (&start.data_type.logical, &end.data_type.logical);
        if !from.is_datetime() {
            return Err(of.wrong(2 * index, start.data_type, "a DATE, TIME or timestamp"));
        }
        if !to.is_interval() && to.family() != from.family() {
            return Err(of.wrong(2 * index + 1, end.data_type, "an interval, or the type of the start"));
        }
    }
    if start1.data_type.family() != start2.data_type.family() {
        return Err(of.wrong(2, start2.data_type, "the type of the first start"));
    }
    let arg_types = args.iter().map(|arg| arg.data_type.clone()).collect();
    Ok(Inferred { arg_types, result: DataType::new(T::Boolean, any_nullable(args)) })
}
