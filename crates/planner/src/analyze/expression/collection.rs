//! ROW, ARRAY, MAP and element access.

use nutkin_plan::{Expr, ExprKind};
use nutkin_sql::ast;
use nutkin_types::{LogicalType, Value};

use super::{Context, expression};
use crate::analyze::scope;
use crate::error::{ErrorKind, PlannerError, Result};

pub(super) fn row(context: &Context<'_>, items: &[ast::Expr]) -> Result<Expr> {
    context.call("ROW", all(context, items)?)
}

pub(super) fn array(context: &Context<'_>, items: &[ast::Expr]) -> Result<Expr> {
    context.call("ARRAY", all(context, items)?)
}

pub(super) fn map(context: &Context<'_>, entries: &[(ast::Expr, ast::Expr)]) -> Result<Expr> {
    let mut args = Vec::with_capacity(entries.len() * 2);
    for (key, value) in entries {
        args.push(expression(context, key)?);
        args.push(expression(context, value)?);
    }
    context.call("MAP", args)
}

/// `x[i]`: an array from 1, a map by key, a row by literal position from 1.
pub(super) fn element(context: &Context<'_>, operand: &ast::Expr, index: &ast::Expr) -> Result<Expr> {
    let collection = expression(context, operand)?;
    let index = expression(context, index)?;
    let LogicalType::Row { fields } = &collection.data_type.logical else {
        return context.call("ITEM", vec![collection, index]);
    };
    let position = match index.kind {
        ExprKind::Literal(Value::Integer(n)) => usize::try_from(n).ok().and_then(|n| n.checked_sub(1)),
        _ => None,
    };
    let Some((position, field)) = position.and_then(|n| fields.get(n).map(|field| (n, field))) else {
        let cause = format!("Cannot infer type of field at this position of {}", collection.data_type);
        return Err(PlannerError::new(ErrorKind::Type, cause)
            .with_remedy("A row is read by field name, or by a literal position counted from 1."));
    };
    let data_type = field.data_type.with_nullable(field.data_type.nullable || collection.data_type.nullable);
    Ok(Expr { kind: ExprKind::Field { arg: Box::new(collection), index: position }, data_type })
}

/// `(x).name`: of values that are no columns the name is found in any case when none is written like this.
pub(super) fn field(context: &Context<'_>, operand: &ast::Expr, name: &ast::Ident) -> Result<Expr> {
    let value = expression(context, operand)?;
    let fields = value.data_type.logical.fields();
    let known = fields.filter(|fields| !fields.iter().any(|field| field.name == name.value)).and_then(|fields| {
        fields.iter().find(|field| field.name.eq_ignore_ascii_case(&name.value)).map(|field| field.name.clone())
    });
    match known {
        Some(known) => scope::field(value, &ast::Ident { value: known, ..name.clone() }),
        None => scope::field(value, name),
    }
}

fn all(context: &Context<'_>, items: &[ast::Expr]) -> Result<Vec<Expr>> {
    items.iter().map(|item| expression(context, item)).collect()
}
