//! DECIMAL arithmetic on unscaled 128-bit values: rounding HALF_UP, NULL where the result has too many digits.
//!
//! Products and quotients go through 256 bits, so that nothing is lost before the one rounding at the end.

use arrow_buffer::i256;
use nutkin_types::data_type::MAX_DECIMAL_PRECISION;

/// 10 to the power `exponent` (at most 38).
pub fn power_of_ten(exponent: u8) -> i128 {
    10i128.checked_pow(u32::from(exponent)).unwrap_or(i128::MAX)
}

fn power_of_ten_256(exponent: u32) -> i256 {
    i256::from_i128(10).checked_pow(exponent).unwrap_or(i256::MAX)
}

/// `value` when it has at most `precision` digits.
pub fn fit(value: i128, precision: u8) -> Option<i128> {
    (value.unsigned_abs() < power_of_ten(precision).unsigned_abs()).then_some(value)
}

fn fit_256(value: i256, precision: u8) -> Option<i128> {
    value.to_i128().and_then(|value| fit(value, precision))
}

/// Quotient rounded half away from zero.
fn divide_half_up(value: i256, divisor: i256) -> Option<i256> {
    let quotient = value.checked_div(divisor)?;
    let remainder = value.checked_rem(divisor)?;
    let twice = remainder.checked_mul(i256::from_i128(2))?.checked_abs()?;
    if twice < divisor.checked_abs()? {
        return Some(quotient);
    }
    let negative = (value < i256::ZERO) != (divisor < i256::ZERO);
    let step = if negative { i256::MINUS_ONE } else { i256::ONE };
    quotient.checked_add(step)
}

/// `value` of scale `from` at scale `to`, rounded half up; None when it needs more than `precision` digits.
pub fn rescale(value: i128, from: u8, to: u8, precision: u8) -> Option<i128> {
    if to >= from {
        let factor = power_of_ten_256(u32::from(to - from));
        return fit_256(i256::from_i128(value).checked_mul(factor)?, precision);
    }
    if from - to > MAX_DECIMAL_PRECISION {
        return Some(0);
    }
    fit(divide_half_up_128(value, power_of_ten(from - to)), precision)
}

/// As the quotient of integers, rounded half away from zero; `divisor` is positive and a power of ten.
pub fn divide_half_up_128(value: i128, divisor: i128) -> i128 {
    let (quotient, remainder) = (value / divisor, value % divisor);
    if remainder.unsigned_abs() >= divisor.unsigned_abs() - remainder.unsigned_abs() {
        quotient + value.signum()
    } else {
        quotient
    }
}

/// A sum that has overflowed: NULL.
const OVERFLOWED: i128 = i128::MIN;

/// A SUM of 38 digits and one more value. Beyond its digits a sum is NULL, which [`fit`] says, and stays so.
pub fn accumulate(sum: i128, value: i128) -> i128 {
    if sum == OVERFLOWED || value == OVERFLOWED {
        return OVERFLOWED;
    }
    sum.checked_add(value).and_then(|sum| fit(sum, MAX_DECIMAL_PRECISION)).unwrap_or(OVERFLOWED)
}

/// A sum within a variance: Flink starts it again with the next value after it has overflowed.
pub fn restarted(sum: i128) -> i128 {
    if sum == OVERFLOWED { 0 } else { sum }
}

/// A number with its scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    pub unscaled: i128,
    pub scale: u8,
}

/// Sum at `scale` of `precision` digits.
pub fn add(a: Decimal, b: Decimal, precision: u8, scale: u8) -> Option<i128> {
    let common = a.scale.max(b.scale);
    let left = i256::from_i128(a.unscaled).checked_mul(power_of_ten_256(u32::from(common - a.scale)))?;
    let right = i256::from_i128(b.unscaled).checked_mul(power_of_ten_256(u32::from(common - b.scale)))?;
    round(left.checked_add(right)?, u32::from(common), precision, scale)
}

/// Product at `scale` of `precision` digits.
pub fn multiply(a: Decimal, b: Decimal, precision: u8, scale: u8) -> Option<i128> {
    let product = i256::from_i128(a.unscaled).checked_mul(i256::from_i128(b.unscaled))?;
    round(product, u32::from(a.scale) + u32::from(b.scale), precision, scale)
}

/// Quotient at `scale` of `precision` digits; `b` is not zero.
pub fn divide(a: Decimal, b: Decimal, precision: u8, scale: u8) -> Option<i128> {
    // a / 10^sa divided by b / 10^sb, times 10^scale.
    let exponent = i32::from(scale) + i32::from(b.scale) - i32::from(a.scale);
    let (mut dividend, mut divisor) = (i256::from_i128(a.unscaled), i256::from_i128(b.unscaled));
    if exponent >= 0 {
        dividend = dividend.checked_mul(power_of_ten_256(exponent.unsigned_abs()))?;
    } else {
        divisor = divisor.checked_mul(power_of_ten_256(exponent.unsigned_abs()))?;
    }
    fit_256(divide_half_up(dividend, divisor)?, precision)
}

/// Remainder with the sign of `a`, at `scale`; `b` is not zero.
pub fn remainder(a: Decimal, b: Decimal, precision: u8, scale: u8) -> Option<i128> {
    let common = a.scale.max(b.scale);
    let left = i256::from_i128(a.unscaled).checked_mul(power_of_ten_256(u32::from(common - a.scale)))?;
    let right = i256::from_i128(b.unscaled).checked_mul(power_of_ten_256(u32::from(common - b.scale)))?;
    round(left.checked_rem(right)?, u32::from(common), precision, scale)
}

fn round(value: i256, from: u32, precision: u8, to: u8) -> Option<i128> {
    let to = u32::from(to);
    let value = if to >= from {
        value.checked_mul(power_of_ten_256(to - from))?
    } else {
        divide_half_up(value, power_of_ten_256(from - to))?
    };
    fit_256(value, precision)
}

/// Plain text with `scale` digits after the point: `-0.05`.
pub fn write(unscaled: i128, scale: u8, out: &mut String) {
    use std::fmt::Write;
    let digits = unscaled.unsigned_abs();
    let power = power_of_ten(scale).unsigned_abs();
    let sign = if unscaled < 0 { "-" } else { "" };
    // Writing to a String cannot fail.
    let _ = match scale {
        0 => write!(out, "{sign}{digits}"),
        _ => write!(out, "{sign}{}.{:0width$}", digits / power, digits % power, width = scale as usize),
    };
}

/// A number in plain or exponent notation, rounded half up to `scale`; None when it is no number or has too many digits.
pub fn parse(text: &str, precision: u8, scale: u8) -> Option<i128> {
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (rest.get(..at)?, rest.get(at + 1..)?.parse::<i32>().ok()?),
        None => (rest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let digits = || whole.bytes().chain(fraction.bytes());
    if !digits().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // Position of the last kept digit: `scale` after the point, moved by the exponent.
    let keep = whole.len() as i64 + i64::from(exponent) + i64::from(scale);
    let mut value: i128 = 0;
    for (i, digit) in (0i64..).zip(digits()) {
        if i < keep {
            value = value.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
        } else {
            if i == keep && digit >= b'5' {
                value = value.checked_add(1)?;
            }
            break;
        }
    }
    let missing = keep - (whole.len() + fraction.len()) as i64;
    if missing > 0 && value != 0 {
        value = value.checked_mul(10i128.checked_pow(u32::try_from(missing).ok()?)?)?;
    }
    fit(if negative { -value } else { value }, precision)
}

/// The value of a DOUBLE, by its shortest text, as `BigDecimal.valueOf` does; None for NaN, infinities and overflow.
pub fn from_double(value: f64, precision: u8, scale: u8) -> Option<i128> {
    if !value.is_finite() {
        return None;
    }
    parse(&format!("{value:e}"), precision, scale)
}

/// The nearest DOUBLE.
pub fn to_double(unscaled: i128, scale: u8) -> f64 {
    if scale == 0 {
        return unscaled as f64;
    }
    // Two exact doubles divide correctly rounded; longer values go through their text.
    if unscaled.unsigned_abs() < 1 << 53 && scale <= 22 {
        return unscaled as f64 / 10f64.powi(i32::from(scale));
    }
    let mut text = String::new();
    write(unscaled, scale, &mut text);
    text.parse().unwrap_or(f64::NAN)
}

/// Result types of the operators on DECIMAL (precision, scale), as Flink derives them.
pub mod derive {
    use super::MAX_DECIMAL_PRECISION as MAX;

    /// Scale kept at least when digits before the point leave no room.
    const MINIMUM_SCALE: i32 = 6;

    fn adjust(precision: i32, scale: i32) -> (u8, u8) {
        let limit = i32::from(MAX);
        if precision <= limit {
            return (precision as u8, scale as u8);
        }
        let whole = precision - scale;
        let scale = (limit - whole).max(scale.min(MINIMUM_SCALE));
        (MAX, scale as u8)
    }

    pub fn plus((p1, s1): (u8, u8), (p2, s2): (u8, u8)) -> (u8, u8) {
        let (p1, s1, p2, s2) = (i32::from(p1), i32::from(s1), i32::from(p2), i32::from(s2));
        let scale = s1.max(s2);
        adjust((p1 - s1).max(p2 - s2) + scale + 1, scale)
    }

    pub fn times((p1, s1): (u8, u8), (p2, s2): (u8, u8)) -> (u8, u8) {
        adjust(i32::from(p1) + i32::from(p2) + 1, i32::from(s1) + i32::from(s2))
    }

    pub fn divide((p1, s1): (u8, u8), (p2, s2): (u8, u8)) -> (u8, u8) {
        let (p1, s1, p2, s2) = (i32::from(p1), i32::from(s1), i32::from(p2), i32::from(s2));
        let scale = MINIMUM_SCALE.max(s1 + p2 + 1);
        adjust(p1 - s1 + s2 + scale, scale)
    }

    pub fn modulo((p1, s1): (u8, u8), (p2, s2): (u8, u8)) -> (u8, u8) {
        let (p1, s1, p2, s2) = (i32::from(p1), i32::from(s1), i32::from(p2), i32::from(s2));
        let scale = s1.max(s2);
        adjust((p1 - s1).min(p2 - s2) + scale, scale)
    }

    /// SUM of DECIMAL(p, s).
    pub fn sum(scale: u8) -> (u8, u8) {
        (MAX, scale)
    }

    /// AVG of DECIMAL(p, s).
    pub fn average(scale: u8) -> (u8, u8) {
        (MAX, scale.max(6))
    }

    /// ROUND of DECIMAL(p, s) to `digits`.
    pub fn round((p, s): (u8, u8), digits: i64) -> (u8, u8) {
        let (precision, scale) = (i64::from(p), i64::from(s));
        if digits >= scale {
            return (p, s);
        }
        if digits < 0 {
            return (precision.min(1 + precision - scale).max(1).min(i64::from(MAX)) as u8, 0);
        }
        ((1 + precision - scale + digits).min(i64::from(MAX)) as u8, digits as u8)
    }
}
