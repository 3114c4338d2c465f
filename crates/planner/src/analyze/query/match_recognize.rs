//! MATCH_RECOGNIZE (spec Q-12): rows of a partition, in the order of time, searched for a pattern.
//!
//! What the standard has beyond that is refused by name, as Flink refuses it: ALL ROWS PER MATCH, alternation, PERMUTE,
//! exclusion, anchors, groups, SUBSET, and a greedy variable at the end, which could never be known to be complete.

use nutkin_plan::operators::SortKey;
use nutkin_plan::operators::match_recognize::{AfterMatch, Definition, Measure};
use nutkin_plan::{Expr, ExprKind};
use nutkin_sql::ast::{self, MatchRecognize, RowsPerMatch, TableRef};
use nutkin_types::data_type::TypeFamily;
use nutkin_types::{Column, Schema, TimeAttribute, Value};

use super::{from, order_by};
use crate::analyze::Analyzer;
use crate::analyze::expression::{Context, condition, evaluator_options, expression};
use crate::analyze::scope::{Relation, Scope};
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::{Match, Rel};

mod names;
mod pattern;

pub(crate) use names::PatternNames;

pub(super) fn match_recognize(analyzer: &Analyzer<'_>, input: &TableRef, written: &MatchRecognize) -> Result<Relation> {
    refuse(written)?;
    let relation = from::from(analyzer, input)?;
    let pattern = pattern::pattern(&written.pattern).map_err(|error| error.at(written.span))?;
    let variables = pattern::variables(&pattern);
    let rows = Context::new(analyzer, &relation.scope, "MATCH_RECOGNIZE");
    let partition =
        written.partition_by.iter().map(|key| column(&rows, key, "PARTITION BY")).collect::<Result<Vec<usize>>>()?;
    let order = order(&rows, written)?;
    let time = order.first().and_then(|key| relation.rel.column(key.column)).cloned();
    let search = Search { rows, variables: &variables, partition: &partition, time: time.as_ref() };
    let defines = search.defines(written)?;
    let (measures, columns) = search.measures(written)?;
    let keys = partition.iter().filter_map(|&key| relation.rel.column(key));
    let keys = keys.map(|key| Column::new(key.name.clone(), key.data_type.clone()));
    let schema = Schema::new(keys.chain(columns).collect::<Vec<Column>>());
    let operator = Match {
        partition,
        order,
        pattern,
        defines,
        measures,
        after_match: after_match(written, &variables)?,
        within: within(analyzer, written)?,
        input: Box::new(relation.rel),
    };
    let scope = Scope::of(None, None, &schema, &[]);
    Ok(Relation { rel: Rel::new(operator, schema), scope })
}

fn refuse(written: &MatchRecognize) -> Result<()> {
    let what = if written.rows_per_match == Some(RowsPerMatch::All) {
        "ALL ROWS PER MATCH"
    } else if written.anchored_start || written.anchored_end {
        "An anchor (^ or $) in PATTERN"
    } else if !written.subsets.is_empty() {
        "SUBSET"
    } else {
        return Ok(());
    };
    Err(unsupported(what).at(written.span))
}

/// Flink does not run it either.
fn unsupported(what: impl std::fmt::Display) -> PlannerError {
    PlannerError::new(ErrorKind::Refused, format!("{what} is not supported in MATCH_RECOGNIZE"))
}

fn column(rows: &Context<'_>, written: &ast::Expr, clause: &str) -> Result<usize> {
    match expression(rows, written)?.kind {
        ExprKind::Input(column) => Ok(column),
        _ => Err(PlannerError::not_built(format!("An expression in {clause} of MATCH_RECOGNIZE"))
            .at(written.span)
            .with_remedy("Compute it as a column of a sub-query below.")),
    }
}

/// The first key must be time and ascend; whether the column still is a time attribute is seen when joins below are known.
fn order(rows: &Context<'_>, written: &MatchRecognize) -> Result<Vec<SortKey>> {
    let key = |item: &ast::OrderItem| Ok(order_by::key(item, column(rows, &item.expr, "ORDER BY")?));
    let order = written.order_by.iter().map(key).collect::<Result<Vec<SortKey>>>()?;
    match order.first() {
        None => {
            let cause = "You must specify either rowtime or proctime for order by.";
            Err(PlannerError::new(ErrorKind::Query, cause).at(written.span))
        }
        Some(first) if first.descending => {
            let cause = "Primary sort order of a streaming table must be ascending on time.";
            Err(PlannerError::new(ErrorKind::Query, cause).at(written.span))
        }
        Some(_) => Ok(order),
    }
}

fn after_match(written: &MatchRecognize, variables: &[String]) -> Result<AfterMatch> {
    let known = |name: &ast::Ident| match variables.contains(&name.value) {
        true => Ok(name.value.clone()),
        false => {
            let cause = format!("Unknown pattern '{}'", name.value);
            Err(PlannerError::new(ErrorKind::NotFound, cause).at(name.span))
        }
    };
    Ok(match &written.after_match {
        None | Some(ast::AfterMatch::PastLastRow) => AfterMatch::PastLastRow,
        Some(ast::AfterMatch::NextRow) => AfterMatch::NextRow,
        Some(ast::AfterMatch::First(name)) => AfterMatch::ToFirst(known(name)?),
        Some(ast::AfterMatch::Last(name)) => AfterMatch::ToLast(known(name)?),
    })
}

/// Milliseconds.
fn within(analyzer: &Analyzer<'_>, written: &MatchRecognize) -> Result<Option<i64>> {
    let Some(within) = &written.within else { return Ok(None) };
    let scope = Scope::default();
    let value = expression(&Context::new(analyzer, &scope, "WITHIN"), within)?;
    let options = evaluator_options(&analyzer.session.time_zone);
    match nutkin_functions::evaluate_constant(&value, &options) {
        Ok(Some(Value::Integer(millis))) if value.data_type.family() == TypeFamily::IntervalDayTime => Ok(Some(millis)),
        _ => {
            let cause =
                "Only constant intervals with millisecond resolution are supported as time constraints of patterns.";
            Err(PlannerError::new(ErrorKind::Query, cause).at(within.span))
        }
    }
}

/// What the expressions of the clauses see.
struct Search<'a> {
    rows: Context<'a>,
    variables: &'a [String],
    partition: &'a [usize],
    time: Option<&'a Column>,
}

impl Search<'_> {
    fn names(&self, defining: Option<&str>) -> PatternNames<'_> {
        PatternNames::new(self.rows, self.variables, self.partition, self.time, defining)
    }

    fn defines(&self, written: &MatchRecognize) -> Result<Vec<Definition>> {
        let mut defines: Vec<Definition> = Vec::with_capacity(written.defines.len());
        for define in &written.defines {
            let variable = &define.variable;
            if !self.variables.contains(&variable.value) {
                let cause = format!("Unknown pattern '{}'", variable.value);
                return Err(PlannerError::new(ErrorKind::NotFound, cause).at(variable.span));
            }
            if defines.iter().any(|other| other.variable == variable.value) {
                let cause = format!("Pattern variable '{}' has already been defined", variable.value);
                return Err(PlannerError::new(ErrorKind::Query, cause).at(variable.span));
            }
            let names = self.names(Some(&variable.value));
            let context = Context { pattern: Some(&names), clause: "DEFINE", ..self.rows };
            let expr = condition(&context, &define.condition)?;
            let references = names.into_references();
            defines.push(Definition { variable: variable.value.clone(), expr, references });
        }
        Ok(defines)
    }

    fn measures(&self, written: &MatchRecognize) -> Result<(Vec<Measure>, Vec<Column>)> {
        let mut measures = Vec::with_capacity(written.measures.len());
        let mut columns = Vec::with_capacity(written.measures.len());
        for measure in &written.measures {
            let names = self.names(None);
            let context = Context { pattern: Some(&names), clause: "MEASURES", ..self.rows };
            let expr = expression(&context, &measure.expr)?;
            let name = measure.alias.value.clone();
            let time_attribute = names.time_attribute(&expr);
            columns.push(Column { time_attribute, ..Column::new(name.clone(), expr.data_type.clone()) });
            measures.push(Measure { name, expr, references: names.into_references() });
        }
        Ok((measures, columns))
    }
}

/// The time of a match.
fn time_expr(is_event_time: bool, time: Option<&Column>, place: usize) -> Expr {
    let ltz = nutkin_types::LogicalType::TimestampLtz { precision: 3 }.not_null();
    let data_type = match time {
        Some(time) if is_event_time && time.time_attribute != Some(TimeAttribute::Proctime) => {
            time.data_type.with_nullable(false)
        }
        _ => ltz,
    };
    Expr::input(place, data_type)
}
