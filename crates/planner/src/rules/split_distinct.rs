//! `table.optimizer.distinct-agg.split.enabled`: an aggregation with DISTINCT is made in two steps, as Flink splits it.
//!
//! A group with very many values is the work of one task. So values are first aggregated by the keys and a bucket of the
//! value, many tasks to a group, and what comes of the buckets is put together. Values of MIN and MAX have buckets,
//! too. Where calls have values of their own, each row goes once into the buckets of each value (an Expand).

use nutkin_functions::resolve;
use nutkin_plan::operators::{WindowInput, WindowProperty};
use nutkin_plan::{AggregateCall, Expr, WindowSpec};
use nutkin_types::{Column, DataType, LogicalType, Schema, Value};

use super::bottom_up;
use crate::relational::{Aggregate, AggregateStep, Expand, Rel, RelOp, WindowAggregate, identity};

mod calls;

use calls::Steps;

/// Splits into `buckets` per group.
pub(super) fn split_distinct(rel: Rel, buckets: u32) -> Rel {
    bottom_up(rel, &|rel| {
        let split = match &rel.op {
            RelOp::Aggregate(op) => regular(op, &rel.schema, buckets),
            RelOp::WindowAggregate(op) => windowed(op, &rel.schema, buckets),
            _ => None,
        };
        split.unwrap_or(rel)
    })
}

fn regular(op: &Aggregate, schema: &Schema, buckets: u32) -> Option<Rel> {
    if op.at_end {
        return None;
    }
    let steps = Steps::new(&op.calls, &op.input.schema)?;
    let spread = Spread::new(&op.input, &op.grouping, &op.calls, buckets)?;
    let keys = op.grouping.len();
    let first_call = keys + spread.buckets.len();
    let grouping: Vec<usize> = op.grouping.iter().copied().chain(spread.buckets.iter().copied()).collect();
    let calls = steps.partial(|call| spread.filter(call));
    let columns = grouping.iter().map(|&key| plain(&spread.rel.schema.columns[key])).chain(calls.iter().map(result));
    let columns: Vec<Column> = columns.collect();
    let partial =
        Aggregate { input: Box::new(spread.rel), grouping, calls, step: AggregateStep::Buckets, ..op.clone() };
    let partial = Rel::new(partial, Schema::new(columns));
    let calls = steps.merging(first_call);
    let columns = schema.columns.iter().take(keys).cloned().chain(calls.iter().map(result)).collect::<Vec<_>>();
    let merging = Aggregate {
        input: Box::new(partial),
        grouping: (0..keys).collect(),
        calls,
        step: AggregateStep::Merging,
        ..op.clone()
    };
    steps.finish(Rel::new(merging, Schema::new(columns)), keys, schema)
}

/// The buckets are windows of their own; what comes of them is aggregated over the windows that it carries.
fn windowed(op: &WindowAggregate, schema: &Schema, buckets: u32) -> Option<Rel> {
    let (WindowInput::Assign { window, .. } | WindowInput::Attached { window, .. }) = op.window;
    if matches!(window, WindowSpec::Session { .. }) {
        return None;
    }
    let is_instant =
        crate::relational::window_properties::window_properties(&Rel::new(op.clone(), schema.clone()))?.is_instant;
    let steps = Steps::new(&op.calls, &op.input.schema)?;
    let spread = Spread::new(&op.input, &op.grouping, &op.calls, buckets)?;
    let keys = op.grouping.len();
    let first_call = keys + spread.buckets.len();
    let grouping: Vec<usize> = op.grouping.iter().copied().chain(spread.buckets.iter().copied()).collect();
    let calls = steps.partial(|call| spread.filter(call));
    let bound = |name: &str| Column::new(name, LogicalType::Timestamp { precision: 3 }.not_null());
    let columns = grouping.iter().map(|&key| plain(&spread.rel.schema.columns[key])).chain(calls.iter().map(result));
    let columns: Vec<Column> = columns.chain([bound("window_start"), bound("window_end")]).collect();
    let end_column = columns.len() - 1;
    let partial = WindowAggregate {
        input: Box::new(spread.rel),
        grouping,
        calls,
        window: op.window.clone(),
        properties: vec![WindowProperty::Start, WindowProperty::End],
    };
    let partial = Rel::new(partial, Schema::new(columns));
    let calls = steps.merging(first_call);
    let bounds = schema.columns.iter().skip(keys + op.calls.len()).cloned();
    let keys_and_calls = schema.columns.iter().take(keys).cloned().chain(calls.iter().map(result));
    let columns: Vec<Column> = keys_and_calls.chain(bounds).collect();
    let merging = WindowAggregate {
        input: Box::new(partial),
        grouping: (0..keys).collect(),
        calls,
        window: WindowInput::Attached { window, start_column: end_column - 1, end_column, is_instant },
        properties: op.properties.clone(),
    };
    steps.finish(Rel::new(merging, Schema::new(columns)), keys, schema)
}

fn plain(column: &Column) -> Column {
    Column { time_attribute: None, ..column.clone() }
}

fn result(call: &AggregateCall) -> Column {
    Column::new(call.name.clone(), call.data_type.clone())
}

/// The rows with the buckets of their values.
struct Spread {
    rel: Rel,
    /// Columns of the buckets.
    buckets: Vec<usize>,
    /// Values that have buckets, in the order of `buckets`.
    values: Vec<usize>,
    /// By call: the column that is TRUE for rows that count. Empty when all rows do.
    filters: Vec<(AggregateCall, usize)>,
}

impl Spread {
    /// None when a value has no bucket, being nested.
    fn new(input: &Rel, grouping: &[usize], calls: &[AggregateCall], buckets: u32) -> Option<Spread> {
        let of = |call: &AggregateCall| calls::has_bucket(call).then(|| call.args.first().copied()).flatten();
        let mut values: Vec<usize> = calls.iter().filter_map(of).filter(|value| !grouping.contains(value)).collect();
        values.sort_unstable();
        values.dedup();
        let width = input.schema.len();
        let mut projection = identity(&input.schema);
        for &value in &values {
            projection.push(bucket(projection[value].clone(), buckets)?);
        }
        let names = input.schema.columns.iter().map(|column| column.name.clone());
        let names = names.chain((width..projection.len()).map(|i| format!("$f{i}"))).collect();
        let rel = match values.is_empty() {
            true => input.clone(),
            false => input.clone().project(projection, names),
        };
        let spread = Spread { rel, buckets: (width..width + values.len()).collect(), values, filters: Vec::new() };
        let mut sets: Vec<usize> = calls.iter().filter(|call| calls::has_bucket(call)).map(|c| spread.set(c)).collect();
        sets.sort_unstable();
        sets.dedup();
        if sets.len() < 2 {
            return Some(spread);
        }
        if calls.iter().any(|call| !calls::has_bucket(call)) {
            sets.push(spread.no_bucket());
            sets.dedup();
        }
        Some(spread.expand(&sets, calls))
    }

    /// The number of the set of buckets that no value has: a bit for each bucket that is missing, the first one's highest.
    fn no_bucket(&self) -> usize {
        (1 << self.values.len()) - 1
    }

    /// The number of the set that the call's rows are in.
    fn set(&self, call: &AggregateCall) -> usize {
        let place = call.args.first().and_then(|value| self.values.iter().position(|other| other == value));
        match place.filter(|_| calls::has_bucket(call)) {
            Some(place) => self.no_bucket() & !(1 << (self.values.len() - 1 - place)),
            None => self.no_bucket(),
        }
    }

    /// Each row once per set, with the set's number, and for each call whether the row counts.
    fn expand(self, sets: &[usize], calls: &[AggregateCall]) -> Spread {
        let schema = &self.rel.schema;
        let id_column = schema.len();
        let number = |value: usize| {
            Expr::literal(Value::Integer(i64::try_from(value).unwrap_or(0)), LogicalType::BigInt.not_null())
        };
        let row = |set: &usize| -> Vec<Expr> {
            let mut row = identity(schema);
            for (place, &column) in self.buckets.iter().enumerate() {
                let nullable = schema.columns[column].data_type.with_nullable(true);
                row[column] = match set & (1 << (self.buckets.len() - 1 - place)) {
                    0 => Expr::input(column, nullable),
                    _ => Expr::literal(Value::Null, nullable),
                };
            }
            row.push(number(*set));
            row
        };
        let projections: Vec<Vec<Expr>> = sets.iter().map(row).collect();
        let mut columns: Vec<Column> = schema.columns.iter().cloned().collect();
        for &column in &self.buckets {
            columns[column].data_type = columns[column].data_type.with_nullable(true);
        }
        columns.push(Column::new("$e", LogicalType::BigInt.not_null()));
        let Spread { rel, buckets, values, .. } = &self;
        let expand = Expand { input: Box::new(rel.clone()), projections, id_column };
        let expanded = Rel::new(expand, Schema::new(columns));
        let mut projection = identity(&expanded.schema);
        let mut names: Vec<String> = expanded.schema.columns.iter().map(|column| column.name.clone()).collect();
        let mut filters = Vec::with_capacity(calls.len());
        for call in calls {
            let set = self.set(call);
            let condition =
                counts(projection[id_column].clone(), number(set), call.filter.map(|f| projection[f].clone()));
            let place = projection.iter().position(|known| *known == condition).unwrap_or_else(|| {
                projection.push(condition);
                names.push(format!("$g_{set}"));
                projection.len() - 1
            });
            filters.push((call.clone(), place));
        }
        let rel = expanded.project(projection, names);
        Spread { rel, buckets: buckets.clone(), values: values.clone(), filters }
    }

    /// The column that says whether a row counts for the call.
    fn filter(&self, call: &AggregateCall) -> Option<usize> {
        let found = self.filters.iter().find(|(other, _)| other == call);
        found.map_or(call.filter, |(_, column)| Some(*column))
    }
}

/// `id = set`, and `filter` if there is one.
fn counts(id: Expr, set: Expr, filter: Option<Expr>) -> Expr {
    let boolean = || -> DataType { LogicalType::Boolean.not_null() };
    let is_set = Expr::call("=", vec![id, set], boolean());
    match filter {
        None => is_set,
        Some(filter) => {
            let data_type = boolean().with_nullable(filter.data_type.nullable);
            Expr::call("AND", vec![is_set, filter], data_type)
        }
    }
}

/// `MOD(HASH_CODE(value), buckets)`.
fn bucket(value: Expr, buckets: u32) -> Option<Expr> {
    let hash = resolve::call("HASH_CODE", vec![value]).ok()?;
    let buckets = Expr::literal(Value::Integer(buckets.into()), LogicalType::Int.not_null());
    resolve::call("MOD", vec![hash, buckets]).ok()
}
