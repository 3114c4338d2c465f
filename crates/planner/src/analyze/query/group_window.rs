//! GROUP BY TUMBLE(...), HOP(...), SESSION(...), and the functions that name the window of a group: TUMBLE_START and its
//! kin (decision 15).
//!
//! A window is several keys at once: its start, its end and its time. While the block is analysed these are keys like any
//! other, behind those that are written; [`aggregate`] makes them of what the operator gives.

use nutkin_plan::operators::WindowProperty;
use nutkin_plan::{AggregateCall, Expr, ExprKind, WindowSpec};
use nutkin_sql::ast::{self, ExprKind as Ast, FunctionCall};
use nutkin_sql::{Visitor, walk_expr, walk_function_call};
use nutkin_types::data_type::TypeFamily;
use nutkin_types::{Column, DataType, LogicalType, Schema, TimeAttribute, Value};

use super::grouping::Found;
use super::grouping_sets::Keys;
use crate::analyze::expression::{Context, evaluator_options, expression};
use crate::analyze::places::GROUP_WINDOW;
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::{GroupWindow, Rel, time_of};

/// The window of a grouped query.
#[derive(Debug, Clone)]
pub(crate) struct GroupWindowKey {
    function: &'static Function,
    pub window: WindowSpec,
    /// Over the rows.
    pub time: Expr,
    /// The role of `time`; None where any timestamp will do.
    attribute: Option<TimeAttribute>,
    /// Place of the first of the window's keys.
    first: usize,
}

/// A function of GROUP BY.
#[derive(Debug)]
struct Function {
    name: &'static str,
    /// How many intervals follow the time.
    intervals: usize,
    make: fn(&[i64]) -> Option<WindowSpec>,
}

const FUNCTIONS: &[Function] = &[
    Function {
        name: "TUMBLE",
        intervals: 1,
        make: |lengths| lengths.first().map(|&size| WindowSpec::Tumble { size, offset: 0 }),
    },
    Function {
        name: "HOP",
        intervals: 2,
        make: |lengths| match lengths {
            [slide, size] => Some(WindowSpec::Hop { slide: *slide, size: *size, offset: 0 }),
            _ => None,
        },
    },
    Function { name: "SESSION", intervals: 1, make: |lengths| lengths.first().map(|&gap| WindowSpec::Session { gap }) },
];

/// What the functions after a window's name give, in the order of the window's keys.
const PROPERTIES: [&str; 4] = ["START", "END", "ROWTIME", "PROCTIME"];

fn function_of(call: &FunctionCall) -> Option<(&'static Function, Option<usize>)> {
    let name = call.name.as_simple().filter(|_| call.over.is_none())?.value.to_uppercase();
    let (window, property) = name.split_once('_').map_or((name.as_str(), None), |(window, rest)| (window, Some(rest)));
    let function = FUNCTIONS.iter().find(|function| function.name == window)?;
    match property {
        None => Some((function, None)),
        Some(property) => PROPERTIES.iter().position(|known| *known == property).map(|place| (function, Some(place))),
    }
}

/// GROUPING, GROUPING_ID and GROUP_ID.
pub(super) fn is_grouping(call: &FunctionCall) -> bool {
    let name = call.name.as_simple().filter(|_| call.over.is_none()).map(|name| name.value.to_uppercase());
    name.is_some_and(|name| matches!(name.as_str(), "GROUPING" | "GROUPING_ID" | "GROUP_ID"))
}

/// What is wrong with a window function where there is no such window, as Flink says it.
pub(crate) fn misplaced(call: &FunctionCall) -> Option<PlannerError> {
    let (function, property) = function_of(call)?;
    let name = call.name.last().to_uppercase();
    let cause = match property {
        None => format!("Group function '${name}' can only appear in GROUP BY clause"),
        Some(_) => format!(
            "Call to auxiliary group function '{name}' must have matching call to group function '${}' in GROUP BY clause",
            function.name
        ),
    };
    Some(PlannerError::new(ErrorKind::Query, cause))
}

/// True when `expr` speaks of its group anywhere outside of sub-queries: of its window or of its grouping set.
pub(super) fn names_group(expr: &ast::Expr) -> bool {
    let mut search = Search { found: false };
    search.expr(expr);
    search.found
}

struct Search {
    found: bool,
}

impl Visitor for Search {
    fn expr(&mut self, expr: &ast::Expr) {
        if !self.found {
            walk_expr(self, expr);
        }
    }

    fn function_call(&mut self, call: &FunctionCall) {
        self.found |= function_of(call).is_some_and(|(_, property)| property.is_some()) || is_grouping(call);
        if !self.found {
            walk_function_call(self, call);
        }
    }

    fn query(&mut self, _query: &ast::Query) {}
}

impl GroupWindowKey {
    /// The window that an element of GROUP BY stands for.
    pub fn of(context: &Context<'_>, element: &ast::Expr) -> Result<Option<GroupWindowKey>> {
        let Ast::Function(call) = &element.kind else { return Ok(None) };
        let Some((function, None)) = function_of(call) else { return Ok(None) };
        if !context.analyzer.session.flink_extensions {
            return Ok(None);
        }
        let (window, time) = read(context, call, function).map_err(|error| error.at(element.span))?;
        Ok(Some(GroupWindowKey { function, window, time, attribute: None, first: 0 }))
    }

    /// The window's keys, which stand from place `first` on.
    pub fn keys(&mut self, first: usize) -> Vec<Expr> {
        self.first = first;
        let types = [bound(), bound(), self.time.data_type.with_nullable(false), proctime_type()];
        types.into_iter().enumerate().map(|(i, data_type)| Expr::input(GROUP_WINDOW + i, data_type)).collect()
    }

    /// Learns from the rows what their time is.
    pub fn settle(&mut self, rel: &Rel) {
        self.attribute = match self.time.kind {
            ExprKind::Input(column) => rel.column(column).and_then(|column| column.time_attribute),
            _ => time_of(&self.time),
        };
    }

    /// The key that a call such as TUMBLE_END stands for.
    pub fn property(&self, rows: &Context<'_>, call: &FunctionCall, keys: &Keys) -> Result<Option<Expr>> {
        let Some((function, Some(property))) = function_of(call) else { return Ok(None) };
        let written = read(rows, call, function)?;
        if function.name != self.function.name || written != (self.window, self.time.clone()) {
            return Err(misplaced(call).unwrap_or_else(|| supported(function)));
        }
        match (PROPERTIES[property], self.attribute) {
            ("ROWTIME", Some(TimeAttribute::Proctime)) => {
                let cause = "A proctime window cannot provide a rowtime attribute.";
                return Err(PlannerError::new(ErrorKind::Query, cause));
            }
            ("PROCTIME", None) => {
                let cause = "PROCTIME window property is not supported in batch queries.";
                return Err(PlannerError::new(ErrorKind::Query, cause));
            }
            _ => {}
        }
        let place = self.first + property;
        Ok(keys.exprs.get(place).map(|key| Expr::input(place, key.data_type.clone())))
    }
}

/// The window and the time of a call.
fn read(context: &Context<'_>, call: &FunctionCall, function: &Function) -> Result<(WindowSpec, Expr)> {
    let written: Option<Vec<&ast::Expr>> = call.args.iter().map(ast::FunctionArg::as_expr).collect();
    let written = written.ok_or_else(|| supported(function))?;
    let Some((time, intervals)) = written.split_first() else { return Err(supported(function)) };
    if intervals.len() > function.intervals {
        let cause = format!("{} window with alignment is not supported yet.", function.name);
        return Err(PlannerError::new(ErrorKind::NotBuilt, cause));
    }
    let time = expression(context, time)?;
    if !matches!(time.data_type.logical, LogicalType::Timestamp { .. } | LogicalType::TimestampLtz { .. }) {
        let cause = format!(
            "Window aggregate can only be defined over a time attribute column, but {} encountered.",
            time.data_type
        );
        return Err(PlannerError::new(ErrorKind::Query, cause));
    }
    let options = evaluator_options(&context.analyzer.session.time_zone);
    let mut lengths = Vec::with_capacity(intervals.len());
    for interval in intervals {
        let value = expression(context, interval)?;
        match nutkin_functions::evaluate_constant(&value, &options) {
            Ok(Some(Value::Integer(millis)))
                if value.data_type.family() == TypeFamily::IntervalDayTime && millis > 0 =>
            {
                lengths.push(millis);
            }
            _ => {
                let cause = "Only constant window intervals with millisecond resolution are supported.";
                return Err(PlannerError::new(ErrorKind::Query, cause).at(interval.span));
            }
        }
    }
    let window = (function.make)(&lengths).filter(|_| lengths.len() == function.intervals);
    window.map(|window| (window, time)).ok_or_else(|| supported(function))
}

fn supported(function: &Function) -> PlannerError {
    let intervals = ", <DATETIME_INTERVAL>".repeat(function.intervals);
    let cause = format!("Supported form(s): '${}(<DATETIME>{intervals})'", function.name);
    PlannerError::new(ErrorKind::Type, cause)
}

/// TIMESTAMP(3) NOT NULL.
fn bound() -> DataType {
    LogicalType::Timestamp { precision: 3 }.not_null()
}

fn proctime_type() -> DataType {
    LogicalType::TimestampLtz { precision: 3 }.not_null()
}

/// The rows of which `time` is known.
pub(super) fn with_time(rel: Rel, time: Expr) -> Result<Rel> {
    if !time.data_type.nullable {
        return Ok(rel);
    }
    let known = nutkin_functions::resolve::call("IS NOT NULL", vec![time])
        .map_err(|error| PlannerError::new(ErrorKind::Type, error.to_string()))?;
    Ok(rel.filter(known))
}

/// `rel` grouped by `keys` and their window; output: keys, the window's among them, then calls.
pub(super) fn aggregate(
    rel: Rel,
    keys: &Keys,
    window: &GroupWindowKey,
    names: Vec<String>,
    found: Found,
    any_time: bool,
) -> Result<Rel> {
    let rel = if any_time { with_time(rel, window.time.clone())? } else { rel };
    let (count, own) = (window.first, PROPERTIES.len());
    let Found { arguments, mut calls } = found;
    // The window's keys are not below the aggregation.
    let place = |column: &mut usize| *column -= if *column >= count { own } else { 0 };
    calls.iter_mut().flat_map(|call| call.args.iter_mut().chain(call.filter.as_mut())).for_each(place);
    let time_column = count + arguments.len();
    let below: Vec<Expr> =
        keys.exprs.iter().take(count).cloned().chain(arguments).chain([window.time.clone()]).collect();
    let labels = names.iter().take(count).cloned().chain((count..=time_column).map(|i| format!("$f{i}"))).collect();
    let input = rel.project(below, labels);
    let is_proctime = window.attribute == Some(TimeAttribute::Proctime);
    let mut properties = vec![WindowProperty::Start, WindowProperty::End];
    properties.extend((!is_proctime).then_some(WindowProperty::Time));
    let schema = output(&input, count, &calls, window, &properties);
    let first = count + calls.len();
    let columns: Vec<Expr> =
        schema.columns.iter().enumerate().map(|(i, column)| Expr::input(i, column.data_type.clone())).collect();
    let now = Expr::call("PROCTIME", Vec::new(), proctime_type());
    let time = columns.get(first + 2).cloned().unwrap_or_else(|| now.clone());
    let of_window = [columns[first].clone(), columns[first + 1].clone(), time, now];
    let projection = columns[..count].iter().cloned().chain(of_window).chain(columns[count..first].iter().cloned());
    let projection: Vec<Expr> = projection.collect();
    let labels = names.into_iter().chain(calls.iter().map(|call| call.name.clone())).collect();
    let operator = GroupWindow {
        input: Box::new(input),
        grouping: (0..count).collect(),
        calls,
        window: window.window,
        time_column,
        properties,
    };
    Ok(Rel::new(operator, schema).project(projection, labels))
}

fn output(
    input: &Rel,
    count: usize,
    calls: &[AggregateCall],
    window: &GroupWindowKey,
    properties: &[WindowProperty],
) -> Schema {
    let keys = input.schema.columns.iter().take(count).map(|c| Column::new(c.name.clone(), c.data_type.clone()));
    let calls = calls.iter().map(|call| Column::new(call.name.clone(), call.data_type.clone()));
    let of_window = properties.iter().map(|property| match property {
        WindowProperty::Start => Column::new("w$start", bound()),
        WindowProperty::End => Column::new("w$end", bound()),
        WindowProperty::Time => Column {
            time_attribute: window.attribute,
            ..Column::new("w$rowtime", window.time.data_type.with_nullable(false))
        },
    });
    Schema::new(keys.chain(calls).chain(of_window))
}
