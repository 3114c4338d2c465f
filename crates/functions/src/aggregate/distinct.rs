//! DISTINCT for every aggregate function.

use super::{Accumulator, AggregateOptions};
use crate::error::AggregateError;

pub(super) fn distinct(
    inner: Box<dyn Accumulator>,
    _options: &AggregateOptions<'_>,
) -> Result<Box<dyn Accumulator>, AggregateError> {
    Ok(inner)
}
