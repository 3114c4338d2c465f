//! TO_BASE64, FROM_BASE64, HEX, UNHEX, ENCODE, DECODE, BIN.

mod charset;

use arrow_array::ArrayRef;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use base64::{Engine, alphabet};
use nutkin_types::{DataType, LogicalType as T};

use crate::args::{Args, ignore};
use crate::error::{EvaluationError, SignatureError};
use crate::registry::{Family, ScalarFunction, simple};
use crate::signature::{Argument, Inferred, Of, Param, any_nullable, nullable, strict};
use crate::utf8;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "TO_BASE64",
        Family::String,
        "TO_BASE64(string)",
        "The string in base 64.",
        text_or_bytes,
        |_| simple(to_base64),
    )
    .refuses_untyped_null()
    .examples(&[("TO_BASE64('hello world')", "aGVsbG8gd29ybGQ=")]),
    ScalarFunction::new(
        "FROM_BASE64",
        Family::String,
        "FROM_BASE64(string)",
        "The string that is encoded in base 64.",
        text_or_bytes,
        |_| simple(from_base64),
    )
    .refuses_untyped_null()
    .examples(&[("FROM_BASE64('aGVsbG8gd29ybGQ=')", "hello world")]),
    ScalarFunction::new(
        "HEX",
        Family::String,
        "HEX(integer or string)",
        "Hexadecimal digits in upper case.",
        hex_type,
        |_| simple(hex),
    )
    .refuses_untyped_null()
    .examples(&[("HEX(20)", "14"), ("HEX('hello')", "68656C6C6F")]),
    ScalarFunction::new(
        "UNHEX",
        Family::String,
        "UNHEX(string)",
        "The bytes of hexadecimal digits; NULL if there is another character.",
        |o, a| nullable(o, a, &[Param::Text], 0, T::BYTES),
        |_| simple(unhex),
    )
    .examples(&[("DECODE(UNHEX('466C696E6B'), 'UTF-8')", "Flink")]),
    ScalarFunction::new(
        "ENCODE",
        Family::String,
        "ENCODE(string, charset)",
        "The bytes of the string in a character set.",
        |o, a| strict(o, a, &[Param::Text, Param::Text], 0, T::BYTES),
        |_| simple(charset::encode),
    )
    .refuses_untyped_null()
    .examples(&[("DECODE(ENCODE('Flink', 'UTF-16BE'), 'UTF-16BE')", "Flink")]),
    ScalarFunction::new(
        "DECODE",
        Family::String,
        "DECODE(binary, charset)",
        "The string of bytes in a character set.",
        |o, a| strict(o, a, &[Param::Bytes, Param::Text], 0, T::STRING),
        |_| simple(charset::decode),
    )
    .refuses_untyped_null()
    .examples(&[("DECODE(ENCODE('Flink', 'UTF-8'), 'UTF-8')", "Flink")]),
    ScalarFunction::new(
        "BIN",
        Family::String,
        "BIN(integer)",
        "Binary digits.",
        |o, a| strict(o, a, &[Param::BigInt], 0, T::STRING),
        |_| simple(bin),
    )
    .refuses_untyped_null()
    .examples(&[("BIN(4)", "100")]),
];

fn text_or_bytes(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let binary = args.first().is_some_and(|arg| arg.data_type.logical.is_binary_string());
    strict(of, args, &[if binary { Param::Bytes } else { Param::Text }], 0, T::STRING)
}

fn hex_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let number = args.first().is_some_and(|arg| arg.data_type.logical.is_numeric());
    let arg_types = of.check(args, &[if number { Param::BigInt } else { Param::Text }], 0)?;
    Ok(Inferred { arg_types, result: DataType::new(T::STRING, any_nullable(args)) })
}

fn to_base64(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    if *args.array(0)?.data_type() == arrow_schema::DataType::Binary {
        let values = args.binaries(0)?;
        return args.build_texts(|row, out| Ok(values.get(row).map(|bytes| STANDARD.encode_string(bytes, out))));
    }
    let texts = args.texts(0)?;
    args.build_texts(|row, out| Ok(texts.get(row).map(|text| STANDARD.encode_string(text, out))))
}

/// As lenient as Java: padding may be missing, and bits that belong to no byte are ignored.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

fn from_base64(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let decoded = |encoded: &[u8], out: &mut String| match LENIENT.decode(encoded) {
        Ok(bytes) => {
            out.push_str(&utf8::lossy(&bytes));
            Ok(Some(()))
        }
        Err(error) => Err(EvaluationError::InvalidArgument {
            function: "FROM_BASE64",
            value: String::from_utf8_lossy(encoded).into_owned(),
            reason: format!("it is not base 64: {error}"),
        }),
    };
    if *args.array(0)?.data_type() == arrow_schema::DataType::Binary {
        let bytes = args.binaries(0)?;
        return args.build_texts(|row, out| bytes.get(row).map_or(Ok(None), |bytes| decoded(bytes, out)));
    }
    let texts = args.texts(0)?;
    args.build_texts(|row, out| texts.get(row).map_or(Ok(None), |text| decoded(text.as_bytes(), out)))
}

fn hex(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    use std::fmt::Write;
    if *args.array(0)?.data_type() == arrow_schema::DataType::Int64 {
        let numbers = args.bigints(0)?;
        return args.build_texts(|row, out| Ok(numbers.get(row).map(|n| ignore(write!(out, "{n:X}")))));
    }
    let texts = args.texts(0)?;
    args.build_texts(|row, out| {
        Ok(texts.get(row).map(|text| text.bytes().for_each(|byte| ignore(write!(out, "{byte:02X}")))))
    })
}

fn unhex(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let texts = args.texts(0)?;
    args.build_binaries(|row, out| {
        let Some(text) = texts.get(row) else { return Ok(None) };
        let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect();
        let Some(mut digits) = digits else { return Ok(None) };
        if digits.len() % 2 == 1 {
            // The first of an odd number of digits does not count.
            digits[0] = 0;
            digits.insert(0, 0);
        }
        out.extend(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]));
        Ok(Some(()))
    })
}

fn bin(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    use std::fmt::Write;
    let numbers = args.bigints(0)?;
    args.build_texts(|row, out| Ok(numbers.get(row).map(|n| ignore(write!(out, "{n:b}")))))
}
