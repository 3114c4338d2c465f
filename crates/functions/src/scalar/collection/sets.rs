//! Arrays out of several: concat, union, intersect, except.

use std::collections::HashSet;

use arrow_array::Array;
use nutkin_types::{DataType, LogicalType as T};

use super::lists::{Gather, Lists, element_field};
use crate::error::{FunctionError, SignatureError};
use crate::keys::KeyEncoder;
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of};

pub(in crate::scalar) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "ARRAY_CONCAT",
        Family::Collection,
        "ARRAY_CONCAT(array, ...)",
        "The elements of all arrays; NULL if one is NULL.",
        |of, args| common(of, args, None),
        |site| {
            compile(site, |lists, keys, row, gather| {
                let _ = keys;
                lists
                    .iter()
                    .enumerate()
                    .for_each(|(i, list)| list.row(row).into_iter().flatten().for_each(|at| gather.push(i, at)));
            })
        },
    )
    .examples(&[("ARRAY_CONCAT(ARRAY[1, 2], ARRAY[2, 3])", "[1, 2, 2, 3]")]),
    ScalarFunction::new(
        "ARRAY_UNION",
        Family::Collection,
        "ARRAY_UNION(array1, array2)",
        "The elements of both arrays, each once; NULL if one is NULL.",
        |of, args| common(of, args, Some(2)),
        |site| {
            compile(site, |lists, keys, row, gather| {
                let mut seen = HashSet::new();
                for (i, list) in lists.iter().enumerate() {
                    let new = list.row(row).into_iter().flatten().filter(|at| seen.insert(keys[i].key(*at)));
                    new.for_each(|at| gather.push(i, at));
                }
            })
        },
    )
    .examples(&[("ARRAY_UNION(ARRAY[1, 2], ARRAY[2, 3])", "[1, 2, 3]")]),
    ScalarFunction::new(
        "ARRAY_INTERSECT",
        Family::Collection,
        "ARRAY_INTERSECT(array1, array2)",
        "The elements that are in both arrays, each once; NULL if one is NULL.",
        |of, args| common(of, args, Some(2)),
        |site| compile(site, |lists, keys, row, gather| filtered(lists, keys, row, true, gather)),
    )
    .examples(&[("ARRAY_INTERSECT(ARRAY[1, 2, 2], ARRAY[2, 3])", "[2]")]),
    ScalarFunction::new(
        "ARRAY_EXCEPT",
        Family::Collection,
        "ARRAY_EXCEPT(array1, array2)",
        "The elements of the first array that are not in the second, each once; NULL if one is NULL.",
        |of, args| common(of, args, Some(2)),
        |site| compile(site, |lists, keys, row, gather| filtered(lists, keys, row, false, gather)),
    )
    .examples(&[("ARRAY_EXCEPT(ARRAY[1, 2, 1], ARRAY[2])", "[1]")]),
];

fn common(of: Of, args: &[Argument<'_>], count: Option<usize>) -> Result<Inferred, SignatureError> {
    if args.is_empty() || count.is_some_and(|count| count != args.len()) {
        return Err(of.count(args.len()));
    }
    let common = of.common(args)?;
    if !matches!(common.logical, T::Array { .. }) {
        return Err(of.wrong(0, args[0].data_type, "an ARRAY"));
    }
    let arg_types = args.iter().map(|arg| DataType::new(common.logical.clone(), arg.data_type.nullable)).collect();
    Ok(Inferred { arg_types, result: common })
}

/// What a row's elements are, of lists that are not NULL there.
type Row = fn(&[Lists<'_>], &[KeyEncoder], usize, &mut Gather);

fn compile(site: &Site<'_>, run: Row) -> Result<Kernel, FunctionError> {
    let field = element_field(site)?;
    Ok(Box::new(move |args| {
        let lists = (0..args.len()).map(|i| Lists::of(args, i)).collect::<Result<Vec<_>, _>>()?;
        let keys = lists.iter().map(Lists::keys).collect::<Result<Vec<_>, _>>()?;
        let mut gather = Gather::default();
        for row in 0..args.rows {
            if lists.iter().any(|list| list.row(row).is_none()) {
                gather.null();
                continue;
            }
            run(&lists, &keys, row, &mut gather);
            gather.row();
        }
        let sources: Vec<&dyn Array> = lists.iter().map(|list| list.values().as_ref()).collect();
        gather.finish(&sources, &field)
    }))
}

/// Elements of the first list whose being in the second is `wanted`.
fn filtered(lists: &[Lists<'_>], keys: &[KeyEncoder], row: usize, wanted: bool, gather: &mut Gather) {
    let ([first, second], [first_keys, second_keys]) = (lists, keys) else { return };
    let others: HashSet<&[u8]> = second.row(row).into_iter().flatten().map(|at| second_keys.key(at)).collect();
    let mut seen = HashSet::new();
    for at in first.row(row).into_iter().flatten() {
        let key = first_keys.key(at);
        if others.contains(key) == wanted && seen.insert(key) {
            gather.push(0, at);
        }
    }
}
