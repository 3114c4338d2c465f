//! CASE, simple and searched.

use nutkin_plan::{Expr, ExprKind};
use nutkin_sql::ast::{self, CaseBranch};
use nutkin_types::{DataType, LogicalType};

use super::operator::apply;
use super::{Context, condition, expression, implicit_cast, null_of, types};
use crate::error::{ErrorKind, PlannerError, Result};

pub(super) fn case(
    context: &Context<'_>,
    operand: Option<&ast::Expr>,
    branches: &[CaseBranch],
    else_result: Option<&ast::Expr>,
) -> Result<Expr> {
    let operand = operand.map(|operand| expression(context, operand)).transpose()?;
    let mut found = Vec::with_capacity(branches.len());
    for branch in branches {
        found.push((branch_condition(context, operand.as_ref(), branch)?, expression(context, &branch.result)?));
    }
    let otherwise = else_result.map(|result| expression(context, result)).transpose()?;
    let result = result_type(found.iter().map(|(_, then)| then).chain(&otherwise), otherwise.is_none())?;
    let otherwise = match otherwise {
        Some(otherwise) => implicit_cast(otherwise, &result),
        None => null_of(&result),
    };
    let branches = found.into_iter().map(|(when, then)| (when, implicit_cast(then, &result))).collect();
    Ok(Expr { kind: ExprKind::Case { branches, otherwise: Box::new(otherwise) }, data_type: result })
}

fn branch_condition(context: &Context<'_>, operand: Option<&Expr>, branch: &CaseBranch) -> Result<Expr> {
    let mut conditions = Vec::with_capacity(branch.conditions.len());
    for written in &branch.conditions {
        conditions.push(match operand {
            None => condition(context, written)?,
            Some(operand) => apply("=", vec![operand.clone(), expression(context, written)?], false)
                .map_err(|error| error.at(written.span))?,
        });
    }
    match conditions.pop() {
        Some(only) if conditions.is_empty() => Ok(only),
        Some(last) => {
            conditions.push(last);
            context.call("OR", conditions)
        }
        None => Err(PlannerError::new(ErrorKind::Internal, "a branch of CASE without a condition")),
    }
}

fn result_type<'a>(results: impl Iterator<Item = &'a Expr>, nullable: bool) -> Result<DataType> {
    let mut common: Option<DataType> = None;
    for result in results {
        common = Some(match common {
            None => result.data_type.clone(),
            Some(before) => types::union_type(&before, &result.data_type).ok_or_else(|| {
                let cause =
                    format!("Illegal mixing of types in CASE or COALESCE statement: {before} and {}", result.data_type);
                PlannerError::new(ErrorKind::Type, cause).with_remedy("CAST the branches to one type.")
            })?,
        });
    }
    let common = common.filter(|found| found.logical != LogicalType::Null).ok_or_else(|| {
        PlannerError::new(ErrorKind::Type, "ELSE clause or at least one THEN clause must be non-NULL")
    })?;
    Ok(common.with_nullable(common.nullable || nullable))
}
