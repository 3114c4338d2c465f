//! [`Grouping`]: expressions over groups.
//!
//! The select list and HAVING of a grouped query are over keys and aggregate calls. An expression without aggregate calls
//! is typed over the rows, then its parts that equal a key are replaced by the key's column; a column left over is the
//! well-known error. Calls are collected while expressions are analysed, equal ones once.

use std::cell::RefCell;

use nutkin_functions::resolve;
use nutkin_plan::{AggregateCall, Expr, ExprKind};
use nutkin_sql::ast::{self, ArgValue, ExprKind as Ast, FunctionCall, ObjectName, SetQuantifier};
use nutkin_types::{LogicalType, Value};

use crate::analyze::expression::aggregate_calls::{has_aggregate, is_aggregate};
use crate::analyze::expression::{Context, condition, expression, implicit_cast};
use crate::error::{ErrorKind, PlannerError, Result};

/// The keys of a grouped query and the calls found so far.
pub(crate) struct Grouping<'a> {
    /// Over the rows.
    rows: Context<'a>,
    keys: Vec<Expr>,
    found: RefCell<Found>,
}

/// What the aggregation must compute.
#[derive(Default)]
pub(super) struct Found {
    /// Columns below the aggregation, after the keys.
    pub arguments: Vec<Expr>,
    pub calls: Vec<AggregateCall>,
}

impl<'a> Grouping<'a> {
    pub fn new(rows: Context<'a>, keys: Vec<Expr>) -> Grouping<'a> {
        Grouping { rows, keys, found: RefCell::default() }
    }

    /// Columns and calls, once every expression has been analysed.
    pub(super) fn into_parts(self) -> (Vec<Expr>, Found) {
        (self.keys, self.found.into_inner())
    }

    /// `ast` over keys and calls, when it is a call or has none inside; None: its parts must be looked at.
    pub fn rewrite(&self, ast: &ast::Expr) -> Result<Option<Expr>> {
        if let Ast::Function(call) = &ast.kind
            && is_aggregate(call)
        {
            return self.call(call).map(Some);
        }
        if has_aggregate(ast) {
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

    /// A name that no part of an expression with aggregate calls accounts for.
    pub fn ungrouped(&self, name: &ObjectName) -> Result<Expr> {
        let text = name.values().collect::<Vec<_>>().join(".");
        Err(PlannerError::new(ErrorKind::Query, format!("Expression '{text}' is not being grouped")).at(name.span))
    }

    /// The expression with its keys replaced, or the name of a column that is none.
    fn over_groups(&self, expr: Expr) -> std::result::Result<Expr, Option<String>> {
        if let Some(key) = self.keys.iter().position(|key| *key == expr) {
            return Ok(Expr::input(key, expr.data_type));
        }
        if let ExprKind::Input(index) = expr.kind {
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
        let filter = match &call.filter {
            None => None,
            Some(written) => Some(condition(&Context { clause: "FILTER", ..self.rows }, written)?),
        };
        self.typed_call(&name, args, call.quantifier == Some(SetQuantifier::Distinct), filter)
    }

    fn typed_call(&self, name: &str, mut args: Vec<Expr>, distinct: bool, filter: Option<Expr>) -> Result<Expr> {
        let (function, inferred) = resolve::aggregate(name, &resolve::arguments(&args))
            .map_err(|error| PlannerError::new(ErrorKind::Type, error.to_string()))?;
        for (arg, wanted) in args.iter_mut().zip(&inferred.arg_types) {
            *arg = implicit_cast(arg.clone(), wanted);
        }
        let is_count = function.name == "COUNT";
        // Rows are counted where no value can be NULL: fewer columns to read.
        if is_count && !distinct && args.iter().all(|arg| !arg.data_type.nullable) {
            args.clear();
        }
        // Doubles change nothing for these.
        let distinct = distinct && !matches!(function.name, "MIN" | "MAX");
        let mut data_type = inferred.result;
        if (self.keys.is_empty() || filter.is_some()) && !is_count {
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
                    let name = format!("EXPR${}", self.keys.len() + found.calls.len());
                    found.calls.push(AggregateCall { name, ..call });
                    found.calls.len() - 1
                }
            };
        Ok(Expr::input(self.keys.len() + place, data_type))
    }

    /// Position of `expr` below the aggregation.
    fn argument(&self, found: &mut Found, expr: Expr) -> usize {
        if let Some(key) = self.keys.iter().position(|key| *key == expr) {
            return key;
        }
        let place = found.arguments.iter().position(|known| *known == expr).unwrap_or_else(|| {
            found.arguments.push(expr);
            found.arguments.len() - 1
        });
        self.keys.len() + place
    }
}

/// Takes the constants after the first argument off the end, such as the separator of LISTAGG.
fn trailing_constants(args: &mut Vec<Expr>) -> Vec<Value> {
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
    } else if call.nulls.is_some() {
        "IGNORE NULLS or RESPECT NULLS"
    } else {
        return Ok(());
    };
    Err(PlannerError::not_built(format!("{clause} in a call of {name}")).at(call.span))
}
