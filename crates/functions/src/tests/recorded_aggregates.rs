//! Recorded answers of the aggregate functions: `cases/aggregates.jsonl`, written by `tests/peers/flink_record_aggregates.py`.
//!
//! Each case is fed in one batch, row by row with the state handed to a new accumulator after each, and, where nothing is
//! retracted, also to accumulators that could retract.

use std::collections::BTreeMap;

use arrow_array::ArrayRef;
use arrow_array::cast::AsArray;
use nutkin_plan::{CastFailure, Expr, ExprKind};
use nutkin_types::value::array_of;
use nutkin_types::{DataType, Value};
use serde_json::Value as Json;

use super::sql::{self, Problem};
use super::types::data_type;
use super::{json, lexer};
use crate::aggregate::{Accumulator, AggregateFunction, AggregateOptions};
use crate::context::{EvaluationContext, EvaluatorOptions};
use crate::evaluator::Evaluator;
use crate::resolve;

const KINDS: [&str; 4] = ["+I", "-U", "+U", "-D"];

/// The rows of a case by column, the number of each row's group, and its kind.
struct Input {
    columns: Vec<(String, DataType)>,
    rows: Vec<Vec<Value>>,
    groups: Vec<String>,
    slots: Vec<u32>,
    kinds: Vec<u8>,
}

impl Input {
    fn read(table: &Json) -> Input {
        let columns: Vec<(String, DataType)> = table["columns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|column| column.as_str().unwrap().split_once(' ').unwrap())
            .map(|(name, kind)| (name.to_owned(), data_type(kind).unwrap()))
            .collect();
        let (mut rows, mut kinds, mut slots, mut groups) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for change in table["rows"].as_array().unwrap() {
            kinds.push(KINDS.iter().position(|kind| change[0] == *kind).unwrap() as u8);
            let read = |(i, (_, t)): (usize, &(String, DataType))| json::read(&change[1][i], &t.logical).unwrap();
            rows.push(columns.iter().enumerate().map(read).collect());
            let group = change[1][0].as_str().unwrap().to_owned();
            let known = groups.iter().position(|known| *known == group).unwrap_or(groups.len());
            if known == groups.len() {
                groups.push(group);
            }
            slots.push(known as u32);
        }
        Input { columns, rows, groups, slots, kinds }
    }

    fn evaluate(&self, expr: &Expr) -> ArrayRef {
        let arrays: Vec<ArrayRef> = (0..self.columns.len())
            .map(|i| {
                let values: Vec<&Value> = self.rows.iter().map(|row| &row[i]).collect();
                array_of(&values, &self.columns[i].1.logical).unwrap()
            })
            .collect();
        let evaluator = Evaluator::compile(expr, &EvaluatorOptions::default()).unwrap();
        evaluator.evaluate_columns(&arrays, self.rows.len(), &EvaluationContext::streaming(0)).unwrap()
    }
}

/// One aggregate call over the columns of a case.
struct Call {
    function: &'static AggregateFunction,
    args: Vec<Expr>,
    literals: Vec<Value>,
    distinct: bool,
    filter: Option<Expr>,
    result: DataType,
}

impl Call {
    fn create(&self, input_retracts: bool) -> Result<Box<dyn Accumulator>, String> {
        let arg_types: Vec<DataType> = self.args.iter().map(|arg| arg.data_type.clone()).collect();
        let options = AggregateOptions {
            arg_types: &arg_types,
            literals: &self.literals,
            distinct: self.distinct,
            result: &self.result,
            input_retracts,
        };
        self.function.create(&options).map_err(|error| error.to_string())
    }
}

/// `NAME([DISTINCT] args) [IGNORE NULLS] [FILTER (WHERE f)]`; None for what only the real parser can refuse.
fn parse(text: &str, columns: &[(String, DataType)]) -> Result<Call, String> {
    let show = |problem: Problem| format!("{problem:?}");
    let (text, mut filter) = match text.split_once(" FILTER (WHERE ") {
        Some((call, condition)) => (call, Some(sql::parse(condition.trim_end_matches(')'), columns).map_err(show)?)),
        None => (text, None),
    };
    let (text, ignores_nulls) = text.strip_suffix(" IGNORE NULLS").map_or((text, false), |text| (text, true));
    let (name, inside) = text.strip_suffix(')').unwrap().split_once('(').unwrap();
    let (inside, distinct) = inside.strip_prefix("DISTINCT ").map_or((inside, false), |inside| (inside, true));
    let mut args = if name.starts_with("JSON_") {
        json_arguments(inside, columns)?
    } else if inside == "*" {
        Vec::new()
    } else {
        // The arguments as those of a constructor that keeps their types apart.
        match sql::parse(&format!("ROW({inside})"), columns).map_err(show)?.kind {
            ExprKind::Call { args, .. } => args,
            other => return Err(format!("{other:?}")),
        }
    };
    let (function, inferred) =
        resolve::aggregate(name, &resolve::arguments(&args)).map_err(|error| error.to_string())?;
    if distinct {
        function.check_distinct(&inferred.arg_types).map_err(|error| error.to_string())?;
    }
    if ignores_nulls {
        filter = Some(resolve::call("IS NOT NULL", vec![args[0].clone()]).unwrap());
    }
    let mut literals = Vec::new();
    while let [_, .., last] = args.as_slice()
        && let Some(value) = resolve::literal(last)
    {
        literals.insert(0, value.clone());
        if inferred.arg_types[args.len() - 1].logical != last.data_type.logical {
            let wanted = inferred.arg_types[args.len() - 1].clone();
            let cast = resolve::cast(last.clone(), &wanted, CastFailure::Error).unwrap();
            literals[0] = crate::evaluate_constant(&cast, &EvaluatorOptions::default()).unwrap().unwrap();
        }
        args.pop();
    }
    let args = args.into_iter().zip(&inferred.arg_types).map(|(arg, wanted)| {
        let wanted = wanted.with_nullable(arg.data_type.nullable);
        if arg.data_type.logical == wanted.logical { arg } else { Expr::cast(arg, wanted, CastFailure::Error) }
    });
    Ok(Call { function, args: args.collect(), literals, distinct, filter, result: inferred.result })
}

/// `[KEY k VALUE] v [NULL | ABSENT ON NULL]`: the value becomes JSON text, NULL `null` where it is kept.
fn json_arguments(inside: &str, columns: &[(String, DataType)]) -> Result<Vec<Expr>, String> {
    let words: Vec<&str> = inside.split(' ').collect();
    let column = |name: &str| sql::parse(name, columns).map_err(|problem| format!("{problem:?}"));
    let object = words[0] == "KEY";
    let value = column(if object { words[3] } else { words[0] })?;
    let keeps = if object { !inside.contains("ABSENT") } else { inside.contains("NULL ON NULL") };
    let mut text = resolve::json::text(value).map_err(|error| error.to_string())?;
    if keeps && text.data_type.nullable {
        text = resolve::call("COALESCE", vec![text, resolve::keyword("null")]).unwrap();
    }
    Ok(if object { vec![column(words[1])?, text] } else { vec![text] })
}

/// Values by group, fed in one batch or row by row.
fn run(input: &Input, call: &Call, retracts: bool, by_row: bool) -> Result<Vec<Value>, String> {
    let args: Vec<ArrayRef> = call.args.iter().map(|arg| input.evaluate(arg)).collect();
    let filter = call.filter.as_ref().map(|filter| input.evaluate(filter));
    let all: Vec<u32> = (0..input.groups.len() as u32).collect();
    let mut accumulator = call.create(retracts)?;
    accumulator.resize(all.len());
    let step = if by_row { 1 } else { input.rows.len() };
    for start in (0..input.rows.len()).step_by(step) {
        let part: Vec<ArrayRef> = args.iter().map(|array| array.slice(start, step)).collect();
        let mask = filter.as_ref().map(|array| array.slice(start, step).as_boolean().clone());
        let kinds = retracts.then(|| &input.kinds[start..start + step]);
        let slots = &input.slots[start..start + step];
        accumulator.update(slots, kinds, &part, mask.as_ref()).map_err(|error| error.to_string())?;
        if by_row {
            let state = accumulator.export(&all).map_err(|error| error.to_string())?;
            accumulator = call.create(retracts)?;
            accumulator.resize(all.len());
            accumulator.import(&all, &state).map_err(|error| error.to_string())?;
        }
    }
    let array = accumulator.values(&all).map_err(|error| error.to_string())?;
    let values = all.iter().map(|&slot| Value::from_array(&array, &call.result.logical, slot as usize));
    values.collect::<Result<_, _>>().map_err(|error| error.to_string())
}

fn is_nan(value: &Value) -> bool {
    matches!(value, Value::Double(number) if number.is_nan())
}

/// Groups that have rows left.
fn left(input: &Input) -> Vec<bool> {
    let mut rows = vec![0i64; input.groups.len()];
    for (&slot, &kind) in input.slots.iter().zip(&input.kinds) {
        rows[slot as usize] += if matches!(kind, 1 | 3) { -1 } else { 1 };
    }
    rows.into_iter().map(|rows| rows > 0).collect()
}

fn check_column(input: &Input, text: &str, case: &Json, place: usize) -> Result<(), String> {
    let call = parse(text, &input.columns)?;
    let wanted_type = data_type(case["expect"]["types"][place].as_str().unwrap())?;
    if !call.result.same_ignoring_nullability(&wanted_type) {
        return Err(format!("type {} instead of {wanted_type}", call.result));
    }
    let wanted: BTreeMap<&str, &Json> = case["expect"]["materialized"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| (change[1][0].as_str().unwrap(), &change[1][place]))
        .collect();
    let appends = case["tables"][0]["changelog_mode"] == "append";
    // Where nothing is retracted, an extreme of NaN and numbers depends on their order; where it is, NaN is the greatest.
    let ordered = !(call.function.name.starts_with('M') && input.rows.iter().any(|row| is_nan(&row[2])));
    for (retracts, by_row) in [(!appends, false), (!appends, true), (true, false)] {
        if retracts && appends && !ordered {
            continue;
        }
        let values = run(input, &call, retracts, by_row)?;
        for ((group, value), left) in input.groups.iter().zip(&values).zip(left(input)) {
            match wanted.get(group.as_str()) {
                Some(wanted) if !left => return Err(format!("{group} has no rows, but Flink gives {wanted}")),
                Some(wanted) if !json::same(value, wanted, &call.result.logical) => {
                    let shown = json::write(value, &call.result.logical);
                    return Err(format!(
                        "group {group}: {shown} instead of {wanted} (retracts {retracts}, by row {by_row})"
                    ));
                }
                None if left => return Err(format!("Flink gives no group {group}")),
                _ => {}
            }
        }
    }
    Ok(())
}

/// Flink takes the DISTINCT of a variance for that of the values and, by itself, that of their squares: of values that differ in their
/// sign, and of squares that wrap around to the same, it loses one. Not here.
fn is_known(call: &str) -> bool {
    (call.starts_with("VAR") || call.starts_with("STDDEV")) && call.contains("DISTINCT")
}

/// The calls between SELECT and FROM.
fn calls(case: &Json) -> Vec<String> {
    let text = case["sql"].as_str().unwrap();
    let list = text.strip_prefix("SELECT g, ").unwrap().strip_suffix(" FROM t GROUP BY g").unwrap();
    let mut found = Vec::new();
    let mut rest = list;
    for place in 0.. {
        let Some((call, after)) = rest.split_once(&format!(" AS c{place}")) else { break };
        found.push(call.to_owned());
        rest = after.trim_start_matches(", ");
    }
    assert!(rest.is_empty() && lexer::tokens(list).is_ok(), "{list}");
    found
}

#[test]
fn recorded_aggregates() {
    let (mut cases, mut wrong) = (0, Vec::new());
    for line in include_str!("cases/aggregates.jsonl").lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        let (id, input) = (case["id"].as_str().unwrap(), Input::read(&case["tables"][0]));
        cases += 1;
        let calls = calls(&case);
        if case["expect"].get("error").is_none() {
            for (i, call) in calls.iter().enumerate() {
                if let Err(why) = check_column(&input, call, &case, i + 1)
                    && !(is_known(call) && why.starts_with("group e"))
                {
                    wrong.push(format!("{id}: {call}: {why}"));
                }
            }
            continue;
        }
        // Syntax and the mode of the query are the planner's to refuse.
        let said = case["flink"]["error_text"].as_str().unwrap();
        if said.contains("syntax") || said.contains("FILTER must") || said.contains("for streaming") {
            continue;
        }
        if parse(&calls[0], &input.columns).and_then(|call| call.create(false).map(drop)).is_ok() {
            wrong.push(format!("{id}: {} is refused by Flink: {said}", calls[0]));
        }
    }
    assert!(cases > 600, "{cases} cases");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
