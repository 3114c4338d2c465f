//! SELECT: FROM, WHERE, GROUP BY, HAVING, the select list and DISTINCT.

use nutkin_plan::Expr;
use nutkin_sql::ast::{self, ExprKind as Ast, GroupingElement, Select, SelectItem, SetQuantifier};
use nutkin_types::LogicalType;

use super::grouping::Grouping;
use super::{from, set_operation, state_ttl, unique_names, window_aggregate};
use crate::analyze::Analyzer;
use crate::analyze::expression::aggregate_calls::has_aggregate;
use crate::analyze::expression::{Context, condition, expression};
use crate::analyze::scope::{Relation, Scope};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::Rel;

/// Expressions with their names.
type Items = Vec<(Expr, String)>;

pub(super) fn select(analyzer: &Analyzer<'_>, select: &Select) -> Result<Relation> {
    refuse_clauses(select)?;
    let Relation { mut rel, scope } = match &select.from {
        Some(reference) => from::from(analyzer, reference)?,
        None => Relation { rel: Rel::one_row(), scope: Scope::default() },
    };
    if let Some(selection) = &select.selection {
        rel = rel.filter(condition(&Context::new(analyzer, &scope, "WHERE"), selection)?);
    }
    let grouped = select.group_by.is_some() || select.having.is_some() || select.items.iter().any(item_has_aggregate);
    let ttl = state_ttl::state_ttl(&select.hints, &scope, grouped)?;
    let (rel, items) = if grouped {
        group(analyzer, select, rel, &scope, ttl)?
    } else {
        let context = Context::new(analyzer, &scope, "SELECT");
        let items = items(&context, select, |index| Ok(scope.input(index)))?;
        (rel, items)
    };
    let (projection, names): (Vec<Expr>, Vec<String>) = items.into_iter().unzip();
    let mut rel = rel.project(projection, unique_names(names));
    if select.quantifier == Some(SetQuantifier::Distinct) {
        rel = set_operation::distinct(rel);
    }
    let scope = Scope::of(None, None, &rel.schema, &[]);
    Ok(Relation { rel, scope })
}

fn refuse_clauses(select: &Select) -> Result<()> {
    if let Some(window) = select.windows.first() {
        return Err(PlannerError::not_built("The WINDOW clause").at(window.name.span));
    }
    match &select.qualify {
        Some(qualify) => Err(PlannerError::not_built("QUALIFY").at(qualify.span)),
        None => Ok(()),
    }
}

fn item_has_aggregate(item: &SelectItem) -> bool {
    matches!(item, SelectItem::Expr { expr, .. } if has_aggregate(expr))
}

/// The aggregation with HAVING above it, and the select list over that.
fn group(
    analyzer: &Analyzer<'_>,
    select: &Select,
    rel: Rel,
    scope: &Scope,
    state_ttl: Option<i64>,
) -> Result<(Rel, Items)> {
    let rows = Context::new(analyzer, scope, "GROUP BY");
    let keys = keys(&rows, select)?;
    let names = key_names(&keys, scope);
    let grouping = Grouping::new(Context { clause: "SELECT", ..rows }, keys);
    let groups = |clause| Context { analyzer, scope, clause, grouping: Some(&grouping) };
    let items = items(&groups("SELECT"), select, |index| grouping.column(index))?;
    let having = select.having.as_ref().map(|having| condition(&groups("HAVING"), having)).transpose()?;
    let (keys, found) = grouping.into_parts();
    let mut rel = window_aggregate::aggregate(analyzer, rel, keys, names, found, state_ttl)?;
    if let Some(having) = having {
        rel = rel.filter(having);
    }
    Ok((rel, items))
}

/// The grouping keys over the rows; equal ones once.
fn keys(context: &Context<'_>, select: &Select) -> Result<Vec<Expr>> {
    let Some(group_by) = &select.group_by else { return Ok(Vec::new()) };
    let mut written: Vec<&ast::Expr> = Vec::new();
    for element in &group_by.elements {
        match element {
            GroupingElement::Expr(expr) => written.push(expr),
            GroupingElement::Set(exprs) => written.extend(exprs),
            GroupingElement::GroupingSets(_) => {
                return Err(PlannerError::not_built("GROUPING SETS").at(group_by.span));
            }
            GroupingElement::Rollup(_) => return Err(PlannerError::not_built("ROLLUP").at(group_by.span)),
            GroupingElement::Cube(_) => return Err(PlannerError::not_built("CUBE").at(group_by.span)),
        }
    }
    let mut keys: Vec<Expr> = Vec::new();
    for expr in written {
        if has_aggregate(expr) {
            let cause = "Aggregate expression is illegal in GROUP BY clause";
            return Err(PlannerError::new(ErrorKind::Query, cause).at(expr.span));
        }
        let key = expression(context, expr)?;
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    Ok(keys)
}

fn key_names(keys: &[Expr], scope: &Scope) -> Vec<String> {
    let name = |(place, key): (usize, &Expr)| match key.kind {
        nutkin_plan::ExprKind::Input(index) => {
            scope.columns.get(index).map_or_else(|| format!("EXPR${place}"), |column| column.name.clone())
        }
        _ => format!("EXPR${place}"),
    };
    unique_names(keys.iter().enumerate().map(name).collect())
}

/// The select list; `column` gives what `*` stands for.
fn items(context: &Context<'_>, select: &Select, column: impl Fn(usize) -> Result<Expr>) -> Result<Items> {
    let scope = context.scope;
    let mut items: Items = Vec::with_capacity(select.items.len());
    for item in &select.items {
        match item {
            SelectItem::Expr { expr, alias } => {
                let value = expression(context, expr)?;
                let name = match alias {
                    Some(alias) => alias.value.clone(),
                    None => implied_name(expr).unwrap_or_else(|| format!("EXPR${}", items.len())),
                };
                items.push((value, name));
            }
            SelectItem::Wildcard(span) => {
                if scope.tables.is_empty() {
                    return Err(PlannerError::new(ErrorKind::Query, "SELECT * requires a FROM clause").at(*span));
                }
                for index in scope.visible() {
                    items.push((column(index).map_err(|e| e.at(*span))?, scope.columns[index].name.clone()));
                }
            }
            SelectItem::QualifiedWildcard(name) => match scope.visible_of(name) {
                Some(columns) => {
                    for index in columns {
                        items.push((column(index).map_err(|e| e.at(name.span))?, scope.columns[index].name.clone()));
                    }
                }
                None => items.extend(row_fields(context, name)?),
            },
        }
    }
    Ok(items)
}

/// `row.*`: one column per field.
fn row_fields(context: &Context<'_>, name: &ast::ObjectName) -> Result<Items> {
    let row = expression(context, &ast::Expr::new(Ast::Name(name.clone()), name.span))?;
    let LogicalType::Row { fields } = &row.data_type.logical else {
        let text = name.values().collect::<Vec<_>>().join(".");
        let cause = format!("'{text}' is neither a table nor a column of type ROW");
        return Err(PlannerError::new(ErrorKind::NotFound, cause).at(name.span));
    };
    let names: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
    names
        .into_iter()
        .map(|name| {
            let value = crate::analyze::scope::field(row.clone(), &ast::Ident::new(name.clone()))?;
            Ok((value, name))
        })
        .collect()
}

/// The name of a column that has no alias: its own for a bare column or field.
fn implied_name(expr: &ast::Expr) -> Option<String> {
    match &expr.kind {
        Ast::Name(name) => Some(name.last().to_owned()),
        Ast::Field { field, .. } => Some(field.value.clone()),
        _ => None,
    }
}
