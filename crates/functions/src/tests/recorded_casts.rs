//! The CAST matrix of Apache Flink 2.2: `cases/casts.jsonl`, written by `tests/peers/flink_record_casts.py`.

use nutkin_plan::CastFailure;
use nutkin_types::cast::{supports_explicit_cast, supports_implicit_cast};
use nutkin_types::data_type::TypeFamily;
use nutkin_types::{DataType, Value};
use serde_json::Value as Json;

use super::cases::evaluate;
use super::types::data_type;
use crate::cast;
use crate::context::EvaluatorOptions;
use crate::time::zone::TimeZone;

fn lines() -> Vec<Json> {
    include_str!("cases/casts.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn types(line: &Json, key: &str) -> Vec<(String, DataType)> {
    let texts = line[key].as_array().unwrap().iter().map(|text| text.as_str().unwrap());
    texts.map(|text| (text.to_owned(), data_type(text).unwrap())).collect()
}

#[test]
fn every_pair_is_accepted_or_refused_as_in_flink() {
    let (mut pairs, mut wrong) = (0, Vec::new());
    for line in lines() {
        let from = data_type(line["from"].as_str().unwrap()).unwrap();
        let (explicit, implicit) = (types(&line, "explicit"), types(&line, "implicit"));
        for (text, to) in types(&line, "targets") {
            pairs += 1;
            // Refused of ranges of units, which the recorder asked for, and not of one unit. The planner tells them apart.
            if from.family() == TypeFamily::ExactInteger && to.logical.is_interval() {
                continue;
            }
            let accepts = |list: &[(String, DataType)]| list.iter().any(|(known, _)| *known == text);
            if supports_explicit_cast(&from.logical, &to.logical) != accepts(&explicit) {
                wrong.push(format!("CAST of {from} to {to}: Flink accepts it: {}", accepts(&explicit)));
            }
            // No column of a table can be an interval, so that there was nothing to ask.
            if !to.logical.is_interval() && supports_implicit_cast(&from.logical, &to.logical) != accepts(&implicit) {
                wrong.push(format!("{from} where {to} is wanted: Flink accepts it: {}", accepts(&implicit)));
            }
            if accepts(&explicit)
                && let Err(error) = cast::kernel(&from, &to, CastFailure::Error, &EvaluatorOptions::default())
            {
                wrong.push(format!("CAST of {from} to {to} has no kernel: {error}"));
            }
        }
    }
    assert!(pairs > 1000, "{pairs} pairs");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn recorded_cast_values() {
    let (mut values, mut wrong) = (0, Vec::new());
    for line in lines() {
        let from = line["from"].as_str().unwrap();
        for sample in line["values"].as_array().unwrap() {
            for (to, wanted) in sample[1].as_object().unwrap() {
                values += 1;
                let arg = format!("CAST({} AS {from})", sample[0].as_str().unwrap());
                let tried = if to.is_empty() { arg.clone() } else { format!("TRY_CAST({arg} AS {to})") };
                let text = evaluate(&format!("CAST({tried} AS STRING)"), &[], &[], TimeZone::Utc);
                let same = match &text {
                    Ok((Value::Null, _)) => wanted.is_null(),
                    Ok((Value::String(text), _)) => Some(text.as_str()) == wanted.as_str(),
                    _ => false,
                };
                // A TIME of a moment before 1970 is a time of day here, and negative in Flink.
                let is_known = to.starts_with("TIME(") && arg.contains("1969");
                if !same && !is_known {
                    wrong.push(format!("{tried}: {text:?} instead of {wanted}"));
                }
                // CAST fails where TRY_CAST has no value, but a number beyond a DECIMAL is NULL in both.
                if wanted.is_null() && !(to.starts_with("DECIMAL") && data_type(from).unwrap().logical.is_numeric()) {
                    let strict = evaluate(&format!("CAST({arg} AS {to})"), &[], &[], TimeZone::Utc);
                    if strict.is_ok() && !to.starts_with("ARRAY") {
                        wrong.push(format!("CAST({arg} AS {to}) does not fail: {strict:?}"));
                    }
                }
            }
        }
    }
    assert!(values > 700, "{values} values");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
