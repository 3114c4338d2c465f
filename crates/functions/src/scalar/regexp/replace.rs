//! REGEXP_REPLACE. The replacement is text: `$1` in it has no meaning, as in Flink.

use super::{Last, Patterns};
use crate::error::FunctionError;
use crate::registry::{Kernel, Site};

pub(super) fn replace(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let patterns = Patterns::new(site);
    Ok(Box::new(move |args| {
        let (texts, sources, by, last) = (args.texts(0)?, args.texts(1)?, args.texts(2)?, Last::default());
        args.build_texts(|row, out| {
            let (Some(text), Some(source), Some(by)) = (texts.get(row), sources.get(row), by.get(row)) else {
                return Ok(None);
            };
            patterns.with(&last, source, |pattern| {
                let Some(pattern) = pattern else { return Ok(None) };
                let mut from = 0;
                pattern.each(text, |start, end| {
                    out.push_str(&text[from..start]);
                    out.push_str(by);
                    from = end;
                })?;
                out.push_str(&text[from..]);
                Ok(Some(()))
            })
        })
    }))
}
