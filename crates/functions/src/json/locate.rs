//! Finding one value in a text without building a tree: what JSON_VALUE and JSON_EXISTS mostly do.

use super::parse::{Malformed, Reader};
use super::path::Step;

/// The text of the value at `steps`, None when there is none. Only plain fields and indexes from the start are walked;
/// `None` in the outer option says that `steps` has others.
pub(crate) fn locate<'a>(text: &'a str, steps: &[Step]) -> Option<Result<Option<&'a str>, Malformed>> {
    if !steps.iter().all(|step| matches!(step, Step::Field(_)) || matches!(step, Step::Index(i) if *i >= 0)) {
        return None;
    }
    let mut reader = Reader::new(text);
    let found = walk(&mut reader, steps, 0);
    Some(found.and_then(|found| reader.end_of_root().map(|()| found)))
}

fn walk<'a>(reader: &mut Reader<'a>, steps: &[Step], depth: usize) -> Result<Option<&'a str>, Malformed> {
    reader.blanks();
    let start = reader.at;
    let Some((step, rest)) = steps.split_first() else {
        reader.skip(depth)?;
        return Ok(Some(&reader.text[start..reader.at]));
    };
    let mut found = None;
    match (reader.peek(), step) {
        // Of equal names the last one counts.
        (Some(b'{'), Step::Field(wanted)) => reader.fields(|reader, name| {
            if name == wanted.as_str() {
                found = walk(reader, rest, depth + 1)?;
                Ok(())
            } else {
                reader.skip(depth + 1)
            }
        })?,
        (Some(b'['), Step::Index(wanted)) => reader.items(|reader, index| {
            if usize::try_from(*wanted) == Ok(index) {
                found = walk(reader, rest, depth + 1)?;
                Ok(())
            } else {
                reader.skip(depth + 1)
            }
        })?,
        _ => reader.skip(depth)?,
    }
    Ok(found)
}
