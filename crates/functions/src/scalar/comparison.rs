//! `=`, `<>`, `<`, `<=`, `>`, `>=`, IS [NOT] NULL, IS [NOT] DISTINCT FROM.
//!
//! Operands meet in their common type; a text beside a date or time is converted to the other's type, for an order also beside
//! a number. Texts
//! compare by code point. Floats compare as in Java: NaN equals nothing, -0.0 equals 0.0. Nested values only have equality.

use std::sync::Arc;

use arrow_array::types::{Float32Type, Float64Type};
use arrow_array::{Array, ArrayRef, BooleanArray};
use arrow_ord::cmp;
use arrow_schema::{ArrowError, DataType as ArrowType};
use nutkin_types::cast::common_type;
use nutkin_types::data_type::TypeFamily as F;
use nutkin_types::display::short_type;
use nutkin_types::{DataType, LogicalType};

use super::binary::compare;
use crate::args::Args;
use crate::column::Column;
use crate::error::{EvaluationError, SignatureError};
use crate::keys;
use crate::registry::{Family, ScalarFunction, simple};
use crate::signature::{Argument, Inferred, Of, any_nullable};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "=",
        Family::Comparison,
        "value1 = value2",
        "TRUE if both are equal; NULL if one is NULL.",
        equality,
        |_| simple(eq),
    )
    .examples(&[("1 = 1.0", "TRUE"), ("'a' = 'b'", "FALSE")]),
    ScalarFunction::new(
        "<>",
        Family::Comparison,
        "value1 <> value2",
        "TRUE if they differ; NULL if one is NULL.",
        equality,
        |_| simple(neq),
    )
    .aliases(&["!="])
    .examples(&[("1 <> 2", "TRUE")]),
    ScalarFunction::new("<", Family::Comparison, "value1 < value2", "TRUE if the first is less.", order, |_| {
        simple(|a| ordered(a, cmp::lt, |x, y| x < y, |x, y| x < y))
    })
    .examples(&[("1 < 2", "TRUE")]),
    ScalarFunction::new(
        "<=",
        Family::Comparison,
        "value1 <= value2",
        "TRUE if the first is less or equal.",
        order,
        |_| simple(|a| ordered(a, cmp::lt_eq, |x, y| x <= y, |x, y| x <= y)),
    )
    .examples(&[("2 <= 2", "TRUE")]),
    ScalarFunction::new(">", Family::Comparison, "value1 > value2", "TRUE if the first is greater.", order, |_| {
        simple(|a| ordered(a, cmp::gt, |x, y| x > y, |x, y| x > y))
    })
    .examples(&[("DATE '2020-01-02' > DATE '2020-01-01'", "TRUE")]),
    ScalarFunction::new(
        ">=",
        Family::Comparison,
        "value1 >= value2",
        "TRUE if the first is greater or equal.",
        order,
        |_| simple(|a| ordered(a, cmp::gt_eq, |x, y| x >= y, |x, y| x >= y)),
    )
    .examples(&[("1 >= 2", "FALSE")]),
    ScalarFunction::new(
        "IS NULL",
        Family::Comparison,
        "value IS NULL",
        "TRUE if the value is NULL.",
        null_test,
        |_| simple(|a| is_null(a, true)),
    )
    .examples(&[("CAST(NULL AS INT) IS NULL", "TRUE")]),
    ScalarFunction::new(
        "IS NOT NULL",
        Family::Comparison,
        "value IS NOT NULL",
        "TRUE if the value is not NULL.",
        null_test,
        |_| simple(|a| is_null(a, false)),
    )
    .examples(&[("1 IS NOT NULL", "TRUE")]),
    ScalarFunction::new(
        "IS DISTINCT FROM",
        Family::Comparison,
        "value1 IS DISTINCT FROM value2",
        "TRUE if they differ, where NULL equals NULL.",
        distinctness,
        |_| simple(|a| distinct(a, true)),
    )
    .examples(&[("1 IS DISTINCT FROM CAST(NULL AS INT)", "TRUE")]),
    ScalarFunction::new(
        "IS NOT DISTINCT FROM",
        Family::Comparison,
        "value1 IS NOT DISTINCT FROM value2",
        "TRUE if they are equal, where NULL equals NULL.",
        distinctness,
        |_| simple(|a| distinct(a, false)),
    )
    .examples(&[("CAST(NULL AS INT) IS NOT DISTINCT FROM CAST(NULL AS INT)", "TRUE")]),
];

/// The types in which operands are compared, one per argument. Texts stay what they are.
pub(super) fn comparable(of: Of, args: &[Argument<'_>]) -> Result<Vec<DataType>, SignatureError> {
    let texts = |t: &DataType| matches!(t.family(), F::CharacterString | F::Null);
    if args.iter().all(|arg| texts(arg.data_type)) {
        return Ok(args
            .iter()
            .map(|arg| match arg.data_type.logical {
                LogicalType::Null => DataType::string(),
                _ => arg.data_type.clone(),
            })
            .collect());
    }
    // A text beside a date or time takes its type; beside anything else it has to be cast, as in Flink.
    let has_typed = args.iter().all(|arg| texts(arg.data_type) || arg.data_type.logical.is_datetime());
    let mut common: Option<DataType> = None;
    for (i, arg) in args.iter().enumerate() {
        if has_typed && arg.data_type.logical.is_character_string() {
            continue;
        }
        common = Some(match common {
            None => arg.data_type.clone(),
            Some(so_far) => common_type(&so_far, arg.data_type)
                .filter(|_| (so_far.family() == F::Date) == (arg.data_type.family() == F::Date))
                .ok_or_else(|| of.wrong(i, arg.data_type, format!("a type comparable with {so_far}")))?,
        });
    }
    let common = common.ok_or_else(|| of.count(args.len()))?;
    Ok(args.iter().map(|arg| common.with_nullable(arg.data_type.nullable)).collect())
}

fn equality(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    if args.len() != 2 {
        return Err(of.count(args.len()));
    }
    let arg_types = match beside_text(args) {
        // A truth value and a text are compared as they are: they are never equal.
        Some(LogicalType::Boolean) => args.iter().map(|arg| arg.data_type.clone()).collect(),
        _ => operands(of, args)?,
    };
    Ok(Inferred { arg_types, result: DataType::new(LogicalType::Boolean, any_nullable(args)) })
}

fn has_object(args: &[Argument<'_>]) -> bool {
    args.iter().any(|arg| arg.data_type.family() == F::Structured)
        && args.iter().all(|arg| arg.data_type.logical != LogicalType::Null)
}

/// Objects are compared with those of exactly their type, and with a ROW on their left that has attributes like theirs.
fn comparable_objects(of: Of, args: &[Argument<'_>]) -> Result<Vec<DataType>, SignatureError> {
    let [left, right] = args else { return Err(of.count(args.len())) };
    let (a, b) = (&left.data_type.logical, &right.data_type.logical);
    match (a, b) {
        _ if a == b => Ok(vec![left.data_type.clone(), right.data_type.clone()]),
        (LogicalType::Row { .. }, LogicalType::Structured { fields, .. }) => {
            let row = LogicalType::Row { fields: fields.clone() };
            let common = common_type(left.data_type, &DataType::new(row, right.data_type.nullable))
                .ok_or_else(|| of.wrong(1, right.data_type, format!("a type comparable with {a}")))?;
            Ok(args.iter().map(|arg| common.with_nullable(arg.data_type.nullable)).collect())
        }
        _ => {
            let kind = if a.family() == b.family() { "Incompatible structured types" } else { "Incompatible types" };
            Err(of.reason(format!("{kind}: {} and {}", short_type(left.data_type), short_type(right.data_type))))
        }
    }
}

fn operands(of: Of, args: &[Argument<'_>]) -> Result<Vec<DataType>, SignatureError> {
    if has_object(args) { comparable_objects(of, args) } else { comparable(of, args) }
}

/// The type of the other argument where one of two is a text.
fn beside_text<'a>(args: &'a [Argument<'_>]) -> Option<&'a LogicalType> {
    let [left, right] = args else { return None };
    let (left, right) = (&left.data_type.logical, &right.data_type.logical);
    match (left.is_character_string(), right.is_character_string()) {
        (true, false) => Some(right),
        (false, true) => Some(left),
        _ => None,
    }
}

/// The type in which a text is earlier or later than a value of type `other`: it is read as a BIGINT, beside a number with an
/// exponent as a DOUBLE, beside a truth value as one.
fn ordered_with_text(other: &LogicalType) -> Option<LogicalType> {
    match other {
        LogicalType::Boolean => Some(LogicalType::Boolean),
        LogicalType::Float | LogicalType::Double => Some(LogicalType::Double),
        number if number.is_numeric() => {
            let whole = LogicalType::BigInt.nullable();
            common_type(&whole, &number.clone().nullable()).map(|common| common.logical)
        }
        _ => None,
    }
}

fn order(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    if let Some(common) = beside_text(args).and_then(ordered_with_text) {
        let arg_types = args.iter().map(|arg| DataType::new(common.clone(), arg.data_type.nullable)).collect();
        return Ok(Inferred { arg_types, result: DataType::new(LogicalType::Boolean, any_nullable(args)) });
    }
    let inferred = equality(of, args)?;
    for (i, arg_type) in inferred.arg_types.iter().enumerate() {
        if arg_type.logical.is_nested() || arg_type.logical == LogicalType::Variant {
            return Err(of.wrong(i, arg_type, "a type with an order"));
        }
    }
    Ok(inferred)
}

fn distinctness(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    if args.len() != 2 {
        return Err(of.count(args.len()));
    }
    Ok(Inferred { arg_types: operands(of, args)?, result: LogicalType::Boolean.not_null() })
}

fn null_test(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [arg] = args else { return Err(of.count(args.len())) };
    Ok(Inferred { arg_types: vec![arg.data_type.clone()], result: LogicalType::Boolean.not_null() })
}

type ArrowCompare = fn(&dyn arrow_array::Datum, &dyn arrow_array::Datum) -> Result<BooleanArray, ArrowError>;

fn ordered(
    args: &Args<'_>,
    arrow: ArrowCompare,
    single: fn(f32, f32) -> bool,
    double: fn(f64, f64) -> bool,
) -> Result<ArrayRef, EvaluationError> {
    match args.array(0)?.data_type() {
        ArrowType::Float32 => compare::<Float32Type>(args, single),
        ArrowType::Float64 => compare::<Float64Type>(args, double),
        _ => by_arrow(args, arrow),
    }
}

fn by_arrow(args: &Args<'_>, arrow: ArrowCompare) -> Result<ArrayRef, EvaluationError> {
    let (left, right) = (args.column(0)?, args.column(1)?);
    // Two constants are two arrays of one row; arrow compares scalars only with arrays.
    if left.constant && right.constant {
        let (left, right) = (Column::rows(left.array.clone()), Column::rows(right.array.clone()));
        return Ok(Arc::new(arrow(&left, &right)?));
    }
    Ok(Arc::new(arrow(left, right)?))
}

pub(super) fn eq(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    match args.array(0)?.data_type() {
        ArrowType::Float32 => compare::<Float32Type>(args, |x, y| x == y),
        ArrowType::Float64 => compare::<Float64Type>(args, |x, y| x == y),
        ArrowType::List(_) | ArrowType::Map(_, _) | ArrowType::Struct(_) => nested(args, true),
        left if (left == &ArrowType::Boolean) != (args.array(1)?.data_type() == &ArrowType::Boolean) => {
            never(args, false)
        }
        _ => by_arrow(args, cmp::eq),
    }
}

fn neq(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    match args.array(0)?.data_type() {
        ArrowType::Float32 => compare::<Float32Type>(args, |x, y| x != y),
        ArrowType::Float64 => compare::<Float64Type>(args, |x, y| x != y),
        ArrowType::List(_) | ArrowType::Map(_, _) | ArrowType::Struct(_) => nested(args, false),
        left if (left == &ArrowType::Boolean) != (args.array(1)?.data_type() == &ArrowType::Boolean) => {
            never(args, true)
        }
        _ => by_arrow(args, cmp::neq),
    }
}

/// The same for all values: those of such types are never equal.
fn never(args: &Args<'_>, answer: bool) -> Result<ArrayRef, EvaluationError> {
    let (left, right) = (args.array(0)?, args.array(1)?);
    args.build_booleans(|row| {
        let is_known = left.is_valid(args.position(0, row)) && right.is_valid(args.position(1, row));
        Ok(is_known.then_some(answer))
    })
}

/// Equality of nested values through their canonical bytes.
fn nested(args: &Args<'_>, equal: bool) -> Result<ArrayRef, EvaluationError> {
    let (left, right) = (args.array(0)?, args.array(1)?);
    let (mut a, mut b) = (Vec::new(), Vec::new());
    args.build_booleans(|row| {
        let (i, j) = (args.position(0, row), args.position(1, row));
        if left.is_null(i) || right.is_null(j) {
            return Ok(None);
        }
        a.clear();
        b.clear();
        keys::write_value(left.as_ref(), i, &mut a)?;
        keys::write_value(right.as_ref(), j, &mut b)?;
        Ok(Some((a == b) == equal))
    })
}

fn is_null(args: &Args<'_>, wanted: bool) -> Result<ArrayRef, EvaluationError> {
    let array = args.array(0)?;
    let mask = if wanted { arrow_arith::boolean::is_null(array)? } else { arrow_arith::boolean::is_not_null(array)? };
    Ok(Arc::new(mask))
}

fn distinct(args: &Args<'_>, wanted: bool) -> Result<ArrayRef, EvaluationError> {
    let equal = eq(args)?;
    let (left, right) = (args.array(0)?, args.array(1)?);
    let equal = arrow_array::cast::AsArray::as_boolean(&equal);
    args.build_booleans(|row| {
        let nulls = (left.is_null(args.position(0, row)), right.is_null(args.position(1, row)));
        let same = match nulls {
            (true, true) => true,
            (false, false) => equal.value(row),
            _ => false,
        };
        Ok(Some(same != wanted))
    })
}
