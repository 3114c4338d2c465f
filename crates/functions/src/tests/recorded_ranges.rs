//! Expressions at the ends of ranges, last digits and odd arguments: `cases/ranges.tsv`; patterns of times:
//! `cases/patterns.tsv`; NULLs inside of nested values: `cases/nulls.tsv`; texts that are
//! times or not: `cases/texts.tsv`; nanoseconds in the first and last years: `cases/moments.tsv`. Their types and texts
//! `tests/peers/flink_record_expressions.py` recorded.

use nutkin_types::Value;

use super::cases::{Failure, evaluate};
use super::sql::Problem;
use super::types::data_type;
use crate::time::zone::TimeZone;

/// Amounts that Flink adds in integers that wrap around. Here they are an error.
const WRAPPING: [&str; 4] = ["2147483647", "-2147483648", "99999999' YEAR", "9223372036854775807"];

const JULIAN: &str = "Flink rounds constants of days before 1582-10-15 by the Julian calendar";

/// What stays different, and why.
const KNOWN: [(&str, &str); 9] = [
    ("TO_DATE('abc'", "a day far in the future for a text that does not match; NULL is documented"),
    ("RETURNING DOUBLE DEFAULT", "fails with an internal error where the default is an exact number"),
    ("AS TIMESTAMP(9)) AS TIMESTAMP(0)", "a constant is cut as a text, a column is not"),
    ("AS TIMESTAMP(9)) AS TIMESTAMP(1)", "a constant is cut as a text, a column is not"),
    ("AS MAP<BIGINT NOT NULL, STRING>", "a NULL key turns into 0 where a cast forbids NULL keys"),
    ("MAP_FROM_ARRAYS(ARRAY['b', 'a', 'b'], ARRAY[1, 2, 3])['b']", "fails with an internal error"),
    ("PRINTF('%s', ARRAY[1])", "Java's name of the object and its place in memory"),
    ("0001-", JULIAN),
    ("1582-10-04", JULIAN),
];

fn is_known(expression: &str, why: &str) -> bool {
    let rounds = expression.starts_with("FLOOR") || expression.starts_with("CEIL");
    KNOWN.iter().any(|(part, why)| expression.contains(part) && (*why != JULIAN || rounds))
        && why.contains(" instead of ")
}

fn check(expression: &str, wanted_type: &str, wanted: &str) -> Result<(), String> {
    let typed = match evaluate(expression, &[], &[], TimeZone::Utc) {
        Err(Failure::Parse(Problem::Syntax(text))) => return Err(format!("syntax: {text}")),
        Err(Failure::Parse(Problem::Signature(_))) if wanted_type == "!" => return Ok(()),
        other => other,
    };
    let range =
        |text: &str| text.contains("lies outside") || text.contains("in the range") || text.contains("longer than");
    let text = match &typed {
        Err(Failure::Run(text)) if range(text) && WRAPPING.iter().any(|part| expression.contains(part)) => {
            return Ok(());
        }
        Err(_) if wanted == "!" => return Ok(()),
        Err(failure) => return Err(format!("{failure:?} instead of {wanted}")),
        Ok((Value::Null, _)) => "NULL".to_owned(),
        Ok(_) => match evaluate(&format!("CAST({expression} AS STRING)"), &[], &[], TimeZone::Utc) {
            Ok((Value::String(text), _)) => text,
            other => return Err(format!("text {other:?}")),
        },
    };
    let Ok((_, given_type)) = typed else { return Err("no type".to_owned()) };
    let wanted_type = data_type(wanted_type)?;
    if !given_type.same_ignoring_nullability(&wanted_type) {
        return Err(format!("type {given_type} instead of {wanted_type}"));
    }
    // Flink writes the digits of a negative year with the wrong sign, as other characters.
    let legible = wanted.chars().take(4).all(|c| c.is_ascii_digit());
    let dated = wanted_type.logical.is_datetime();
    if text == wanted || (dated && !legible && !wanted.is_empty()) {
        return Ok(());
    }
    Err(format!("{text} instead of {wanted}"))
}

#[test]
fn recorded_ranges() {
    let (mut lines, mut wrong) = (0, Vec::new());
    let files = [
        include_str!("cases/ranges.tsv"),
        include_str!("cases/nulls.tsv"),
        include_str!("cases/patterns.tsv"),
        include_str!("cases/texts.tsv"),
        include_str!("cases/moments.tsv"),
    ];
    for line in files.iter().flat_map(|file| file.lines()) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [expression, wanted_type, wanted] = fields.as_slice() else { panic!("{line}") };
        lines += 1;
        if let Err(why) = check(expression, wanted_type, wanted)
            && !is_known(expression, &why)
        {
            wrong.push(format!("{expression}: {why}"));
        }
    }
    assert!(lines > 1000, "{lines} lines");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
