//! Recorded cases: expression, input row, and the type and value that Apache Flink 2.2 gave.
//!
//! `cases/scalar.tsv` is in the repository. With `NUTKIN_ORACLE` naming a directory of more recordings, those are run too and
//! a summary of what differs is printed.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use nutkin_types::{DataType, Value};
use serde_json::Value as Json;

use super::json;
use super::sql::{self, Problem};
use super::types::data_type;
use crate::context::{EvaluationContext, EvaluatorOptions};
use crate::error::SignatureError;
use crate::evaluator::Evaluator;
use crate::time::zone::TimeZone;

/// How a case ended.
#[derive(Debug, PartialEq)]
pub enum Verdict {
    Right,
    /// The function is not built, or the test parser does not know the syntax.
    Skipped(String),
    Wrong(String),
}

/// Value and type of `sql` over one row.
pub fn evaluate(
    text: &str,
    columns: &[(String, DataType)],
    row: &[Value],
    zone: TimeZone,
) -> Result<(Value, DataType), Failure> {
    let expr = sql::parse(text, columns).map_err(Failure::Parse)?;
    let options = EvaluatorOptions { time_zone: zone };
    let failed = |error: &dyn std::fmt::Display| Failure::Run(error.to_string());
    let evaluator = Evaluator::compile(&expr, &options).map_err(|e| failed(&e))?;
    let arrays = row.iter().zip(columns).map(|(value, (_, t))| value.to_array(t, 1)).collect::<Result<Vec<_>, _>>();
    let arrays = arrays.map_err(|e| failed(&e))?;
    let context = EvaluationContext::streaming(0);
    let array = evaluator.evaluate_columns(&arrays, 1, &context).map_err(|e| failed(&e))?;
    let wanted = nutkin_types::arrow::arrow_type(&expr.data_type.logical);
    if std::mem::discriminant(array.data_type()) != std::mem::discriminant(&wanted) {
        return Err(Failure::Wrong(format!("an array of {} for {}", array.data_type(), expr.data_type)));
    }
    let value = Value::from_array(&array, &expr.data_type.logical, 0).map_err(|e| failed(&e))?;
    if value == Value::Null && !expr.data_type.nullable {
        return Err(Failure::Wrong(format!("NULL of type {}", expr.data_type)));
    }
    let _ = RecordBatch::try_from_iter(columns.iter().map(|(name, _)| name.clone()).zip(arrays));
    Ok((value, expr.data_type))
}

#[derive(Debug)]
pub enum Failure {
    Parse(Problem),
    Run(String),
    Wrong(String),
}

fn check(case: &Json) -> Verdict {
    let zone = case["config"]["table.local-time-zone"].as_str().unwrap_or("UTC");
    let Ok(zone) = TimeZone::parse(zone) else { return Verdict::Skipped(format!("zone {zone}")) };
    let (mut columns, mut row) = (Vec::new(), Vec::new());
    let input = &case["input"];
    for (i, column) in input["columns"].as_array().into_iter().flatten().enumerate() {
        let read = data_type(column["type"].as_str().unwrap_or(""))
            .and_then(|t| Ok((json::read(&input["row"][i], &t.logical)?, t)));
        let Ok((value, t)) = read else { return Verdict::Skipped(format!("input {column}")) };
        columns.push((column["name"].as_str().unwrap_or("").to_owned(), t));
        row.push(value);
    }
    let texts: Vec<&str> = match &case["sql"] {
        Json::Array(list) => list.iter().filter_map(Json::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let flink = &case["flink"];
    let expects_error = case["expect"].get("error").is_some();
    for (i, text) in texts.iter().enumerate() {
        let answer = evaluate(text, &columns, &row, zone);
        if expects_error {
            return match answer {
                Ok((value, t)) => Verdict::Wrong(format!("{value:?} of {t} instead of an error")),
                Err(Failure::Parse(Problem::Signature(SignatureError::UnknownFunction { name }))) => {
                    Verdict::Skipped(name)
                }
                Err(Failure::Parse(Problem::Syntax(text))) => Verdict::Skipped(text),
                Err(_) => Verdict::Right,
            };
        }
        let (value, t) = match answer {
            Ok(answer) => answer,
            Err(Failure::Parse(Problem::Signature(SignatureError::UnknownFunction { name }))) => {
                return Verdict::Skipped(name);
            }
            Err(Failure::Parse(Problem::Syntax(text))) => return Verdict::Skipped(text),
            Err(Failure::Parse(Problem::Signature(error))) => return Verdict::Wrong(error.to_string()),
            Err(Failure::Run(error) | Failure::Wrong(error)) => return Verdict::Wrong(error),
        };
        if let Some(wanted) = flink["types"][i].as_str() {
            match data_type(wanted) {
                Err(text) => return Verdict::Skipped(text),
                Ok(wanted) if !t.same_ignoring_nullability(&wanted) => {
                    return Verdict::Wrong(format!("type {t} instead of {wanted}"));
                }
                Ok(wanted) if flink["type_agrees"].as_bool() == Some(true) && t.nullable != wanted.nullable => {
                    return Verdict::Wrong(format!("type {t} instead of {wanted}"));
                }
                Ok(_) => {}
            }
        }
        if let Some(wanted) = flink["values"].get(i) {
            if !json::same(&value, wanted, &t.logical) {
                return Verdict::Wrong(format!("{} instead of {wanted}", json::write(&value, &t.logical)));
            }
        } else if let Some(wanted) = flink["text"].as_str() {
            let shown = evaluate(&format!("CAST({text} AS STRING)"), &columns, &row, zone);
            match shown {
                Ok((Value::Null, _)) if wanted == "NULL" => {}
                Ok((Value::String(text), _)) if text == wanted => {}
                other => return Verdict::Wrong(format!("text {other:?} instead of {wanted}")),
            }
        }
    }
    Verdict::Right
}

/// One line: session time zone, expression, type (nullability does not count) and JSON value.
fn check_line(line: &str) -> Result<(), String> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [zone, text, wanted_type, wanted] = fields.as_slice() else { return Err("not four fields".to_owned()) };
    let zone = TimeZone::parse(zone).map_err(|error| error.to_string())?;
    let (value, given_type) = evaluate(text, &[], &[], zone).map_err(|error| format!("{error:?}"))?;
    let wanted_type = data_type(wanted_type)?;
    if !given_type.same_ignoring_nullability(&wanted_type) {
        return Err(format!("type {given_type} instead of {wanted_type}"));
    }
    let wanted: Json = serde_json::from_str(wanted).map_err(|error| error.to_string())?;
    if json::same(&value, &wanted, &given_type.logical) {
        return Ok(());
    }
    Err(format!("{} instead of {wanted}", json::write(&value, &given_type.logical)))
}

/// Answers that differ from those of Flink are listed with the reason; the list may only get shorter.
#[test]
fn recorded_answers() {
    let known = include_str!("cases/known.tsv").lines().filter_map(|line| line.split_once('\t'));
    let mut known: BTreeMap<&str, &str> = known.collect();
    let mut wrong = Vec::new();
    for line in include_str!("cases/scalar.tsv").lines() {
        let text = line.split('\t').nth(1).unwrap();
        if let Err(why) = check_line(line)
            && known.remove(text).is_none()
        {
            wrong.push(format!("{line}: {why}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(known.is_empty(), "right by now, to be taken from the list: {known:?}");
}

#[test]
fn recordings_beside_the_repository() {
    let Ok(directory) = std::env::var("NUTKIN_ORACLE") else { return };
    let path = std::path::Path::new(&directory).join("scalar.jsonl");
    let cases = std::fs::read_to_string(&path).unwrap();
    let (mut right, mut wrong, mut skipped) = (Vec::new(), Vec::new(), BTreeMap::<String, usize>::new());
    for line in cases.lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        let usable = case["requires"].as_array().is_some_and(Vec::is_empty) && case["flink"]["agrees"] == true;
        if !usable {
            continue;
        }
        match check(&case) {
            Verdict::Right => right.push(line),
            Verdict::Skipped(why) => *skipped.entry(why).or_default() += 1,
            Verdict::Wrong(why) => wrong.push(format!("{} | {} | {why}", case["sql"], case["input"]["row"])),
        }
    }
    println!("right {} wrong {} skipped {}", right.len(), wrong.len(), skipped.values().sum::<usize>());
    println!("skipped {skipped:?}");
    wrong.iter().for_each(|line| println!("WRONG {line}"));
    if let Ok(out) = std::env::var("NUTKIN_ORACLE_RIGHT") {
        std::fs::write(out, right.join("\n")).unwrap();
    }
}
