//! OVERLAPS: written out as comparisons.

use nutkin_plan::Expr;

use super::call;
use crate::error::SignatureError;

pub(super) const OVERLAPS: &str = "OVERLAPS";

/// `(start, end) OVERLAPS (start, end)`, where an end may be an interval from its start. Two periods that only meet in a
/// point overlap; the ends of a period may be in any order.
pub(super) fn overlaps(args: Vec<Expr>) -> Result<Expr, SignatureError> {
    let mut bounds = Vec::with_capacity(4);
    for period in args.chunks(2) {
        let [start, end] = period else { continue };
        let end = if end.data_type.logical.is_interval() {
            call("+", vec![start.clone(), end.clone()])?
        } else {
            end.clone()
        };
        // Where one end is not known, the order of both is not, and they count as swapped.
        let in_order = call("<=", vec![start.clone(), end.clone()])?;
        bounds.push(call("IF", vec![in_order.clone(), start.clone(), end.clone()])?);
        bounds.push(call("IF", vec![in_order, end, start.clone()])?);
    }
    let mut bounds = bounds.into_iter();
    match (bounds.next(), bounds.next(), bounds.next(), bounds.next()) {
        (Some(low1), Some(high1), Some(low2), Some(high2)) => {
            let conditions = vec![call(">=", vec![high1, low2])?, call(">=", vec![high2, low1])?];
            call("AND", conditions)
        }
        _ => call(OVERLAPS, Vec::new()),
    }
}
