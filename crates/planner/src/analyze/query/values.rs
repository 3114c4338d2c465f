//! VALUES.

use nutkin_plan::Expr;
use nutkin_sql::ast::Values as Written;
use nutkin_types::{Column, DataType, LogicalType, Schema, Value};

use crate::analyze::Analyzer;
use crate::analyze::expression::{Context, constant, evaluator_options, expression, implicit_cast, types};
use crate::analyze::scope::{Relation, Scope};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::{Rel, Union, Values};

pub(super) fn values(analyzer: &Analyzer<'_>, written: &Written) -> Result<Relation> {
    let scope = Scope::default();
    let context = Context::new(analyzer, &scope, "VALUES");
    let mut rows: Vec<Vec<Expr>> = Vec::with_capacity(written.rows.len());
    for row in &written.rows {
        let row_exprs: Vec<Expr> = row.exprs.iter().map(|e| expression(&context, e)).collect::<Result<_>>()?;
        if rows.first().is_some_and(|first| first.len() != row_exprs.len()) {
            let cause = "Values passed to VALUES operator must have compatible types: rows of different lengths";
            return Err(PlannerError::new(ErrorKind::Query, cause).at(row.span));
        }
        rows.push(row_exprs);
    }
    let types = column_types(&rows).map_err(|error| error.at(written.span))?;
    let columns = types.iter().enumerate().map(|(i, t)| Column::new(format!("EXPR${i}"), t.clone()));
    let schema = Schema::new(columns);
    for row in &mut rows {
        for (expr, data_type) in row.iter_mut().zip(&types) {
            *expr = implicit_cast(expr.clone(), data_type);
        }
    }
    let rel = relation(analyzer, rows, schema);
    let scope = Scope::of(None, None, &rel.schema, &[]);
    Ok(Relation { rel, scope })
}

/// Constant rows as they are; with other rows a union of projections of one row each.
fn relation(analyzer: &Analyzer<'_>, rows: Vec<Vec<Expr>>, schema: Schema) -> Rel {
    let options = evaluator_options(&analyzer.session.time_zone);
    let constant: Option<Vec<Vec<Value>>> =
        rows.iter().map(|row| row.iter().map(|expr| constant(expr, &options)).collect()).collect();
    if let Some(rows) = constant {
        return Rel::new(Values { rows }, schema);
    }
    let names: Vec<String> = schema.columns.iter().map(|column| column.name.clone()).collect();
    let mut inputs: Vec<Rel> = rows.into_iter().map(|row| Rel::one_row().project(row, names.clone())).collect();
    match inputs.pop() {
        Some(only) if inputs.is_empty() => only,
        Some(last) => {
            inputs.push(last);
            Rel::new(Union { inputs }, schema)
        }
        None => Rel::new(Values { rows: Vec::new() }, schema),
    }
}

fn column_types(rows: &[Vec<Expr>]) -> Result<Vec<DataType>> {
    let Some((first, rest)) = rows.split_first() else { return Ok(Vec::new()) };
    let mut types: Vec<DataType> = first.iter().map(|expr| expr.data_type.clone()).collect();
    for row in rest {
        for (i, (common, expr)) in types.iter_mut().zip(row).enumerate() {
            *common = types::union_type(common, &expr.data_type).ok_or_else(|| {
                let cause = format!(
                    "Values passed to VALUES operator must have compatible types: column {} is {common} and {}",
                    i + 1,
                    expr.data_type
                );
                PlannerError::new(ErrorKind::Type, cause)
            })?;
        }
    }
    for common in &mut types {
        *common = known(common);
    }
    Ok(types)
}

/// A column of bare NULLs keeps the type NULL: an INSERT gives it the sink's type.
fn known(data_type: &DataType) -> DataType {
    match data_type.logical {
        LogicalType::Null => LogicalType::Null.nullable(),
        _ => data_type.clone(),
    }
}
