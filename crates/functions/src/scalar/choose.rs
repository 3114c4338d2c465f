//! ELT: the n-th of its arguments.

use arrow_array::{Array, ArrayRef};
use nutkin_types::{DataType, Value};

use crate::args::Args;
use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, Param};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[ScalarFunction::new(
    "ELT",
    Family::String,
    "ELT(index, value, ...)",
    "The value at the index, counted from 1; NULL if there is none. The values are all strings or all binary strings.",
    infer,
    compile,
)
.examples(&[("ELT(2, 'scala', 'java')", "java")])];

fn infer(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [index, values @ ..] = args else { return Err(of.count(args.len())) };
    if values.is_empty() {
        return Err(of.count(args.len()));
    }
    if let Some(Value::Integer(position)) = index.literal
        && *position < 0
    {
        return Err(of.reason(format!("Index must be an integer starting from '0', but was '{position}'")));
    }
    let index_type = of.accept(0, index, &Param::BigInt)?;
    let common = of.common(values)?;
    if !common.logical.is_character_string() && !common.logical.is_binary_string() {
        return Err(of.wrong(1, values[0].data_type, "a character or binary string"));
    }
    let mut arg_types = vec![index_type];
    arg_types.extend(values.iter().map(|value| DataType::new(common.logical.clone(), value.data_type.nullable)));
    Ok(Inferred { arg_types, result: common.with_nullable(true) })
}

fn compile(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let values = site.args.len().saturating_sub(1);
    let target = nutkin_types::arrow::arrow_type(&site.result.logical);
    Ok(Box::new(move |args| run(args, values, &target)))
}

fn run(args: &Args<'_>, values: usize, target: &arrow_schema::DataType) -> Result<ArrayRef, EvaluationError> {
    let indexes = args.bigints(0)?;
    let null = arrow_array::new_null_array(target, 1);
    let mut arrays: Vec<&dyn Array> =
        (1..=values).map(|i| args.array(i).map(AsRef::as_ref)).collect::<Result<_, _>>()?;
    arrays.push(null.as_ref());
    let places: Vec<(usize, usize)> = (0..args.rows)
        .map(|row| {
            let index = indexes.get(row).and_then(|index| usize::try_from(index).ok());
            match index.filter(|index| (1..=values).contains(index)) {
                Some(index) => (index - 1, args.position(index, row)),
                None => (values, 0),
            }
        })
        .collect();
    Ok(arrow_select::interleave::interleave(&arrays, &places)?)
}
