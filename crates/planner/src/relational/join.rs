//! Joins of two relations: regular, interval and window joins.
//!
//! Analysis puts the whole condition into `condition`; [`crate::rules`] take equalities out as keys and find out which
//! joins are bounded by time or by windows.

use nutkin_plan::Expr;
use nutkin_plan::WindowSpec;
use nutkin_plan::operators::{JoinKind, WindowColumns};
use nutkin_types::{Column, Schema};

use super::Rel;

/// Output: left columns, then right columns; left columns only of a semi or anti join.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Join {
    pub left: Box<Rel>,
    pub right: Box<Rel>,
    pub kind: JoinKind,
    pub left_keys: Vec<usize>,
    pub right_keys: Vec<usize>,
    /// Per key: false where NULL meets NULL.
    pub filter_nulls: Vec<bool>,
    /// Over left columns followed by right columns.
    pub condition: Option<Expr>,
    pub bound: JoinBound,
    /// Written as a join: without a key it is refused where joins must have one (spec Q-06).
    pub is_written: bool,
    /// Milliseconds from STATE_TTL hints; None takes the session's.
    pub left_ttl: Option<i64>,
    pub right_ttl: Option<i64>,
}

/// What lets a join forget rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum JoinBound {
    None,
    /// `right_time + lower <= left_time <= right_time + upper`, in milliseconds.
    Interval {
        left_time: usize,
        right_time: usize,
        lower: i64,
        upper: i64,
    },
    /// Rows meet within their window only; its bounds are not among the keys.
    Window {
        window: WindowSpec,
        left: WindowColumns,
        right: WindowColumns,
    },
}

impl Join {
    pub fn new(left: Rel, right: Rel, kind: JoinKind, condition: Option<Expr>) -> Join {
        Join {
            left: Box::new(left),
            right: Box::new(right),
            kind,
            left_keys: Vec::new(),
            right_keys: Vec::new(),
            filter_nulls: Vec::new(),
            condition,
            bound: JoinBound::None,
            is_written: false,
            left_ttl: None,
            right_ttl: None,
        }
    }

    pub(super) fn inputs(&self) -> Vec<&Rel> {
        vec![&self.left, &self.right]
    }

    pub(super) fn inputs_mut(&mut self) -> Vec<&mut Rel> {
        vec![&mut self.left, &mut self.right]
    }
}

impl Rel {
    /// A join with the columns that its kind gives.
    pub fn join(join: Join) -> Rel {
        let schema = join_schema(&join.left.schema, &join.right.schema, join.kind);
        Rel::new(join, schema)
    }
}

/// Left columns, then right ones; nullable where a row without a match is filled.
pub(crate) fn join_schema(left: &Schema, right: &Schema, kind: JoinKind) -> Schema {
    let filled = |column: &Column, fill: bool| Column {
        data_type: column.data_type.with_nullable(column.data_type.nullable || fill),
        time_attribute: column.time_attribute.filter(|_| !fill),
        name: column.name.clone(),
    };
    let of_left = left.columns.iter().map(|column| filled(column, kind.fills_left()));
    let of_right = right.columns.iter().filter(|_| kind.keeps_right());
    Schema::new(of_left.chain(of_right.map(|column| filled(column, kind.fills_right()))))
}
