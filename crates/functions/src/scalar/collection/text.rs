//! Between arrays and strings: ARRAY_JOIN, SPLIT.

use std::sync::Arc;

use arrow_array::Array;
use arrow_array::ArrayRef;
use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_schema::{DataType as ArrowType, Field};
use nutkin_types::{DataType, LogicalType as T};

use super::change::element_of;
use super::lists::Lists;
use crate::args::Args;
use crate::error::{EvaluationError, SignatureError};
use crate::registry::{Family, ScalarFunction, simple};
use crate::signature::{Argument, Inferred, Of, Param, any_nullable, strict};

pub(in crate::scalar) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "ARRAY_JOIN",
        Family::Collection,
        "ARRAY_JOIN(array, delimiter[, null_replacement])",
        "The strings of the array with the delimiter between; NULLs are left out, or replaced.",
        join_type,
        |_| simple(join),
    )
    .examples(&[("ARRAY_JOIN(ARRAY['a', 'b'], '-')", "a-b")]),
    ScalarFunction::new(
        "SPLIT",
        Family::Collection,
        "SPLIT(string, delimiter)",
        "The parts of the string between delimiters; its characters if the delimiter is empty.",
        |of, args| strict(of, args, &[Param::Text, Param::Text], 0, T::array(DataType::string())),
        |_| simple(split),
    )
    .examples(&[("SPLIT('a,b', ',')", "[a, b]")]),
];

fn join_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let arg_types = of.check(args, &[Param::Array, Param::Text, Param::Text], 1)?;
    if !element_of(of, args, 0)?.logical.is_character_string() {
        return Err(of.wrong(0, args[0].data_type, "an ARRAY of strings"));
    }
    Ok(Inferred { arg_types, result: DataType::new(T::STRING, any_nullable(args)) })
}

fn join(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let (lists, delimiters) = (Lists::of(args, 0)?, args.texts(1)?);
    let replacements = if args.len() > 2 { Some(args.texts(2)?) } else { None };
    let values = lists.values().as_string_opt::<i32>();
    let values = values.ok_or_else(|| EvaluationError::Internal("ARRAY_JOIN of other than strings".to_owned()))?;
    args.build_texts(|row, out| {
        let replacement = match &replacements {
            None => None,
            Some(replacements) => match replacements.get(row) {
                None => return Ok(None),
                found => found,
            },
        };
        let (Some(range), Some(delimiter)) = (lists.row(row), delimiters.get(row)) else { return Ok(None) };
        let parts = range.filter_map(|at| if values.is_valid(at) { Some(values.value(at)) } else { replacement });
        for (i, part) in parts.enumerate() {
            if i > 0 {
                out.push_str(delimiter);
            }
            out.push_str(part);
        }
        Ok(Some(()))
    })
}

fn split(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let (texts, delimiters) = (args.texts(0)?, args.texts(1)?);
    let field = Field::new("element", ArrowType::Utf8, true);
    let mut lists = ListBuilder::new(StringBuilder::new()).with_field(Arc::new(field));
    for row in 0..args.rows {
        let (Some(text), Some(delimiter)) = (texts.get(row), delimiters.get(row)) else {
            lists.append_null();
            continue;
        };
        if delimiter.is_empty() {
            text.char_indices().for_each(|(at, sign)| lists.values().append_value(&text[at..at + sign.len_utf8()]));
        } else if !text.is_empty() {
            text.split(delimiter).for_each(|part| lists.values().append_value(part));
        }
        lists.append(true);
    }
    Ok(Arc::new(lists.finish()))
}
