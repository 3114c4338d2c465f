//! What a side says to a query, and when two sides say the same.

use nutkin_types::{LogicalType, Value};

/// The rows of a query.
#[derive(Debug, Clone)]
pub struct Rows {
    pub types: Vec<LogicalType>,
    pub rows: Vec<Vec<Value>>,
}

/// Why there are none.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The query may be right, but it is not built, or the comparison cannot read its result.
    pub is_untried: bool,
    pub text: String,
    /// The column, from 1, of the SQL's only line that it speaks of.
    pub column: Option<usize>,
}

pub type Answer = Result<Rows, Refusal>;

impl Refusal {
    pub fn new(text: impl Into<String>) -> Refusal {
        Refusal { is_untried: false, text: text.into(), column: None }
    }

    pub fn untried(text: impl Into<String>) -> Refusal {
        Refusal { is_untried: true, text: text.into(), column: None }
    }

    /// Its first line, not too long and without ids in square brackets.
    pub fn brief(&self) -> String {
        let line = self.text.lines().next().unwrap_or_default();
        let (before, after) =
            line.split_once(" [").and_then(|(b, rest)| Some((b, rest.split_once(']')?.1))).unwrap_or((line, ""));
        (before.to_owned() + after).chars().take(200).collect()
    }
}

/// Whether `a` and `b` are the same value of one type: NaN equals itself, and the order of a map's entries does not count.
pub fn same_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Double(a), Value::Double(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_value(a, b)),
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, value)| b.iter().any(|(k, v)| same_value(key, k) && same_value(value, v)))
        }
        _ => a == b,
    }
}

/// Whether the types are the same, without NOT NULL.
pub fn same_type(a: &LogicalType, b: &LogicalType) -> bool {
    a.clone().nullable().same_ignoring_nullability(&b.clone().nullable())
}

/// What is left when changes have been applied in their order: true for a row that comes, false for one that goes.
pub fn applied(changes: impl IntoIterator<Item = (bool, Vec<Value>)>) -> Result<Vec<Vec<Value>>, Refusal> {
    let mut rows: Vec<Vec<Value>> = Vec::new();
    for (comes, row) in changes {
        if comes {
            rows.push(row);
            continue;
        }
        let same = |other: &Vec<Value>| row.iter().zip(other).all(|(a, b)| same_value(a, b));
        let Some(place) = rows.iter().position(same) else {
            return Err(Refusal::new(format!("a row goes that is not there: {row:?}")));
        };
        rows.remove(place);
    }
    Ok(rows)
}

/// Whether rows are the same in the same order.
pub fn same_rows(a: &[Vec<Value>], b: &[Vec<Value>]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.iter().zip(b).all(|(a, b)| same_value(a, b)))
}

/// Whether rows are the same in the same order but for the last digits of doubles: four of the steps between them.
pub fn near_rows(a: &[Vec<Value>], b: &[Vec<Value>]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.iter().zip(b).all(|(a, b)| near_value(a, b)))
}

fn near_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Double(x), Value::Double(y)) if x.is_finite() && y.is_finite() => {
            (x - y).abs() <= 4.0 * f64::EPSILON * x.abs().max(y.abs())
        }
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| near_value(a, b)),
        _ => same_value(a, b),
    }
}

/// As [`same_rows`], of the entries of maps in any order.
pub fn same_entries(a: &[Vec<Value>], b: &[Vec<Value>]) -> bool {
    let entries = |row: &Vec<Value>| match row.as_slice() {
        [Value::List(entries)] => entries.iter().map(|entry| vec![entry.clone()]).collect(),
        _ => vec![row.clone()],
    };
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_bag(&entries(a), &entries(b)))
}

/// Whether two bags of rows are the same.
pub fn same_bag(a: &[Vec<Value>], b: &[Vec<Value>]) -> bool {
    let mut left: Vec<&Vec<Value>> = b.iter().collect();
    a.len() == b.len()
        && a.iter().all(|row| {
            let found = left.iter().position(|other| row.iter().zip(*other).all(|(a, b)| same_value(a, b)));
            found.map(|index| left.swap_remove(index)).is_some()
        })
}
