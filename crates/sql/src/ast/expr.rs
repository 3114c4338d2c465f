//! Expressions.
//!
//! Operators and special syntax have nodes of their own; everything written `name(arguments)` is a [`FunctionCall`].
//! `SUBSTRING(x FROM a FOR b)` and `OVERLAY(x PLACING y FROM a FOR b)` become calls with plain arguments.

use super::{DataType, FunctionCall, Ident, IntervalQualifier, JsonFunction, Literal, ObjectName, Query, TimeUnit};
use crate::span::Span;

/// An expression and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

impl Expr {
    /// An expression at `span`.
    pub fn new(kind: ExprKind, span: Span) -> Self {
        Self { kind, span }
    }
}

impl From<ExprKind> for Expr {
    fn from(kind: ExprKind) -> Self {
        Self::new(kind, Span::default())
    }
}

/// The forms of expressions.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ExprKind {
    /// A literal.
    Literal(Literal),
    /// A column or a path: `a`, `t.a`, `t.row.field`.
    Name(ObjectName),
    /// `-x`, `+x`, `NOT x`
    Unary {
        /// The operator.
        op: UnaryOp,
        /// Its operand.
        operand: Box<Expr>,
    },
    /// `x op y`
    Binary {
        /// Left operand.
        left: Box<Expr>,
        /// The operator.
        op: BinaryOp,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `x IS [NOT] NULL | TRUE | FALSE | UNKNOWN | JSON …`
    Is {
        /// What is tested.
        operand: Box<Expr>,
        /// The test.
        test: IsTest,
        /// With NOT.
        negated: bool,
    },
    /// `x IS [NOT] DISTINCT FROM y`
    IsDistinctFrom {
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
        /// With NOT.
        negated: bool,
    },
    /// `x [NOT] BETWEEN [SYMMETRIC] low AND high`
    Between {
        /// What is tested.
        operand: Box<Expr>,
        /// Lower bound.
        low: Box<Expr>,
        /// Upper bound.
        high: Box<Expr>,
        /// The bounds may be in either order.
        symmetric: bool,
        /// With NOT.
        negated: bool,
    },
    /// `x [NOT] IN (a, b, …)`
    InList {
        /// What is tested.
        operand: Box<Expr>,
        /// The values.
        list: Vec<Expr>,
        /// With NOT.
        negated: bool,
    },
    /// `x [NOT] IN (query)`
    InSubquery {
        /// What is tested.
        operand: Box<Expr>,
        /// The sub-query.
        query: Box<Query>,
        /// With NOT.
        negated: bool,
    },
    /// `x [NOT] LIKE | SIMILAR TO pattern [ESCAPE c]`
    Like {
        /// What is tested.
        operand: Box<Expr>,
        /// LIKE or SIMILAR TO.
        kind: LikeKind,
        /// The pattern.
        pattern: Box<Expr>,
        /// The escape character.
        escape: Option<Box<Expr>>,
        /// With NOT.
        negated: bool,
    },
    /// `x op ANY | SOME | ALL (list or query)`
    Quantified {
        /// Left operand.
        left: Box<Expr>,
        /// A comparison operator.
        op: BinaryOp,
        /// ANY (= SOME) or ALL.
        quantifier: Quantifier,
        /// What it is compared with.
        right: QuantifiedOperand,
    },
    /// `EXISTS (query)`
    Exists(Box<Query>),
    /// `UNIQUE (query)`
    Unique(Box<Query>),
    /// `(query)` as a value.
    Subquery(Box<Query>),
    /// `CASE [operand] WHEN … THEN … [ELSE …] END`
    Case {
        /// The operand of the simple form; its branches' conditions may be several values.
        operand: Option<Box<Expr>>,
        /// At least one branch.
        branches: Vec<CaseBranch>,
        /// `ELSE`
        else_result: Option<Box<Expr>>,
    },
    /// `CAST(x AS type)`, `TRY_CAST(x AS type)`
    Cast {
        /// What is cast.
        operand: Box<Expr>,
        /// The target.
        data_type: DataType,
        /// TRY_CAST: NULL instead of an error.
        try_cast: bool,
    },
    /// `name(…)`, also `CURRENT_DATE` and the like without parentheses.
    Function(Box<FunctionCall>),
    /// `JSON_VALUE(… RETURNING …)` and its family.
    Json(Box<JsonFunction>),
    /// `EXTRACT(unit FROM x)`
    Extract {
        /// The unit.
        unit: TimeUnit,
        /// The date, time, timestamp or interval.
        operand: Box<Expr>,
    },
    /// `FLOOR(x TO unit)`, `CEIL(x TO unit)`
    FloorCeilTo {
        /// CEIL instead of FLOOR.
        ceil: bool,
        /// The date, time or timestamp.
        operand: Box<Expr>,
        /// The unit.
        unit: TimeUnit,
    },
    /// `TRIM([BOTH | LEADING | TRAILING] [characters] FROM x)`; plain `TRIM(x)` too (BOTH, no characters).
    Trim {
        /// Which side.
        side: TrimSide,
        /// What is cut off; a blank when absent.
        characters: Option<Box<Expr>>,
        /// The text.
        operand: Box<Expr>,
    },
    /// `POSITION(needle IN haystack [FROM start])`
    Position {
        /// What is looked for.
        needle: Box<Expr>,
        /// Where.
        haystack: Box<Expr>,
        /// From which character.
        from: Option<Box<Expr>>,
    },
    /// `TIMESTAMPADD(unit, count, timestamp)`
    TimestampAdd {
        /// The unit.
        unit: TimeUnit,
        /// How many.
        count: Box<Expr>,
        /// To what.
        timestamp: Box<Expr>,
    },
    /// `TIMESTAMPDIFF(unit, start, end)`
    TimestampDiff {
        /// The unit.
        unit: TimeUnit,
        /// From.
        start: Box<Expr>,
        /// To.
        end: Box<Expr>,
    },
    /// `INTERVAL expression unit` with a value that is no string literal.
    IntervalOf {
        /// How many (sign included).
        value: Box<Expr>,
        /// The unit.
        qualifier: IntervalQualifier,
    },
    /// `ROW(a, b)` or, implicit, `(a, b)`.
    Row {
        /// The fields.
        fields: Vec<Expr>,
        /// With the word ROW.
        explicit: bool,
    },
    /// `ARRAY[a, b]`
    Array(Vec<Expr>),
    /// `MAP[k, v, k, v]`
    Map(Vec<(Expr, Expr)>),
    /// `MULTISET[a, b]`
    Multiset(Vec<Expr>),
    /// `ARRAY(query)`, `MAP(query)`, `MULTISET(query)`
    CollectionQuery {
        /// Which collection.
        kind: CollectionKind,
        /// The query.
        query: Box<Query>,
    },
    /// `x[i]` of an array or a map (or a row).
    Element {
        /// The collection.
        operand: Box<Expr>,
        /// Index or key.
        index: Box<Expr>,
    },
    /// `x.field` where x is no name, e.g. `f(a).b`, `a[1].b`.
    Field {
        /// The row.
        operand: Box<Expr>,
        /// The field.
        field: Ident,
    },
    /// `x AT TIME ZONE zone`; `x AT LOCAL` when absent.
    AtTimeZone {
        /// The time.
        operand: Box<Expr>,
        /// The zone.
        zone: Option<Box<Expr>>,
    },
    /// `x COLLATE name`
    Collate {
        /// The text.
        operand: Box<Expr>,
        /// The collation.
        collation: ObjectName,
    },
    /// `DESCRIPTOR(a, b)`
    Descriptor(Vec<Ident>),
    /// `DEFAULT` as a value of INSERT or as an argument.
    Default,
    /// `RUNNING x` or `FINAL x` of MATCH_RECOGNIZE.
    MatchScope {
        /// FINAL instead of RUNNING.
        is_final: bool,
        /// The measure.
        operand: Box<Expr>,
    },
}

/// `WHEN condition[, condition…] THEN result`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CaseBranch {
    /// One condition; the simple form may have several values.
    pub conditions: Vec<Expr>,
    /// The result.
    pub result: Expr,
}

/// Prefix operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `NOT`
    Not,
}

/// Infix operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `OR`
    Or,
    /// `AND`
    And,
    /// `=`
    Eq,
    /// `<>`, `!=`
    NotEq,
    /// `<`
    Lt,
    /// `<=`
    LtEq,
    /// `>`
    Gt,
    /// `>=`
    GtEq,
    /// `||`
    Concat,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
    /// `OVERLAPS`
    Overlaps,
    /// `CONTAINS`
    Contains,
    /// `EQUALS`
    Equals,
    /// `PRECEDES`
    Precedes,
    /// `SUCCEEDS`
    Succeeds,
    /// `IMMEDIATELY PRECEDES`
    ImmediatelyPrecedes,
    /// `IMMEDIATELY SUCCEEDS`
    ImmediatelySucceeds,
    /// `MEMBER OF`
    MemberOf,
    /// `SUBMULTISET OF`
    SubmultisetOf,
    /// `MULTISET UNION [DISTINCT]`
    MultisetUnion,
    /// `MULTISET UNION ALL`
    MultisetUnionAll,
    /// `MULTISET INTERSECT [DISTINCT]`
    MultisetIntersect,
    /// `MULTISET INTERSECT ALL`
    MultisetIntersectAll,
    /// `MULTISET EXCEPT [DISTINCT]`
    MultisetExcept,
    /// `MULTISET EXCEPT ALL`
    MultisetExceptAll,
}

/// Tests after `IS [NOT]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IsTest {
    /// `NULL`
    Null,
    /// `TRUE`
    True,
    /// `FALSE`
    False,
    /// `UNKNOWN`
    Unknown,
    /// `JSON` or `JSON VALUE`
    JsonValue,
    /// `JSON OBJECT`
    JsonObject,
    /// `JSON ARRAY`
    JsonArray,
    /// `JSON SCALAR`
    JsonScalar,
    /// `A SET`
    Set,
    /// `EMPTY`
    Empty,
}

/// Pattern languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LikeKind {
    /// `LIKE`
    Like,
    /// `SIMILAR TO`
    SimilarTo,
}

/// `ANY` (also written SOME) or `ALL`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// `ANY`, `SOME`
    Any,
    /// `ALL`
    All,
}

/// Right side of a quantified comparison.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum QuantifiedOperand {
    /// `(query)`
    Query(Box<Query>),
    /// `(a, b, …)`
    List(Vec<Expr>),
}

/// Which end TRIM cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TrimSide {
    /// `BOTH`
    Both,
    /// `LEADING`
    Leading,
    /// `TRAILING`
    Trailing,
}

/// Collections that a query can fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CollectionKind {
    /// `ARRAY(query)`
    Array,
    /// `MAP(query)`
    Map,
    /// `MULTISET(query)`
    Multiset,
}
