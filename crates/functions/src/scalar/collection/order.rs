//! What depends on the order of elements: sort, minimum, maximum; and their positions.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{Array, UInt32Array};
use arrow_ord::ord::make_comparator;
use arrow_schema::SortOptions;
use nutkin_types::data_type::TypeFamily as F;
use nutkin_types::{DataType, LogicalType as T};

use super::change::{element_of, needle};
use super::lists::{Gather, Lists, element_field, keys};
use crate::error::{FunctionError, SignatureError};
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, Param, any_nullable};

pub(in crate::scalar) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "ARRAY_SORT",
        Family::Collection,
        "ARRAY_SORT(array[, ascending[, null_first]])",
        "The elements sorted, ascending by default; NULLs come first when ascending, else last, unless null_first says so.",
        sort_type,
        sort,
    )
    .examples(&[("ARRAY_SORT(ARRAY[3, 1, 2])", "[1, 2, 3]"), ("ARRAY_SORT(ARRAY[3, 1, 2], FALSE)", "[3, 2, 1]")]),
    ScalarFunction::new(
        "ARRAY_MAX",
        Family::Collection,
        "ARRAY_MAX(array)",
        "The greatest element that is not NULL; NULL if there is none.",
        extreme_type,
        |site| extreme(site, Ordering::Greater),
    )
    .examples(&[("ARRAY_MAX(ARRAY[1, 3, 2])", "3")]),
    ScalarFunction::new(
        "ARRAY_MIN",
        Family::Collection,
        "ARRAY_MIN(array)",
        "The least element that is not NULL; NULL if there is none.",
        extreme_type,
        |site| extreme(site, Ordering::Less),
    )
    .examples(&[("ARRAY_MIN(ARRAY[2, 1, 3])", "1")]),
    ScalarFunction::new(
        "ARRAY_POSITION",
        Family::Collection,
        "ARRAY_POSITION(array, element)",
        "The position of the first element that equals the given one, counted from 1; 0 if there is none.",
        |of, args| {
            let (arg_types, _) = needle(of, args)?;
            Ok(Inferred { arg_types, result: DataType::new(T::Int, any_nullable(args)) })
        },
        position,
    )
    .examples(&[("ARRAY_POSITION(ARRAY['a', 'b'], 'b')", "2")]),
];

/// True for element types with an order. `Boolean` has none for ARRAY_SORT.
fn ordered(logical: &T) -> bool {
    !logical.is_nested() && !matches!(logical.family(), F::Null | F::Variant)
}

fn sort_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let arg_types = of.check(args, &[Param::Array, Param::Boolean, Param::Boolean], 2)?;
    let element = element_of(of, args, 0)?;
    let sortable = ordered(&element.logical) && !element.logical.is_interval() && element.logical != T::Boolean;
    if !sortable {
        return Err(of.wrong(0, args[0].data_type, "an ARRAY of numbers, strings, binary strings, dates or times"));
    }
    Ok(Inferred { arg_types, result: args[0].data_type.with_nullable(any_nullable(args)) })
}

fn extreme_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [array] = args else { return Err(of.count(args.len())) };
    let element = element_of(of, args, 0)?;
    if !ordered(&element.logical) {
        return Err(of.wrong(0, array.data_type, "an ARRAY of values with an order"));
    }
    Ok(Inferred { arg_types: vec![array.data_type.clone()], result: element.with_nullable(true) })
}

const ASCENDING: SortOptions = SortOptions { descending: false, nulls_first: true };

fn sort(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let field = element_field(site)?;
    Ok(Box::new(move |args| {
        let lists = Lists::of(args, 0)?;
        let ascending = if args.len() > 1 { Some(args.booleans(1)?) } else { None };
        let null_first = if args.len() > 2 { Some(args.booleans(2)?) } else { None };
        let values = lists.values();
        let compare = make_comparator(values.as_ref(), values.as_ref(), ASCENDING)?;
        let (mut gather, mut order) = (Gather::default(), Vec::new());
        for row in 0..args.rows {
            let ascending = ascending.as_ref().map_or(Some(true), |column| column.get(row));
            let null_first = null_first.as_ref().map_or(ascending, |column| column.get(row));
            let (Some(range), Some(ascending), Some(null_first)) = (lists.row(row), ascending, null_first) else {
                gather.null();
                continue;
            };
            order.clear();
            order.extend(range.clone().filter(|at| values.is_valid(*at)));
            order.sort_by(|a, b| if ascending { compare(*a, *b) } else { compare(*b, *a) });
            let nulls = range.clone().filter(|at| values.is_null(*at));
            if null_first {
                nulls.clone().for_each(|at| gather.push(0, at));
            }
            order.iter().for_each(|at| gather.push(0, *at));
            if !null_first {
                nulls.for_each(|at| gather.push(0, at));
            }
            gather.row();
        }
        gather.finish(&[values.as_ref()], &field)
    }))
}

fn extreme(_site: &Site<'_>, wanted: Ordering) -> Result<Kernel, FunctionError> {
    Ok(Box::new(move |args| {
        let lists = Lists::of(args, 0)?;
        let values = lists.values();
        let compare = make_comparator(values.as_ref(), values.as_ref(), ASCENDING)?;
        let places: UInt32Array = args.build_numbers(|row| {
            let elements = lists.row(row).into_iter().flatten().filter(|at| values.is_valid(*at));
            // NaN is never greater or less, so it only wins from the first place.
            let found = elements
                .reduce(|best, at| if compare(at, best) == wanted && !is_nan(values.as_ref(), at) { at } else { best });
            Ok(found.map(|at| at as u32))
        })?;
        Ok(arrow_select::take::take(values, &places, None)?)
    }))
}

fn is_nan(values: &dyn Array, at: usize) -> bool {
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float32Type, Float64Type};
    values.as_primitive_opt::<Float64Type>().is_some_and(|values| values.value(at).is_nan())
        || values.as_primitive_opt::<Float32Type>().is_some_and(|values| values.value(at).is_nan())
}

fn position(_site: &Site<'_>) -> Result<Kernel, FunctionError> {
    Ok(Box::new(|args| {
        let lists = Lists::of(args, 0)?;
        let needles = args.array(1)?;
        let (elements, needle_keys) = (lists.keys()?, keys(needles)?);
        Ok(Arc::new(args.build_numbers::<Int32Type>(|row| {
            let place = args.position(1, row);
            let Some(mut range) = lists.row(row).filter(|_| needles.is_valid(place)) else { return Ok(None) };
            let needle = needle_keys.key(place);
            Ok(Some(range.position(|at| elements.key(at) == needle).map_or(0, |at| at as i32 + 1)))
        })?))
    }))
}
