//! What names mean in DEFINE and MEASURES: columns of the rows that a variable has matched so far.
//!
//! `A.price` is the price of the last row of A, `price` alone that of the last row of the match. While A is defined its last
//! row is the one at hand. Everything but the row at hand and, in measures, the partition's columns is a [`Reference`].

use std::cell::RefCell;

use nutkin_functions::resolve;
use nutkin_plan::operators::match_recognize::Reference;
use nutkin_plan::{Expr, ExprKind};
use nutkin_sql::ast::{self, ArgValue, ExprKind as Ast, FunctionCall, ObjectName, SetQuantifier};
use nutkin_types::{Column, LogicalType, TimeAttribute};

use super::{time_expr, unsupported};
use crate::analyze::expression::aggregate_calls::is_aggregate;
use crate::analyze::expression::{Context, expression, implicit_cast, literal_number};
use crate::error::{ErrorKind, PlannerError, Result};

/// The names of one expression, and the values that it asks for.
pub(crate) struct PatternNames<'a> {
    rows: Context<'a>,
    variables: &'a [String],
    partition: &'a [usize],
    /// The column that orders the rows.
    time: Option<&'a Column>,
    /// The variable of DEFINE; None in MEASURES.
    defining: Option<String>,
    references: RefCell<Vec<Reference>>,
    /// Set inside of a function over rows: names are the row's own columns, and this is whose rows they are.
    within: RefCell<Option<Of>>,
}

/// Whose rows a function is over; None until a name has said so.
#[derive(Clone, PartialEq)]
struct Of(Option<Option<String>>);

impl<'a> PatternNames<'a> {
    pub fn new(
        rows: Context<'a>,
        variables: &'a [String],
        partition: &'a [usize],
        time: Option<&'a Column>,
        defining: Option<&str>,
    ) -> PatternNames<'a> {
        PatternNames {
            rows,
            variables,
            partition,
            time,
            defining: defining.map(str::to_owned),
            references: RefCell::default(),
            within: RefCell::new(None),
        }
    }

    pub(super) fn into_references(self) -> Vec<Reference> {
        self.references.into_inner()
    }

    /// The role of a measure that is nothing but the time of the match.
    pub(super) fn time_attribute(&self, expr: &Expr) -> Option<TimeAttribute> {
        let ExprKind::Input(column) = expr.kind else { return None };
        let references = self.references.borrow();
        match references.get(column.checked_sub(self.width())?)? {
            Reference::Time { is_event_time: true } => Some(TimeAttribute::Rowtime),
            Reference::Time { is_event_time: false } => Some(TimeAttribute::Proctime),
            _ => None,
        }
    }

    /// `written` where it has a meaning of its own here; None: its parts must be looked at.
    pub fn rewrite(&self, context: &Context<'_>, written: &ast::Expr) -> Result<Option<Expr>> {
        match &written.kind {
            Ast::Name(name) => self.name(name).map(Some),
            Ast::MatchScope { operand, .. } => expression(context, operand).map(Some),
            Ast::Function(call) => self.function(context, call),
            Ast::Subquery(_) | Ast::Exists(_) | Ast::InSubquery { .. } => Err(unsupported("A sub-query")),
            _ => Ok(None),
        }
    }

    /// Columns before the references.
    fn width(&self) -> usize {
        match self.defining {
            Some(_) => self.rows.scope.columns.len(),
            None => self.partition.len(),
        }
    }

    fn name(&self, name: &ObjectName) -> Result<Expr> {
        let (variable, column) = self.column(name)?;
        if let Some(within) = self.within.borrow_mut().as_mut() {
            match &within.0 {
                Some(known) if *known != variable => {
                    let cause = "All columns of a function in MATCH_RECOGNIZE must be of one pattern variable";
                    return Err(PlannerError::new(ErrorKind::Query, cause).at(name.span));
                }
                _ => within.0 = Some(variable),
            }
            return Ok(column);
        }
        if self.defining.is_some() && (variable.is_none() || variable == self.defining) {
            return Ok(column);
        }
        if self.defining.is_none()
            && let ExprKind::Input(index) = column.kind
            && let Some(place) = self.partition.iter().position(|&key| key == index)
        {
            return Ok(Expr::input(place, column.data_type));
        }
        let data_type = column.data_type.with_nullable(true);
        Ok(self.reference(Reference::Row { variable, expr: column, from_last: true, offset: 0 }, data_type))
    }

    /// The pattern variable that is named, and the column over the row.
    fn column(&self, name: &ObjectName) -> Result<(Option<String>, Expr)> {
        if let [first, rest @ ..] = name.parts.as_slice()
            && !rest.is_empty()
            && self.variables.contains(&first.value)
        {
            let own = ObjectName { parts: rest.to_vec(), span: name.span };
            return Ok((Some(first.value.clone()), self.rows.scope.resolve(&own)?));
        }
        Ok((None, self.rows.scope.resolve(name)?))
    }

    fn reference(&self, reference: Reference, data_type: nutkin_types::DataType) -> Expr {
        let mut references = self.references.borrow_mut();
        let place = references.iter().position(|known| *known == reference).unwrap_or_else(|| {
            references.push(reference);
            references.len() - 1
        });
        Expr::input(self.width() + place, data_type)
    }

    fn function(&self, context: &Context<'_>, call: &FunctionCall) -> Result<Option<Expr>> {
        let name = call.name.as_simple().map(|name| name.value.to_uppercase()).unwrap_or_default();
        let nested = self.within.borrow().is_some();
        match name.as_str() {
            "FIRST" | "LAST" | "MATCH_ROWTIME" | "MATCH_PROCTIME" if nested => {
                Err(unsupported(format!("{name} inside of a function over rows")).at(call.span))
            }
            "FIRST" | "LAST" => self.navigation(context, call, name == "LAST").map(Some),
            "MATCH_ROWTIME" | "MATCH_PROCTIME" => self.time(call, name == "MATCH_ROWTIME").map(Some),
            "PREV" | "NEXT" | "CLASSIFIER" | "MATCH_NUMBER" => Err(unsupported(name).at(call.span)),
            _ if is_aggregate(call) && nested => {
                let cause = "Aggregate expressions cannot be nested";
                Err(PlannerError::new(ErrorKind::Query, cause).at(call.span))
            }
            _ if is_aggregate(call) => self.aggregate(context, call, &name).map(Some),
            _ => Ok(None),
        }
    }

    /// Expressions over the columns of one row, and whose row it is.
    fn over_rows(&self, context: &Context<'_>, written: &[&ast::Expr]) -> Result<(Vec<Expr>, Option<String>)> {
        self.within.replace(Some(Of(None)));
        let found = written.iter().map(|expr| expression(context, expr)).collect::<Result<Vec<Expr>>>();
        let of = self.within.replace(None);
        Ok((found?, of.and_then(|of| of.0).flatten()))
    }

    /// `FIRST(A.price [, n])`, `LAST(A.price [, n])`
    fn navigation(&self, context: &Context<'_>, call: &FunctionCall, from_last: bool) -> Result<Expr> {
        let written: Option<Vec<&ast::Expr>> = call.args.iter().map(ast::FunctionArg::as_expr).collect();
        let (value, offset) = match written.as_deref() {
            Some([value]) => (*value, 0),
            Some([value, offset]) => {
                let offset_of = literal_number(&expression(&self.rows, offset)?);
                let offset_of = offset_of.and_then(|offset| u32::try_from(offset).ok()).ok_or_else(|| {
                    let cause = "The offset of FIRST and LAST must be a constant whole number";
                    PlannerError::new(ErrorKind::Query, cause).at(offset.span)
                })?;
                (*value, offset_of)
            }
            _ => {
                let cause = "FIRST and LAST take a value and an offset";
                return Err(PlannerError::new(ErrorKind::Type, cause).at(call.span));
            }
        };
        let (mut values, variable) = self.over_rows(context, &[value])?;
        let Some(expr) = values.pop() else { return Err(unsupported("This call")) };
        let is_own = self.defining.is_some() && (variable.is_none() || variable == self.defining);
        if is_own && from_last && offset == 0 {
            return Ok(expr);
        }
        let data_type = expr.data_type.with_nullable(true);
        Ok(self.reference(Reference::Row { variable, expr, from_last, offset }, data_type))
    }

    fn time(&self, call: &FunctionCall, is_event_time: bool) -> Result<Expr> {
        if !call.args.is_empty() {
            return Err(unsupported(format!("{} with an argument", call.name.last().to_uppercase())).at(call.span));
        }
        let place = self.reference(Reference::Time { is_event_time }, LogicalType::Null.nullable());
        match place.kind {
            ExprKind::Input(place) => Ok(time_expr(is_event_time, self.time, place)),
            _ => Ok(place),
        }
    }

    fn aggregate(&self, context: &Context<'_>, call: &FunctionCall, name: &str) -> Result<Expr> {
        if call.quantifier == Some(SetQuantifier::Distinct) {
            return Err(unsupported("An aggregate function over DISTINCT values").at(call.span));
        }
        if call.filter.is_some() || !call.order_by.is_empty() || !call.within_group.is_empty() || call.nulls.is_some() {
            return Err(unsupported("FILTER or an order in an aggregate function").at(call.span));
        }
        let mut written = Vec::with_capacity(call.args.len());
        for arg in &call.args {
            match &arg.value {
                ArgValue::Expr(value) => written.push(value),
                ArgValue::Wildcard if name == "COUNT" && call.args.len() == 1 => {}
                _ => return Err(unsupported("This argument").at(arg.span)),
            }
        }
        let (mut args, variable) = self.over_rows(context, &written)?;
        let (function, inferred) = resolve::aggregate(name, &resolve::arguments(&args))
            .map_err(|error| PlannerError::new(ErrorKind::Type, error.to_string()).at(call.span))?;
        for (arg, wanted) in args.iter_mut().zip(&inferred.arg_types) {
            *arg = implicit_cast(arg.clone(), wanted);
        }
        // A variable may have no row.
        let nullable = inferred.result.nullable || function.name != "COUNT";
        let data_type = inferred.result.with_nullable(nullable);
        let function = function.name.to_owned();
        Ok(self.reference(Reference::Aggregate { variable, function, args, data_type: data_type.clone() }, data_type))
    }
}
