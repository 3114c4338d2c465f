//! Errors of typing, compiling and running functions.
//!
//! [`SignatureError`] is a mistake in the statement and is wrapped by the analysis with its position. [`EvaluationError`]
//! comes at run time from the data: it names the function, the offending value and the remedy, and is a user error
//! (spec S002-068).

use arrow_schema::ArrowError;
use thiserror::Error;

/// A call that no signature of the function admits.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SignatureError {
    /// No function has this name.
    #[error("No match found for function signature {name}. Use a built-in function; SHOW FUNCTIONS lists them.")]
    UnknownFunction { name: String },
    #[error("Invalid number of arguments to function '{function}': {given} given. Expected: {signature}.")]
    ArgumentCount { function: &'static str, given: usize, signature: &'static str },
    /// `position` counts from 1.
    #[error(
        "Argument {position} of function '{function}' is of type {given}, but {expected} is expected. Expected: {signature}."
    )]
    ArgumentType { function: &'static str, position: usize, given: String, expected: String, signature: &'static str },
    /// Arguments that do not go together, or a literal that is not allowed.
    #[error("Function '{function}' cannot be called like this: {reason}. Expected: {signature}.")]
    Arguments { function: &'static str, reason: String, signature: &'static str },
    /// CAST between types that do not convert.
    #[error("Cast function cannot convert value of type {from} to type {to}.")]
    Cast { from: String, to: String },
}

/// An expression that cannot be compiled into kernels.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum FunctionError {
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The expression does not fit the columns or types it claims: a defect of the plan.
    #[error(
        "NUTKIN-5005: the expression of the plan is inconsistent: {0}. Plan the statement again; report it if it stays."
    )]
    Inconsistent(String),
    /// A constant argument is wrong, such as a malformed regular expression.
    #[error(transparent)]
    Constant(#[from] EvaluationError),
}

/// A value at run time that a function cannot compute with.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum EvaluationError {
    #[error("NUTKIN-5001: Division by zero in {function} of {value}. Guard the divisor, e.g. with NULLIF(divisor, 0).")]
    DivisionByZero { function: &'static str, value: String },
    #[error(
        "NUTKIN-5002: Cannot CAST '{value}' of type {from} to {to}: {reason}. Use TRY_CAST to get NULL for such values, or correct the data."
    )]
    Cast { value: String, from: String, to: String, reason: String },
    #[error("NUTKIN-5003: {function} cannot use the value '{value}': {reason}.")]
    InvalidArgument { function: &'static str, value: String, reason: String },
    #[error("NUTKIN-5005: {0}")]
    Internal(String),
}

impl EvaluationError {
    /// A result that the type does not hold, such as a TIMESTAMP(9) outside of the years 1677 to 2262.
    pub(crate) fn beyond(function: &'static str, value: impl ToString, logical: &nutkin_types::LogicalType) -> Self {
        let reason = format!("the result lies outside of what {logical} holds");
        EvaluationError::InvalidArgument { function, value: value.to_string(), reason }
    }

    /// The number of the error page, `NUTKIN-xxxx`.
    pub fn code(&self) -> &'static str {
        match self {
            EvaluationError::DivisionByZero { .. } => "NUTKIN-5001",
            EvaluationError::Cast { .. } => "NUTKIN-5002",
            EvaluationError::InvalidArgument { .. } => "NUTKIN-5003",
            EvaluationError::Internal(_) => "NUTKIN-5005",
        }
    }
}

impl From<ArrowError> for EvaluationError {
    fn from(error: ArrowError) -> EvaluationError {
        EvaluationError::Internal(format!("columns do not fit the function: {error}"))
    }
}

/// What goes wrong in accumulators.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum AggregateError {
    /// The function cannot take rows back, but its input does.
    #[error(
        "NUTKIN-5004: Aggregate function {function} cannot retract rows. Aggregate an append-only input, or use another function."
    )]
    NotRetractable { function: &'static str },
    #[error("NUTKIN-5005: {0}")]
    Internal(String),
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
}

impl From<ArrowError> for AggregateError {
    fn from(error: ArrowError) -> AggregateError {
        AggregateError::Internal(format!("columns do not fit the aggregate function: {error}"))
    }
}
