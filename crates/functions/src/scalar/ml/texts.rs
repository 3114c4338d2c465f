//! Arrays of texts and of numbers: read row by row, and built.

use std::fmt::Write;
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{Array, ArrayRef, ListArray, PrimitiveArray, StringArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{DataType as ArrowType, FieldRef};
use nutkin_types::arrow::arrow_type;

use crate::args::{Args, ignore};
use crate::error::{EvaluationError, FunctionError};
use crate::registry::Site;

/// The elements of one row of an array argument; None for NULL. Makes an array: for lists that are [`Kept`].
pub(super) fn list(args: &Args<'_>, index: usize, row: usize) -> Result<Option<ArrayRef>, EvaluationError> {
    let (lists, row) = (lists_of(args, index)?, args.position(index, row));
    Ok(lists.is_valid(row).then(|| lists.value(row)))
}

fn lists_of<'a>(args: &Args<'a>, index: usize) -> Result<&'a ListArray, EvaluationError> {
    let lists = args.array(index)?.as_list_opt::<i32>();
    lists.ok_or_else(|| EvaluationError::Internal(format!("argument {} is no array", index + 1)))
}

/// The texts of all rows of an array argument.
pub(super) struct Texts<'a> {
    lists: &'a ListArray,
    texts: &'a StringArray,
}

impl<'a> Texts<'a> {
    pub fn new(args: &Args<'a>, index: usize) -> Result<Texts<'a>, EvaluationError> {
        let lists = lists_of(args, index)?;
        Ok(Texts { lists, texts: strings(lists.values())? })
    }

    /// The elements of the list at `position`; None of NULL.
    pub fn at(&self, position: usize) -> Option<impl ExactSizeIterator<Item = Option<&'a str>> + use<'a>> {
        let (texts, offsets) = (self.texts, self.lists.value_offsets());
        let places = offsets[position] as usize..offsets[position + 1] as usize;
        self.lists.is_valid(position).then(|| places.map(move |i| texts.is_valid(i).then(|| texts.value(i))))
    }
}

/// What is made of arguments, made again only where their positions change: once for constants.
pub(super) struct Kept<P, T> {
    of: Option<(P, T)>,
}

impl<P, T> Default for Kept<P, T> {
    fn default() -> Kept<P, T> {
        Kept { of: None }
    }
}

impl<P: PartialEq, T> Kept<P, T> {
    /// What `make` makes of the arguments at `position`.
    pub fn get<E>(&mut self, position: P, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        let kept = match self.of.take().filter(|(known, _)| *known == position) {
            Some(kept) => kept,
            None => (position, make()?),
        };
        Ok(&self.of.insert(kept).1)
    }
}

pub(super) fn strings(elements: &ArrayRef) -> Result<&StringArray, EvaluationError> {
    elements.as_string_opt::<i32>().ok_or_else(|| EvaluationError::Internal("an array of no texts".to_owned()))
}

pub(super) fn numbers<P: ArrowPrimitiveType>(elements: &ArrayRef) -> Result<&PrimitiveArray<P>, EvaluationError> {
    elements.as_primitive_opt::<P>().ok_or_else(|| EvaluationError::Internal("an array of no numbers".to_owned()))
}

/// The field of the elements of the result.
pub(super) fn field(site: &Site<'_>) -> Result<FieldRef, FunctionError> {
    match arrow_type(&site.result.logical) {
        ArrowType::List(field) => Ok(field),
        other => Err(FunctionError::Inconsistent(format!("a list as {other}"))),
    }
}

/// The texts of the result, list by list.
pub(super) struct Lists {
    texts: StringBuilder,
    /// Of the list that is made.
    length: usize,
}

impl Lists {
    pub fn push(&mut self, text: &str) {
        self.push_joined([text].into_iter(), "");
    }

    /// One text of several parts.
    pub fn push_joined<'t>(&mut self, parts: impl Iterator<Item = &'t str>, joint: &str) {
        for (i, part) in parts.enumerate() {
            if i > 0 {
                ignore(self.texts.write_str(joint));
            }
            ignore(self.texts.write_str(part));
        }
        self.texts.append_value("");
        self.length += 1;
    }
}

/// One list of texts per row: `write` appends its texts and returns Some, or returns None for NULL.
pub(super) fn build(
    args: &Args<'_>,
    field: &FieldRef,
    mut write: impl FnMut(usize, &mut Lists) -> Result<Option<()>, EvaluationError>,
) -> Result<ArrayRef, EvaluationError> {
    let (mut lengths, mut valid) = (Vec::with_capacity(args.rows), Vec::with_capacity(args.rows));
    let mut out = Lists { texts: StringBuilder::new(), length: 0 };
    for row in 0..args.rows {
        valid.push(write(row, &mut out)?.is_some());
        lengths.push(std::mem::take(&mut out.length));
    }
    lists(field, Arc::new(out.texts.finish()), lengths, valid)
}

pub(super) fn lists(
    field: &FieldRef,
    elements: ArrayRef,
    lengths: Vec<usize>,
    valid: Vec<bool>,
) -> Result<ArrayRef, EvaluationError> {
    let nulls = valid.contains(&false).then(|| NullBuffer::from(valid));
    Ok(Arc::new(ListArray::try_new(field.clone(), OffsetBuffer::from_lengths(lengths), elements, nulls)?))
}
