//! Numbers of JSON texts.

use crate::number::{fits, power_of_ten};

/// A whole number that fits 64 bits; `1.0` and `1e3` are whole too.
#[inline]
pub(crate) fn integer(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > 18 {
        return long_integer(text);
    }
    let mut value = 0i64;
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return long_integer(text);
        }
        value = value * 10 + i64::from(digit);
    }
    Some(if negative { -value } else { value })
}

#[cold]
fn long_integer(text: &[u8]) -> Option<i64> {
    let text = text.strip_prefix(b"+").unwrap_or(text);
    let number = Digits::read(text)?;
    let value = number.scaled(0)?;
    // A fraction must not get lost silently.
    (number.scale <= 0
        || number.unscaled == 0
        || value.checked_mul(power_of_ten(u8::try_from(number.scale).ok()?)?)? == number.unscaled)
        .then(|| i64::try_from(value).ok())?
}

/// The unscaled value of a DECIMAL; digits beyond the scale round half up.
pub(crate) fn decimal(text: &[u8], precision: u8, scale: u8) -> Option<i128> {
    Digits::read(text)?.scaled(scale).filter(|&value| fits(value, precision))
}

/// `unscaled` times ten to the minus `scale`.
struct Digits {
    unscaled: i128,
    scale: i32,
}

impl Digits {
    fn read(text: &[u8]) -> Option<Digits> {
        let (negative, text) = match text {
            [b'-', rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let mut unscaled = 0i128;
        let mut scale = 0i32;
        let (mut seen_point, mut seen_digit) = (false, false);
        for (index, &byte) in text.iter().enumerate() {
            match byte {
                b'0'..=b'9' => {
                    seen_digit = true;
                    match unscaled.checked_mul(10).and_then(|value| value.checked_add(i128::from(byte - b'0'))) {
                        Some(value) => {
                            unscaled = value;
                            scale += i32::from(seen_point);
                        }
                        // Digits after the 38th behind the point do not matter; before it they are too many.
                        None if seen_point => {}
                        None => return None,
                    }
                }
                b'.' if !seen_point => seen_point = true,
                b'e' | b'E' if seen_digit => {
                    let exponent: i32 = std::str::from_utf8(&text[index + 1..]).ok()?.parse().ok()?;
                    scale = scale.checked_sub(exponent)?;
                    break;
                }
                _ => return None,
            }
        }
        seen_digit.then_some(Digits { unscaled: if negative { -unscaled } else { unscaled }, scale })
    }

    /// The unscaled value with `scale` digits after the point.
    fn scaled(&self, scale: u8) -> Option<i128> {
        if self.unscaled == 0 {
            return Some(0);
        }
        // An exponent of two thousand millions: more digits than anything has.
        let by = i32::from(scale).checked_sub(self.scale)?;
        // Forty digits away nothing is left of 128 bits.
        if by < -40 {
            return Some(0);
        }
        crate::number::rescale(self.unscaled, i8::try_from(by).ok()?).or(if by < -38 { Some(0) } else { None })
    }
}
