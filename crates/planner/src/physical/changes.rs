//! Which kinds of change a relation can hold besides inserts.

use nutkin_plan::ChangelogMode;
use nutkin_plan::operators::{JoinKind, SortKey};

use super::Need;
use crate::error::{ErrorKind, PlannerError, Result};
use crate::relational::{JoinBound, Rank, Rel, RelOp};

/// Kinds of change besides +I.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Changes {
    pub update: bool,
    pub delete: bool,
}

impl Changes {
    pub const NONE: Changes = Changes { update: false, delete: false };
    const ALL: Changes = Changes { update: true, delete: true };

    pub fn is_append(self) -> bool {
        !self.update && !self.delete
    }

    fn or(self, other: Changes) -> Changes {
        Changes { update: self.update || other.update, delete: self.delete || other.delete }
    }

    /// The mode of a stream with these changes for a consumer that needs so much.
    pub fn mode(self, need: Need) -> ChangelogMode {
        match need {
            _ if self.is_append() => ChangelogMode::Append,
            Need::After if self.update => ChangelogMode::Upsert,
            _ => ChangelogMode::Retract,
        }
    }

    /// `update`, `delete` or `update and delete`, for errors.
    pub fn name(self) -> &'static str {
        match (self.update, self.delete) {
            (true, true) => "update and delete",
            (false, true) => "delete",
            _ => "update",
        }
    }
}

/// The changes that `rel` can hold.
pub(crate) fn changes(rel: &Rel) -> Changes {
    match &rel.op {
        RelOp::Scan(scan) if scan.at_end || scan.table.changelog_mode == ChangelogMode::Append => Changes::NONE,
        RelOp::Scan(_) => Changes::ALL,
        RelOp::Values(_) | RelOp::WindowAggregate(_) => Changes::NONE,
        RelOp::Aggregate(op) if op.at_end => Changes::NONE,
        RelOp::Aggregate(op) if changes(&op.input).is_append() => Changes { update: true, delete: false },
        RelOp::Aggregate(_) => Changes::ALL,
        RelOp::TemporalJoin(op) => changes(&op.left),
        // A filter can turn an update into a delete.
        RelOp::Calc(op) if op.condition.is_some() && !changes(&op.input).is_append() => Changes::ALL,
        RelOp::Match(_) | RelOp::GroupWindow(_) => Changes::NONE,
        RelOp::Join(op) if op.bound != JoinBound::None => Changes::NONE,
        RelOp::Join(op) => match op.kind {
            JoinKind::Inner | JoinKind::Semi => changes(&op.left).or(changes(&op.right)),
            // A row without a match is taken back once one comes.
            _ => Changes::ALL,
        },
        RelOp::Over(op) if op.at_end => Changes::NONE,
        RelOp::Over(op) if is_time_ordered(&op.input, &op.order) => changes(&op.input),
        RelOp::Over(_) => Changes::ALL,
        RelOp::Rank(op) => of_rank(op),
        RelOp::Sort(op) if op.limit.is_none() => Changes::NONE,
        RelOp::Sort(_) => Changes::ALL,
        RelOp::Limit(op) if !changes(&op.input).is_append() => Changes::ALL,
        RelOp::Calc(_)
        | RelOp::Union(_)
        | RelOp::WindowFunction(_)
        | RelOp::Limit(_)
        | RelOp::Correlate(_)
        | RelOp::Expand(_)
        | RelOp::LookupJoin(_) => rel.inputs().into_iter().map(changes).fold(Changes::NONE, Changes::or),
    }
}

fn of_rank(rank: &Rank) -> Changes {
    match rank.deduplicates() {
        _ if rank.window.is_some() => Changes::NONE,
        // The first row by time never changes once it is out.
        Some((_, false)) => Changes::NONE,
        Some((_, true)) => Changes { update: true, delete: false },
        None => Changes::ALL,
    }
}

/// True when rows are ordered by a time attribute first.
pub(super) fn is_time_ordered(input: &Rel, order: &[SortKey]) -> bool {
    order.first().and_then(|key| input.column(key.column)).is_some_and(|column| column.time_attribute.is_some())
}

/// Refuses an input that is updated, for operators that only take inserts.
pub(super) fn require_append(operator: &str, input: &Rel) -> Result<()> {
    let changes = changes(input);
    if changes.is_append() {
        return Ok(());
    }
    let cause = format!(
        "{operator} doesn't support consuming {} changes which is produced by node {}",
        changes.name(),
        culprit(input)
    );
    Err(PlannerError::new(ErrorKind::Query, cause)
        .with_remedy("Use the operator on append-only rows, before they are aggregated or joined."))
}

/// The operator that makes the first update, in Flink's short form.
pub(super) fn culprit(rel: &Rel) -> String {
    let names = |columns: &[usize], rel: &Rel| -> String {
        let name = |&column: &usize| rel.column(column).map_or("", |column| column.name.as_str());
        columns.iter().map(name).collect::<Vec<_>>().join(", ")
    };
    if let Some(input) = rel.inputs().into_iter().find(|input| !changes(input).is_append())
        && !matches!(rel.op, RelOp::Aggregate(_))
    {
        return culprit(input);
    }
    match &rel.op {
        RelOp::Aggregate(op) if op.grouping.is_empty() => "GroupAggregate".to_owned(),
        RelOp::Aggregate(op) => format!("GroupAggregate(groupBy=[{}])", names(&op.grouping, &op.input)),
        RelOp::Scan(scan) => {
            let path = &scan.table.path;
            format!("TableSourceScan(table=[[{}, {}, {}]])", path.catalog, path.database, path.name)
        }
        RelOp::Join(op) => format!("Join(joinType=[{}])", op.kind.name()),
        RelOp::Rank(op) => format!("Rank(rankType=[{}])", op.function.name()),
        RelOp::Over(_) => "OverAggregate".to_owned(),
        RelOp::Sort(_) => "SortLimit".to_owned(),
        _ => String::new(),
    }
}
