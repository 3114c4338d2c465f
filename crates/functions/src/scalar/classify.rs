//! IS_ALPHA, IS_DIGIT, IS_DECIMAL: what kind of text it is. Never NULL; FALSE of NULL and of the empty string.

use std::sync::LazyLock;

use arrow_array::ArrayRef;
use nutkin_types::LogicalType as T;
use regex::Regex;

use crate::args::Args;
use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "IS_ALPHA",
        Family::Conditional,
        "IS_ALPHA(string)",
        "TRUE if the string has letters only.",
        infer,
        |site| compile(site, |text| !text.is_empty() && text.chars().all(char::is_alphabetic), |_| false),
    )
    .refuses_untyped_null()
    .examples(&[("IS_ALPHA('abc')", "TRUE"), ("IS_ALPHA('a1')", "FALSE")]),
    ScalarFunction::new(
        "IS_DIGIT",
        Family::Conditional,
        "IS_DIGIT(string)",
        "TRUE if the string has decimal digits only.",
        infer,
        |site| compile(site, is_digit, whole),
    )
    .refuses_untyped_null()
    .examples(&[("IS_DIGIT('123')", "TRUE"), ("IS_DIGIT('1.5')", "FALSE")]),
    ScalarFunction::new(
        "IS_DECIMAL",
        Family::Conditional,
        "IS_DECIMAL(string)",
        "TRUE if the string can be read as a number.",
        infer,
        |site| compile(site, is_decimal, |logical| whole(logical) || matches!(logical, T::Float | T::Double)),
    )
    .refuses_untyped_null()
    .examples(&[("IS_DECIMAL('-1.5')", "TRUE"), ("IS_DECIMAL('abc')", "FALSE")]),
];

fn infer(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let [arg] = args else { return Err(of.count(args.len())) };
    let logical = if arg.data_type.logical == T::Null { T::STRING } else { arg.data_type.logical.clone() };
    if !logical.is_character_string() && !logical.is_numeric() {
        return Err(of.wrong(0, arg.data_type, "a character string or a number"));
    }
    let given = nutkin_types::DataType::new(logical, arg.data_type.nullable);
    Ok(Inferred { arg_types: vec![given], result: T::Boolean.not_null() })
}

fn whole(logical: &T) -> bool {
    matches!(logical, T::TinyInt | T::SmallInt | T::Int | T::BigInt)
}

/// `numbers`: whether every number of a type passes.
fn compile(site: &Site<'_>, test: fn(&str) -> bool, numbers: fn(&T) -> bool) -> Result<Kernel, FunctionError> {
    let logical = site.args.first().map_or(T::Null, |arg| arg.logical.clone());
    if logical.is_character_string() {
        return Ok(Box::new(move |args| texts(args, test)));
    }
    let passes = numbers(&logical);
    Ok(Box::new(move |args| {
        let array = args.array(0)?;
        args.build_booleans(|row| Ok(Some(passes && array.is_valid(args.position(0, row)))))
    }))
}

fn texts(args: &Args<'_>, test: fn(&str) -> bool) -> Result<ArrayRef, EvaluationError> {
    let texts = args.texts(0)?;
    args.build_booleans(|row| Ok(Some(texts.get(row).is_some_and(test))))
}

/// Digits of any script.
fn is_digit(text: &str) -> bool {
    static DIGITS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\p{Nd}+$").ok());
    if text.is_ascii() {
        return !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    }
    DIGITS.as_ref().is_some_and(|digits| digits.is_match(text))
}

/// What Java's `Double.parseDouble` reads, but hexadecimal floats.
fn is_decimal(text: &str) -> bool {
    let text = text.trim_matches(|sign: char| sign <= ' ');
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(text, "NaN" | "Infinity") {
        return true;
    }
    let text = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    text.starts_with(|sign: char| sign.is_ascii_digit() || sign == '.') && text.parse::<f64>().is_ok()
}
