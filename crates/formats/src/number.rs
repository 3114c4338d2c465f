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
