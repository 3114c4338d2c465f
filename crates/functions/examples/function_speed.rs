//! How fast functions and aggregates run, by family: rows a second of one core, and allocations per row.
//! `make bench-functions`, or `cargo run --release -p nutkin-functions --example function_speed [-- FAMILY]`

use std::collections::HashMap;
use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use arrow_array::{ArrayRef, BooleanArray};
use nutkin_functions::aggregate::{self, AggregateOptions};
use nutkin_functions::signature::Argument;
use nutkin_functions::{EvaluationContext, Evaluator, EvaluatorOptions, resolve};
use nutkin_plan::{CastFailure, Expr};
use nutkin_types::value::array_of;
use nutkin_types::{DataType, LogicalType as T, Value};

type Any<R> = Result<R, Box<dyn Error>>;

const BATCH: usize = 4096;
const GROUPS: usize = 256;
const LEAST: Duration = Duration::from_millis(200);

/// Columns of one batch, by name.
struct Columns {
    names: HashMap<&'static str, usize>,
    types: Vec<DataType>,
    arrays: Vec<ArrayRef>,
}

impl Columns {
    fn new() -> Any<Columns> {
        let mut columns = Columns { names: HashMap::new(), types: Vec::new(), arrays: Vec::new() };
        let text = |value: String| Value::String(value);
        let number = |n: usize| Value::Integer(n as i64 * 7919 % 100_003 + 1);
        columns.add("i", T::Int, |n| Value::Integer(n as i64 * 31 % 1000 + 1))?;
        columns.add("l", T::BigInt, number)?;
        columns.add("d", T::Double, |n| Value::Double(n as f64 * 0.37 + 0.5))?;
        columns.add("m", T::Decimal { precision: 18, scale: 4 }, |n| Value::Decimal(n as i128 * 12_345))?;
        columns.add("b", T::Boolean, |n| Value::Boolean(n % 3 == 0))?;
        columns.add("s", T::STRING, |n| text(format!("https://shop.example/item/{n}?color=red&size={}", n % 40)))?;
        columns.add("w", T::STRING, |n| text(format!("word{}", n % 500)))?;
        columns.add("n", T::STRING, |n| text(format!("{}.25", n * 17)))?;
        columns.add("j", T::STRING, |n| text(format!("{{\"id\":{n},\"tags\":[\"a\",\"b\"],\"at\":{{\"x\":1.5}}}}")))?;
        columns.add("t", T::Timestamp { precision: 3 }, |n| Value::Integer(1_700_000_000_000 + n as i64 * 61_001))?;
        columns
            .add("z", T::TimestampLtz { precision: 3 }, |n| Value::Integer(1_700_000_000_000 + n as i64 * 61_001))?;
        columns.add("a", T::array(T::Int.nullable()), |n| {
            Value::List((0..n % 8).map(|i| Value::Integer((n * i % 10) as i64)).collect())
        })?;
        columns.add("ws", T::array(T::STRING.nullable()), |n| {
            Value::List((0..4).map(|i| Value::String(format!("w{}", n * i % 10))).collect())
        })?;
        Ok(columns)
    }

    fn add(&mut self, name: &'static str, logical: T, value: impl Fn(usize) -> Value) -> Any<()> {
        // Every 16th value is NULL.
        let values: Vec<Value> = (0..BATCH).map(|n| if n % 16 == 15 { Value::Null } else { value(n) }).collect();
        self.arrays.push(array_of(&values.iter().collect::<Vec<_>>(), &logical)?);
        self.names.insert(name, self.types.len());
        self.types.push(logical.nullable());
        Ok(())
    }

    /// A column, a number, or a text in quotes.
    fn arg(&self, text: &str) -> Any<Expr> {
        if let Some(&index) = self.names.get(text) {
            return Ok(Expr::input(index, self.types[index].clone()));
        }
        if let Some(text) = text.strip_prefix('\'') {
            return Ok(resolve::keyword(text.trim_end_matches('\'')));
        }
        if let Ok(number) = text.parse::<i32>() {
            return Ok(Expr::literal(Value::Integer(number.into()), T::Int.not_null()));
        }
        Ok(Expr::literal(Value::Double(text.parse()?), T::Double.not_null()))
    }

    fn array(&self, name: &str) -> Option<(&ArrayRef, &DataType)> {
        let &index = self.names.get(name)?;
        Some((&self.arrays[index], &self.types[index]))
    }
}

/// `(family, function, arguments)`
const CALLS: &[(&str, &str, &str)] = &[
    ("arithmetic", "+", "l l"),
    ("arithmetic", "*", "m m"),
    ("arithmetic", "/", "m l"),
    ("arithmetic", "MOD", "l i"),
    ("numbers", "SIN", "d"),
    ("numbers", "EXP", "d"),
    ("numbers", "LOG10", "d"),
    ("numbers", "ROUND", "m 2"),
    ("comparison", "=", "l l"),
    ("comparison", "=", "w w"),
    ("comparison", "LIKE", "s '%color=red%'"),
    ("comparison", "IN", "w 'word1' 'word7' 'word9'"),
    ("strings", "UPPER", "w"),
    ("strings", "SUBSTRING", "s 9 12"),
    ("strings", "CONCAT", "w '-' w"),
    ("strings", "REPLACE", "s 'red' 'blue'"),
    ("strings", "SPLIT_INDEX", "s '/' 2"),
    ("strings", "REGEXP_EXTRACT", "s 'size=([0-9]+)' 1"),
    ("strings", "REGEXP_REPLACE", "s '[0-9]+' '#'"),
    ("strings", "PARSE_URL", "s 'HOST'"),
    ("strings", "PRINTF", "'%5d %s' i w"),
    ("times", "EXTRACT", "'HOUR' t"),
    ("times", "FLOOR", "t 'HOUR'"),
    ("times", "TIMESTAMPADD", "'DAY' i t"),
    ("times", "TIMESTAMPDIFF", "'MINUTE' t t"),
    ("times", "DATE_FORMAT", "t 'yyyy-MM-dd HH:mm'"),
    ("times", "DATE_FORMAT", "z 'yyyy-MM-dd HH:mm'"),
    ("conditions", "COALESCE", "l i"),
    ("conditions", "IF", "b l l"),
    ("conditions", "GREATEST", "l i"),
    ("json", "JSON_VALUE", "j '$.at.x'"),
    ("json", "JSON_EXISTS", "j '$.tags[1]'"),
    ("json", "JSON_QUERY", "j '$.tags'"),
    ("hashes", "MD5", "s"),
    ("hashes", "SHA256", "s"),
    ("arrays", "CARDINALITY", "a"),
    ("arrays", "ARRAY_CONTAINS", "a 3"),
    ("arrays", "ARRAY_DISTINCT", "a"),
    ("arrays", "ARRAY_SORT", "a"),
    ("arrays", "ARRAY_JOIN", "ws ','"),
    ("ml", "ML_STANDARD_SCALER", "d 100 20"),
    ("ml", "ML_NGRAMS", "ws 2"),
    ("ml", "ML_RECURSIVE_TEXT_SPLITTER", "s 16 4"),
];

/// Casts of columns.
const CASTS: &[(&str, T)] = &[
    ("l", T::STRING),
    ("d", T::STRING),
    ("n", T::Double),
    ("n", T::Decimal { precision: 18, scale: 4 }),
    ("t", T::STRING),
    ("z", T::Timestamp { precision: 3 }),
    ("m", T::BigInt),
];

/// `(function, column)`
const AGGREGATES: &[(&str, &str)] = &[
    ("COUNT", "l"),
    ("SUM", "l"),
    ("SUM", "m"),
    ("AVG", "d"),
    ("MIN", "l"),
    ("MAX", "w"),
    ("LAST_VALUE", "w"),
    ("STDDEV_SAMP", "d"),
    ("VAR_POP", "m"),
    ("LISTAGG", "w"),
    ("COLLECT", "i"),
];

/// Runs `work`, which handles a batch, until the time is up; prints a line.
fn measure(family: &str, label: &str, mut work: impl FnMut() -> Any<()>) -> Any<()> {
    work()?;
    let mut failed = None;
    let allocated = allocation_counter::measure(|| failed = work().err());
    if let Some(error) = failed {
        return Err(error);
    }
    let (start, mut batches) = (Instant::now(), 0_u32);
    while start.elapsed() < LEAST {
        work()?;
        batches += 1;
    }
    let rate = f64::from(batches) * BATCH as f64 / start.elapsed().as_secs_f64() / 1e6;
    println!("{family}\t{label}\t{rate:.2}\t{:.3}", allocated.count_total as f64 / BATCH as f64);
    Ok(())
}

fn scalar(columns: &Columns, family: &str, label: &str, expr: &Expr) -> Any<()> {
    let evaluator = Evaluator::compile(expr, &EvaluatorOptions::default())?;
    let context = EvaluationContext::streaming(0);
    measure(family, label, || {
        black_box(evaluator.evaluate_columns(&columns.arrays, BATCH, &context)?);
        Ok(())
    })
}

/// Updates of 256 groups; with `retracts` every second batch takes back what the one before added.
fn accumulate(columns: &Columns, name: &str, column: &str, retracts: bool, distinct: bool) -> Any<()> {
    let (array, data_type) = columns.array(column).ok_or("an unknown column")?;
    let function = aggregate::lookup(name).ok_or("an unknown aggregate function")?;
    let inferred = function.infer(&[Argument { data_type, literal: None }])?;
    let expr = Expr::cast(Expr::input(0, data_type.clone()), inferred.arg_types[0].clone(), CastFailure::Error);
    let arg = Evaluator::compile(&expr, &EvaluatorOptions::default())?;
    let arg = arg.evaluate_columns(std::slice::from_ref(array), BATCH, &EvaluationContext::streaming(0))?;
    let options = AggregateOptions {
        arg_types: &inferred.arg_types,
        literals: &[],
        distinct,
        result: &inferred.result,
        input_retracts: retracts,
    };
    let mut accumulator = function.create(&options)?;
    accumulator.resize(GROUPS);
    let slots: Vec<u32> = (0..BATCH).map(|row| (row * 37 % GROUPS) as u32).collect();
    let all: Vec<u32> = (0..GROUPS as u32).collect();
    let (adds, takes, mut turn) = (vec![0_u8; BATCH], vec![3_u8; BATCH], 0_usize);
    let no_filter: Option<&BooleanArray> = None;
    let label = format!(
        "{name}({}{data_type}){}",
        if distinct { "DISTINCT " } else { "" },
        if retracts { " retracting" } else { "" }
    );
    measure("aggregates", &label, || {
        let kinds = retracts.then_some(if turn % 2 == 0 { adds.as_slice() } else { takes.as_slice() });
        turn += 1;
        accumulator.update(&slots, kinds, std::slice::from_ref(&arg), no_filter)?;
        if !retracts && turn % 8 == 0 {
            accumulator.clear(&all);
        }
        Ok(())
    })
}

fn main() -> Any<()> {
    let wanted = std::env::args().nth(1);
    let wants = |family: &str| wanted.as_deref().is_none_or(|wanted| wanted == family);
    let columns = Columns::new()?;
    println!("family\twhat\tmillion rows/s\tallocations/row");
    for (family, name, args) in CALLS.iter().filter(|(family, _, _)| wants(family)) {
        let parts = split(args);
        let exprs = parts.iter().map(|arg| columns.arg(arg)).collect::<Any<Vec<_>>>()?;
        let expr = match *name {
            "JSON_VALUE" => {
                let mut exprs = exprs.into_iter();
                let (input, path) = (exprs.next().ok_or("no input")?, exprs.next().ok_or("no path")?);
                let missing = || resolve::json::OnMissing::Null;
                resolve::json::value(input, path, None, missing(), missing())?
            }
            "JSON_QUERY" => {
                let mut exprs = exprs.into_iter();
                let (input, path) = (exprs.next().ok_or("no input")?, exprs.next().ok_or("no path")?);
                resolve::json::query(input, path, None, "WITHOUT", "NULL", "NULL")?
            }
            _ => resolve::call(name, exprs)?,
        };
        scalar(&columns, family, &format!("{name}({})", parts.join(", ")), &expr)?;
    }
    for (column, target) in CASTS.iter().filter(|_| wants("casts")) {
        let expr = resolve::cast(columns.arg(column)?, &target.clone().nullable(), CastFailure::Null)?;
        let from = columns.array(column).ok_or("an unknown column")?.1;
        scalar(&columns, "casts", &format!("CAST({from} AS {target})"), &expr)?;
    }
    for (name, column) in AGGREGATES.iter().filter(|_| wants("aggregates")) {
        accumulate(&columns, name, column, false, false)?;
        accumulate(&columns, name, column, true, false)?;
    }
    if wants("aggregates") {
        accumulate(&columns, "COUNT", "w", false, true)?;
        accumulate(&columns, "COUNT", "w", true, true)?;
    }
    Ok(())
}

/// Words, of which a text in quotes is one.
fn split(text: &str) -> Vec<String> {
    let (mut words, mut quoted) = (vec![String::new()], false);
    for sign in text.chars() {
        quoted ^= sign == '\'';
        match (sign, words.last_mut()) {
            (' ', _) if !quoted => words.push(String::new()),
            (_, Some(word)) => word.push(sign),
            (_, None) => {}
        }
    }
    words
}
