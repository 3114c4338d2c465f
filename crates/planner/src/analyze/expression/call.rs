//! Calls of functions by name.

use nutkin_functions::{SignatureError, registry, resolve, waiting};
use nutkin_plan::Expr;
use nutkin_sql::ast::{ArgValue, FunctionCall};
use nutkin_types::{LogicalType, Value};

use super::operator::type_name;
use super::{Context, aggregate_calls, expression, untyped_null};
use crate::analyze::Analyzer;
use crate::analyze::query::group_window;
use crate::error::{ErrorKind, PlannerError, Result};
use crate::tables::{resolve_catalog, resolve_database};

/// Names that mean something else than a function of the registry, with what is said about them (decision 15, D-24).
const REFUSED: &[(&str, &str)] = &[
    (
        "PROCTIME",
        "Processing time is not supported. Use event time: the column $rowtime, or a column with a WATERMARK.",
    ),
    (
        "CURRENT_PROCTIME",
        "Processing time is not supported. Use event time: the column $rowtime, or a column with a WATERMARK.",
    ),
];

const GROUP_WINDOWS: &str = "Group windows are not supported. Use a window table function: SELECT window_start, window_end, ... \
     FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR($rowtime), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end.";

pub(super) fn function(context: &Context<'_>, call: &FunctionCall) -> Result<Expr> {
    let Some(name) = call.name.as_simple().map(|name| name.value.as_str()) else {
        return Err(PlannerError::not_built("A function with a catalog or database name"));
    };
    let upper = name.to_uppercase();
    if let Some(remedy) = waiting::remedy(name) {
        return Err(PlannerError::not_built(format!("Function {upper}")).with_remedy(remedy));
    }
    if let Some(over) = &call.over {
        let Some(overs) = context.overs else {
            let cause = format!("Windowed aggregate expression is illegal in {} clause", context.clause);
            return Err(PlannerError::new(ErrorKind::Query, cause));
        };
        return overs.call(context, call, over);
    }
    if upper == "PROCTIME" && context.analyzer.session.flink_extensions && call.args.is_empty() {
        return Ok(Expr::call("PROCTIME", Vec::new(), LogicalType::TimestampLtz { precision: 3 }.not_null()));
    }
    let refused = |remedy| {
        PlannerError::new(ErrorKind::Refused, format!("Function {upper} is not supported here")).with_remedy(remedy)
    };
    if let Some(misplaced) = group_window::misplaced(call) {
        let allowed = context.analyzer.session.flink_extensions;
        return Err(if allowed { misplaced } else { refused(GROUP_WINDOWS) });
    }
    if upper == "CURRENT_DATABASE" && call.args.is_empty() {
        return current_database(context);
    }
    if let Some((_, remedy)) = REFUSED.iter().find(|(refused, _)| *refused == upper) {
        return Err(refused(remedy));
    }
    if upper == "SOURCE_WATERMARK" {
        return Err(PlannerError::new(ErrorKind::Query, "SOURCE_WATERMARK() can only be the strategy of a WATERMARK"));
    }
    if aggregate_calls::is_aggregate(call) {
        return Err(PlannerError::new(
            ErrorKind::Query,
            format!("Aggregate expression is illegal in {} clause", context.clause),
        ));
    }
    if nutkin_functions::aggregate::lookup_over(name).is_some() {
        return Err(PlannerError::new(ErrorKind::Query, format!("OVER clause is necessary for {upper}"))
            .with_remedy(format!("{upper}(...) OVER (PARTITION BY key ORDER BY time) gives a value for each row.")));
    }
    refuse_clauses(call, &upper)?;
    let mut args = Vec::with_capacity(call.args.len());
    for arg in &call.args {
        match &arg.value {
            ArgValue::Expr(_) if arg.name.is_some() => {
                return Err(PlannerError::not_built("A named argument of a scalar function").at(arg.span));
            }
            ArgValue::Expr(value) => {
                let typed = expression(context, value)?;
                untyped_null::check(&upper, [&typed]).map_err(|error| error.at(value.span))?;
                args.push(typed);
            }
            ArgValue::Wildcard | ArgValue::Table(_) | ArgValue::Model(_) => {
                return Err(
                    PlannerError::new(ErrorKind::Type, format!("Function {upper} takes values only")).at(arg.span)
                );
            }
        }
    }
    if upper == "NULLIF" {
        untyped_null::check_null_if(&args)?;
    }
    let described = signature(&upper, &args);
    let found = resolve::call(name, args).map_err(|error| match error {
        SignatureError::UnknownFunction { .. } => {
            PlannerError::new(ErrorKind::NotFound, format!("No match found for function signature {described}"))
                .with_remedy("SHOW FUNCTIONS lists the functions that are built in.")
        }
        error => PlannerError::new(ErrorKind::Type, format!("Invalid function call: {described}"))
            .with_remedy(error.to_string()),
    })?;
    debug_assert!(registry::lookup(name).is_some());
    untyped_null::check_value(found)
}

/// True for words that are functions without being in the registry.
pub(crate) fn is_special(name: &str) -> bool {
    let upper = name.to_uppercase();
    upper == "CURRENT_DATABASE" || REFUSED.iter().any(|(refused, _)| *refused == upper)
}

/// The name of the session's database: a constant of the statement.
fn current_database(context: &Context<'_>) -> Result<Expr> {
    let Analyzer { session, tables, .. } = context.analyzer;
    let catalog = resolve_catalog(None, session, *tables)?;
    let database = resolve_database(&catalog, None, session, *tables)?;
    Ok(Expr::literal(Value::String(database), LogicalType::STRING.not_null()))
}

/// Clauses that only aggregate functions take.
fn refuse_clauses(call: &FunctionCall, name: &str) -> Result<()> {
    let clause = if call.quantifier.is_some() {
        "DISTINCT or ALL"
    } else if call.filter.is_some() {
        "FILTER"
    } else if !call.within_group.is_empty() {
        "WITHIN GROUP"
    } else if !call.order_by.is_empty() {
        "ORDER BY"
    } else if call.nulls.is_some() {
        "IGNORE NULLS or RESPECT NULLS"
    } else {
        return Ok(());
    };
    Err(PlannerError::new(ErrorKind::Query, format!("{clause} is not allowed in a call of {name}"))
        .with_remedy("Only aggregate functions take it."))
}

/// `NAME(<TYPE>, <TYPE>)`
fn signature(name: &str, args: &[Expr]) -> String {
    let types: Vec<String> = args.iter().map(|arg| format!("<{}>", type_name(&arg.data_type.logical))).collect();
    format!("{name}({})", types.join(", "))
}
