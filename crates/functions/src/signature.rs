//! Inference of argument and result types, and the small vocabulary that the functions' signatures are written in.

use nutkin_types::cast::{common_type, supports_implicit_cast};
use nutkin_types::data_type::TypeFamily;
use nutkin_types::{DataType, LogicalType, Value};

use crate::error::SignatureError;

/// One argument as the inference sees it.
#[derive(Debug, Clone, Copy)]
pub struct Argument<'a> {
    pub data_type: &'a DataType,
    /// Its value when it is a literal.
    pub literal: Option<&'a Value>,
}

/// What the inference found.
#[derive(Debug, Clone, PartialEq)]
pub struct Inferred {
    /// The types that the arguments must be cast to implicitly, one per argument. Only the logical type counts.
    pub arg_types: Vec<DataType>,
    pub result: DataType,
}

/// What a parameter accepts.
#[derive(Debug, Clone)]
pub enum Param {
    /// Any type, taken as it is.
    Any,
    /// CHAR or VARCHAR, taken as it is.
    Text,
    /// BINARY or VARBINARY, taken as it is.
    Bytes,
    /// Any number, taken as it is.
    Numeric,
    /// TINYINT to BIGINT, taken as it is.
    Integer,
    /// TINYINT to INT, cast to INT.
    Int,
    /// TINYINT to BIGINT, cast to BIGINT.
    BigInt,
    /// Any number, cast to DOUBLE.
    Double,
    Boolean,
    /// DATE, TIMESTAMP or TIMESTAMP_LTZ, taken as it is.
    DateOrTimestamp,
    /// DATE, TIME, TIMESTAMP or TIMESTAMP_LTZ, taken as it is.
    Temporal,
    Array,
    Map,
    /// Exactly this type, by implicit cast.
    Of(LogicalType),
}

impl Param {
    /// The type the argument is taken as, or None when it does not fit.
    fn accept(&self, given: &LogicalType) -> Option<LogicalType> {
        use TypeFamily as F;
        if *given == LogicalType::Null {
            return Some(self.default_type());
        }
        let family = given.family();
        let as_is = |ok: bool| ok.then(|| given.clone());
        match self {
            Param::Any => as_is(true),
            Param::Text => as_is(family == F::CharacterString),
            Param::Bytes => as_is(family == F::BinaryString),
            Param::Numeric => as_is(given.is_numeric()),
            Param::Integer => as_is(family == F::ExactInteger),
            Param::Int => (family == F::ExactInteger && *given != LogicalType::BigInt).then_some(LogicalType::Int),
            Param::BigInt => (family == F::ExactInteger).then_some(LogicalType::BigInt),
            Param::Double => given.is_numeric().then_some(LogicalType::Double),
            Param::Boolean => as_is(family == F::Boolean),
            Param::DateOrTimestamp => as_is(matches!(family, F::Date | F::Timestamp | F::TimestampLtz)),
            Param::Temporal => as_is(given.is_datetime()),
            Param::Array => as_is(family == F::Array),
            Param::Map => as_is(family == F::Map),
            Param::Of(wanted) => supports_implicit_cast(given, wanted).then(|| wanted.clone()),
        }
    }

    /// The type a bare NULL gets.
    fn default_type(&self) -> LogicalType {
        match self {
            Param::Any | Param::Text => LogicalType::STRING,
            Param::Bytes => LogicalType::BYTES,
            Param::Numeric | Param::Integer | Param::Int => LogicalType::Int,
            Param::BigInt => LogicalType::BigInt,
            Param::Double => LogicalType::Double,
            Param::Boolean => LogicalType::Boolean,
            Param::DateOrTimestamp | Param::Temporal => LogicalType::Timestamp { precision: 3 },
            Param::Array => LogicalType::array(DataType::string()),
            Param::Map => LogicalType::map(DataType::string(), DataType::string()),
            Param::Of(wanted) => wanted.clone(),
        }
    }

    fn describe(&self) -> String {
        match self {
            Param::Any => "any type".to_owned(),
            Param::Text => "a character string".to_owned(),
            Param::Bytes => "a binary string".to_owned(),
            Param::Numeric | Param::Double => "a number".to_owned(),
            Param::Integer | Param::BigInt => "an integer".to_owned(),
            Param::Int => "an INT".to_owned(),
            Param::Boolean => "a BOOLEAN".to_owned(),
            Param::DateOrTimestamp => "a DATE or timestamp".to_owned(),
            Param::Temporal => "a DATE, TIME or timestamp".to_owned(),
            Param::Array => "an ARRAY".to_owned(),
            Param::Map => "a MAP".to_owned(),
            Param::Of(logical) => logical.to_string(),
        }
    }
}

/// Name and signature of the function being inferred, for errors.
#[derive(Debug, Clone, Copy)]
pub struct Of {
    pub function: &'static str,
    pub signature: &'static str,
}

impl Of {
    pub const fn new(function: &'static str, signature: &'static str) -> Of {
        Of { function, signature }
    }

    pub fn count(&self, given: usize) -> SignatureError {
        SignatureError::ArgumentCount { function: self.function, given, signature: self.signature }
    }

    pub fn wrong(&self, index: usize, given: &DataType, expected: impl Into<String>) -> SignatureError {
        SignatureError::ArgumentType {
            function: self.function,
            position: index + 1,
            given: given.to_string(),
            expected: expected.into(),
            signature: self.signature,
        }
    }

    pub fn reason(&self, reason: impl Into<String>) -> SignatureError {
        SignatureError::Arguments { function: self.function, reason: reason.into(), signature: self.signature }
    }

    /// Checks `args` against `params`, of which the last `optional` may be missing.
    pub fn check(
        &self,
        args: &[Argument<'_>],
        params: &[Param],
        optional: usize,
    ) -> Result<Vec<DataType>, SignatureError> {
        if args.len() > params.len() || args.len() + optional < params.len() {
            return Err(self.count(args.len()));
        }
        args.iter().zip(params).enumerate().map(|(i, (arg, param))| self.accept(i, arg, param)).collect()
    }

    /// Checks that every argument fits `param` and that there are at least `least`.
    pub fn check_all(
        &self,
        args: &[Argument<'_>],
        param: &Param,
        least: usize,
    ) -> Result<Vec<DataType>, SignatureError> {
        if args.len() < least {
            return Err(self.count(args.len()));
        }
        args.iter().enumerate().map(|(i, arg)| self.accept(i, arg, param)).collect()
    }

    pub fn accept(&self, index: usize, arg: &Argument<'_>, param: &Param) -> Result<DataType, SignatureError> {
        let logical =
            param.accept(&arg.data_type.logical).ok_or_else(|| self.wrong(index, arg.data_type, param.describe()))?;
        Ok(DataType::new(logical, arg.data_type.nullable || arg.data_type.logical == LogicalType::Null))
    }

    /// The common type of `args`, or an error that names both sides.
    pub fn common(&self, args: &[Argument<'_>]) -> Result<DataType, SignatureError> {
        let mut types = args.iter().map(|arg| arg.data_type.clone());
        let first = types.next().ok_or_else(|| self.count(0))?;
        types.enumerate().try_fold(first, |common, (i, next)| {
            least_restrictive(&common, &next)
                .ok_or_else(|| self.wrong(i + 1, &next, format!("a type comparable with {common}")))
        })
    }

    /// As [`Of::keyword`], one of `words`.
    pub fn one_of(&self, index: usize, arg: &Argument<'_>, words: &[&str]) -> Result<String, SignatureError> {
        let word = self.keyword(index, arg)?;
        if words.contains(&word.as_str()) {
            Ok(word)
        } else {
            Err(self.wrong(index, arg.data_type, words.join(" or ")))
        }
    }

    /// A literal text argument in upper case, such as a time unit.
    pub fn keyword(&self, index: usize, arg: &Argument<'_>) -> Result<String, SignatureError> {
        match arg.literal {
            Some(Value::String(text)) => Ok(text.to_uppercase()),
            _ => Err(self.wrong(index, arg.data_type, "a literal keyword")),
        }
    }
}

/// The type that holds the values of both: branches of CASE, arguments of COALESCE, elements of an ARRAY. CHARs of different
/// lengths become VARCHAR instead of being padded.
pub fn least_restrictive(a: &DataType, b: &DataType) -> Option<DataType> {
    if let (LogicalType::Char { length: x }, LogicalType::Char { length: y }) = (&a.logical, &b.logical)
        && x != y
    {
        return Some(DataType::new(LogicalType::VarChar { length: *x.max(y) }, a.nullable || b.nullable));
    }
    common_type(a, b)
}

/// True when an argument may be NULL.
pub fn any_nullable(args: &[Argument<'_>]) -> bool {
    args.iter().any(|arg| is_nullable(arg))
}

pub fn is_nullable(arg: &Argument<'_>) -> bool {
    arg.data_type.nullable || arg.data_type.logical == LogicalType::Null
}

/// Arguments as `params` (the last `optional` may be missing); `result`, nullable when an argument is.
pub fn strict(
    of: Of,
    args: &[Argument<'_>],
    params: &[Param],
    optional: usize,
    result: LogicalType,
) -> Result<Inferred, SignatureError> {
    let arg_types = of.check(args, params, optional)?;
    Ok(Inferred { arg_types, result: DataType::new(result, any_nullable(args)) })
}

/// As [`strict`], but the result is always nullable.
pub fn nullable(
    of: Of,
    args: &[Argument<'_>],
    params: &[Param],
    optional: usize,
    result: LogicalType,
) -> Result<Inferred, SignatureError> {
    let arg_types = of.check(args, params, optional)?;
    Ok(Inferred { arg_types, result: result.nullable() })
}
