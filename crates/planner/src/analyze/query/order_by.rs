//! ORDER BY: refused, with Flink's own text where Flink refuses it too (decision 21).

use nutkin_sql::ast::OrderItem;

use crate::analyze::Analyzer;
use crate::analyze::expression::{Context, expression};
use crate::analyze::scope::Relation;
use crate::error::{ErrorKind, PlannerError, Result};

/// In streaming the first sort key must be a time attribute, ascending.
pub(super) fn check(analyzer: &Analyzer<'_>, items: &[OrderItem], relation: &Relation) -> Result<()> {
    let Some(first) = items.first() else { return Ok(()) };
    let context = Context::new(analyzer, &relation.scope, "ORDER BY");
    let key = expression(&context, &first.expr);
    let is_time = match key.as_ref().map(|key| &key.kind) {
        Ok(nutkin_plan::ExprKind::Input(index)) => {
            relation.rel.column(*index).is_some_and(|column| column.time_attribute.is_some())
        }
        _ => false,
    };
    if is_time && !first.is_descending() {
        return Err(PlannerError::not_built("ORDER BY").at(first.expr.span));
    }
    Err(PlannerError::new(ErrorKind::Refused, "Sort on a non-time-attribute field is not supported.")
        .at(first.expr.span)
        .with_remedy("A stream has no end to sort at: leave ORDER BY out, or sort where the result is read."))
}
