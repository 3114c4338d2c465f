//! COALESCE, IF, IFNULL, NULLIF, GREATEST, LEAST. (CASE is an expression of its own.)

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, UInt32Array};
use nutkin_plan::CastFailure;
use nutkin_types::DataType;
use nutkin_types::data_type::TypeFamily;

use super::comparison::{comparable, eq};
use crate::args::Args;
use crate::cast;
use crate::column::Column;
use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::registry::{Evaluation, Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, Param, any_nullable, is_nullable};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "COALESCE",
        Family::Conditional,
        "COALESCE(value1, value2, ...)",
        "The first argument that is not NULL, or NULL.",
        coalesce,
        lazy,
    )
    .evaluation(Evaluation::Coalesce)
    .examples(&[("COALESCE(CAST(NULL AS STRING), 'default')", "default")]),
    ScalarFunction::new(
        "IF",
        Family::Conditional,
        "IF(condition, true_value, false_value)",
        "The second argument if the condition is TRUE, else the third.",
        choice,
        lazy,
    )
    .refuses_untyped_null()
    .evaluation(Evaluation::If)
    .examples(&[("IF(5 > 3, 5, 3)", "5")]),
    ScalarFunction::new(
        "IFNULL",
        Family::Conditional,
        "IFNULL(input, replacement)",
        "The input, or the replacement where the input is NULL.",
        if_null,
        lazy,
    )
    .evaluation(Evaluation::Coalesce)
    .examples(&[("IFNULL(CAST(NULL AS INT), 5)", "5")]),
    ScalarFunction::new(
        "NULLIF",
        Family::Conditional,
        "NULLIF(value1, value2)",
        "NULL if both are equal, else the first.",
        null_if,
        compile_null_if,
    )
    .examples(&[("NULLIF(5, 5)", "NULL"), ("NULLIF(5, 0)", "5")]),
    ScalarFunction::new(
        "GREATEST",
        Family::Conditional,
        "GREATEST(value1, value2, ...)",
        "The greatest argument; NULL if one is NULL.",
        extreme,
        |_| Ok(Box::new(|args| pick(args, true))),
    )
    .refuses_untyped_null()
    .examples(&[("GREATEST(1, 3, 2)", "3")]),
    ScalarFunction::new(
        "LEAST",
        Family::Conditional,
        "LEAST(value1, value2, ...)",
        "The least argument; NULL if one is NULL.",
        extreme,
        |_| Ok(Box::new(|args| pick(args, false))),
    )
    .refuses_untyped_null()
    .examples(&[("LEAST(1, 3, 2)", "1")]),
];

fn lazy(_: &Site<'_>) -> Result<Kernel, FunctionError> {
    Err(FunctionError::Inconsistent("a lazy function was compiled as a kernel".to_owned()))
}

fn coalesce(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let common = of.common(args)?;
    let result = common.with_nullable(args.iter().all(is_nullable));
    Ok(Inferred { arg_types: vec![common; args.len()], result })
}

fn if_null(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    if args.len() != 2 {
        return Err(of.count(args.len()));
    }
    // A text that is never NULL keeps its own type.
    if let [first, second] = args
        && !is_nullable(first)
        && first.data_type.logical.is_character_string()
        && second.data_type.logical.is_character_string()
    {
        return Ok(Inferred { arg_types: vec![first.data_type.clone(); 2], result: first.data_type.clone() });
    }
    coalesce(of, args)
}

fn choice(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [condition, values @ ..] = args else { return Err(of.count(0)) };
    if values.len() != 2 {
        return Err(of.count(args.len()));
    }
    let common = of.common(values)?;
    for (i, value) in values.iter().enumerate() {
        if !is_chosen(value.data_type, &common) {
            return Err(of.wrong(
                i + 1,
                value.data_type,
                "a number, BOOLEAN, string, DATE, TIME or TIMESTAMP as the other",
            ));
        }
    }
    let condition = of.accept(0, condition, &Param::Boolean)?;
    Ok(Inferred { arg_types: vec![condition, common.clone(), common.clone()], result: common })
}

/// Whether IF takes a value of this type beside one of that: of simple types and without a change of the family.
fn is_chosen(data_type: &DataType, common: &DataType) -> bool {
    let family = |t: &DataType| match t.family() {
        TypeFamily::TimestampLtz => TypeFamily::Timestamp,
        other => other,
    };
    let is_simple = common.logical.is_numeric()
        || common.logical.is_character_string()
        || common.logical.is_binary_string()
        || matches!(family(common), TypeFamily::Boolean | TypeFamily::Date | TypeFamily::Time | TypeFamily::Timestamp);
    let is_number = data_type.logical.is_numeric() && common.logical.is_numeric();
    is_simple && (is_number || family(data_type) == family(common))
}

/// The first argument keeps its type; both are only compared in their common one.
fn null_if(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [first, _] = args else { return Err(of.count(args.len())) };
    if matches!(first.data_type.family(), TypeFamily::Structured | TypeFamily::Variant) {
        return Err(of.wrong(0, first.data_type, "any type but STRUCTURED and VARIANT"));
    }
    comparable(of, args)?;
    let arg_types = args.iter().map(|arg| arg.data_type.clone()).collect();
    Ok(Inferred { arg_types, result: first.data_type.with_nullable(true) })
}

fn compile_null_if(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let arguments: Vec<Argument<'_>> = site.args.iter().map(|t| Argument { data_type: t, literal: None }).collect();
    let types = comparable(Of::new("NULLIF", "NULLIF(value1, value2)"), &arguments)?;
    let mut casts: Vec<Option<Kernel>> = Vec::new();
    for (from, to) in site.args.iter().zip(&types) {
        let needed = from.logical != to.logical;
        casts.push(match needed {
            // As with `=`, a text that holds no time is equal to none.
            true => Some(cast::kernel(from, to, CastFailure::Null, site.options)?),
            false => None,
        });
    }
    Ok(Box::new(move |args| {
        let mut columns = Vec::with_capacity(2);
        for (column, cast) in args.columns.iter().zip(&casts) {
            columns.push(match cast {
                None => column.clone(),
                Some(kernel) => {
                    let rows = if column.constant { 1 } else { args.rows };
                    let part = Args { columns: std::slice::from_ref(column), rows, context: args.context };
                    Column { array: kernel(&part)?, constant: column.constant }
                }
            });
        }
        let equal = eq(&Args { columns: &columns, rows: args.rows, context: args.context })?;
        let values = args.expanded(0)?;
        Ok(arrow_select::nullif::nullif(&values, arrow_array::cast::AsArray::as_boolean(&equal))?)
    }))
}

fn extreme(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let common = of.common(args)?;
    if common.logical.is_nested() || common.family() == TypeFamily::Variant {
        return Err(of.wrong(0, &common, "a type with an order"));
    }
    let result = common.with_nullable(any_nullable(args));
    Ok(Inferred { arg_types: vec![common.with_nullable(true); args.len()], result })
}

fn pick(args: &Args<'_>, greatest: bool) -> Result<ArrayRef, EvaluationError> {
    let mut best = args.expanded(0)?;
    for index in 1..args.len() {
        let next = args.expanded(index)?;
        let order = arrow_ord::ord::make_comparator(&best, &next, arrow_ord::sort::SortOptions::default())?;
        let mut takes_next = Vec::with_capacity(args.rows);
        for row in 0..args.rows {
            let place = if best.is_null(row) || next.is_null(row) {
                None
            } else if order(row, row).is_lt() == greatest && order(row, row).is_ne() {
                Some(row as u32 + args.rows as u32)
            } else {
                Some(row as u32)
            };
            takes_next.push(place);
        }
        let both = arrow_select::concat::concat(&[&best, &next])?;
        best = arrow_select::take::take(&both, &UInt32Array::from(takes_next), None)?;
    }
    Ok(Arc::clone(&best))
}
