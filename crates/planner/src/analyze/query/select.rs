//! SELECT: FROM, WHERE, GROUP BY, HAVING, the select list and DISTINCT.

use nutkin_plan::Expr;
use nutkin_plan::operators::SortKey;
use nutkin_sql::ast::{self, ExprKind as Ast, OrderItem, Select, SelectItem, SetQuantifier};

use super::grouping::Grouping;
use super::order_by::Sorted;
use super::over::Overs;
use super::subquery::Subqueries;
use super::{from, grouping_sets, order_by, set_operation, state_ttl, unique_names, window_aggregate};
use crate::analyze::Analyzer;
use crate::analyze::expression::aggregate_calls::has_aggregate;
use crate::analyze::expression::{Context, condition, expression};
use crate::analyze::scope::{Relation, Scope};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::Rel;

/// Expressions with their names.
type Items = Vec<(Expr, String)>;

pub(super) fn select(analyzer: &Analyzer<'_>, select: &Select) -> Result<Relation> {
    let (relation, _) = sorted(analyzer, select, &[])?;
    Ok(relation)
}

/// The query block, and the order by its columns and by more columns behind those.
pub(super) fn sorted(analyzer: &Analyzer<'_>, select: &Select, order_by: &[OrderItem]) -> Result<Sorted> {
    let hinted;
    let analyzer = match state_ttl::of_tables(&select.hints)? {
        hints if hints.is_empty() => analyzer,
        hints => {
            hinted = Analyzer { state_ttl: hints, ..analyzer.clone() };
            &hinted
        }
    };
    let Relation { rel, scope } = match &select.from {
        Some(reference) => from::from(analyzer, reference)?,
        None => Relation { rel: Rel::one_row(), scope: Scope::default() },
    };
    let rel = filtered(analyzer, rel, &scope, select)?;
    let grouped = select.group_by.is_some() || select.having.is_some() || select.items.iter().any(item_has_aggregate);
    let grouped = grouped || order_by.iter().any(|item| has_aggregate(&item.expr));
    let ttl = state_ttl::state_ttl(&select.hints, &scope, grouped, &rel)?;
    let block = Block { analyzer, select, order_by, scope: &scope };
    let Built { rel, items, width, order } = match grouped {
        true => block.grouped(rel, ttl)?,
        false => block.plain(rel)?,
    };
    let (projection, names): (Vec<Expr>, Vec<String>) = items.into_iter().unzip();
    let mut rel = rel.project(projection, unique_names(names));
    if select.quantifier == Some(SetQuantifier::Distinct) {
        if rel.schema.len() > width {
            let cause = "Expression in ORDER BY must be in the select list of SELECT DISTINCT";
            return Err(PlannerError::new(ErrorKind::Query, cause).at(select.span));
        }
        rel = set_operation::distinct(rel);
    }
    let visible = rel.schema.project(&(0..width).collect::<Vec<_>>());
    let scope = Scope::of(None, None, &visible, &[]);
    Ok((Relation { rel, scope }, order))
}

fn filtered(analyzer: &Analyzer<'_>, rel: Rel, scope: &Scope, select: &Select) -> Result<Rel> {
    let Some(selection) = &select.selection else { return Ok(rel) };
    let subqueries = Subqueries::default();
    let context = Context { subqueries: Some(&subqueries), ..Context::new(analyzer, scope, "WHERE") };
    let condition = condition(&context, selection)?;
    if subqueries.is_empty() { Ok(rel.filter(condition)) } else { subqueries.filter(rel, condition) }
}

/// A query block while its select list is put together.
struct Block<'a> {
    analyzer: &'a Analyzer<'a>,
    select: &'a Select,
    order_by: &'a [OrderItem],
    scope: &'a Scope,
}

/// The rows of a block, what is computed over them, and how many of those columns are the block's own.
struct Built {
    rel: Rel,
    items: Items,
    width: usize,
    order: Vec<SortKey>,
}

impl Block<'_> {
    fn plain(&self, rel: Rel) -> Result<Built> {
        let (subqueries, overs) = (Subqueries::default(), Overs::new(&self.select.windows));
        let context = Context {
            subqueries: Some(&subqueries),
            overs: Some(&overs),
            ..Context::new(self.analyzer, self.scope, "SELECT")
        };
        let items = items(&context, self.select, |index| Ok(self.scope.input(index)))?;
        let parts = self.parts(&context, items)?;
        self.finish(rel, subqueries, overs, parts)
    }

    /// The aggregation with HAVING above it, and the select list over that.
    fn grouped(&self, rel: Rel, state_ttl: Option<i64>) -> Result<Built> {
        let (of_rows, of_groups, of_having) = (Subqueries::default(), Subqueries::default(), Subqueries::default());
        let overs = Overs::new(&self.select.windows);
        let rows = Context { subqueries: Some(&of_rows), ..Context::new(self.analyzer, self.scope, "GROUP BY") };
        let mut keys = grouping_sets::keys(&rows, self.select.group_by.as_ref())?;
        keys.window.iter_mut().for_each(|window| window.settle(&rel));
        let written: Vec<Expr> = keys.exprs.iter().filter(|key| !is_set_number(key)).cloned().collect();
        let names = key_names(&written, self.scope);
        let grouping = Grouping::new(Context { clause: "SELECT", ..rows }, keys);
        let groups = |clause, subqueries| Context {
            analyzer: self.analyzer,
            scope: self.scope,
            clause,
            grouping: Some(&grouping),
            subqueries: Some(subqueries),
            overs: None,
            pattern: None,
            aliases: &[],
        };
        let context = Context { overs: Some(&overs), ..groups("SELECT", &of_groups) };
        let items = items(&context, self.select, |index| grouping.column(index))?;
        let parts = self.parts(&context, items)?;
        let having = self.select.having.as_ref();
        let having = having.map(|having| condition(&groups("HAVING", &of_having), having)).transpose()?;
        let (mut keys, mut found) = grouping.into_parts();
        let rel = of_rows.join(rel, keys.exprs.iter_mut().chain(&mut found.arguments))?;
        let mut rel = window_aggregate::aggregate(self.analyzer, rel, &keys, names, found, state_ttl)?;
        if let Some(having) = having {
            rel = of_having.filter(rel, having)?;
        }
        self.finish(rel, of_groups, overs, parts)
    }

    /// QUALIFY and the order beside the select list.
    fn parts(&self, context: &Context<'_>, mut items: Items) -> Result<Parts> {
        let width = items.len();
        let within = Context { clause: "QUALIFY", aliases: &self.select.items, ..*context };
        let qualify = self.select.qualify.as_ref().map(|written| condition(&within, written)).transpose()?;
        let mut order = Vec::with_capacity(self.order_by.len());
        for item in self.order_by {
            let alias = match &item.expr.kind {
                Ast::Name(name) => name
                    .as_simple()
                    .and_then(|name| items.iter().take(width).position(|(_, known)| *known == name.value)),
                _ => None,
            };
            let place = match (order_by::ordinal(item, width)?, alias) {
                (Some(place), _) | (None, Some(place)) => place,
                (None, None) => {
                    let value = expression(&Context { clause: "ORDER BY", ..*context }, &item.expr)?;
                    order_by::Extra { columns: &mut items }.place(value)
                }
            };
            order.push(order_by::key(item, place));
        }
        Ok(Parts { items, width, qualify, order })
    }

    fn finish(&self, rel: Rel, subqueries: Subqueries, overs: Overs, parts: Parts) -> Result<Built> {
        let Parts { mut items, width, mut qualify, order } = parts;
        let rel = subqueries.join(rel, items.iter_mut().map(|(expr, _)| expr).chain(&mut qualify))?;
        let exprs = items.iter_mut().map(|(expr, _)| expr).chain(&mut qualify);
        let mut rel = overs.finish(rel, exprs, self.analyzer.any_order())?;
        if let Some(qualify) = qualify {
            rel = rel.filter(qualify);
        }
        Ok(Built { rel, items, width, order })
    }
}

/// What a block computes over its rows or groups.
struct Parts {
    items: Items,
    width: usize,
    qualify: Option<Expr>,
    order: Vec<SortKey>,
}

fn is_set_number(key: &Expr) -> bool {
    matches!(key.kind, nutkin_plan::ExprKind::Input(crate::analyze::places::GROUPING_SET))
}

fn item_has_aggregate(item: &SelectItem) -> bool {
    matches!(item, SelectItem::Expr { expr, .. } if has_aggregate(expr))
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
    let Some(fields) = row.data_type.logical.fields() else {
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
        Ast::Function(call) if call.bare => Some(call.name.last().to_owned()),
        _ => None,
    }
}
