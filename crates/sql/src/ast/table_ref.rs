//! What stands in FROM.

use super::{Expr, FunctionCall, Hint, Ident, MatchRecognize, ObjectName, Query};
use crate::span::Span;

/// A table in FROM and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TableRef {
    /// What it is.
    pub kind: TableRefKind,
    /// Its name and column names.
    pub alias: Option<TableAlias>,
    /// Alias included.
    pub span: Span,
}

/// The forms of table references.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TableRefKind {
    /// `[cat.][db.]t [/*+ hints */] [FOR SYSTEM_TIME AS OF time]`
    Table {
        /// 1 to 4 parts.
        name: ObjectName,
        /// Table hints.
        hints: Vec<Hint>,
        /// The time of a temporal join.
        system_time: Option<Expr>,
    },
    /// `[LATERAL] (query)`
    Derived {
        /// With LATERAL: sees the tables to its left.
        lateral: bool,
        /// The query.
        query: Box<Query>,
    },
    /// `[LATERAL] TABLE(f(…))`, or `f(…)` alone
    Function {
        /// With LATERAL: sees the tables to its left.
        lateral: bool,
        /// The call: a window function, a table function or a process table function.
        call: Box<FunctionCall>,
    },
    /// `UNNEST(collections) [WITH ORDINALITY]`
    Unnest {
        /// The collections.
        exprs: Vec<Expr>,
        /// Adds a number column.
        with_ordinality: bool,
    },
    /// A join; never has an alias.
    Join(Box<Join>),
    /// `input MATCH_RECOGNIZE (…)`
    MatchRecognize {
        /// The rows that are searched.
        input: Box<TableRef>,
        /// The pattern.
        pattern: Box<MatchRecognize>,
    },
}

/// `[AS] name [(columns)]`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TableAlias {
    /// The name.
    pub name: Ident,
    /// New column names; empty keeps them.
    pub columns: Vec<Ident>,
}

/// Two tables joined.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Join {
    /// Left input.
    pub left: TableRef,
    /// Right input.
    pub right: TableRef,
    /// Which join.
    pub kind: JoinKind,
    /// NATURAL: on all columns of equal name.
    pub natural: bool,
    /// ON or USING.
    pub condition: Option<JoinCondition>,
    /// Both inputs and the condition.
    pub span: Span,
}

/// Join kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JoinKind {
    /// `[INNER] JOIN`
    Inner,
    /// `LEFT [OUTER] JOIN`
    Left,
    /// `RIGHT [OUTER] JOIN`
    Right,
    /// `FULL [OUTER] JOIN`
    Full,
    /// `CROSS JOIN`
    Cross,
    /// `,`
    Comma,
}

/// A join's condition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum JoinCondition {
    /// `ON expr`
    On(Expr),
    /// `USING (columns)`
    Using(Vec<Ident>),
}
