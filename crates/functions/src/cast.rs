//! CAST and TRY_CAST.

use nutkin_plan::CastFailure;
use nutkin_types::DataType;

use crate::context::EvaluatorOptions;
use crate::error::{FunctionError, SignatureError};
use crate::registry::Kernel;

pub(crate) fn kernel(
    from: &DataType,
    to: &DataType,
    _on_failure: CastFailure,
    _options: &EvaluatorOptions,
) -> Result<Kernel, FunctionError> {
    Err(SignatureError::Cast { from: from.to_string(), to: to.to_string() }.into())
}
