//! MD5, SHA1, SHA2 and its sizes: digests of the UTF-8 bytes in lower-case hexadecimal.

use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType as ArrowType;
use md5::Digest;
use nutkin_types::{DataType, LogicalType as T, Value};

use crate::args::Args;
use crate::error::{EvaluationError, SignatureError};
use crate::registry::{Family, ScalarFunction, simple};
use crate::signature::{Argument, Inferred, Of, Param, any_nullable};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "MD5",
        Family::Hash,
        "MD5(string)",
        "MD5 digest, 32 hexadecimal digits.",
        |o, a| digest(o, a, 32),
        |_| simple(run::<md5::Md5>),
    )
    .refuses_untyped_null()
    .examples(&[("MD5('Hello')", "8b1a9953c4611296a827abf8c47804d7")]),
    ScalarFunction::new(
        "SHA1",
        Family::Hash,
        "SHA1(string)",
        "SHA-1 digest, 40 hexadecimal digits.",
        |o, a| digest(o, a, 40),
        |_| simple(run::<sha1::Sha1>),
    )
    .refuses_untyped_null()
    .examples(&[("SHA1('Hello')", "f7ff9e8b7bb2e09b70935a5d785e0cc5d9d0abf0")]),
    ScalarFunction::new(
        "SHA224",
        Family::Hash,
        "SHA224(string)",
        "SHA-224 digest, 56 hexadecimal digits.",
        |o, a| digest(o, a, 56),
        |_| simple(run::<sha2::Sha224>),
    )
    .refuses_untyped_null()
    .examples(&[("SHA224('Hello')", "4149da18aa8bfc2b1e382c6c26556d01a92c261b6436dad5e3be3fcc")]),
    ScalarFunction::new(
        "SHA256",
        Family::Hash,
        "SHA256(string)",
        "SHA-256 digest, 64 hexadecimal digits.",
        |o, a| digest(o, a, 64),
        |_| simple(run::<sha2::Sha256>),
    )
    .refuses_untyped_null()
    .examples(&[("SHA256('Hello')", "185f8db32271fe25f561a6fc938b2e264306ec304eda518007d1764826381969")]),
    ScalarFunction::new(
        "SHA384",
        Family::Hash,
        "SHA384(string)",
        "SHA-384 digest, 96 hexadecimal digits.",
        |o, a| digest(o, a, 96),
        |_| simple(run::<sha2::Sha384>),
    )
    .refuses_untyped_null()
    .examples(&[("SHA384('Hello')", "3519fe5ad2c596efe3e276a6f351b8fc0b03db861782490d45f7598ebd0ab5fd5520ed102f38c4a5ec834e98668035fc")]),
    ScalarFunction::new(
        "SHA512",
        Family::Hash,
        "SHA512(string)",
        "SHA-512 digest, 128 hexadecimal digits.",
        |o, a| digest(o, a, 128),
        |_| simple(run::<sha2::Sha512>),
    )
    .refuses_untyped_null()
    .examples(&[("SHA512('Hello')", "3615f80c9d293ed7402687f94b22d58e529b8cc7916f8fac7fddf7fbd5af4cf777d3d795a7a00a16bf7e7f3fb9561ee9baae480da9fe7a18769e71886b03f315")]),
    ScalarFunction::new(
        "SHA2",
        Family::Hash,
        "SHA2(string, bits)",
        "SHA-2 digest of 224, 256, 384 or 512 bits.",
        sized,
        |_| simple(sha2_sized),
    )
    .refuses_untyped_null()
    .examples(&[("SHA2('Hello', 224)", "4149da18aa8bfc2b1e382c6c26556d01a92c261b6436dad5e3be3fcc")]),
];

fn digest(of: Of, args: &[Argument<'_>], length: u32) -> Result<Inferred, SignatureError> {
    let binary = args.first().is_some_and(|arg| arg.data_type.logical.is_binary_string());
    let arg_types = of.check(args, &[if binary { Param::Bytes } else { Param::Text }], 0)?;
    Ok(Inferred { arg_types, result: DataType::new(T::Char { length }, any_nullable(args)) })
}

fn sized(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let binary = args.first().is_some_and(|arg| arg.data_type.logical.is_binary_string());
    let arg_types = of.check(args, &[if binary { Param::Bytes } else { Param::Text }, Param::Int], 0)?;
    if let Some(Value::Integer(bits)) = args.get(1).and_then(|arg| arg.literal)
        && !matches!(bits, 224 | 256 | 384 | 512)
    {
        return Err(of.reason(format!("{bits} is not 224, 256, 384 or 512")));
    }
    let logical = T::VarChar { length: 128 };
    Ok(Inferred { arg_types, result: DataType::new(logical, any_nullable(args)) })
}

fn each(
    args: &Args<'_>,
    mut write: impl FnMut(usize, &[u8], &mut String) -> Option<()>,
) -> Result<ArrayRef, EvaluationError> {
    if *args.array(0)?.data_type() == ArrowType::Binary {
        let values = args.binaries(0)?;
        return args.build_texts(|row, out| Ok(values.get(row).and_then(|bytes| write(row, bytes, out))));
    }
    let values = args.texts(0)?;
    args.build_texts(|row, out| Ok(values.get(row).and_then(|text| write(row, text.as_bytes(), out))))
}

fn push_hex(bytes: &[u8], out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

fn run<D: Digest>(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    each(args, |_, bytes, out| {
        push_hex(&D::digest(bytes), out);
        Some(())
    })
}

fn sha2_sized(args: &Args<'_>) -> Result<ArrayRef, EvaluationError> {
    let sizes = args.ints(1)?;
    let known = |bits: i32| matches!(bits, 1 | 224 | 256 | 384 | 512);
    let text = args.array(0)?;
    let asked = (0..args.rows).filter(|row| text.is_valid(args.position(0, *row)));
    if let Some(bits) = asked.filter_map(|row| sizes.get(row)).find(|bits| !known(*bits)) {
        return Err(EvaluationError::InvalidArgument {
            function: "SHA2",
            value: bits.to_string(),
            reason: "the bits are 224, 256, 384 or 512".to_owned(),
        });
    }
    each(args, |row, bytes, out| {
        match sizes.get(row)? {
            // Java's name of SHA-1 is made as those of the others are.
            1 => push_hex(&sha1::Sha1::digest(bytes), out),
            224 => push_hex(&sha2::Sha224::digest(bytes), out),
            256 => push_hex(&sha2::Sha256::digest(bytes), out),
            384 => push_hex(&sha2::Sha384::digest(bytes), out),
            _ => push_hex(&sha2::Sha512::digest(bytes), out),
        }
        Some(())
    })
}
