//! [`Grouping`]: expressions over groups.
//!
//! The select list and HAVING of a grouped query are over keys and aggregate calls. An expression without aggregate calls
//! is typed over the rows, then its parts that equal a key are replaced by the key's column; a column left over is the
//! well-known error. Calls are collected while expressions are analysed, equal ones once.

use std::cell::RefCell;

use nutkin_functions::resolve;
use nutkin_plan::{AggregateCall, Expr, ExprKind};
use nutkin_sql::ast::{self, ArgValue, ExprKind as Ast, FunctionCall, NullTreatment, ObjectName, SetQuantifier};
use nutkin_types::{LogicalType, Value};

use super::group_window;
use super::grouping_sets::Keys;
use crate::analyze::expression::aggregate_calls::{has_aggregate, has_over_or_query, is_aggregate};
use crate::analyze::expression::{Context, condition, expression, implicit_cast, json};
use crate::analyze::places::is_elsewhere;
use crate::error::{ErrorKind, PlannerError, Result};

/// The keys of a grouped query and the calls found so far.
pub(crate) struct Grouping<'a> {
    /// Over the rows.
    rows: Context<'a>,
    keys: Keys,
    found: RefCell<Found>,
}

/// What the aggregation must compute.
#[derive(Default)]
pub(crate) struct Found {
    /// Columns below the aggregation, after the keys.
    pub arguments: Vec<Expr>,
    pub calls: Vec<AggregateCall>,
}

impl<'a> Grouping<'a> {
    pub fn new(rows: Context<'a>, keys: Keys) -> Grouping<'a> {
        Grouping { rows, keys, found: RefCell::default() }
    }

    /// Columns and calls, once every expression has been analysed.
    pub(super) fn into_parts(self) -> (Keys, Found) {
        (self.keys, self.found.into_inner())
    }

    /// `ast` over keys and calls, when it is a call or has none inside; None: its parts must be looked at.
    pub fn rewrite(&self, ast: &ast::Expr) -> Result<Option<Expr>> {
        if let Ast::Function(call) = &ast.kind
            && is_aggregate(call)
        {
            return self.call(call).map(Some);
        }
        if let Ast::Json(function) = &ast.kind
            && let Some((name, args)) =
                json::aggregate(&Context { clause: "aggregate function", ..self.rows }, function)?
        {
            return self.typed_call(name, args, false, None).map(Some);
        }
        if let Ast::Function(call) = &ast.kind
            && let Some(found) = self.grouping_function(call)?
        {
            return Ok(Some(found));
        }
        if let Ast::Function(call) = &ast.kind
            && let Some(window) = &self.keys.window
            && let Some(found) = window.property(&self.rows, call, &self.keys)?
        {
            return Ok(Some(found));
        }
        if group_window::names_group(ast) || has_aggregate(ast) || has_over_or_query(ast) {
            return Ok(None);
        }
        let over_rows = expression(&self.rows, ast)?;
        self.over_groups(over_rows).map(Some).map_err(|name| {
            let name = name.unwrap_or_default();
            PlannerError::new(ErrorKind::Query, format!("Expression '{name}' is not being grouped"))
                .with_remedy("Put it into GROUP BY, or into an aggregate function.")
        })
    }

    /// Column `index` of the rows, over groups.
    pub fn column(&self, index: usize) -> Result<Expr> {
        self.over_groups(self.rows.scope.input(index)).map_err(|name| {
            let name = name.unwrap_or_default();
            PlannerError::new(ErrorKind::Query, format!("Expression '{name}' is not being grouped"))
        })
    }

    /// Place among the keys of column `index` of the rows.
    pub fn place(&self, index: usize) -> Result<usize> {
        match self.column(index)?.kind {
            ExprKind::Input(place) => Ok(place),
            _ => Err(PlannerError::not_built("A correlated sub-query over a part of a grouping key")),
        }
    }

    /// GROUPING, GROUPING_ID and GROUP_ID.
    fn grouping_function(&self, call: &FunctionCall) -> Result<Option<Expr>> {
        if !group_window::is_grouping(call) {
            return Ok(None);
        }
        let name = call.name.last().to_uppercase();
        let mut wanted = Vec::with_capacity(call.args.len());
        for arg in &call.args {
            let Some(written) = arg.as_expr() else { return Ok(None) };
            let expr = expression(&self.rows, written)?;
            let key = self.keys.exprs.iter().position(|key| *key == expr).ok_or_else(|| {
                let cause = format!("Argument to {name} operator must be a grouped expression");
                PlannerError::new(ErrorKind::Query, cause).at(written.span)
            })?;
            wanted.push(key);
        }
        Ok(Some(self.keys.grouping(&wanted)))
    }

    /// A name that no part of an expression with aggregate calls accounts for.
    pub fn ungrouped(&self, name: &ObjectName) -> Result<Expr> {
        let text = name.values().collect::<Vec<_>>().join(".");
        Err(PlannerError::new(ErrorKind::Query, format!("Expression '{text}' is not being grouped")).at(name.span))
    }

    /// The expression with its keys replaced, or the name of a column that is none.
    fn over_groups(&self, expr: Expr) -> std::result::Result<Expr, Option<String>> {
        if let Some(key) = self.keys.exprs.iter().position(|key| *key == expr) {
            let nullable = expr.data_type.nullable || self.keys.is_optional(key);
            return Ok(Expr::input(key, expr.data_type.with_nullable(nullable)));
        }
        if let ExprKind::Input(index) = expr.kind {
            if is_elsewhere(index) {
                return Ok(expr);
            }
            return Err(self.rows.scope.columns.get(index).map(|column| column.name.clone()));
        }
        let mut expr = expr;
        for child in expr.children_mut() {
            *child = self.over_groups(child.clone())?;
        }
        Ok(expr)
    }

    fn call(&self, call: &FunctionCall) -> Result<Expr> {
        let name = call.name.last().to_uppercase();
        refuse_clauses(call, &name)?;
        let context = Context { clause: "aggregate function", ..self.rows };
        let mut args = Vec::with_capacity(call.args.len());
        for arg in &call.args {
            match &arg.value {
                ArgValue::Expr(value) if arg.name.is_none() => {
                    if has_aggregate(value) {
                        let cause = "Aggregate expressions cannot be nested";
                        return Err(PlannerError::new(ErrorKind::Query, cause).at(value.span));
                    }
                    args.push(expression(&context, value)?);
                }
                ArgValue::Wildcard if name == "COUNT" && call.args.len() == 1 => {}
                _ => {
                    return Err(
                        PlannerError::new(ErrorKind::Type, format!("Function {name} takes values only")).at(arg.span)
                    );
                }
            }
        }
        let mut filter = match &call.filter {
            None => None,
            Some(written) => Some(condition(&Context { clause: "FILTER", ..self.rows }, written)?),
        };
        if call.nulls == Some(NullTreatment::Ignore)
            && let Some(arg) = args.first()
        {
            filter = Some(context.call("IS NOT NULL", vec![arg.clone()])?);
        }
        self.typed_call(&name, args, call.quantifier == Some(SetQuantifier::Distinct), filter)
    }

    fn typed_call(&self, name: &str, mut args: Vec<Expr>, distinct: bool, filter: Option<Expr>) -> Result<Expr> {
        let (function, inferred) = resolve::aggregate(name, &resolve::arguments(&args))
            .map_err(|error| PlannerError::new(ErrorKind::Type, error.to_string()))?;
        for (arg, wanted) in args.iter_mut().zip(&inferred.arg_types) {
            *arg = implicit_cast(arg.clone(), wanted);
        }
        if function.name == "APPROX_COUNT_DISTINCT" && !self.rows.analyzer.session.is_batch() {
            let cause = "APPROX_COUNT_DISTINCT aggregate function does not support yet for streaming";
            return Err(PlannerError::new(ErrorKind::Refused, cause)
                .with_remedy("Use COUNT(DISTINCT value), which is exact, or a snapshot query."));
        }
        let is_count = function.name == "COUNT";
        // Rows are counted where no value can be NULL: fewer columns to read.
        if is_count && !distinct && args.iter().all(|arg| !arg.data_type.nullable) {
            args.clear();
        }
        if args.len() > 1 && is_count {
            let (cause, remedy) = match distinct {
                true => (
                    "COUNT(DISTINCT ...) takes one value",
                    "Put the values into one text: COUNT(DISTINCT CONCAT_WS('/', a, b)).",
                ),
                false => (
                    "COUNT takes one value",
                    "Count the rows without a NULL: COUNT(*) FILTER (WHERE a IS NOT NULL AND b IS NOT NULL).",
                ),
            };
            return Err(PlannerError::new(ErrorKind::Type, cause).with_remedy(remedy));
        }
        // Doubles change nothing for these.
        let distinct = distinct && !matches!(function.name, "MIN" | "MAX");
        if distinct {
            function
                .check_distinct(&inferred.arg_types)
                .map_err(|error| PlannerError::new(ErrorKind::Type, error.to_string()))?;
        }
        let mut data_type = inferred.result;
        let never_null = is_count || function.name.starts_with("APPROX_") || function.name.starts_with("JSON_");
        if (self.may_be_empty() || filter.is_some()) && !never_null {
            data_type.nullable = true;
        }
        let mut found = self.found.borrow_mut();
        let constants = trailing_constants(&mut args);
        let args = args.into_iter().map(|arg| self.argument(&mut found, arg)).collect();
        let filter = filter.map(|filter| self.argument(&mut found, filter));
        let call = AggregateCall {
            name: String::new(),
            function: function.name.to_owned(),
            args,
            literals: constants,
            distinct,
            filter,
            data_type: data_type.clone(),
        };
        let place =
            match found.calls.iter().position(|known| AggregateCall { name: String::new(), ..known.clone() } == call) {
                Some(place) => place,
                None => {
                    let name = format!("EXPR${}", self.keys.exprs.len() + found.calls.len());
                    found.calls.push(AggregateCall { name, ..call });
                    found.calls.len() - 1
                }
            };
        Ok(Expr::input(self.keys.exprs.len() + place, data_type))
    }

    /// True when a group can have no rows: that of all rows.
    fn may_be_empty(&self) -> bool {
        self.keys.exprs.is_empty() || self.keys.sets.iter().any(Vec::is_empty)
    }

    /// Position of `expr` below the aggregation.
    fn argument(&self, found: &mut Found, expr: Expr) -> usize {
        // A key may be taken out of its group, but an argument is the row's own value.
        if self.keys.sets.is_empty()
            && let Some(key) = self.keys.exprs.iter().position(|key| *key == expr)
        {
            return key;
        }
        let place = found.arguments.iter().position(|known| *known == expr).unwrap_or_else(|| {
            found.arguments.push(expr);
            found.arguments.len() - 1
        });
        self.keys.exprs.len() + place
    }
}

/// Takes the constants after the first argument off the end, such as the separator of LISTAGG.
pub(super) fn trailing_constants(args: &mut Vec<Expr>) -> Vec<Value> {
    let mut constants = Vec::new();
    while args.len() > 1 {
        let Some(Expr { kind: ExprKind::Literal(value), data_type }) = args.last() else { break };
        if data_type.logical == LogicalType::Null {
            break;
        }
        constants.insert(0, value.clone());
        args.pop();
    }
    constants
}

fn refuse_clauses(call: &FunctionCall, name: &str) -> Result<()> {
    let clause = if !call.within_group.is_empty() {
        "WITHIN GROUP"
    } else if !call.order_by.is_empty() {
        "ORDER BY"
    } else if call.nulls.is_some() && name != "ARRAY_AGG" {
        let cause = format!("Cannot specify IGNORE NULLS or RESPECT NULLS following '{name}'");
        return Err(PlannerError::new(ErrorKind::Query, cause).at(call.span));
    } else if call.nulls.is_some() && call.filter.is_some() {
        let cause = format!("FILTER cannot follow IGNORE NULLS or RESPECT NULLS in a call of {name}");
        return Err(PlannerError::new(ErrorKind::Query, cause)
            .at(call.span)
            .with_remedy("Leave NULLs out by the FILTER: FILTER (WHERE ... AND value IS NOT NULL)."));
    } else {
        return Ok(());
    };
    Err(PlannerError::not_built(format!("{clause} in a call of {name}")).at(call.span))
}
