//! Running the plan of a query of `INFORMATION_SCHEMA`: scans, filters, projections, UNION ALL and LIMIT, each on one batch.

use std::collections::BTreeSet;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_schema::ArrowError;
use nutkin_functions::{EvaluationContext, Evaluator, EvaluatorOptions, TimeZone};
use nutkin_plan::operators::{Calc, ScanColumn, SinkTarget, TableSourceScan};
use nutkin_plan::{CastFailure, Expr, ExprKind, Operator, Plan};
use nutkin_types::arrow::arrow_schema;
use nutkin_types::value::array_of;
use nutkin_types::{LogicalType, Schema, Value};

use super::definition::{Definition, Source};
use super::facts::{Need, Reader};
use super::{find, is_view};
use crate::error::CatalogError;
use crate::result::Row;
use crate::statement::Submission;

/// Refuses what a query of these views cannot have (spec Q-17).
pub(super) fn check(plan: &Plan) -> Result<(), CatalogError> {
    let refused = |what: String| Err(CatalogError::InformationSchema(what));
    if let Some(other) = plan.tables.iter().find(|table| !is_view(table)) {
        return refused(format!("cannot be used together with {}", other.path));
    }
    for node in &plan.nodes {
        match &node.operator {
            Operator::TableSourceScan(scan) if scan.columns.iter().any(|c| !matches!(c, ScanColumn::Physical(_))) => {
                return refused("has no column `$rowtime`".to_owned());
            }
            Operator::Sink(sink) if sink.target != SinkTarget::Collect => {
                return refused("can only be read".to_owned());
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether [`run`] can run the plan.
pub(super) fn is_simple(plan: &Plan) -> bool {
    plan.nodes.iter().all(|node| {
        matches!(
            node.operator,
            Operator::TableSourceScan(_)
                | Operator::Values(_)
                | Operator::Calc(_)
                | Operator::Exchange(_)
                | Operator::Union(_)
                | Operator::Limit(_)
                | Operator::Sink(_)
        )
    })
}

/// The rows that the plan's sink collects, as text.
pub(super) async fn run(submission: &Submission<'_>, plan: &Plan) -> Result<Vec<Row>, CatalogError> {
    let options = EvaluatorOptions { time_zone: TimeZone::parse(&plan.time_zone).unwrap_or_default() };
    let context = EvaluationContext::streaming(now());
    let mut reader = Reader::new(submission);
    let mut batches: Vec<RecordBatch> = Vec::with_capacity(plan.nodes.len());
    for (position, node) in plan.nodes.iter().enumerate() {
        let inputs: Vec<&RecordBatch> = node.inputs.iter().filter_map(|&input| batches.get(input)).collect();
        let batch = match (&node.operator, inputs.first()) {
            (Operator::TableSourceScan(scan), _) => {
                batch_of(&node.schema, &scanned(&mut reader, plan, position, scan).await?)?
            }
            (Operator::Values(values), _) => batch_of(&node.schema, &values.rows)?,
            (Operator::Calc(calc), Some(input)) => calculated(calc, &node.schema, input, &options, &context)?,
            (Operator::Union(_), _) => {
                arrow_select::concat::concat_batches(&arrow_schema(&node.schema), inputs).map_err(inconsistent)?
            }
            (Operator::Limit(limit), Some(input)) => {
                let rows = input.num_rows();
                let from = usize::try_from(limit.offset).unwrap_or(usize::MAX).min(rows);
                let most = usize::try_from(limit.fetch).unwrap_or(usize::MAX);
                input.slice(from, most.min(rows - from))
            }
            (Operator::Sink(_), Some(input)) => return texts(&node.schema, input, &options, &context),
            (_, Some(input)) => (*input).clone(),
            (_, None) => RecordBatch::new_empty(arrow_schema(&node.schema)),
        };
        batches.push(batch);
    }
    Ok(Vec::new())
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The rows that a scan gives, with its columns.
pub(super) async fn scanned(
    reader: &mut Reader<'_>,
    plan: &Plan,
    position: usize,
    scan: &TableSourceScan,
) -> Result<Vec<Vec<Value>>, CatalogError> {
    let table = plan.tables.get(scan.table);
    let Some((table, view)) = table.and_then(|table| Some((table, find(&table.path.name)?))) else {
        return Ok(Vec::new());
    };
    let facts = match view.source {
        Source::Names => reader.names(&table.path.catalog),
        Source::Functions => reader.with_functions(&table.path.catalog).await?,
        Source::Tables { by_name } => {
            let need = need(plan, position, scan, by_name);
            reader.with_tables(&table.path.catalog, &need).await?
        }
    };
    let places = places(view, scan);
    let rows = (view.rows)(&facts).into_iter();
    let picked = rows.map(|row| places.iter().map(|&place| row.get(place).cloned().unwrap_or(Value::Null)).collect());
    Ok(picked.collect())
}

/// Where the scan's columns stand in the view's rows.
fn places(view: &Definition, scan: &TableSourceScan) -> Vec<usize> {
    let place = |column: &ScanColumn| match column {
        ScanColumn::Physical(name) => view.columns.iter().position(|(column, _)| column == name),
        _ => None,
    };
    scan.columns.iter().map(|column| place(column).unwrap_or(usize::MAX)).collect()
}

fn batch_of(schema: &Schema, rows: &[Vec<Value>]) -> Result<RecordBatch, CatalogError> {
    let column = |(index, column): (usize, &nutkin_types::Column)| {
        let values: Vec<&Value> = rows.iter().map(|row| row.get(index).unwrap_or(&Value::Null)).collect();
        array_of(&values, &column.data_type.logical)
    };
    let columns = schema.columns.iter().enumerate().map(column).collect::<Result<Vec<ArrayRef>, _>>();
    batch(schema, columns.map_err(inconsistent)?, rows.len())
}

fn batch(schema: &Schema, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch, CatalogError> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(arrow_schema(schema), columns, &options).map_err(inconsistent)
}

fn calculated(
    calc: &Calc,
    schema: &Schema,
    input: &RecordBatch,
    options: &EvaluatorOptions,
    context: &EvaluationContext,
) -> Result<RecordBatch, CatalogError> {
    let kept = match &calc.condition {
        None => input.clone(),
        Some(condition) => {
            let mask = compile(condition, options)?.evaluate_filter(input, context).map_err(failed)?;
            arrow_select::filter::filter_record_batch(input, &mask).map_err(inconsistent)?
        }
    };
    let columns = calc.projection.iter().map(|expr| compile(expr, options)?.evaluate(&kept, context).map_err(failed));
    batch(schema, columns.collect::<Result<_, CatalogError>>()?, kept.num_rows())
}

fn compile(expr: &Expr, options: &EvaluatorOptions) -> Result<Evaluator, CatalogError> {
    Evaluator::compile(expr, options).map_err(failed)
}

/// Every cell as CAST to STRING prints it.
fn texts(
    schema: &Schema,
    input: &RecordBatch,
    options: &EvaluatorOptions,
    context: &EvaluationContext,
) -> Result<Vec<Row>, CatalogError> {
    let mut rows = vec![Row::with_capacity(schema.len()); input.num_rows()];
    for (index, column) in schema.columns.iter().enumerate() {
        let text = LogicalType::STRING.nullable();
        let cast = Expr::cast(Expr::input(index, column.data_type.clone()), text.clone(), CastFailure::Error);
        let array = compile(&cast, options)?.evaluate(input, context).map_err(failed)?;
        for (place, row) in rows.iter_mut().enumerate() {
            let value = Value::from_array(&array, &text.logical, place).map_err(inconsistent)?;
            row.push(match value {
                Value::String(text) => Some(text),
                _ => None,
            });
        }
    }
    Ok(rows)
}

/// What the filters right above a scan ask for: `TABLE_NAME = 'x'` and the like, joined by AND.
fn need(plan: &Plan, position: usize, scan: &TableSourceScan, by_name: &[&str]) -> Need {
    let names: Vec<Option<&str>> = scan
        .columns
        .iter()
        .map(|column| match column {
            ScanColumn::Physical(name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    // COUNT(*) reads no column, but where no column is known by the name alone, how many rows there are is not either.
    let definitions = by_name.is_empty() || names.iter().any(|name| name.is_none_or(|name| !by_name.contains(&name)));
    let consumers = plan.nodes.iter().filter(|node| node.inputs.contains(&position));
    let conditions: Vec<Option<&Expr>> = consumers
        .map(|node| match &node.operator {
            Operator::Calc(calc) => calc.condition.as_ref(),
            _ => None,
        })
        .collect();
    let asked = |columns: &[&str]| -> Option<BTreeSet<String>> {
        let of_one = |condition: &Option<&Expr>| condition.and_then(|condition| equals(condition, &names, columns));
        let all: Option<Vec<BTreeSet<String>>> = conditions.iter().map(of_one).collect();
        Some(all?.into_iter().flatten().collect())
    };
    Need { databases: asked(&["TABLE_SCHEMA_ID", "TABLE_SCHEMA"]), tables: asked(&["TABLE_NAME"]), definitions }
}

/// The values that one of `columns` must have for `condition` to hold; None when it may have any.
fn equals(condition: &Expr, names: &[Option<&str>], columns: &[&str]) -> Option<BTreeSet<String>> {
    let ExprKind::Call { function, args } = &condition.kind else { return None };
    match (function.as_str(), args.as_slice()) {
        ("AND", parts) => parts.iter().find_map(|part| equals(part, names, columns)),
        ("OR", parts) => {
            let all: Option<Vec<_>> = parts.iter().map(|part| equals(part, names, columns)).collect();
            Some(all?.into_iter().flatten().collect())
        }
        ("=", [left, right]) => {
            let (column, value) = match (column_of(left), literal_of(right)) {
                (Some(column), Some(value)) => (column, value),
                _ => (column_of(right)?, literal_of(left)?),
            };
            let name = names.get(column).copied().flatten()?;
            columns.contains(&name).then(|| BTreeSet::from([value.to_owned()]))
        }
        _ => None,
    }
}

fn column_of(expr: &Expr) -> Option<usize> {
    match &expr.kind {
        ExprKind::Input(index) => Some(*index),
        // Types of strings are made equal by casts that change nothing.
        ExprKind::Cast { arg, .. } if expr.data_type.logical == LogicalType::STRING => column_of(arg),
        _ => None,
    }
}

fn literal_of(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Literal(Value::String(text)) => Some(text.trim_end()),
        ExprKind::Cast { arg, .. } if expr.data_type.logical == LogicalType::STRING => literal_of(arg),
        _ => None,
    }
}

fn inconsistent(error: ArrowError) -> CatalogError {
    CatalogError::InformationSchema(format!("could not be put together ({error})"))
}

fn failed(error: impl std::fmt::Display) -> CatalogError {
    CatalogError::InformationSchema(format!("could not be evaluated ({error})"))
}
