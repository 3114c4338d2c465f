//! ARRAY, MAP and ROW constructors, element access, CARDINALITY, ELEMENT, ARRAY_CONTAINS, MAP_KEYS, MAP_VALUES; the files
//! below hold the rest.

pub(super) mod change;
mod construct;
mod lists;
pub(super) mod maps;
pub(super) mod order;
mod search;
pub(super) mod sets;
pub(super) mod text;

use nutkin_types::data_type::TypeFamily as F;
use nutkin_types::{DataType, LogicalType as T, RowField, Value};

use crate::error::SignatureError;
use crate::registry::{Family, ScalarFunction, simple};
use crate::signature::{Argument, Inferred, Of, Param, any_nullable, is_nullable};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "ARRAY",
        Family::Collection,
        "ARRAY[value, ...]",
        "An array of the values.",
        array_type,
        construct::array,
    )
    .examples(&[("ARRAY[1, 2]", "[1, 2]")]),
    ScalarFunction::new(
        "MAP",
        Family::Collection,
        "MAP[key, value, ...]",
        "A map of the pairs.",
        map_type,
        construct::map,
    )
    .examples(&[("MAP['a', 1]", "{a=1}")]),
    ScalarFunction::new("ROW", Family::Collection, "ROW(value, ...)", "A row of the values.", row_type, construct::row)
        .refuses_untyped_null()
        .examples(&[("ROW(1, 'a')", "(1, a)")]),
    ScalarFunction::new(
        "ITEM",
        Family::Collection,
        "array[index] or map[key]",
        "The element at index (from 1) or the value of the key; NULL if there is none.",
        item_type,
        |_| simple(search::item),
    )
    .refuses_untyped_null()
    .examples(&[("ARRAY[7, 8][2]", "8"), ("MAP['a', 1]['a']", "1")]),
    ScalarFunction::new(
        "CARDINALITY",
        Family::Collection,
        "CARDINALITY(array or map)",
        "Number of elements or entries.",
        cardinality_type,
        |_| simple(search::cardinality),
    )
    .refuses_untyped_null()
    .examples(&[("CARDINALITY(ARRAY[1, 2])", "2")]),
    ScalarFunction::new(
        "ELEMENT",
        Family::Collection,
        "ELEMENT(array)",
        "The only element; NULL if the array is empty, an error if it has more.",
        element_type,
        |_| simple(search::element),
    )
    .refuses_untyped_null()
    .examples(&[("ELEMENT(ARRAY[7])", "7")]),
    ScalarFunction::new(
        "ARRAY_CONTAINS",
        Family::Collection,
        "ARRAY_CONTAINS(array, value)",
        "TRUE if the value is an element; NULL is found too.",
        contains_type,
        |_| simple(search::contains),
    )
    .examples(&[("ARRAY_CONTAINS(ARRAY[1, 2], 2)", "TRUE")]),
    ScalarFunction::new(
        "MAP_KEYS",
        Family::Collection,
        "MAP_KEYS(map)",
        "The keys as an array.",
        |o, a| part_type(o, a, true),
        |s| search::map_part(s, true),
    )
    .refuses_untyped_null()
    .examples(&[("MAP_KEYS(MAP['a', 1])", "[a]")]),
    ScalarFunction::new(
        "MAP_VALUES",
        Family::Collection,
        "MAP_VALUES(map)",
        "The values as an array.",
        |o, a| part_type(o, a, false),
        |s| search::map_part(s, false),
    )
    .refuses_untyped_null()
    .examples(&[("MAP_VALUES(MAP['a', 1])", "[1]")]),
];

fn array_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let element = of.common(args)?;
    if element.logical == T::Null {
        return Err(of.reason("the type of its elements is not known; CAST a NULL"));
    }
    Ok(Inferred { arg_types: vec![element.clone(); args.len()], result: T::array(element).not_null() })
}

fn map_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    if args.is_empty() || !args.len().is_multiple_of(2) {
        return Err(of.count(args.len()));
    }
    let side = |offset: usize| args.iter().skip(offset).step_by(2).copied().collect::<Vec<_>>();
    let (key, value) = (of.common(&side(0))?, of.common(&side(1))?);
    let arg_types = (0..args.len()).map(|i| if i % 2 == 0 { key.clone() } else { value.clone() }).collect();
    Ok(Inferred { arg_types, result: T::map(key, value).not_null() })
}

fn row_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    if args.is_empty() {
        return Err(of.count(0));
    }
    if args.iter().any(|arg| arg.data_type.logical == T::Null) {
        return Err(of.reason("the type of a field is not known; CAST a NULL"));
    }
    let fields =
        args.iter().enumerate().map(|(i, arg)| RowField::new(format!("EXPR${i}"), arg.data_type.clone())).collect();
    let arg_types = args.iter().map(|arg| arg.data_type.clone()).collect();
    Ok(Inferred { arg_types, result: T::Row { fields }.not_null() })
}

fn item_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [collection, index] = args else { return Err(of.count(args.len())) };
    match &collection.data_type.logical {
        T::Array { element } => {
            let index_type = of.accept(1, index, &Param::Int)?;
            if let Some(Value::Integer(position)) = index.literal
                && *position < 1
            {
                return Err(of.reason(format!("Array element access needs an index starting at 1 but was {position}")));
            }
            Ok(Inferred {
                arg_types: vec![collection.data_type.clone(), index_type],
                result: element.with_nullable(true),
            })
        }
        T::Map { key, value } => {
            let key_family = (key.family(), index.data_type.family());
            let index_type = match of.accept(1, index, &Param::Of(key.logical.clone())) {
                // Any number is looked for among numbers, any text among texts.
                Err(_) if is_looked_for(key_family) => index.data_type.clone(),
                found => found?,
            };
            Ok(Inferred {
                arg_types: vec![collection.data_type.clone(), index_type],
                result: value.with_nullable(true),
            })
        }
        _ => Err(of.wrong(0, collection.data_type, "an ARRAY or a MAP")),
    }
}

fn is_looked_for((key, index): (F, F)) -> bool {
    let is_number = |family| matches!(family, F::ExactInteger | F::Approximate);
    is_number(key) && is_number(index) || key == F::CharacterString && index == F::CharacterString
}

fn cardinality_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [arg] = args else { return Err(of.count(args.len())) };
    if !matches!(arg.data_type.logical, T::Array { .. } | T::Map { .. } | T::Multiset { .. }) {
        return Err(of.wrong(0, arg.data_type, "an ARRAY, a MAP or a MULTISET"));
    }
    Ok(Inferred { arg_types: vec![arg.data_type.clone()], result: DataType::new(T::Int, any_nullable(args)) })
}

fn element_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [arg] = args else { return Err(of.count(args.len())) };
    match &arg.data_type.logical {
        T::Array { element } => {
            Ok(Inferred { arg_types: vec![arg.data_type.clone()], result: element.with_nullable(true) })
        }
        _ => Err(of.wrong(0, arg.data_type, "an ARRAY")),
    }
}

fn contains_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [array, value] = args else { return Err(of.count(args.len())) };
    let T::Array { element } = &array.data_type.logical else { return Err(of.wrong(0, array.data_type, "an ARRAY")) };
    let value_type = of.accept(1, value, &Param::Of(element.logical.clone()))?;
    Ok(Inferred {
        arg_types: vec![array.data_type.clone(), value_type],
        result: DataType::new(T::Boolean, is_nullable(array)),
    })
}

fn part_type(of: Of, args: &[Argument<'_>], keys: bool) -> Result<Inferred, SignatureError> {
    let [arg] = args else { return Err(of.count(args.len())) };
    let T::Map { key, value } = &arg.data_type.logical else { return Err(of.wrong(0, arg.data_type, "a MAP")) };
    let element = if keys { key } else { value };
    let result = DataType::new(T::array(element.as_ref().clone()), is_nullable(arg));
    Ok(Inferred { arg_types: vec![arg.data_type.clone()], result })
}
