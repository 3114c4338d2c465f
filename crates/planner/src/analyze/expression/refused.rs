//! Forms of expressions that are not built, by name.

use nutkin_sql::ast::ExprKind as Ast;

use crate::error::{ErrorKind, PlannerError};

pub(super) fn refused(kind: &Ast) -> PlannerError {
    let what = match kind {
        Ast::Unique(_) => "UNIQUE",
        Ast::Multiset(_) => "The MULTISET constructor",
        Ast::CollectionQuery { .. } => "A collection constructor with a query",
        Ast::AtTimeZone { .. } => "AT TIME ZONE",
        Ast::Collate { .. } => "COLLATE",
        Ast::MatchScope { .. } => "RUNNING and FINAL outside of MATCH_RECOGNIZE",
        Ast::Descriptor(_) => {
            return PlannerError::new(ErrorKind::Query, "DESCRIPTOR can only be an argument of a window function");
        }
        Ast::Default => {
            return PlannerError::new(ErrorKind::Query, "DEFAULT cannot be used here")
                .with_remedy("Columns have no default values: leave the column out of the INSERT, or write NULL.");
        }
        _ => "This form of expression",
    };
    PlannerError::not_built(what)
}
