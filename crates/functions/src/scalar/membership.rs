//! IN over a list of values. The list is hashed once when it is constant.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type};
use hashbrown::HashSet;
use nutkin_types::DataType;
use nutkin_types::LogicalType;

use super::comparison::comparable;
use crate::args::Args;
use crate::error::{EvaluationError, SignatureError};
use crate::keys;
use crate::registry::{Evaluation, Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, any_nullable};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[ScalarFunction::new(
    "IN",
    Family::Comparison,
    "value IN (value1, value2, ...)",
    "TRUE if the value is in the list; NULL if it is not and the value or an element is NULL.",
    infer,
    compile,
)
.evaluation(Evaluation::In(compile))
.examples(&[("3 IN (1, 2, 3)", "TRUE"), ("'d' IN ('a', 'b')", "FALSE")])];

fn infer(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    if args.len() < 2 {
        return Err(of.count(args.len()));
    }
    Ok(Inferred { arg_types: comparable(of, args)?, result: DataType::new(LogicalType::Boolean, any_nullable(args)) })
}

fn compile(site: &Site<'_>) -> Result<Kernel, crate::error::FunctionError> {
    // Texts of CHAR and VARCHAR columns have the same bytes, so canonical bytes decide for every type.
    let literal = site.literals.iter().skip(1).all(Option::is_some);
    if !literal {
        return Ok(Box::new(scan));
    }
    let mut set: HashSet<Vec<u8>> = HashSet::new();
    let mut has_null = false;
    for (value, data_type) in site.literals.iter().zip(site.args).skip(1) {
        let Some(value) = value else { continue };
        if value.is_null() {
            has_null = true;
            continue;
        }
        let array = value.to_array(data_type, 1).map_err(EvaluationError::from)?;
        let mut bytes = Vec::new();
        keys::write_value(array.as_ref(), 0, &mut bytes).map_err(EvaluationError::from)?;
        set.insert(bytes);
    }
    Ok(Box::new(move |args| {
        let array = args.array(0)?;
        let mut bytes = Vec::new();
        args.build_booleans(|row| {
            let row = args.position(0, row);
            if array.is_null(row) {
                return Ok(None);
            }
            if is_nan(array.as_ref(), row) {
                return Ok((!has_null).then_some(false));
            }
            bytes.clear();
            keys::write_value(array.as_ref(), row, &mut bytes)?;
            Ok(if set.contains(bytes.as_slice()) { Some(true) } else { (!has_null).then_some(false) })
        })
    }))
}

fn scan(args: &Args<'_>) -> Result<arrow_array::ArrayRef, EvaluationError> {
    let array = args.array(0)?;
    let (mut wanted, mut bytes) = (Vec::new(), Vec::new());
    args.build_booleans(|row| {
        let place = args.position(0, row);
        if array.is_null(place) {
            return Ok(None);
        }
        wanted.clear();
        keys::write_value(array.as_ref(), place, &mut wanted)?;
        let is_nan = is_nan(array.as_ref(), place);
        let mut unknown = false;
        for (i, column) in args.columns.iter().enumerate().skip(1) {
            let place = args.position(i, row);
            if column.array.is_null(place) {
                unknown = true;
                continue;
            }
            bytes.clear();
            keys::write_value(column.array.as_ref(), place, &mut bytes)?;
            if bytes == wanted && !is_nan {
                return Ok(Some(true));
            }
        }
        Ok((!unknown).then_some(false))
    })
}

/// NaN is equal to nothing, though its bytes are to its own.
fn is_nan(array: &dyn Array, row: usize) -> bool {
    match array.data_type() {
        arrow_schema::DataType::Float32 => array.as_primitive::<Float32Type>().value(row).is_nan(),
        arrow_schema::DataType::Float64 => array.as_primitive::<Float64Type>().value(row).is_nan(),
        _ => false,
    }
}
