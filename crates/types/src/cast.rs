//! Which types convert to which: the implicit widening of operands and the explicit CAST matrix (spec sql.md 2.5).

use crate::data_type::{DataType, LogicalType, MAX_DECIMAL_PRECISION, MAX_LENGTH, RowField, TypeFamily};

/// True when `CAST(from AS to)` is allowed, though it may fail for some values at run time.
pub fn supports_explicit_cast(from: &LogicalType, to: &LogicalType) -> bool {
    use TypeFamily as F;
    // Of a VARIANT nothing is made by a cast, not even itself.
    if from == to {
        return *from != LogicalType::Variant;
    }
    let (source, target) = (from.family(), to.family());
    match (source, target) {
        (F::Null, _) => true,
        (_, F::Null) => false,
        (F::Variant, _) | (_, F::Variant) => false,
        // Everything else has a text.
        (_, F::CharacterString) => true,
        (F::CharacterString, F::Array | F::Map | F::Multiset | F::Row | F::Structured) => false,
        (F::CharacterString, F::IntervalYearMonth | F::IntervalDayTime) => false,
        (F::CharacterString, _) => true,
        (F::BinaryString, F::BinaryString) => true,
        (F::Boolean, F::Boolean | F::ExactInteger | F::Decimal | F::Approximate) => true,
        (F::ExactInteger | F::Decimal | F::Approximate, F::Boolean) => true,
        (F::ExactInteger | F::Decimal | F::Approximate, F::ExactInteger | F::Decimal | F::Approximate) => true,
        (F::ExactInteger, F::IntervalYearMonth | F::IntervalDayTime) => true,
        (F::IntervalYearMonth, F::IntervalYearMonth) | (F::IntervalDayTime, F::IntervalDayTime) => true,
        (F::Date, F::Date | F::Timestamp | F::TimestampLtz) => true,
        (F::Time, F::Time | F::Timestamp | F::TimestampLtz) => true,
        (F::Timestamp | F::TimestampLtz, F::Date | F::Time | F::Timestamp | F::TimestampLtz) => true,
        (F::Array, F::Array) | (F::Multiset, F::Multiset) | (F::Map, F::Map) => nested(from, to),
        (F::Row | F::Structured, F::Row | F::Structured) => nested(from, to),
        _ => false,
    }
}

fn nested(from: &LogicalType, to: &LogicalType) -> bool {
    match (from, to) {
        (LogicalType::Array { element: a }, LogicalType::Array { element: b })
        | (LogicalType::Multiset { element: a }, LogicalType::Multiset { element: b }) => {
            supports_part(&a.logical, &b.logical)
        }
        (LogicalType::Map { key: k1, value: v1 }, LogicalType::Map { key: k2, value: v2 }) => {
            supports_part(&k1.logical, &k2.logical) && supports_part(&v1.logical, &v2.logical)
        }
        _ => match (from.fields(), to.fields()) {
            (Some(a), Some(b)) => by_fields(a, b, supports_part),
            _ => false,
        },
    }
}

/// A part that stays what it is needs no cast.
fn supports_part(from: &LogicalType, to: &LogicalType) -> bool {
    from == to || supports_explicit_cast(from, to)
}

fn by_fields(from: &[RowField], to: &[RowField], allowed: fn(&LogicalType, &LogicalType) -> bool) -> bool {
    from.len() == to.len()
        && from.iter().zip(to).all(|(from, to)| allowed(&from.data_type.logical, &to.data_type.logical))
}

/// True when a value of `from` may stand where `to` is wanted without a written CAST: assignments to sink columns and
/// arguments of functions. The matrix is Flink's: it loses no magnitude of integers, but digits of an approximate number
/// that becomes a DECIMAL, and the time of a TIMESTAMP that becomes a DATE.
pub fn supports_implicit_cast(from: &LogicalType, to: &LogicalType) -> bool {
    use LogicalType as T;
    if from == to {
        return true;
    }
    match (from, to) {
        (T::Null, _) => true,
        (T::Char { .. }, T::Char { .. } | T::VarChar { .. }) | (T::VarChar { .. }, T::VarChar { .. }) => true,
        (T::Binary { .. }, T::Binary { .. } | T::VarBinary { .. }) | (T::VarBinary { .. }, T::VarBinary { .. }) => true,
        (T::Float, T::Double) | (T::Float | T::Double, T::Decimal { .. }) => true,
        (T::Decimal { .. }, T::Decimal { .. } | T::Float | T::Double) => true,
        (a, T::Float | T::Double | T::Decimal { .. }) if a.family() == TypeFamily::ExactInteger => true,
        (a, b) if a.family() == TypeFamily::ExactInteger && b.family() == TypeFamily::ExactInteger => {
            integer_rank(a) <= integer_rank(b)
        }
        (T::Time { .. }, T::Time { .. }) => true,
        (T::Timestamp { .. }, T::Date | T::Time { .. }) => true,
        (T::Timestamp { .. } | T::TimestampLtz { .. }, T::Timestamp { .. } | T::TimestampLtz { .. }) => true,
        (T::IntervalYearMonth { .. }, T::IntervalYearMonth { .. }) => true,
        (T::IntervalDayTime { .. }, T::IntervalDayTime { .. }) => true,
        (T::Array { element: a }, T::Array { element: b })
        | (T::Multiset { element: a }, T::Multiset { element: b }) => supports_implicit_cast(&a.logical, &b.logical),
        (T::Map { key: k1, value: v1 }, T::Map { key: k2, value: v2 }) => {
            supports_implicit_cast(&k1.logical, &k2.logical) && supports_implicit_cast(&v1.logical, &v2.logical)
        }
        _ => match (from.fields(), to.fields()) {
            (Some(a), Some(b)) => by_fields(a, b, supports_implicit_cast),
            _ => false,
        },
    }
}

fn integer_rank(logical: &LogicalType) -> u8 {
    match logical {
        LogicalType::TinyInt => 1,
        LogicalType::SmallInt => 2,
        LogicalType::Int => 3,
        _ => 4,
    }
}

/// The type that holds every value of `a` and of `b` (CASE branches, COALESCE, IN lists, UNION, array elements), nullable
/// when one of them is; None when there is none. As in Flink, a DATE and a TIMESTAMP have none: the query has to say how.
pub fn common_type(a: &DataType, b: &DataType) -> Option<DataType> {
    let nullable = a.nullable || b.nullable || a.logical == LogicalType::Null || b.logical == LogicalType::Null;
    Some(DataType::new(common_logical(&a.logical, &b.logical)?, nullable))
}

fn common_logical(a: &LogicalType, b: &LogicalType) -> Option<LogicalType> {
    use LogicalType as T;
    if a == b {
        return Some(a.clone());
    }
    Some(match (a, b) {
        (T::Null, other) | (other, T::Null) => other.clone(),
        (T::Char { length: x } | T::VarChar { length: x }, T::Char { length: y } | T::VarChar { length: y }) => {
            T::VarChar { length: (*x).max(*y).min(MAX_LENGTH) }
        }
        (T::Binary { length: x }, T::Binary { length: y }) => T::Binary { length: *x.max(y) },
        (
            T::Binary { length: x } | T::VarBinary { length: x },
            T::Binary { length: y } | T::VarBinary { length: y },
        ) => T::VarBinary { length: (*x).max(*y) },
        (x, y) if x.is_numeric() && y.is_numeric() => common_numeric(x, y)?,
        (T::Time { precision: x }, T::Time { precision: y }) => T::Time { precision: *x.max(y) },
        (T::Timestamp { precision: x }, T::Timestamp { precision: y }) => T::Timestamp { precision: *x.max(y) },
        (
            T::TimestampLtz { precision: x } | T::Timestamp { precision: x },
            T::TimestampLtz { precision: y } | T::Timestamp { precision: y },
        ) => T::TimestampLtz { precision: *x.max(y) },
        (T::IntervalYearMonth { .. }, T::IntervalYearMonth { .. })
        | (T::IntervalDayTime { .. }, T::IntervalDayTime { .. }) => a.clone(),
        (T::Array { element: x }, T::Array { element: y }) => T::array(common_type(x, y)?),
        (T::Multiset { element: x }, T::Multiset { element: y }) => {
            T::Multiset { element: Box::new(common_type(x, y)?) }
        }
        (T::Map { key: k1, value: v1 }, T::Map { key: k2, value: v2 }) => {
            T::map(common_type(k1, k2)?, common_type(v1, v2)?)
        }
        (T::Row { fields: x }, T::Row { fields: y }) if x.len() == y.len() => T::Row {
            fields: x
                .iter()
                .zip(y.iter())
                .map(|(f, g)| Some(RowField::new(f.name.clone(), common_type(&f.data_type, &g.data_type)?)))
                .collect::<Option<_>>()?,
        },
        _ => return None,
    })
}

/// The numeric type that both operands widen to: DOUBLE over FLOAT over DECIMAL over the larger integer. A DECIMAL
/// beside an approximate type gives DOUBLE.
pub fn common_numeric(a: &LogicalType, b: &LogicalType) -> Option<LogicalType> {
    use LogicalType as T;
    Some(match (a, b) {
        (T::Double, y) | (y, T::Double) if y.is_numeric() => T::Double,
        (T::Float, T::Float) => T::Float,
        (T::Float, T::Decimal { .. }) | (T::Decimal { .. }, T::Float) => T::Double,
        (T::Float, y) | (y, T::Float) if y.is_numeric() => T::Float,
        (T::Decimal { .. }, _) | (_, T::Decimal { .. }) => {
            let ((p1, s1), (p2, s2)) = (a.as_decimal()?, b.as_decimal()?);
            let scale = s1.max(s2);
            let precision = (p1 - s1).max(p2 - s2).saturating_add(scale).min(MAX_DECIMAL_PRECISION);
            T::Decimal { precision, scale }
        }
        (x, y) if integer_rank(x) >= integer_rank(y) => x.clone(),
        (_, y) => y.clone(),
    })
}
