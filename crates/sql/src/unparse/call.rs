//! Calls and their arguments.

use super::{List, optional, optional_list};
use crate::ast::{
    ArgValue, FunctionArg, FunctionCall, NullTreatment, ObjectName, SetQuantifier, TableArg, TableArgInput,
};
use crate::keywords;
use std::fmt::{self, Display, Formatter};

impl Display for FunctionCall {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        function_name(f, &self.name, self.bare)?;
        if !self.bare {
            f.write_str("(")?;
            if let Some(quantifier) = self.quantifier {
                write!(f, "{quantifier} ")?;
            }
            List(&self.args).fmt(f)?;
            if !self.order_by.is_empty() {
                write!(f, " ORDER BY {}", List(&self.order_by))?;
            }
            f.write_str(")")?;
        }
        if !self.within_group.is_empty() {
            write!(f, " WITHIN GROUP (ORDER BY {})", List(&self.within_group))?;
        }
        if let Some(filter) = &self.filter {
            write!(f, " FILTER (WHERE {filter})")?;
        }
        f.write_str(match self.nulls {
            Some(NullTreatment::Ignore) => " IGNORE NULLS",
            Some(NullTreatment::Respect) => " RESPECT NULLS",
            None => "",
        })?;
        optional(f, "OVER ", self.over.as_ref())
    }
}

/// Reserved words that are functions stand without back-ticks.
fn function_name(f: &mut Formatter<'_>, name: &ObjectName, bare: bool) -> fmt::Result {
    match name.as_simple() {
        Some(ident) if !ident.quoted && (bare || keywords::is_function_name(&ident.value)) => f.write_str(&ident.value),
        _ => name.fmt(f),
    }
}

impl Display for SetQuantifier {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SetQuantifier::All => "ALL",
            SetQuantifier::Distinct => "DISTINCT",
        })
    }
}

impl Display for FunctionArg {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "{name} => ")?;
        }
        match &self.value {
            ArgValue::Expr(expr) => expr.fmt(f),
            ArgValue::Wildcard => f.write_str("*"),
            ArgValue::Table(table) => table.fmt(f),
            ArgValue::Model(name) => write!(f, "MODEL {name}"),
        }
    }
}

impl Display for TableArg {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.input {
            TableArgInput::Table(name) => write!(f, "TABLE {name}")?,
            TableArgInput::Query(query) => write!(f, "TABLE ({query})")?,
        }
        optional_list(f, "PARTITION BY ", &self.partition_by)?;
        optional_list(f, "ORDER BY ", &self.order_by)
    }
}
