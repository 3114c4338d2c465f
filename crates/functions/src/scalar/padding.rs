//! REPEAT, LPAD and RPAD: texts that are longer than their arguments.

use arrow_array::ArrayRef;
use nutkin_types::LogicalType as T;

use crate::args::Args;
use crate::error::{EvaluationError, SignatureError};
use crate::registry::{Family, ScalarFunction, simple};
use crate::signature::{Argument, Inferred, Of, Param, strict};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "REPEAT",
        Family::String,
        "REPEAT(string, int)",
        "The string int times; empty if int is not positive.",
        repeated,
        |_| simple(repeat),
    )
    .refuses_untyped_null()
    .examples(&[("REPEAT('ab', 3)", "ababab")]),
    ScalarFunction::new(
        "LPAD",
        Family::String,
        "LPAD(string, length, pad)",
        "The string padded on the left, or cut, to length; NULL if length is negative or pad is empty.",
        padded,
        |_| simple(|a| pad(a, true)),
    )
    .refuses_untyped_null()
    .examples(&[("LPAD('hi', 4, '??')", "??hi")]),
    ScalarFunction::new(
        "RPAD",
        Family::String,
        "RPAD(string, length, pad)",
        "The string padded on the right, or cut, to length; NULL if length is negative or pad is empty.",
        padded,
        |_| simple(|a| pad(a, false)),
    )
    .refuses_untyped_null()
    .examples(&[("RPAD('hi', 4, '??')", "hi??")]),
];

fn repeated(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    strict(of, args, &[Param::Text, Param::Int], 0, T::STRING)
}

fn padded(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    strict(of, args, &[Param::Text, Param::Int, Param::Text], 0, T::STRING)
}

/// Longest text that REPEAT and the paddings make: beyond it a single row would take the memory of the whole pool.
const LONGEST: usize = 256 << 20;

fn bounded(function: &'static str, bytes: usize) -> Result<(), EvaluationError> {
    if bytes <= LONGEST {
        return Ok(());
    }
    let reason = format!("the text would be longer than {} MiB", LONGEST >> 20);
    Err(EvaluationError::InvalidArgument { function, value: format!("{bytes} bytes"), reason })
}

fn repeat(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let (texts, counts) = (args.texts(0)?, args.ints(1)?);
    args.build_texts(|row, out| {
        let (Some(text), Some(count)) = (texts.get(row), counts.get(row)) else { return Ok(None) };
        let count = usize::try_from(count).unwrap_or(0);
        bounded("REPEAT", text.len().saturating_mul(count))?;
        out.extend(std::iter::repeat_n(text, count));
        Ok(Some(()))
    })
}

fn pad(args: &Args<'_>, left: bool) -> Result<ArrayRef, EvaluationError> {
    let (texts, lengths, pads) = (args.texts(0)?, args.ints(1)?, args.texts(2)?);
    args.build_texts(|row, out| {
        let (Some(text), Some(length), Some(pad)) = (texts.get(row), lengths.get(row), pads.get(row)) else {
            return Ok(None);
        };
        let Ok(length) = usize::try_from(length) else { return Ok(None) };
        bounded(if left { "LPAD" } else { "RPAD" }, length)?;
        if pad.is_empty() {
            return Ok(None);
        }
        let given = text.chars().count();
        let missing = pad.chars().cycle().take(length.saturating_sub(given));
        if left {
            out.extend(missing);
            out.extend(text.chars().take(length));
        } else {
            out.extend(text.chars().take(length));
            out.extend(missing);
        }
        Ok(Some(()))
    })
}
