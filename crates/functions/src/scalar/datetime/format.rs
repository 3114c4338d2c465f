//! DATE_FORMAT, FROM_UNIXTIME, CONVERT_TZ: times as text.

use nutkin_types::{DataType, LogicalType as T, Value};

use super::local;
use crate::args::Args;
use crate::error::{EvaluationError, FunctionError, SignatureError};
use crate::registry::{Family, Kernel, ScalarFunction, Site};
use crate::signature::{Argument, Inferred, Of, Param, any_nullable, is_nullable, nullable};
use crate::time::pattern::Pattern;
use crate::time::simple::SimplePattern;
use crate::time::zone::TimeZone;

const DEFAULT: &str = "yyyy-MM-dd HH:mm:ss";

pub(in crate::scalar) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction::new(
        "DATE_FORMAT",
        Family::Temporal,
        "DATE_FORMAT(timestamp, format)",
        "The timestamp as text in a format of java.time.DateTimeFormatter, or a text in the form yyyy-MM-dd HH:mm:ss in one \
         of java.text.SimpleDateFormat.",
        date_format_type,
        date_format,
    )
    .refuses_untyped_null()
    .examples(&[("DATE_FORMAT(TIMESTAMP '2020-04-15 08:05:00', 'yyyy/MM/dd HH:mm')", "2020/04/15 08:05")]),
    ScalarFunction::new(
        "FROM_UNIXTIME",
        Family::Temporal,
        "FROM_UNIXTIME(seconds[, format])",
        "The instant as text in the session time zone.",
        |of, args| nullable(of, args, &[Param::BigInt, Param::Text], 1, T::STRING),
        from_unixtime,
    )
    .refuses_untyped_null()
    .examples(&[("FROM_UNIXTIME(44)", "1970-01-01 00:00:44")]),
    ScalarFunction::new(
        "CONVERT_TZ",
        Family::Temporal,
        "CONVERT_TZ(string, from_zone, to_zone)",
        "A time yyyy-MM-dd HH:mm:ss in one time zone as text of another.",
        |of, args| nullable(of, args, &[Param::Text, Param::Text, Param::Text], 0, T::STRING),
        |_| crate::registry::simple(convert_tz),
    )
    .refuses_untyped_null()
    .examples(&[("CONVERT_TZ('1970-01-01 00:00:00', 'UTC', 'America/Los_Angeles')", "1969-12-31 16:00:00")]),
];

fn date_format_type(of: Of, args: &[Argument<'_>]) -> Result<Inferred, SignatureError> {
    let text = args.first().is_some_and(|arg| arg.data_type.logical.is_character_string());
    if let Some(date) = args.first().filter(|arg| arg.data_type.logical == T::Date) {
        return Err(of.wrong(0, date.data_type, "a timestamp or a character string"));
    }
    let params = [if text { Param::Text } else { Param::DateOrTimestamp }, Param::Text];
    let arg_types = of.check(args, &params, 0)?;
    let nullable = text || args.iter().any(is_nullable) || any_nullable(args);
    Ok(Inferred { arg_types, result: DataType::new(T::STRING, nullable) })
}

/// A pattern of one of Java's two formatters of times.
pub(super) trait Format: Sized {
    /// Errors say what is wrong with the pattern.
    fn compile(text: &str) -> Result<Self, String>;
}

impl Format for Pattern {
    fn compile(text: &str) -> Result<Self, String> {
        Pattern::compile(text)
    }
}

impl Format for SimplePattern {
    fn compile(text: &str) -> Result<Self, String> {
        SimplePattern::compile(text)
    }
}

/// The pattern of a constant format, or of each row's.
pub(super) struct Formats<F> {
    /// Outer None: the format differs by row.
    constant: Option<Option<F>>,
    /// A malformed format gives NULL instead of an error.
    lenient: bool,
}

impl<F: Format> Formats<F> {
    /// `index` is the argument with the format; without it the default holds.
    pub fn new(site: &Site<'_>, index: usize, function: &'static str, lenient: bool) -> Result<Self, FunctionError> {
        let constant = match site.literals.get(index) {
            None => Some(Some(compile(DEFAULT, function)?)),
            Some(Some(Value::String(text))) if lenient => Some(F::compile(text).ok()),
            Some(Some(Value::String(text))) => Some(Some(compile(text, function)?)),
            Some(_) => None,
        };
        Ok(Formats { constant, lenient })
    }

    /// The pattern of `row`: argument `index`, remembered in `last`; None where the format is NULL or gives NULL.
    pub fn of<'a>(
        &'a self,
        args: &Args<'_>,
        index: usize,
        row: usize,
        last: &'a mut Option<(String, Option<F>)>,
        function: &'static str,
    ) -> Result<Option<&'a F>, EvaluationError> {
        if let Some(pattern) = &self.constant {
            return Ok(pattern.as_ref());
        }
        let texts = args.texts(index)?;
        let Some(text) = texts.get(row) else { return Ok(None) };
        if last.as_ref().is_none_or(|(known, _)| known != text) {
            let pattern = if self.lenient { F::compile(text).ok() } else { Some(compile(text, function)?) };
            *last = Some((text.to_owned(), pattern));
        }
        Ok(last.as_ref().and_then(|(_, pattern)| pattern.as_ref()))
    }
}

fn compile<F: Format>(text: &str, function: &'static str) -> Result<F, EvaluationError> {
    F::compile(text).map_err(|reason| EvaluationError::InvalidArgument { function, value: text.to_owned(), reason })
}

fn date_format(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let logical = site.args.first().map(|t| t.logical.clone());
    let logical = logical.ok_or_else(|| FunctionError::Inconsistent("DATE_FORMAT without arguments".to_owned()))?;
    if logical.is_character_string() {
        return format_of_text(site);
    }
    let formats = Formats::<Pattern>::new(site, 1, "DATE_FORMAT", false)?;
    let zone = site.options.time_zone;
    Ok(Box::new(move |args| {
        let array = args.array(0)?;
        let mut last = None;
        args.build_texts(|row, out| {
            let place = args.position(0, row);
            if array.is_null(place) {
                return Ok(None);
            }
            let (millis, below) = local(array.as_ref(), &logical, place, zone);
            let Some(pattern) = formats.of(args, 1, row, &mut last, "DATE_FORMAT")? else { return Ok(None) };
            pattern.format(millis, below, out).map_err(|reason| EvaluationError::InvalidArgument {
                function: "DATE_FORMAT",
                value: args.texts(1).ok().and_then(|texts| texts.get(row).map(str::to_owned)).unwrap_or_default(),
                reason: reason.to_owned(),
            })?;
            Ok(Some(()))
        })
    }))
}

/// DATE_FORMAT of a text: read in the default format and written in the other, both in UTC.
fn format_of_text(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let formats = Formats::<SimplePattern>::new(site, 1, "DATE_FORMAT", false)?;
    let reader: SimplePattern = compile(DEFAULT, "DATE_FORMAT")?;
    Ok(Box::new(move |args| {
        let texts = args.texts(0)?;
        let mut last = None;
        args.build_texts(|row, out| {
            let Some(text) = texts.get(row) else { return Ok(None) };
            let Some(pattern) = formats.of(args, 1, row, &mut last, "DATE_FORMAT")? else { return Ok(None) };
            let Some(instant) = reader.parse(text, &TimeZone::Utc, args.context.now_millis) else { return Ok(None) };
            pattern.format(instant, &TimeZone::Utc, out);
            Ok(Some(()))
        })
    }))
}

fn from_unixtime(site: &Site<'_>) -> Result<Kernel, FunctionError> {
    let formats = Formats::<SimplePattern>::new(site, 1, "FROM_UNIXTIME", false)?;
    let zone = site.options.time_zone;
    Ok(Box::new(move |args| {
        let seconds = args.bigints(0)?;
        let mut last = None;
        args.build_texts(|row, out| {
            let Some(seconds) = seconds.get(row) else { return Ok(None) };
            let Some(pattern) = formats.of(args, 1, row, &mut last, "FROM_UNIXTIME")? else { return Ok(None) };
            pattern.format(seconds.wrapping_mul(1000), &zone, out);
            Ok(Some(()))
        })
    }))
}

fn convert_tz(args: &Args<'_>) -> Result<arrow_array::ArrayRef, EvaluationError> {
    let (texts, from, to) = (args.texts(0)?, args.texts(1)?, args.texts(2)?);
    let pattern: SimplePattern = compile(DEFAULT, "CONVERT_TZ")?;
    let mut last: Option<(String, String, TimeZone, TimeZone)> = None;
    args.build_texts(|row, out| {
        let (Some(text), Some(from), Some(to)) = (texts.get(row), from.get(row), to.get(row)) else { return Ok(None) };
        if last.as_ref().is_none_or(|(f, t, _, _)| f != from || t != to) {
            last = Some((from.to_owned(), to.to_owned(), TimeZone::lenient(from), TimeZone::lenient(to)));
        }
        let Some((_, _, source, target)) = &last else { return Ok(None) };
        let Some(instant) = pattern.parse(text, source, args.context.now_millis) else { return Ok(None) };
        pattern.format(instant, target, out);
        Ok(Some(()))
    })
}
