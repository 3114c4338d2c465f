//! `%a`: the bits of a DOUBLE as a hexadecimal number with a binary exponent.

use std::fmt::Write;

use crate::args::ignore;

const FRACTION_BITS: u32 = 52;
const FRACTION: u64 = (1 << FRACTION_BITS) - 1;

/// `0x1.8p0` of a finite number that is not negative; `precision` is the number of digits after the point, else as many as it has.
pub(super) fn write(size: f64, precision: Option<usize>, out: &mut String) {
    // Java takes no digit for one.
    let precision = precision.map(|digits| digits.max(1));
    let (mut whole, mut fraction, mut exponent) = parts(size);
    if let Some(digits) = precision.filter(|digits| *digits < 13 && size != 0.0) {
        if whole == 0 {
            // A number below the least normal one is written as if it were normal when it is rounded.
            let shift = fraction.leading_zeros() - 11;
            exponent -= i64::from(shift);
            (whole, fraction) = (1, (fraction << shift) & FRACTION);
        }
        let shift = FRACTION_BITS - 4 * digits as u32;
        let rounded = round_half_even((whole << FRACTION_BITS) | fraction, shift);
        (whole, fraction) = (rounded >> FRACTION_BITS, rounded & FRACTION);
        if whole == 2 {
            (whole, exponent) = (1, exponent + 1);
        }
    }
    ignore(write!(out, "0x{whole}."));
    let start = out.len();
    ignore(write!(out, "{fraction:013x}"));
    match precision {
        Some(wanted) => {
            out.truncate(start + wanted);
            out.extend(std::iter::repeat_n('0', wanted.saturating_sub(13)));
        }
        None => {
            let zeros = fraction.trailing_zeros().min(FRACTION_BITS - 4) / 4;
            out.truncate(out.len() - zeros as usize);
        }
    }
    ignore(write!(out, "p{exponent}"));
}

/// The digit before the point, the bits after it, and the exponent.
fn parts(size: f64) -> (u64, u64, i64) {
    let bits = size.to_bits();
    let (stored, fraction) = ((bits >> FRACTION_BITS) as i64, bits & FRACTION);
    match (stored, fraction) {
        (0, 0) => (0, 0, 0),
        (0, _) => (0, fraction, -1022),
        _ => (1, fraction, stored - 1023),
    }
}

/// `bits` with the last `shift` of them rounded away.
fn round_half_even(bits: u64, shift: u32) -> u64 {
    let (kept, half) = (bits >> shift, 1 << (shift - 1));
    let lost = bits & ((1 << shift) - 1);
    let up = lost > half || (lost == half && kept & 1 == 1);
    (kept + u64::from(up)) << shift
}
