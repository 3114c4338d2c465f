//! Decimal arithmetic that several formats share.

/// Powers of ten up to 10^38.
pub(crate) fn power_of_ten(exponent: u8) -> Option<i128> {
    10i128.checked_pow(exponent.into())
}

/// True when `unscaled` has at most `precision` digits.
pub(crate) fn fits(unscaled: i128, precision: u8) -> bool {
    power_of_ten(precision).is_none_or(|limit| unscaled.unsigned_abs() < limit.unsigned_abs())
}

/// `unscaled` with `by` more (or fewer) digits after the point; fewer round half away from zero, as Flink does.
pub(crate) fn rescale(unscaled: i128, by: i8) -> Option<i128> {
    let power = power_of_ten(by.unsigned_abs())?;
    if by >= 0 {
        return unscaled.checked_mul(power);
    }
    let (whole, rest) = (unscaled / power, unscaled % power);
    let away = if rest.unsigned_abs() >= power.unsigned_abs() - rest.unsigned_abs() { unscaled.signum() } else { 0 };
    whole.checked_add(away)
}

/// Big-endian two's complement of any length whose value fits 128 bits; empty is 0.
pub(crate) fn from_twos_complement(bytes: &[u8]) -> Option<i128> {
    let sign = if bytes.first().is_some_and(|&byte| byte >= 0x80) { 0xff } else { 0 };
    let extra = bytes.len().saturating_sub(16);
    let (head, tail) = bytes.split_at(extra);
    if head.iter().any(|&byte| byte != sign) {
        return None;
    }
    let mut wide = [sign; 16];
    wide[16 - tail.len()..].copy_from_slice(tail);
    let value = i128::from_be_bytes(wide);
    ((value < 0) == (sign == 0xff)).then_some(value)
}

/// The shortest two's complement of `value`, big-endian, as Java's `BigInteger.toByteArray` gives it.
pub(crate) fn twos_complement(value: i128) -> ([u8; 16], usize) {
    let bytes = value.to_be_bytes();
    let sign = if value < 0 { 0xff } else { 0 };
    let mut start = 0;
    while start < 15 && bytes[start] == sign && (bytes[start + 1] & 0x80) == (sign & 0x80) {
        start += 1;
    }
    (bytes, start)
}
