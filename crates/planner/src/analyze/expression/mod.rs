//! Typed expressions: one file per family of syntax, one line per form in [`expression`].
//!
//! The result is a [`nutkin_plan::Expr`] whose implicit casts are written out. Typing of calls is the function room's
//! business ([`nutkin_functions::resolve`]); this module brings special syntax into the form of calls, resolves names, and
//! words errors as Flink does.

use nutkin_plan::{Expr, ExprKind};
use nutkin_sql::ast;
use nutkin_sql::ast::ExprKind as Ast;
use nutkin_types::{DataType, LogicalType, Value};

use super::Analyzer;
use super::places::OUTER;
use super::query::grouping::Grouping;
use super::query::match_recognize::PatternNames;
use super::query::over::Overs;
use super::query::subquery::{self, Subqueries};
use super::scope::Scope;
use crate::error::{ErrorKind, PlannerError, Result};

pub(crate) mod aggregate_calls;
mod call;
mod case;
mod collection;
mod comparison;
mod interval;
pub(crate) mod json;
mod literal;
mod operator;
mod quantified;
mod refused;
mod temporal;
mod text;
pub(crate) mod types;
mod untyped_null;

pub(crate) use call::is_special as is_special_function;
pub(crate) use literal::{constant, evaluator_options, whole_number as literal_number};

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub analyzer: &'a Analyzer<'a>,
    pub scope: &'a Scope,
    /// The clause's name, for errors: `WHERE`, `SELECT`.
    pub clause: &'static str,
    /// Set where the rows are groups: columns must be grouping keys, aggregate functions may be called.
    pub grouping: Option<&'a Grouping<'a>>,
    /// Takes the sub-queries of the clause; None where there can be none.
    pub subqueries: Option<&'a Subqueries>,
    /// Takes the aggregates over OVER windows; None where there can be none.
    pub overs: Option<&'a Overs>,
    /// Set in the clauses of MATCH_RECOGNIZE: names are of rows that were matched.
    pub pattern: Option<&'a PatternNames<'a>>,
    /// The select list where its names count before columns: QUALIFY.
    pub aliases: &'a [ast::SelectItem],
}

impl<'a> Context<'a> {
    pub fn new(analyzer: &'a Analyzer<'a>, scope: &'a Scope, clause: &'static str) -> Context<'a> {
        Context { analyzer, scope, clause, grouping: None, subqueries: None, overs: None, pattern: None, aliases: &[] }
    }

    /// The call of a built-in function on typed arguments.
    pub fn call(&self, name: &str, args: Vec<Expr>) -> Result<Expr> {
        untyped_null::check(name, &args)?;
        nutkin_functions::resolve::call(name, args)
            .map_err(|error| PlannerError::new(kind_of(&error), error.to_string()))
    }
}

fn kind_of(error: &nutkin_functions::SignatureError) -> ErrorKind {
    match error {
        nutkin_functions::SignatureError::UnknownFunction { .. } => ErrorKind::NotFound,
        _ => ErrorKind::Type,
    }
}

/// The typed form of `ast`.
pub(crate) fn expression(context: &Context<'_>, ast: &ast::Expr) -> Result<Expr> {
    if let Some(aliased) = aliased(context, ast) {
        return expression(&Context { aliases: &[], ..*context }, aliased);
    }
    // An alias may stand for an aggregate: the parts are looked at one by one.
    let whole = context.aliases.is_empty() || matches!(ast.kind, Ast::Function(_));
    if let Some(grouping) = context.grouping.filter(|_| whole)
        && let Some(found) = grouping.rewrite(ast).map_err(|error| error.at(ast.span))?
    {
        return Ok(found);
    }
    if let Some(pattern) = context.pattern
        && let Some(found) = pattern.rewrite(context, ast).map_err(|error| error.at(ast.span))?
    {
        return Ok(found);
    }
    analyze(context, ast).map_err(|error| error.at(ast.span))
}

/// The expression that a name of the select list stands for.
fn aliased<'a>(context: &Context<'a>, ast: &ast::Expr) -> Option<&'a ast::Expr> {
    let Ast::Name(name) = &ast.kind else { return None };
    let name = name.as_simple()?;
    context.aliases.iter().find_map(|item| match item {
        ast::SelectItem::Expr { expr, alias: Some(alias) } if alias.value == name.value => Some(expr),
        _ => None,
    })
}

/// A word such as USER that is no function here, and may be a column.
pub(crate) fn bare_column(call: &ast::FunctionCall) -> Option<&ast::ObjectName> {
    let name = call.name.as_simple().filter(|_| call.bare && call.args.is_empty() && call.over.is_none())?;
    (nutkin_functions::registry::lookup(&name.value).is_none() && !call::is_special(&name.value)).then_some(&call.name)
}

fn analyze(context: &Context<'_>, ast: &ast::Expr) -> Result<Expr> {
    match &ast.kind {
        Ast::Literal(literal) => literal::literal(context, literal),
        Ast::Name(name) => match context.grouping {
            Some(grouping) if !context.aliases.is_empty() => match grouping.rewrite(ast)? {
                Some(found) => Ok(found),
                None => grouping.ungrouped(name),
            },
            Some(grouping) => grouping.ungrouped(name),
            None => column(context, name),
        },
        Ast::Exists(query) => subquery::exists(context, query),
        Ast::InSubquery { operand, query, negated } => {
            negate(context, subquery::in_query(context, operand, query)?, *negated)
        }
        Ast::Subquery(query) => subquery::scalar(context, query),
        Ast::Quantified { left, op, quantifier, right } => {
            quantified::quantified(context, left, *op, *quantifier, right)
        }
        Ast::Field { operand, field: name } => collection::field(context, operand, name),
        Ast::Unary { op, operand } => operator::unary(context, *op, operand),
        Ast::Binary { left, op, right } => operator::binary(context, left, *op, right),
        Ast::Is { operand, test, negated } => comparison::is(context, operand, *test, *negated),
        Ast::IsDistinctFrom { left, right, negated } => comparison::is_distinct(context, left, right, *negated),
        Ast::Between { operand, low, high, symmetric, negated } => {
            comparison::between(context, operand, (low, high), *symmetric, *negated)
        }
        Ast::InList { operand, list, negated } => comparison::in_list(context, operand, list, *negated),
        Ast::Like { operand, kind, pattern, escape, negated } => {
            text::like(context, operand, *kind, pattern, escape.as_deref(), *negated)
        }
        Ast::Case { operand, branches, else_result } => {
            case::case(context, operand.as_deref(), branches, else_result.as_deref())
        }
        Ast::Cast { operand, data_type, try_cast } => operator::cast(context, operand, data_type, *try_cast),
        Ast::Function(function) => match bare_column(function) {
            Some(name) => expression(context, &ast::Expr::new(Ast::Name(name.clone()), ast.span)),
            None => call::function(context, function),
        },
        Ast::Json(function) => json::json(context, function),
        Ast::Extract { unit, operand } => temporal::extract(context, *unit, operand),
        Ast::FloorCeilTo { ceil, operand, unit } => temporal::floor_ceil(context, *ceil, operand, *unit),
        Ast::TimestampAdd { unit, count, timestamp } => temporal::add(context, *unit, count, timestamp),
        Ast::TimestampDiff { unit, start, end } => temporal::diff(context, *unit, start, end),
        Ast::IntervalOf { value, qualifier } => interval::interval_of(context, value, *qualifier),
        Ast::Trim { side, characters, operand } => text::trim(context, *side, characters.as_deref(), operand),
        Ast::Position { needle, haystack, from } => text::position(context, needle, haystack, from.as_deref()),
        Ast::Row { fields, .. } => collection::row(context, fields),
        Ast::Array(items) => collection::array(context, items),
        Ast::Map(entries) => collection::map(context, entries),
        Ast::Element { operand, index } => collection::element(context, operand, index),
        other => Err(refused::refused(other)),
    }
}

/// A column of the relation at hand, or of a query around this one.
fn column(context: &Context<'_>, name: &ast::ObjectName) -> Result<Expr> {
    let error = match context.scope.resolve(name) {
        Ok(found) => return Ok(found),
        Err(error) => error,
    };
    if error.kind != ErrorKind::NotFound || error.cause.ends_with("is ambiguous") {
        return Err(error);
    }
    for (depth, scope) in context.analyzer.outer.iter().rev().enumerate() {
        if let Ok(mut found) = scope.resolve(name) {
            found.map_inputs(&|column| column + OUTER * (depth + 1));
            return Ok(found);
        }
    }
    Err(error)
}

/// As [`expression`], of type BOOLEAN.
pub(crate) fn condition(context: &Context<'_>, ast: &ast::Expr) -> Result<Expr> {
    let found = expression(context, ast)?;
    match found.data_type.logical {
        LogicalType::Boolean => Ok(found),
        LogicalType::Null => Ok(Expr::literal(Value::Null, LogicalType::Boolean.nullable())),
        _ => {
            let cause = format!("{} clause must be a condition, but is of type {}", context.clause, found.data_type);
            Err(PlannerError::new(ErrorKind::Type, cause).at(ast.span))
        }
    }
}

/// A text literal as the keyword argument of a call.
pub(crate) fn keyword(word: &str) -> Expr {
    let data_type = LogicalType::Char { length: u32::try_from(word.len()).unwrap_or(1) }.not_null();
    Expr::literal(Value::String(word.to_owned()), data_type)
}

/// `NOT expr` where `negated`.
pub(crate) fn negate(context: &Context<'_>, expr: Expr, negated: bool) -> Result<Expr> {
    if negated { context.call("NOT", vec![expr]) } else { Ok(expr) }
}

/// A NULL of the wanted type.
pub(crate) fn null_of(data_type: &DataType) -> Expr {
    Expr::literal(Value::Null, data_type.with_nullable(true))
}

/// `expr` as `data_type` when its logical type differs; nullability stays its own.
pub(crate) fn implicit_cast(expr: Expr, data_type: &DataType) -> Expr {
    if expr.data_type.logical == data_type.logical {
        return expr;
    }
    if matches!(expr.kind, ExprKind::Literal(Value::Null)) {
        return null_of(data_type);
    }
    let target = data_type.with_nullable(expr.data_type.nullable);
    Expr::cast(expr, target, nutkin_plan::CastFailure::Error)
}
