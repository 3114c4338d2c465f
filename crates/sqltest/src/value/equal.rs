//! When two values of one type count as the same.

use nutkin_types::Value;

/// True when `a` and `b` are the same value. NaN equals itself, the order of map entries does not count, and a DOUBLE may
/// differ in its last digits, because two mathematical libraries need not round alike.
pub fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Double(x), Value::Double(y)) => {
            x == y || (x.is_nan() && y.is_nan()) || (x - y).abs() <= 1e-12 * x.abs().max(y.abs()) || same_float(*x, *y)
        }
        (Value::List(x), Value::List(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| equal(x, y)),
        (Value::Map(x), Value::Map(y)) => {
            x.len() == y.len() && x.iter().all(|(k, v)| y.iter().any(|(l, w)| equal(k, l) && equal(v, w)))
        }
        _ => a == b,
    }
}

/// A FLOAT is recorded by its shortest text, which is another DOUBLE than the one it widens to.
fn same_float(x: f64, y: f64) -> bool {
    x as f32 == y as f32 && (x as f32).is_finite() && (x == f64::from(x as f32) || y == f64::from(y as f32))
}
