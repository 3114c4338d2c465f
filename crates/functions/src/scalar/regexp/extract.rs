//! REGEXP_EXTRACT, REGEXP_EXTRACT_ALL and REGEXP_SUBSTR.

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_schema::{DataType as ArrowType, Field};
use nutkin_types::{DataType, LogicalType as T};

use super::{Last, Patterns};
use crate::error::{FunctionError, SignatureError};
use crate::pattern::Part;
use crate::registry::{Kernel, Site};
use crate::signature::{Argument, Inferred, Of, Param, nullable};

pub(super) fn all_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    nullable(of, args, &[Param::Text, Param::Text, Param::BigInt], 1, T::array(DataType::string()))
}

pub(super) fn first(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let patterns = Patterns::new(site);
    Ok(Box::new(move |args| {
        let (texts, sources, last) = (args.texts(0)?, args.texts(1)?, Last::default());
        let groups = if args.len() > 2 { Some(args.ints(2)?) } else { None };
        args.build_slices(|row| {
            let (Some(text), Some(source)) = (texts.get(row), sources.get(row)) else { return Ok(None) };
            let group = match groups.as_ref().map(|groups| groups.get(row)) {
                None => 0,
                Some(None) => return Ok(None),
                Some(Some(group)) => group,
            };
            let Ok(group) = usize::try_from(group) else { return Ok(None) };
            patterns.with(&last, source, |pattern| {
                let Some(pattern) = pattern else { return Ok(None) };
                if group == 0 {
                    return Ok(pattern.find(text)?.map(|(start, end)| &text[start..end]));
                }
                Ok(pattern.group(text, group)?.flatten().map(|(start, end)| &text[start..end]))
            })
        })
    }))
}

pub(super) fn substring(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let patterns = Patterns::new(site);
    Ok(Box::new(move |args| {
        let (texts, sources, last) = (args.texts(0)?, args.texts(1)?, Last::default());
        args.build_slices(|row| {
            let (Some(text), Some(source)) = (texts.get(row), sources.get(row)) else { return Ok(None) };
            patterns.with(&last, source, |pattern| {
                let Some(pattern) = pattern else { return Ok(None) };
                Ok(pattern.find(text)?.map(|(start, end)| &text[start..end]))
            })
        })
    }))
}

pub(super) fn all(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let patterns = Patterns::new(site);
    Ok(Box::new(move |args| {
        let (texts, sources, last) = (args.texts(0)?, args.texts(1)?, Last::default());
        let groups = if args.len() > 2 { Some(args.bigints(2)?) } else { None };
        let field = Field::new("element", ArrowType::Utf8, true);
        let mut lists = ListBuilder::new(StringBuilder::new()).with_field(Arc::new(field));
        for row in 0..args.rows {
            let group = match groups.as_ref().map(|groups| groups.get(row)) {
                None => Some(1),
                Some(group) => group.and_then(|group| usize::try_from(group).ok()),
            };
            let (Some(text), Some(source), Some(group)) = (texts.get(row), sources.get(row), group) else {
                lists.append_null();
                continue;
            };
            let valid = patterns.with(&last, source, |pattern| {
                let Some(pattern) = pattern.filter(|pattern| group <= pattern.groups()) else { return Ok(false) };
                let values = lists.values();
                let append = |part: Option<Part>| values.append_option(part.map(|(start, end)| &text[start..end]));
                pattern.each_group(text, group, append).map(|()| true)
            })?;
            lists.append(valid);
        }
        Ok(Arc::new(lists.finish()))
    }))
}
