//! Aggregates over OVER windows (spec Q-05).
//!
//! While the select list is analysed each leaves a placeholder ([`OVER`]); then the relation gets the columns that
//! windows and arguments need, and one operator for each different window.

use std::cell::RefCell;

use nutkin_functions::{EvaluatorOptions, aggregate, evaluate_constant, resolve};
use nutkin_plan::operators::{Frame, FrameUnit, SortKey};
use nutkin_plan::{AggregateCall, Expr, ExprKind};
use nutkin_sql::ast::{self, ArgValue, FunctionCall, NamedWindow, Over as Written, SetQuantifier, WindowSpec};
use nutkin_types::{Column, DataType, LogicalType, Schema, Value};

use super::{order_by, over_frame};
use crate::analyze::expression::{Context, condition, evaluator_options, expression, implicit_cast, null_of};
use crate::analyze::places::{OVER, fill};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::{Over, Rel, identity};

/// The windows of a query block.
#[derive(Default)]
pub(crate) struct Overs {
    named: Vec<NamedWindow>,
    found: RefCell<Vec<Found>>,
}

/// One aggregate with its window, over the rows of the block.
#[derive(Clone, PartialEq)]
struct Found {
    window: Window,
    function: String,
    args: Vec<Expr>,
    literals: Vec<Value>,
    distinct: bool,
    filter: Option<Expr>,
    data_type: DataType,
}

#[derive(Clone, PartialEq)]
struct Window {
    partition: Vec<Expr>,
    /// The key's column is without meaning here.
    order: Vec<(Expr, SortKey)>,
    frame: Frame,
}

/// Functions that only exist over windows, and their result types; None for that of the first argument.
const RANKING: &[(&str, Option<LogicalType>)] = &[
    ("ROW_NUMBER", Some(LogicalType::BigInt)),
    ("RANK", Some(LogicalType::BigInt)),
    ("DENSE_RANK", Some(LogicalType::BigInt)),
    ("NTILE", Some(LogicalType::BigInt)),
    ("PERCENT_RANK", Some(LogicalType::Double)),
    ("CUME_DIST", Some(LogicalType::Double)),
    ("LAG", None),
    ("LEAD", None),
];

impl Overs {
    pub fn new(named: &[NamedWindow]) -> Overs {
        Overs { named: named.to_vec(), found: RefCell::default() }
    }

    /// The placeholder of a call with OVER.
    pub fn call(&self, context: &Context<'_>, call: &FunctionCall, over: &Written) -> Result<Expr> {
        let spec = self.spec(over)?;
        let name = call.name.last().to_uppercase();
        let within = Context { overs: None, clause: "OVER", ..*context };
        let partition = spec.partition_by.iter().map(|e| expression(&within, e)).collect::<Result<Vec<_>>>()?;
        let mut order = Vec::with_capacity(spec.order_by.len());
        for item in &spec.order_by {
            order.push((expression(&within, &item.expr)?, order_by::key(item, 0)));
        }
        let mut args = Vec::with_capacity(call.args.len());
        for arg in &call.args {
            match &arg.value {
                ArgValue::Expr(value) if arg.name.is_none() => args.push(expression(&within, value)?),
                ArgValue::Wildcard if name == "COUNT" => {}
                _ => {
                    return Err(
                        PlannerError::new(ErrorKind::Type, format!("Function {name} takes values only")).at(arg.span)
                    );
                }
            }
        }
        let filter = call.filter.as_ref().map(|written| condition(&within, written)).transpose()?;
        let ranking = RANKING.iter().find(|(known, _)| *known == name);
        let frame = match (ranking, &spec.frame) {
            (Some(_), None) => over_frame::up_to_current(FrameUnit::Rows),
            (Some(_), Some(_)) => {
                let cause = "ROW/RANGE not allowed with RANK, DENSE_RANK, ROW_NUMBER, PERCENTILE_CONT/DISC or LAG/LEAD functions";
                return Err(PlannerError::new(ErrorKind::Query, cause).at(spec.span));
            }
            (None, frame) => over_frame::frame(&within, frame.as_ref(), &order)?,
        };
        if ranking.is_some() && order.is_empty() && name != "ROW_NUMBER" {
            return Err(PlannerError::new(
                ErrorKind::Query,
                "RANK or DENSE_RANK functions require ORDER BY clause in window specification",
            )
            .at(call.span));
        }
        let options = evaluator_options(&context.analyzer.session.time_zone);
        let distinct = call.quantifier == Some(SetQuantifier::Distinct);
        let found = typed(&name, ranking, args, distinct, filter, &options)?;
        over_frame::check_whole(&found.function, distinct, &frame).map_err(|error| error.at(spec.span))?;
        let found = Found { window: Window { partition, order, frame }, ..found };
        let data_type = found.data_type.clone();
        let mut all = self.found.borrow_mut();
        let number = all.iter().position(|known| *known == found).unwrap_or(all.len());
        if number == all.len() {
            all.push(found);
        }
        Ok(Expr::input(OVER + number, data_type))
    }

    /// The window that is written, or named in the WINDOW clause, or refines a named one.
    fn spec(&self, over: &Written) -> Result<WindowSpec> {
        let named = |name: &ast::Ident| {
            let found = self.named.iter().find(|window| window.name.value == name.value);
            found.map(|window| window.spec.clone()).ok_or_else(|| {
                PlannerError::new(ErrorKind::NotFound, format!("Window '{}' not found", name.value)).at(name.span)
            })
        };
        let mut spec = match over {
            Written::Name(name) => named(name)?,
            Written::Spec(spec) => spec.clone(),
        };
        while let Some(base) = spec.base.take() {
            let base = named(&base)?;
            if spec.partition_by.is_empty() {
                spec.partition_by = base.partition_by;
            }
            if spec.order_by.is_empty() {
                spec.order_by = base.order_by;
            }
            spec.frame = spec.frame.or(base.frame);
            spec.base = base.base;
        }
        Ok(spec)
    }

    /// `rel` with a column per aggregate; the placeholders in `exprs` are replaced. `any_order`: whether the windows can be
    /// computed is left to the plan, which may do without them.
    pub fn finish<'e>(self, rel: Rel, exprs: impl IntoIterator<Item = &'e mut Expr>, any_order: bool) -> Result<Rel> {
        let found = self.found.into_inner();
        if found.is_empty() {
            return Ok(rel);
        }
        let mut columns = Columns { exprs: identity(&rel.schema), width: rel.schema.len() };
        let mut windows: Vec<(&Window, Vec<usize>)> = Vec::new();
        for (number, one) in found.iter().enumerate() {
            match windows.iter_mut().find(|(known, _)| *known == &one.window) {
                Some((_, numbers)) => numbers.push(number),
                None => windows.push((&one.window, vec![number])),
            }
        }
        let windows: Vec<(Window, Vec<usize>)> =
            windows.into_iter().map(|(window, numbers)| (window.clone(), numbers)).collect();
        if windows.len() > 1 && !any_order {
            return Err(PlannerError::new(
                ErrorKind::Query,
                "Over Agg: Unsupported use of OVER windows. All aggregates must be computed on the same window. please re-check the over window statement.",
            ));
        }
        let specs: Vec<_> =
            windows.into_iter().map(|(window, numbers)| columns.window(window, &numbers, &found)).collect();
        let mut rel = columns.project(rel);
        let mut values = vec![null_of(&LogicalType::Null.nullable()); found.len()];
        for (mut over, numbers) in specs {
            if !any_order {
                over_frame::check_streaming(&over, &rel)?;
            }
            let first = rel.schema.len();
            let added = over.calls.iter().map(|call| Column::new(call.name.clone(), call.data_type.clone()));
            let schema = Schema::new(rel.schema.columns.iter().cloned().chain(added));
            for (place, number) in numbers.into_iter().enumerate() {
                values[number] = Expr::input(first + place, found[number].data_type.clone());
            }
            over.input = Box::new(rel);
            rel = Rel::new(over, schema);
        }
        exprs.into_iter().for_each(|expr| fill(expr, OVER, &values));
        Ok(rel)
    }
}

/// The columns of the relation and those that windows need beside them.
struct Columns {
    exprs: Vec<Expr>,
    width: usize,
}

impl Columns {
    fn place(&mut self, expr: Expr) -> usize {
        self.exprs.iter().position(|known| *known == expr).unwrap_or_else(|| {
            self.exprs.push(expr);
            self.exprs.len() - 1
        })
    }

    fn window(&mut self, window: Window, numbers: &[usize], found: &[Found]) -> (Over, Vec<usize>) {
        let partition = window.partition.into_iter().map(|expr| self.place(expr)).collect();
        let order = window.order.into_iter().map(|(expr, key)| SortKey { column: self.place(expr), ..key }).collect();
        let calls =
            numbers.iter().filter_map(|&number| found.get(number)).enumerate().map(|(place, one)| AggregateCall {
                name: format!("w0$o{place}"),
                function: one.function.clone(),
                args: one.args.iter().map(|arg| self.place(arg.clone())).collect(),
                literals: one.literals.clone(),
                distinct: one.distinct,
                filter: one.filter.clone().map(|filter| self.place(filter)),
                data_type: one.data_type.clone(),
            });
        let calls = calls.collect();
        (
            Over { input: Box::new(Rel::one_row()), partition, order, frame: window.frame, calls, at_end: false },
            numbers.to_vec(),
        )
    }

    fn project(self, rel: Rel) -> Rel {
        if self.exprs.len() == self.width {
            return rel;
        }
        let names = rel.schema.columns.iter().map(|column| column.name.clone());
        let names = names.chain((self.width..self.exprs.len()).map(|i| format!("$w{i}"))).collect();
        rel.project(self.exprs, names)
    }
}

/// The call with types; its window is still to come.
fn typed(
    name: &str,
    ranking: Option<&(&str, Option<LogicalType>)>,
    mut args: Vec<Expr>,
    distinct: bool,
    filter: Option<Expr>,
    options: &EvaluatorOptions,
) -> Result<Found> {
    let (function, data_type) = match ranking {
        Some((name, Some(result))) => ((*name).to_owned(), result.clone().not_null()),
        Some((name, None)) => ((*name).to_owned(), offset_type(name, &mut args)?),
        None => {
            if aggregate::lookup_over(name).is_some() {
                args.iter_mut().for_each(|arg| fold(arg, options));
            }
            let (function, inferred) = resolve::over(name, &resolve::arguments(&args))
                .map_err(|error| PlannerError::new(ErrorKind::Type, error.to_string()))?;
            for (arg, wanted) in args.iter_mut().zip(&inferred.arg_types) {
                *arg = implicit_cast(arg.clone(), wanted);
            }
            let data_type = match function.name {
                "COUNT" | "APPROX_COUNT_DISTINCT" => inferred.result,
                _ => inferred.result.with_nullable(true),
            };
            (function.name.to_owned(), data_type)
        }
    };
    let literals = match ranking {
        Some(("NTILE", _)) => std::mem::take(&mut args).into_iter().filter_map(literal).collect(),
        _ => super::grouping::trailing_constants(&mut args),
    };
    let frame = over_frame::up_to_current(FrameUnit::Rows);
    let window = Window { partition: Vec::new(), order: Vec::new(), frame };
    Ok(Found { window, function, args, literals, distinct, filter, data_type })
}

/// A constant as a literal, such as the settings of a forecast.
fn fold(arg: &mut Expr, options: &EvaluatorOptions) {
    if let Ok(Some(value)) = evaluate_constant(arg, options) {
        *arg = Expr::literal(value, arg.data_type.clone());
    }
}

fn literal(expr: Expr) -> Option<Value> {
    match expr.kind {
        ExprKind::Literal(value) => Some(value),
        _ => None,
    }
}

/// LAG and LEAD: the value's type, nullable unless a default is not.
fn offset_type(name: &str, args: &mut [Expr]) -> Result<DataType> {
    let Some(value) = args.first().cloned() else {
        return Err(PlannerError::new(ErrorKind::Type, format!("{name} needs a value")));
    };
    let default_nullable = args.get(2).is_none_or(|default| default.data_type.nullable);
    if let Some(default) = args.get_mut(2) {
        *default = implicit_cast(default.clone(), &value.data_type);
    }
    Ok(value.data_type.with_nullable(value.data_type.nullable || default_nullable))
}
