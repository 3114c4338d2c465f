//! Window table functions in FROM: TUMBLE, HOP and CUMULATE (spec Q-03).

use nutkin_plan::{ExprKind, WindowSpec};
use nutkin_sql::ast::{ArgValue, ExprKind as Ast, FunctionArg, FunctionCall, TableArgInput};
use nutkin_types::data_type::TypeFamily;
use nutkin_types::{Column, LogicalType, Schema, TimeAttribute, Value};

use super::{group_window, nested, table};
use crate::analyze::Analyzer;
use crate::analyze::expression::{Context, expression};
use crate::analyze::scope::{Relation, Scope, ScopeColumn};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::{Rel, WindowFunction};

/// A window function: its parameters in order (after DATA and TIMECOL), and how they make windows.
struct Definition {
    name: &'static str,
    /// Names for arguments written `name => value`; the last is optional.
    parameters: &'static [&'static str],
    make: fn(&[i64], i64) -> Result<WindowSpec>,
}

const DEFINITIONS: &[Definition] = &[
    Definition { name: "TUMBLE", parameters: &["SIZE", "OFFSET"], make: tumble },
    Definition { name: "HOP", parameters: &["SLIDE", "SIZE", "OFFSET"], make: hop },
    Definition { name: "CUMULATE", parameters: &["STEP", "SIZE", "OFFSET"], make: cumulate },
    Definition { name: "SESSION", parameters: &["GAP", "OFFSET"], make: session },
];

/// Whether the name is one of a window function, in any case.
pub(crate) fn is_window_function(name: &str) -> bool {
    DEFINITIONS.iter().any(|definition| definition.name.eq_ignore_ascii_case(name))
}

pub(super) fn window_function(analyzer: &Analyzer<'_>, call: &FunctionCall, lateral: bool) -> Result<Relation> {
    let name = call.name.last().to_uppercase();
    let definition = DEFINITIONS.iter().find(|d| d.name == name && call.name.as_simple().is_some());
    let Some(definition) = definition.filter(|_| !lateral) else {
        let what = format!("The table function {name}");
        return Err(PlannerError::not_built(what).at(call.span));
    };
    build(analyzer, call, definition).map_err(|error| error.at(call.span))
}

fn build(analyzer: &Analyzer<'_>, call: &FunctionCall, definition: &Definition) -> Result<Relation> {
    let args = arguments(call, definition)?;
    let [Some(data), Some(time), sizes @ ..] = args.as_slice() else { return Err(signature(definition)) };
    let (relation, partition) = data_argument(analyzer, data, definition)?;
    let any_time = analyzer.session.is_batch();
    if any_time && definition.name == "SESSION" {
        let cause = "Session Window TableFunction is not supported in batch mode.";
        return Err(PlannerError::new(ErrorKind::Query, cause));
    }
    let time_column = time_argument(&relation, time, definition, any_time)?;
    let relation = if any_time { with_time(relation, time_column)? } else { relation };
    let (offset, sizes) = sizes.split_last().ok_or_else(|| signature(definition))?;
    let mut lengths = Vec::with_capacity(sizes.len());
    for size in sizes {
        let length = interval(analyzer, size.ok_or_else(|| signature(definition))?, definition)?;
        if length <= 0 {
            let cause = format!("{} table function requires sizes and steps greater than zero", definition.name);
            return Err(PlannerError::new(ErrorKind::Query, cause));
        }
        lengths.push(length);
    }
    let offset = offset.map_or(Ok(0), |offset| interval(analyzer, offset, definition))?;
    Ok(windowed(relation, (definition.make)(&lengths, offset)?, time_column, partition))
}

/// The rows that have a time: of a stream all must, of a batch the others are in no window.
fn with_time(relation: Relation, time_column: usize) -> Result<Relation> {
    let time = relation.scope.input(time_column);
    Ok(Relation { rel: group_window::with_time(relation.rel, time)?, scope: relation.scope })
}

/// DATA, TIMECOL and the parameters in order, by position or by name.
fn arguments<'a>(call: &'a FunctionCall, definition: &Definition) -> Result<Vec<Option<&'a FunctionArg>>> {
    let mut found: Vec<Option<&FunctionArg>> = vec![None; 2 + definition.parameters.len()];
    for (place, arg) in call.args.iter().enumerate() {
        let place = match &arg.name {
            None => place,
            Some(name) => {
                let names = ["DATA", "TIMECOL"].iter().chain(definition.parameters);
                names.clone().position(|known| known.eq_ignore_ascii_case(&name.value)).ok_or_else(|| {
                    let cause = format!("{} table function has no parameter '{}'", definition.name, name.value);
                    let list: Vec<&str> = names.copied().collect();
                    PlannerError::new(ErrorKind::Query, cause)
                        .at(name.span)
                        .with_remedy(format!("Its parameters are {}.", list.join(", ")))
                })?
            }
        };
        *found.get_mut(place).ok_or_else(|| signature(definition))? = Some(arg);
    }
    Ok(found)
}

/// The rows, and the columns that sessions are kept apart by.
fn data_argument(
    analyzer: &Analyzer<'_>,
    arg: &FunctionArg,
    definition: &Definition,
) -> Result<(Relation, Vec<usize>)> {
    let input = match &arg.value {
        ArgValue::Table(input) => input,
        ArgValue::Expr(nutkin_sql::ast::Expr { kind: Ast::Subquery(written), .. }) => {
            return Ok((nested(analyzer, written)?, Vec::new()));
        }
        _ => return Err(signature(definition).at(arg.span)),
    };
    let is_session = definition.name == "SESSION";
    if (!input.partition_by.is_empty() && !is_session) || !input.order_by.is_empty() {
        return Err(
            PlannerError::not_built(format!("PARTITION BY or ORDER BY of {}'s table", definition.name)).at(input.span)
        );
    }
    let relation = match &input.input {
        TableArgInput::Table(name) => table::named(analyzer, name, &[])?,
        TableArgInput::Query(written) => nested(analyzer, written)?,
    };
    let mut partition = Vec::with_capacity(input.partition_by.len());
    for written in &input.partition_by {
        match expression(&Context::new(analyzer, &relation.scope, "PARTITION BY"), written)?.kind {
            ExprKind::Input(column) => partition.push(column),
            _ => {
                return Err(PlannerError::not_built("PARTITION BY an expression in a window function").at(written.span));
            }
        }
    }
    Ok((relation, partition))
}

/// The column that DESCRIPTOR names: event time, or with `any_time` any timestamp.
fn time_argument(relation: &Relation, arg: &FunctionArg, definition: &Definition, any_time: bool) -> Result<usize> {
    let columns = match &arg.value {
        ArgValue::Expr(nutkin_sql::ast::Expr { kind: Ast::Descriptor(columns), .. }) => columns,
        _ => return Err(signature(definition).at(arg.span)),
    };
    let [column] = columns.as_slice() else { return Err(signature(definition).at(arg.span)) };
    let name = nutkin_sql::ast::ObjectName { parts: vec![column.clone()], span: column.span };
    let found = relation.scope.resolve(&name)?;
    let time = match found.kind {
        ExprKind::Input(index) => relation.rel.column(index).and_then(|c| c.time_attribute).map(|time| (index, time)),
        _ => None,
    };
    if let ExprKind::Input(index) = found.kind
        && any_time
        && let LogicalType::Timestamp { precision } | LogicalType::TimestampLtz { precision } = found.data_type.logical
    {
        return match precision {
            0..=3 => Ok(index),
            _ => Err(PlannerError::not_built("A window over a timestamp of more than milliseconds").at(column.span)),
        };
    }
    match time {
        Some((index, TimeAttribute::Rowtime)) => Ok(index),
        Some((_, TimeAttribute::Proctime)) => {
            Err(PlannerError::not_built("A window over processing time").at(column.span))
        }
        None => {
            let cause = format!(
                "The window function {} requires the timecol is a time attribute type, but is {}.",
                usage(definition),
                found.data_type
            );
            Err(PlannerError::new(ErrorKind::Query, cause).at(column.span).with_remedy(
                "Use $rowtime, or a column with a WATERMARK; an expression over a time attribute is an ordinary timestamp.",
            ))
        }
    }
}

/// Milliseconds of a constant day-time interval.
fn interval(analyzer: &Analyzer<'_>, arg: &FunctionArg, definition: &Definition) -> Result<i64> {
    let scope = Scope::default();
    let written = arg.as_expr().ok_or_else(|| signature(definition).at(arg.span))?;
    let value = expression(&Context::new(analyzer, &scope, "window function"), written)?;
    let options = crate::analyze::expression::evaluator_options(&analyzer.session.time_zone);
    match nutkin_functions::evaluate_constant(&value, &options) {
        Ok(Some(Value::Integer(millis))) if value.data_type.family() == TypeFamily::IntervalDayTime => Ok(millis),
        _ => Err(PlannerError::new(
            ErrorKind::Query,
            format!("The window function {} requires constant day-time intervals", usage(definition)),
        )
        .at(arg.span)),
    }
}

/// The relation with the three window columns; system columns stay hidden.
fn windowed(relation: Relation, window: WindowSpec, time_column: usize, partition: Vec<usize>) -> Relation {
    let Relation { rel, scope } = relation;
    let bound = LogicalType::Timestamp { precision: 3 }.not_null();
    let time_type = rel.schema.columns[time_column].data_type.with_nullable(false);
    let mut columns: Vec<Column> = rel.schema.columns.to_vec();
    // The window's time takes over: a row in several windows has one event time per window.
    columns[time_column].time_attribute = None;
    columns.push(Column::new("window_start", bound.clone()));
    columns.push(Column::new("window_end", bound));
    columns.push(Column::rowtime("window_time", time_type));
    let hidden: Vec<bool> = scope.columns.iter().map(|column| column.hidden).chain([false; 3]).collect();
    let schema = Schema::new(columns);
    let mut scope = Scope::of(None, None, &schema, &[]);
    for (column, hidden) in scope.columns.iter_mut().zip(hidden) {
        *column = ScopeColumn { hidden, ..column.clone() };
    }
    Relation { rel: Rel::new(WindowFunction { input: Box::new(rel), window, time_column, partition }, schema), scope }
}

fn session(lengths: &[i64], offset: i64) -> Result<WindowSpec> {
    match (lengths, offset) {
        ([gap], 0) => Ok(WindowSpec::Session { gap: *gap }),
        _ => Err(PlannerError::new(ErrorKind::Query, "SESSION table function takes a gap, and no offset")),
    }
}

fn tumble(lengths: &[i64], offset: i64) -> Result<WindowSpec> {
    match lengths {
        [size] => Ok(WindowSpec::Tumble { size: *size, offset }),
        _ => Err(PlannerError::new(ErrorKind::Internal, "TUMBLE with another number of sizes")),
    }
}

fn hop(lengths: &[i64], offset: i64) -> Result<WindowSpec> {
    match lengths {
        [slide, size] => Ok(WindowSpec::Hop { slide: *slide, size: *size, offset }),
        _ => Err(PlannerError::new(ErrorKind::Internal, "HOP with another number of sizes")),
    }
}

fn cumulate(lengths: &[i64], offset: i64) -> Result<WindowSpec> {
    match lengths {
        [step, max] if max % step == 0 => Ok(WindowSpec::Cumulate { step: *step, max: *max, offset }),
        [step, max] => Err(PlannerError::new(
            ErrorKind::Query,
            format!(
                "CUMULATE table function based aggregate requires maxSize must be an integral multiple of step, but got maxSize {max} ms and step {step} ms"
            ),
        )),
        _ => Err(PlannerError::new(ErrorKind::Internal, "CUMULATE with another number of sizes")),
    }
}

fn usage(definition: &Definition) -> String {
    let intervals = vec!["datetime interval"; definition.parameters.len() - 1].join(", ");
    format!("{}(TABLE table_name, DESCRIPTOR(timecol), {intervals}[, datetime interval])", definition.name)
}

fn signature(definition: &Definition) -> PlannerError {
    PlannerError::new(ErrorKind::Query, format!("Supported form(s): {}", usage(definition)))
}
