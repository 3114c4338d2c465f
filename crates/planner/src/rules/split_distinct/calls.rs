//! [`Steps`]: what a call becomes in the buckets, how that is merged, and how the result is made of it.

use nutkin_functions::resolve;
use nutkin_plan::{AggregateCall, CastFailure, Expr, ExprKind};
use nutkin_types::{DataType, LogicalType, Schema, Value};

use crate::relational::Rel;

/// True when the rows of `call` are spread by its value. MIN and MAX have to keep every value that can be taken back.
pub(super) fn has_bucket(call: &AggregateCall) -> bool {
    call.distinct || matches!(call.function.as_str(), "MIN" | "MAX")
}

/// A call in parts.
struct Parts {
    whole: AggregateCall,
    /// What is computed in the buckets, and the function that merges it.
    parts: Vec<(AggregateCall, &'static str)>,
}

pub(super) struct Steps(Vec<Parts>);

impl Steps {
    /// None when there is nothing to split, or a call cannot be.
    pub fn new(calls: &[AggregateCall], input: &Schema) -> Option<Steps> {
        let is_distinct = calls.iter().any(|call| call.distinct);
        is_distinct.then(|| calls.iter().map(|call| parts(call, input)).collect::<Option<_>>().map(Steps)).flatten()
    }

    /// The calls in the buckets; `filter` says which rows count for a call.
    pub fn partial(&self, filter: impl Fn(&AggregateCall) -> Option<usize>) -> Vec<AggregateCall> {
        let of_call = |parts: &Parts| {
            let filter = filter(&parts.whole);
            let filtered = |(part, _): &(AggregateCall, &'static str)| {
                // A bucket can be without rows of the call.
                let nullable = part.data_type.nullable || (filter.is_some() && !is_never_null(&part.function));
                AggregateCall { filter, data_type: part.data_type.with_nullable(nullable), ..part.clone() }
            };
            parts.parts.iter().map(filtered).collect::<Vec<_>>()
        };
        numbered(self.0.iter().flat_map(of_call).collect(), "$p")
    }

    /// The calls that merge columns `first`, ... of the buckets.
    pub fn merging(&self, first: usize) -> Vec<AggregateCall> {
        let merging = |(place, (part, function)): (usize, &(AggregateCall, &'static str))| AggregateCall {
            function: (*function).to_owned(),
            args: vec![first + place],
            distinct: false,
            filter: None,
            ..part.clone()
        };
        numbered(self.0.iter().flat_map(|parts| &parts.parts).enumerate().map(merging).collect(), "$f")
    }

    /// `merged` (keys, merged calls, then what else there is) as the aggregation's own columns.
    pub fn finish(&self, merged: Rel, keys: usize, schema: &Schema) -> Option<Rel> {
        let column = |place: usize| Expr::input(place, merged.schema.columns[place].data_type.clone());
        let mut projection: Vec<Expr> = (0..keys).map(column).collect();
        let mut next = keys;
        for parts in &self.0 {
            let own: Vec<Expr> = (next..next + parts.parts.len()).map(column).collect();
            next += own.len();
            projection.push(whole(&parts.whole, own)?);
        }
        projection.extend((next..merged.schema.len()).map(column));
        let names = schema.columns.iter().map(|column| column.name.clone()).collect();
        Some(merged.project(projection, names))
    }
}

fn numbered(calls: Vec<AggregateCall>, prefix: &str) -> Vec<AggregateCall> {
    calls.into_iter().enumerate().map(|(i, call)| AggregateCall { name: format!("{prefix}{i}"), ..call }).collect()
}

fn is_never_null(function: &str) -> bool {
    matches!(function, "COUNT" | "$SUM0")
}

/// These functions, of one value, can be made of parts. Flink has FIRST_VALUE, LAST_VALUE and LISTAGG among them, too; what
/// comes of several buckets has no order, so that their results would be left to chance.
fn parts(call: &AggregateCall, input: &Schema) -> Option<Parts> {
    if call.distinct && (call.args.len() != 1 || !call.literals.is_empty()) {
        return None;
    }
    let one = |function: &'static str| vec![(call.clone(), function)];
    let parts = match call.function.as_str() {
        "COUNT" | "$SUM0" => one("$SUM0"),
        "SUM" => one("SUM"),
        "MIN" => one("MIN"),
        "MAX" => one("MAX"),
        "SINGLE_VALUE" => one("SINGLE_VALUE"),
        "AVG" => vec![(of(call, "$SUM0", input)?, "$SUM0"), (of(call, "COUNT", input)?, "$SUM0")],
        _ => return None,
    };
    Some(Parts { whole: call.clone(), parts })
}

/// `function` in the place of the call's own.
fn of(call: &AggregateCall, function: &str, input: &Schema) -> Option<AggregateCall> {
    let args: Option<Vec<Expr>> =
        call.args.iter().map(|&arg| Some(Expr::input(arg, input.columns.get(arg)?.data_type.clone()))).collect();
    let (_, inferred) = resolve::aggregate(function, &resolve::arguments(&args?)).ok()?;
    Some(AggregateCall { function: function.to_owned(), data_type: inferred.result, ..call.clone() })
}

/// The value of `call` out of its merged parts.
fn whole(call: &AggregateCall, mut parts: Vec<Expr>) -> Option<Expr> {
    if call.function != "AVG" {
        let merged = parts.pop()?;
        return Some(Expr { data_type: call.data_type.clone(), ..merged });
    }
    let (count, sum) = (parts.pop()?, parts.pop()?);
    let zero = Expr::literal(Value::Integer(0), LogicalType::BigInt.not_null());
    let is_empty = Expr::call("=", vec![count.clone(), zero], LogicalType::Boolean.not_null());
    let target: DataType = call.data_type.with_nullable(true);
    let average = Expr::cast(resolve::call("/", vec![sum, count]).ok()?, target.clone(), CastFailure::Error);
    let none = Expr::literal(Value::Null, target.clone());
    Some(Expr {
        kind: ExprKind::Case { branches: vec![(is_empty, none)], otherwise: Box::new(average) },
        data_type: call.data_type.clone(),
    })
}
