//! Expressions, with parentheses where precedence needs them.

use super::List;
use crate::ast::{
    BinaryOp, CaseBranch, CollectionKind, Expr, ExprKind, IsTest, LikeKind, QuantifiedOperand, Quantifier, TrimSide,
    UnaryOp,
};
use crate::precedence::{self, level};
use std::fmt::{self, Display, Formatter};

/// An operand: in parentheses when its operator is looser than the level.
struct At<'a>(&'a Expr, u8);

impl Display for At<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let At(expr, min) = self;
        if precedence::of_expr(expr) < *min { write!(f, "({expr})") } else { expr.fmt(f) }
    }
}

/// An operand that something could be read into from the right (`.`, `[`, `TO`): in parentheses unless it is closed.
struct Closed<'a>(&'a Expr);

impl Display for Closed<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let is_open = match &self.0.kind {
            ExprKind::Literal(_) | ExprKind::Default | ExprKind::IntervalOf { .. } => true,
            ExprKind::Function(call) => call.bare || call.over.is_some(),
            _ => false,
        };
        if is_open { write!(f, "({})", self.0) } else { At(self.0, level::PRIMARY).fmt(f) }
    }
}

fn not(negated: bool) -> &'static str {
    if negated { "NOT " } else { "" }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl Display for ExprKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            ExprKind::Literal(literal) => literal.fmt(f),
            ExprKind::Name(name) => name.fmt(f),
            ExprKind::Unary { op, operand } => unary(f, *op, operand),
            ExprKind::Binary { left, op, right } => {
                let own = precedence::of(*op);
                write!(f, "{} {op} {}", At(left, own), At(right, own + 1))
            }
            ExprKind::Is { .. }
            | ExprKind::IsDistinctFrom { .. }
            | ExprKind::Between { .. }
            | ExprKind::InList { .. }
            | ExprKind::InSubquery { .. }
            | ExprKind::Like { .. }
            | ExprKind::Quantified { .. } => predicate(f, self),
            ExprKind::Exists(query) => write!(f, "EXISTS ({query})"),
            ExprKind::Unique(query) => write!(f, "UNIQUE ({query})"),
            ExprKind::Subquery(query) => write!(f, "({query})"),
            ExprKind::Case { operand, branches, else_result } => {
                case(f, operand.as_deref(), branches, else_result.as_deref())
            }
            ExprKind::Cast { operand, data_type, try_cast } => {
                let name = if *try_cast { "TRY_CAST" } else { "CAST" };
                write!(f, "{name}({operand} AS {data_type})")
            }
            ExprKind::Function(call) => call.fmt(f),
            ExprKind::Json(function) => function.fmt(f),
            ExprKind::Extract { .. }
            | ExprKind::FloorCeilTo { .. }
            | ExprKind::Trim { .. }
            | ExprKind::Position { .. }
            | ExprKind::TimestampAdd { .. }
            | ExprKind::TimestampDiff { .. }
            | ExprKind::IntervalOf { .. } => special(f, self),
            ExprKind::Row { fields, explicit } => {
                let name = if *explicit { "ROW" } else { "" };
                write!(f, "{name}({})", List(fields))
            }
            ExprKind::Array(items) => write!(f, "ARRAY[{}]", List(items)),
            ExprKind::Multiset(items) => write!(f, "MULTISET[{}]", List(items)),
            ExprKind::Map(entries) => map(f, entries),
            ExprKind::CollectionQuery { kind, query } => {
                let name = match kind {
                    CollectionKind::Array => "ARRAY",
                    CollectionKind::Map => "MAP",
                    CollectionKind::Multiset => "MULTISET",
                };
                write!(f, "{name}({query})")
            }
            ExprKind::Element { operand, index } => write!(f, "{}[{index}]", Closed(operand)),
            ExprKind::Field { operand, field } => match &operand.kind {
                // Without parentheses the field would be a part of the name.
                ExprKind::Name(name) => write!(f, "({name}).{field}"),
                _ => write!(f, "{}.{field}", Closed(operand)),
            },
            ExprKind::AtTimeZone { operand, zone: Some(zone) } => {
                write!(f, "{} AT TIME ZONE {}", At(operand, level::ZONE), At(zone, level::ZONE + 1))
            }
            ExprKind::AtTimeZone { operand, zone: None } => {
                write!(f, "{} AT LOCAL", At(operand, level::ZONE))
            }
            ExprKind::Collate { operand, collation } => {
                write!(f, "{} COLLATE {collation}", At(operand, level::ZONE))
            }
            ExprKind::Descriptor(columns) => write!(f, "DESCRIPTOR({})", List(columns)),
            ExprKind::Default => f.write_str("DEFAULT"),
            ExprKind::MatchScope { is_final, operand } => {
                let scope = if *is_final { "FINAL" } else { "RUNNING" };
                write!(f, "{scope} {}", At(operand, level::PRIMARY))
            }
        }
    }
}

fn unary(f: &mut Formatter<'_>, op: UnaryOp, operand: &Expr) -> fmt::Result {
    let signed = matches!(&operand.kind, ExprKind::Unary { op: UnaryOp::Plus | UnaryOp::Minus, .. });
    match op {
        UnaryOp::Not => write!(f, "NOT {}", At(operand, level::NOT)),
        // Two minus signs in a row would be a comment, and parentheses a level of nesting that was not written.
        UnaryOp::Plus if signed => write!(f, "+ {operand}"),
        UnaryOp::Minus if signed => write!(f, "- {operand}"),
        UnaryOp::Plus => write!(f, "+{}", At(operand, level::SIGN + 1)),
        UnaryOp::Minus => write!(f, "-{}", At(operand, level::SIGN + 1)),
    }
}

fn predicate(f: &mut Formatter<'_>, kind: &ExprKind) -> fmt::Result {
    const LEFT: u8 = level::PREDICATE;
    const INNER: u8 = level::PREDICATE + 1;
    match kind {
        ExprKind::Is { operand, test, negated } => {
            write!(f, "{} IS {}{test}", At(operand, level::IS), not(*negated))
        }
        ExprKind::IsDistinctFrom { left, right, negated } => {
            let (left, right) = (At(left, level::COMPARISON), At(right, level::COMPARISON + 1));
            write!(f, "{left} IS {}DISTINCT FROM {right}", not(*negated))
        }
        ExprKind::Between { operand, low, high, symmetric, negated } => {
            let symmetric = if *symmetric { "SYMMETRIC " } else { "" };
            write!(f, "{} {}BETWEEN {symmetric}", At(operand, LEFT), not(*negated))?;
            write!(f, "{} AND {}", At(low, INNER), At(high, INNER))
        }
        ExprKind::InList { operand, list, negated } => {
            write!(f, "{} {}IN ({})", At(operand, LEFT), not(*negated), List(list))
        }
        ExprKind::InSubquery { operand, query, negated } => {
            write!(f, "{} {}IN ({query})", At(operand, LEFT), not(*negated))
        }
        ExprKind::Like { operand, kind, pattern, escape, negated } => {
            write!(f, "{} {}{kind} {}", At(operand, LEFT), not(*negated), At(pattern, INNER))?;
            match escape {
                Some(escape) => write!(f, " ESCAPE {}", At(escape, INNER)),
                None => Ok(()),
            }
        }
        ExprKind::Quantified { left, op, quantifier, right } => {
            let quantifier = match quantifier {
                Quantifier::Any => "ANY",
                Quantifier::All => "ALL",
            };
            write!(f, "{} {op} {quantifier} ", At(left, level::COMPARISON))?;
            match right {
                QuantifiedOperand::Query(query) => write!(f, "({query})"),
                QuantifiedOperand::List(list) => write!(f, "({})", List(list)),
            }
        }
        _ => Ok(()),
    }
}

fn special(f: &mut Formatter<'_>, kind: &ExprKind) -> fmt::Result {
    match kind {
        ExprKind::Extract { unit, operand } => write!(f, "EXTRACT({unit} FROM {operand})"),
        ExprKind::FloorCeilTo { ceil, operand, unit } => {
            let name = if *ceil { "CEIL" } else { "FLOOR" };
            write!(f, "{name}({} TO {unit})", Closed(operand))
        }
        ExprKind::Trim { side, characters, operand } => {
            let side = match side {
                TrimSide::Both => "BOTH",
                TrimSide::Leading => "LEADING",
                TrimSide::Trailing => "TRAILING",
            };
            match characters {
                Some(characters) => write!(f, "TRIM({side} {characters} FROM {operand})"),
                None if side == "BOTH" => write!(f, "TRIM({operand})"),
                None => write!(f, "TRIM({side} FROM {operand})"),
            }
        }
        ExprKind::Position { needle, haystack, from } => {
            let needle = At(needle, level::PREDICATE + 1);
            write!(f, "POSITION({needle} IN {haystack}")?;
            super::optional(f, "FROM ", from.as_ref())?;
            f.write_str(")")
        }
        ExprKind::TimestampAdd { unit, count, timestamp } => {
            write!(f, "TIMESTAMPADD({unit}, {count}, {timestamp})")
        }
        ExprKind::TimestampDiff { unit, start, end } => {
            write!(f, "TIMESTAMPDIFF({unit}, {start}, {end})")
        }
        ExprKind::IntervalOf { value, qualifier } => match &value.kind {
            ExprKind::Name(name) => write!(f, "INTERVAL {name} {qualifier}"),
            _ => write!(f, "INTERVAL ({value}) {qualifier}"),
        },
        _ => Ok(()),
    }
}

fn case(
    f: &mut Formatter<'_>,
    operand: Option<&Expr>,
    branches: &[CaseBranch],
    else_result: Option<&Expr>,
) -> fmt::Result {
    f.write_str("CASE")?;
    super::optional(f, "", operand)?;
    for branch in branches {
        write!(f, " WHEN {} THEN {}", List(&branch.conditions), branch.result)?;
    }
    super::optional(f, "ELSE ", else_result)?;
    f.write_str(" END")
}

fn map(f: &mut Formatter<'_>, entries: &[(Expr, Expr)]) -> fmt::Result {
    f.write_str("MAP[")?;
    for (index, (key, value)) in entries.iter().enumerate() {
        let comma = if index > 0 { ", " } else { "" };
        write!(f, "{comma}{key}, {value}")?;
    }
    f.write_str("]")
}

impl Display for BinaryOp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BinaryOp::Or => "OR",
            BinaryOp::And => "AND",
            BinaryOp::Eq => "=",
            BinaryOp::NotEq => "<>",
            BinaryOp::Lt => "<",
            BinaryOp::LtEq => "<=",
            BinaryOp::Gt => ">",
            BinaryOp::GtEq => ">=",
            BinaryOp::Concat => "||",
            BinaryOp::Plus => "+",
            BinaryOp::Minus => "-",
            BinaryOp::Multiply => "*",
            BinaryOp::Divide => "/",
            BinaryOp::Modulo => "%",
            BinaryOp::Overlaps => "OVERLAPS",
            BinaryOp::Contains => "CONTAINS",
            BinaryOp::Equals => "EQUALS",
            BinaryOp::Precedes => "PRECEDES",
            BinaryOp::Succeeds => "SUCCEEDS",
            BinaryOp::ImmediatelyPrecedes => "IMMEDIATELY PRECEDES",
            BinaryOp::ImmediatelySucceeds => "IMMEDIATELY SUCCEEDS",
            BinaryOp::MemberOf => "MEMBER OF",
            BinaryOp::SubmultisetOf => "SUBMULTISET OF",
            BinaryOp::MultisetUnion => "MULTISET UNION",
            BinaryOp::MultisetUnionAll => "MULTISET UNION ALL",
            BinaryOp::MultisetIntersect => "MULTISET INTERSECT",
            BinaryOp::MultisetIntersectAll => "MULTISET INTERSECT ALL",
            BinaryOp::MultisetExcept => "MULTISET EXCEPT",
            BinaryOp::MultisetExceptAll => "MULTISET EXCEPT ALL",
        })
    }
}

impl Display for IsTest {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            IsTest::Null => "NULL",
            IsTest::True => "TRUE",
            IsTest::False => "FALSE",
            IsTest::Unknown => "UNKNOWN",
            IsTest::JsonValue => "JSON VALUE",
            IsTest::JsonObject => "JSON OBJECT",
            IsTest::JsonArray => "JSON ARRAY",
            IsTest::JsonScalar => "JSON SCALAR",
            IsTest::Set => "A SET",
            IsTest::Empty => "EMPTY",
        })
    }
}

impl Display for LikeKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LikeKind::Like => "LIKE",
            LikeKind::SimilarTo => "SIMILAR TO",
        })
    }
}
