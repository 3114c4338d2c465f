//! REGEXP_COUNT and REGEXP_INSTR.

use std::sync::Arc;

use arrow_array::types::Int32Type;

use super::{Last, Patterns};
use crate::error::{EvaluationError, FunctionError};
use crate::pattern::Pattern;
use crate::registry::{Kernel, Site};

pub(super) fn count(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    numbers(site, |pattern, text| {
        let mut count = 0;
        pattern.each(text, |_, _| count += 1)?;
        Ok(count)
    })
}

pub(super) fn position(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    numbers(site, |pattern, text| {
        // Positions count UTF-16 units, as Java's strings do.
        Ok(pattern.find(text)?.map_or(0, |(start, _)| text[..start].encode_utf16().count() as i32 + 1))
    })
}

fn numbers(site: &Site<'_>, run: fn(&Pattern, &str) -> Result<i32, EvaluationError>) -> Result<Kernel, FunctionError> {
    let patterns = Patterns::new(site);
    Ok(Box::new(move |args| {
        let (texts, sources, last) = (args.texts(0)?, args.texts(1)?, Last::default());
        Ok(Arc::new(args.build_numbers::<Int32Type>(|row| {
            let (Some(text), Some(source)) = (texts.get(row), sources.get(row)) else { return Ok(None) };
            patterns.with(&last, source, |pattern| pattern.map(|pattern| run(pattern, text)).transpose())
        })?))
    }))
}
