//! Arrays out of one array: append, prepend, remove, distinct, reverse, slice.

use std::collections::HashSet;

use nutkin_types::{DataType, LogicalType as T};

use super::lists::{Gather, Lists, element_field, keys};
use crate::error::{FunctionError, SignatureError};
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, Param, any_nullable, is_nullable};

pub(in crate::scalar) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "ARRAY_APPEND",
        Family::Collection,
        "ARRAY_APPEND(array, element)",
        "The array with the element at its end; NULL only if the array is.",
        with_element,
        |site| add(site, false),
    )
    .examples(&[("ARRAY_APPEND(ARRAY[1, 2], 3)", "[1, 2, 3]")]),
    ScalarFunction::new(
        "ARRAY_PREPEND",
        Family::Collection,
        "ARRAY_PREPEND(array, element)",
        "The array with the element at its start; NULL only if the array is.",
        with_element,
        |site| add(site, true),
    )
    .examples(&[("ARRAY_PREPEND(ARRAY[1, 2], 3)", "[3, 1, 2]")]),
    ScalarFunction::new(
        "ARRAY_REMOVE",
        Family::Collection,
        "ARRAY_REMOVE(array, element)",
        "The array without every element that equals the given one; NULL equals NULL.",
        |of, args| {
            let (arg_types, array) = needle(of, args)?;
            Ok(Inferred { arg_types, result: array })
        },
        remove,
    )
    .examples(&[("ARRAY_REMOVE(ARRAY[1, 2, 1], 1)", "[2]")]),
    ScalarFunction::new(
        "ARRAY_DISTINCT",
        Family::Collection,
        "ARRAY_DISTINCT(array)",
        "The array with the first of equal elements only.",
        same,
        distinct,
    )
    .examples(&[("ARRAY_DISTINCT(ARRAY[1, 2, 1])", "[1, 2]")]),
    ScalarFunction::new(
        "ARRAY_REVERSE",
        Family::Collection,
        "ARRAY_REVERSE(array)",
        "The elements in opposite order.",
        same,
        reverse,
    )
    .examples(&[("ARRAY_REVERSE(ARRAY[1, 2])", "[2, 1]")]),
    ScalarFunction::new(
        "ARRAY_SLICE",
        Family::Collection,
        "ARRAY_SLICE(array, start[, end])",
        "The elements from start to end, both counted from 1 and both included; negative ones count from the end.",
        slice_type,
        slice,
    )
    .examples(&[("ARRAY_SLICE(ARRAY[1, 2, 3], 2)", "[2, 3]"), ("ARRAY_SLICE(ARRAY[1, 2, 3], -2, 2)", "[2]")]),
];

/// The element type of an argument that must be an array.
pub(super) fn element_of<'a>(of: Of, args: &[Argument<'a>], index: usize) -> Result<&'a DataType, SignatureError> {
    let arg = args.get(index).ok_or_else(|| of.count(args.len()))?;
    match &arg.data_type.logical {
        T::Array { element } => Ok(element),
        _ => Err(of.wrong(index, arg.data_type, "an ARRAY")),
    }
}

/// `(array, value of its element type)`: the types of the arguments, and that of the array.
pub(super) fn needle(of: Of, args: &[Argument<'_>]) -> Result<(Vec<DataType>, DataType), SignatureError> {
    let [array, element] = args else { return Err(of.count(args.len())) };
    let wanted = element_of(of, args, 0)?;
    let element_type = of.accept(1, element, &Param::Of(wanted.logical.clone()))?;
    Ok((vec![array.data_type.clone(), element_type], array.data_type.clone()))
}

fn same(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [array] = args else { return Err(of.count(args.len())) };
    element_of(of, args, 0)?;
    Ok(Inferred { arg_types: vec![array.data_type.clone()], result: array.data_type.clone() })
}

fn with_element(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let (arg_types, _) = needle(of, args)?;
    let element = element_of(of, args, 0)?;
    let element = element.with_nullable(element.nullable || args.get(1).is_some_and(is_nullable));
    Ok(Inferred { arg_types, result: DataType::new(T::array(element), any_nullable(args)) })
}

fn slice_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let arg_types = of.check(args, &[Param::Array, Param::Int, Param::Int], 1)?;
    if args[0].data_type.logical == T::Null {
        return Err(of.reason("Illegal use of 'NULL'"));
    }
    Ok(Inferred { arg_types, result: args[0].data_type.with_nullable(any_nullable(args)) })
}

fn add(site: &Site<'_>, first: bool) -> Result<Kernel, FunctionError> {
    let field = element_field(site)?;
    Ok(Box::new(move |args| {
        let lists = Lists::of(args, 0)?;
        let mut gather = Gather::default();
        for row in 0..args.rows {
            let Some(elements) = lists.row(row) else {
                gather.null();
                continue;
            };
            if first {
                gather.push(1, args.position(1, row));
            }
            elements.for_each(|at| gather.push(0, at));
            if !first {
                gather.push(1, args.position(1, row));
            }
            gather.row();
        }
        gather.finish(&[lists.values().as_ref(), args.array(1)?.as_ref()], &field)
    }))
}

fn remove(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let field = element_field(site)?;
    Ok(Box::new(move |args| {
        let lists = Lists::of(args, 0)?;
        let (elements, needles) = (lists.keys()?, keys(args.array(1)?)?);
        let mut gather = Gather::default();
        for row in 0..args.rows {
            let Some(range) = lists.row(row) else {
                gather.null();
                continue;
            };
            let needle = needles.key(args.position(1, row));
            range.filter(|at| elements.key(*at) != needle).for_each(|at| gather.push(0, at));
            gather.row();
        }
        gather.finish(&[lists.values().as_ref()], &field)
    }))
}

fn distinct(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let field = element_field(site)?;
    Ok(Box::new(move |args| {
        let lists = Lists::of(args, 0)?;
        let elements = lists.keys()?;
        let (mut gather, mut seen) = (Gather::default(), HashSet::new());
        for row in 0..args.rows {
            let Some(range) = lists.row(row) else {
                gather.null();
                continue;
            };
            seen.clear();
            range.filter(|at| seen.insert(elements.key(*at))).for_each(|at| gather.push(0, at));
            gather.row();
        }
        gather.finish(&[lists.values().as_ref()], &field)
    }))
}

fn reverse(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let field = element_field(site)?;
    Ok(Box::new(move |args| {
        let lists = Lists::of(args, 0)?;
        let mut gather = Gather::default();
        for row in 0..args.rows {
            match lists.row(row) {
                None => gather.null(),
                Some(range) => {
                    range.rev().for_each(|at| gather.push(0, at));
                    gather.row();
                }
            }
        }
        gather.finish(&[lists.values().as_ref()], &field)
    }))
}

fn slice(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let field = element_field(site)?;
    Ok(Box::new(move |args| {
        let (lists, starts) = (Lists::of(args, 0)?, args.ints(1)?);
        let ends = if args.len() > 2 { Some(args.ints(2)?) } else { None };
        let mut gather = Gather::default();
        for row in 0..args.rows {
            let end = match &ends {
                None => Some(-1),
                Some(ends) => ends.get(row),
            };
            let (Some(range), Some(start), Some(end)) = (lists.row(row), starts.get(row), end) else {
                gather.null();
                continue;
            };
            let (first, after) = bounds(range.len() as i64, start.into(), end.into());
            (first..after).for_each(|at| gather.push(0, range.start + at as usize));
            gather.row();
        }
        gather.finish(&[lists.values().as_ref()], &field)
    }))
}

/// First element, counted from 0, and the one after the last. An end of 0 stands for 1, as in Flink.
fn bounds(length: i64, start: i64, end: i64) -> (i64, i64) {
    let from_front = |index: i64| if index < 0 { index + length + 1 } else { index };
    let start = from_front(start).max(1);
    let end = match from_front(end) {
        0 => length.min(1),
        end => end.min(length),
    };
    (start - 1, end.max(start - 1))
}
