//! The text splitters: ML_CHARACTER_TEXT_SPLITTER, ML_RECURSIVE_TEXT_SPLITTER, ML_FILE_FORMAT_TEXT_SPLITTER.

use nutkin_types::{DataType, LogicalType as T};

use super::chunks::{Cutter, Keep, Plan, Scratch, Separator};
use super::texts::Kept;
use super::{F, formats, invalid, texts};
use crate::args::Args;
use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::registry::{Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, Param};

const BY_CHARACTER: &str = "ML_CHARACTER_TEXT_SPLITTER";
const RECURSIVELY: &str = "ML_RECURSIVE_TEXT_SPLITTER";
const BY_FORMAT: &str = "ML_FILE_FORMAT_TEXT_SPLITTER";

pub(super) const CHARACTER: ScalarFunction = ScalarFunction::new(
    BY_CHARACTER,
    F,
    "ML_CHARACTER_TEXT_SPLITTER(text, chunkSize, chunkOverlap, separator, isSeparatorRegex[, trimWhitespace[, keepSeparator[, 'START' | 'END']]])",
    "Chunks of the text of at most chunkSize characters, cut at the separator; each repeats up to chunkOverlap characters of the one before.",
    |of, args| {
        let fixed = [Param::Text, Param::BigInt, Param::BigInt, Param::Text, Param::Boolean];
        typed(of, args, &fixed.map(Some), 0)
    },
    |site| {
        let field = texts::field(site)?;
        Ok(Box::new(move |args| {
            let (given, mut kept, mut scratch) = (args.texts(0)?, Kept::default(), Scratch::default());
            texts::build(args, &field, |row, out| {
                let Some(text) = given.get(row) else { return Ok(None) };
                let plan = plan(BY_CHARACTER, args, row, 5)?;
                let separator = kept.get((args.position(3, row), args.position(4, row)), || {
                    let is_pattern = switch(BY_CHARACTER, args, row, 4, false)?;
                    let separator = args.texts(3)?.get(row).ok_or_else(|| null(BY_CHARACTER, 3))?;
                    compiled(BY_CHARACTER, separator, is_pattern)
                })?;
                Cutter { plan, out, scratch: &mut scratch }.cut(text, separator).map(Some)
            })
        }))
    },
)
.examples(&[(
    "ML_CHARACTER_TEXT_SPLITTER('This is the text I would like to chunk up. It is the example text for this exercise', 35, 4, '', TRUE, FALSE, TRUE, 'END')",
    "[This is the text I would like to ch, o chunk up. It is the example text , ext for this exercise]",
)]);

pub(super) const RECURSIVE: ScalarFunction = ScalarFunction::new(
    RECURSIVELY,
    F,
    "ML_RECURSIVE_TEXT_SPLITTER(text, chunkSize, chunkOverlap[, separators[, isSeparatorRegex[, trimWhitespace[, keepSeparator[, 'START' | 'END']]]]])",
    "Chunks of the text of at most chunkSize characters, cut at the first separator that occurs and, where they are still too long, at the next ones (by default empty lines, lines, blanks, characters).",
    |of, args| {
        let fixed = [Some(Param::Text), Some(Param::BigInt), Some(Param::BigInt), None, Some(Param::Boolean)];
        typed(of, args, &fixed, 2)
    },
    |site| {
        let field = texts::field(site)?;
        Ok(Box::new(move |args| {
            let (given, mut kept, mut scratch) = (args.texts(0)?, Kept::default(), Scratch::default());
            let position = |i: usize, row: usize| if i < args.len() { args.position(i, row) } else { 0 };
            texts::build(args, &field, |row, out| {
                let Some(text) = given.get(row) else { return Ok(None) };
                let plan = plan(RECURSIVELY, args, row, 5)?;
                let separators = kept.get((position(3, row), position(4, row)), || {
                    separators(args, row, switch(RECURSIVELY, args, row, 4, false)?)
                })?;
                Cutter { plan, out, scratch: &mut scratch }.cut_further(text, separators).map(Some)
            })
        }))
    },
)
.examples(&[(
    "ML_RECURSIVE_TEXT_SPLITTER('Hello. world!', 0, 0, ARRAY['[!]', '[.]'], TRUE, TRUE, TRUE, 'START')",
    "[Hello, . world, !]",
)]);

pub(super) const FILE_FORMAT: ScalarFunction = ScalarFunction::new(
    BY_FORMAT,
    F,
    "ML_FILE_FORMAT_TEXT_SPLITTER(text, chunkSize, chunkOverlap, formatName[, trimWhitespace[, keepSeparator[, 'START' | 'END']]])",
    "Chunks of the text of at most chunkSize characters, cut where a file of the format has its parts: C, CPP, CSHARP, ELIXIR, GO, HTML, JAVA, JAVASCRIPT, JSON, KOTLIN, LATEX, MARKDOWN, PHP, PYTHON, RUBY, RUST, SCALA, SQL, SWIFT, TYPESCRIPT or XML.",
    |of, args| {
        if let Some(format) = args.get(3) {
            let name = of.keyword(3, format)?;
            formats::separators(&name).ok_or_else(|| of.reason(format!("{name} is not the name of a format")))?;
        }
        typed(of, args, &[Param::Text, Param::BigInt, Param::BigInt, Param::Text].map(Some), 0)
    },
    by_format,
)
.examples(&[(
    "ML_FILE_FORMAT_TEXT_SPLITTER('def hello_world():\n print(\"Hello, World!\")\n\n# Call the function\nhello_world()\n', 50, 0, 'PYTHON')",
    "[def hello_world():\n print(\"Hello, World!\"), # Call the function\nhello_world()]",
)]);

/// The `fixed` arguments, of which the last `optional` may be missing (None: an array of texts), then trimWhitespace, keepSeparator
/// and separatorPosition, which may all be missing.
fn typed(of: Of, args: &[Argument<'_>], fixed: &[Option<Param>], optional: usize) -> Result<Inferred, SignatureError> {
    let last = [Some(Param::Boolean), Some(Param::Boolean), Some(Param::Text)];
    if args.len() + optional < fixed.len() || args.len() > fixed.len() + last.len() {
        return Err(of.count(args.len()));
    }
    let mut arg_types: Vec<DataType> = Vec::with_capacity(args.len());
    for (i, (arg, param)) in args.iter().zip(fixed.iter().chain(&last)).enumerate() {
        arg_types.push(match param {
            Some(param) => of.accept(i, arg, param)?,
            None => super::strings(of, i, arg)?,
        });
    }
    if let Some(position) = args.get(fixed.len() + 2) {
        of.one_of(fixed.len() + 2, position, &["START", "END"])?;
    }
    Ok(Inferred { arg_types, result: T::array(T::STRING.nullable()).nullable() })
}

fn by_format(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let field = texts::field(site)?;
    let format = site.keyword(3).and_then(|name| formats::separators(&name));
    let (texts_of, are_patterns) =
        format.ok_or_else(|| FunctionError::Inconsistent("a text splitter without its format".to_owned()))?;
    let separators: Vec<Separator> =
        texts_of.iter().map(|text| compiled(BY_FORMAT, text, are_patterns)).collect::<Result<_, _>>()?;
    Ok(Box::new(move |args| {
        let (given, mut scratch) = (args.texts(0)?, Scratch::default());
        texts::build(args, &field, |row, out| {
            let Some(text) = given.get(row) else { return Ok(None) };
            let plan = plan(BY_FORMAT, args, row, 4)?;
            Cutter { plan, out, scratch: &mut scratch }.cut_further(text, &separators).map(Some)
        })
    }))
}

fn null(function: &'static str, index: usize) -> EvaluationError {
    invalid(function, "NULL", &format!("argument {} must not be NULL", index + 1))
}

fn compiled(function: &'static str, text: &str, is_pattern: bool) -> Result<Separator, EvaluationError> {
    Separator::new(text, is_pattern).ok_or_else(|| invalid(function, text, "it is not a regular expression"))
}

fn separators(args: &Args<'_>, row: usize, are_patterns: bool) -> Result<Vec<Separator>, EvaluationError> {
    if args.len() < 4 {
        return ["\n\n", "\n", " ", ""].iter().map(|text| compiled(RECURSIVELY, text, false)).collect();
    }
    let list = texts::list(args, 3, row)?.ok_or_else(|| null(RECURSIVELY, 3))?;
    let separators = texts::strings(&list)?.iter();
    separators.map(|text| compiled(RECURSIVELY, text.ok_or_else(|| null(RECURSIVELY, 3))?, are_patterns)).collect()
}

fn switch(
    function: &'static str,
    args: &Args<'_>,
    row: usize,
    index: usize,
    missing: bool,
) -> Result<bool, EvaluationError> {
    if index >= args.len() {
        return Ok(missing);
    }
    args.booleans(index)?.get(row).ok_or_else(|| null(function, index))
}

/// Sizes of argument 1 and 2; trimWhitespace, keepSeparator and separatorPosition from argument `from` on.
fn plan(function: &'static str, args: &Args<'_>, row: usize, from: usize) -> Result<Plan, EvaluationError> {
    let size = args.bigints(1)?.get(row).ok_or_else(|| null(function, 1))?;
    let overlap = args.bigints(2)?.get(row).ok_or_else(|| null(function, 2))?;
    let wrong = |value: i64, reason: &str| invalid(function, value, reason);
    let chunk = usize::try_from(size).map_err(|_| wrong(size, "the size of a chunk must not be negative"))?;
    let repeated = usize::try_from(overlap).map_err(|_| wrong(overlap, "the overlap must not be negative"))?;
    if overlap > size {
        return Err(wrong(overlap, "the overlap must not exceed the size of a chunk"));
    }
    let trim = switch(function, args, row, from, true)?;
    let keep = switch(function, args, row, from + 1, false)?;
    let at_end = match args.len() > from + 2 {
        true => args.texts(from + 2)?.get(row).ok_or_else(|| null(function, from + 2))?.eq_ignore_ascii_case("END"),
        false => false,
    };
    let keep = match (keep, at_end) {
        (false, _) => Keep::No,
        (true, false) => Keep::Start,
        (true, true) => Keep::End,
    };
    Ok(Plan { size: chunk, overlap: repeated, trim, keep })
}
