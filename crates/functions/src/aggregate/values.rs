//! The aggregate functions that keep values: MIN, MAX, FIRST_VALUE, LAST_VALUE, LISTAGG, COLLECT, ARRAY_AGG.

use nutkin_types::data_type::TypeFamily as F;
use nutkin_types::{DataType, LogicalType as T, Value};

use super::codec::with_codec;
use super::counted::{self, Counted};
use super::sequence::{self, Sequence};
use super::single::{Keep, Single};
use super::{Accumulator, AggregateFunction, AggregateOptions, state};
use crate::error::{AggregateError, SignatureError};
use crate::signature::{Argument, Inferred, Of, Param, is_nullable};

pub(super) static MIN: AggregateFunction = AggregateFunction {
    name: "MIN",
    aliases: &[],
    signature: "MIN(value)",
    description: "The least value that is not NULL.",
    retractable: true,
    types: ordered,
    create: |options| extreme(options, Keep::Least, counted::Show::Least),
};

pub(super) static MAX: AggregateFunction = AggregateFunction {
    name: "MAX",
    aliases: &[],
    signature: "MAX(value)",
    description: "The greatest value that is not NULL.",
    retractable: true,
    types: ordered,
    create: |options| extreme(options, Keep::Greatest, counted::Show::Greatest),
};

pub(super) static FIRST_VALUE: AggregateFunction = AggregateFunction {
    name: "FIRST_VALUE",
    aliases: &[],
    signature: "FIRST_VALUE(value)",
    description: "The value that came first and is not NULL.",
    retractable: true,
    types: any,
    create: |options| edge(options, Keep::First, sequence::Show::First),
};

pub(super) static LAST_VALUE: AggregateFunction = AggregateFunction {
    name: "LAST_VALUE",
    aliases: &[],
    signature: "LAST_VALUE(value)",
    description: "The value that came last and is not NULL.",
    retractable: true,
    types: any,
    create: |options| edge(options, Keep::Last, sequence::Show::Last),
};

pub(super) static COLLECT: AggregateFunction = AggregateFunction {
    name: "COLLECT",
    aliases: &[],
    signature: "COLLECT([DISTINCT] value)",
    description: "A multiset of the values that are not NULL.",
    retractable: true,
    types: |of, args| {
        let [arg] = args else { return Err(of.count(args.len())) };
        let element = Box::new(arg.data_type.clone());
        Ok(Inferred { arg_types: vec![arg.data_type.clone()], result: T::Multiset { element }.not_null() })
    },
    create: |options| {
        let arg = state::argument_type(options)?;
        with_codec!(arg, C => Ok(Box::new(Counted::<C>::new(arg, options.result, counted::Show::All)?)))
    },
};

pub(super) static LISTAGG: AggregateFunction = AggregateFunction {
    name: "LISTAGG",
    aliases: &[],
    signature: "LISTAGG([DISTINCT] string[, separator])",
    description: "The texts that are not NULL one after the other, with the separator (',' by default) between.",
    retractable: true,
    types: |of, args| {
        let arg_types = of.check(args, &[Param::Text, Param::Text], 1)?;
        if let Some(separator) = args.get(1)
            && !matches!(separator.literal, Some(Value::String(_)))
        {
            return Err(of.reason("the separator must be a literal"));
        }
        // Flink declares the type of the first argument, though the text is longer.
        let result = arg_types.first().map_or(T::STRING.nullable(), |text| text.with_nullable(true));
        Ok(Inferred { arg_types, result })
    },
    create: |options| {
        let separator = match options.literals.first() {
            None => ",".to_owned(),
            Some(Value::String(separator)) => separator.clone(),
            Some(other) => return Err(AggregateError::Internal(format!("{other:?} as the separator of LISTAGG"))),
        };
        let arg = state::argument_type(options)?;
        Ok(Box::new(Sequence::<super::codec::Bytes>::new(arg, options.result, sequence::Show::Joined(separator))?))
    },
};

pub(super) static ARRAY_AGG: AggregateFunction = AggregateFunction {
    name: "ARRAY_AGG",
    aliases: &[],
    signature: "ARRAY_AGG([DISTINCT] value)",
    description: "An array of the values, NULLs too, in the order they came; NULL without rows.",
    retractable: true,
    types: |of, args| {
        let [arg] = args else { return Err(of.count(args.len())) };
        Ok(Inferred { arg_types: vec![arg.data_type.clone()], result: T::array(arg.data_type.clone()).nullable() })
    },
    create: |options| {
        let arg = state::argument_type(options)?;
        if arg.nullable {
            return Ok(Box::new(Sequence::<super::codec::Nested>::new(arg, options.result, sequence::Show::Array)?));
        }
        with_codec!(arg, C => Ok(Box::new(Sequence::<C>::new(arg, options.result, sequence::Show::Array)?)))
    },
};

fn any(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [arg] = args else { return Err(of.count(args.len())) };
    let nullable = DataType::new(arg.data_type.logical.clone(), true);
    Ok(Inferred { arg_types: vec![arg.data_type.with_nullable(is_nullable(arg))], result: nullable })
}

fn ordered(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let inferred = any(of, args)?;
    match inferred.result.family() {
        family if inferred.result.logical.is_nested() || matches!(family, F::BinaryString | F::Null | F::Variant) => {
            Err(of.wrong(0, &inferred.result, "a type with an order"))
        }
        F::IntervalYearMonth | F::IntervalDayTime => Err(of.wrong(0, &inferred.result, "a type that is no interval")),
        _ => Ok(inferred),
    }
}

fn extreme(
    options: &AggregateOptions<'_>,
    keep: Keep,
    show: counted::Show,
) -> Result<Box<dyn Accumulator>, AggregateError> {
    let arg = state::argument_type(options)?;
    if options.input_retracts {
        with_codec!(arg, C => Ok(Box::new(Counted::<C>::new(arg, options.result, show)?)))
    } else {
        with_codec!(arg, C => Ok(Box::new(Single::<C>::new(arg, keep)?)))
    }
}

fn edge(
    options: &AggregateOptions<'_>,
    keep: Keep,
    show: sequence::Show,
) -> Result<Box<dyn Accumulator>, AggregateError> {
    let arg = state::argument_type(options)?;
    if options.input_retracts {
        with_codec!(arg, C => Ok(Box::new(Sequence::<C>::new(arg, options.result, show)?)))
    } else {
        with_codec!(arg, C => Ok(Box::new(Single::<C>::new(arg, keep)?)))
    }
}
