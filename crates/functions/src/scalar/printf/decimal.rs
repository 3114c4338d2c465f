//! `%f` and `%e`: decimal digits, rounded as Java rounds them.

use std::fmt::Write;

use smallvec::SmallVec;

use crate::args::ignore;

/// Digits before and after the point; those of most numbers lie on the stack.
type Digits = SmallVec<[u8; 64]>;

/// Java rounds the shortest decimal text of the number half up, where the exact binary value would be rounded otherwise.
pub(super) fn fixed(size: f64, precision: usize, out: &mut String) {
    let (mut digits, point) = shortest(size);
    let whole = round(&mut digits, point, precision);
    write_digits(&digits, whole, out);
}

pub(super) fn scientific(size: f64, precision: usize, out: &mut String) {
    let (mut digits, mut point) = shortest(size);
    // Rounding up may give a second digit before the point.
    if round(&mut digits, 1, precision) == 2 {
        digits.pop();
        point += 1;
    }
    write_digits(&digits, 1, out);
    let exponent = point - 1;
    ignore(write!(out, "e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs()));
}

/// Decimal digits of the shortest text, and the place of the point in them.
fn shortest(size: f64) -> (Digits, i64) {
    let mut text = Shortest::default();
    ignore(write!(text, "{size:e}"));
    (text.digits, text.exponent + 1)
}

/// Reads `d.ddde-dd` as it is written.
#[derive(Default)]
struct Shortest {
    digits: Digits,
    exponent: i64,
    behind: bool,
    negative: bool,
}

impl Write for Shortest {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for sign in text.bytes() {
            match sign {
                b'e' => self.behind = true,
                b'-' => self.negative = true,
                b'0'..=b'9' if self.behind => {
                    let digit = i64::from(sign - b'0');
                    self.exponent = self.exponent * 10 + if self.negative { -digit } else { digit };
                }
                b'0'..=b'9' => self.digits.push(sign - b'0'),
                _ => {}
            }
        }
        Ok(())
    }
}

/// `digits` with the point at `point`, rounded to `precision` places after it; gives the number of digits before it.
fn round(digits: &mut Digits, point: i64, precision: usize) -> usize {
    digits.insert_many(0, std::iter::repeat_n(0, usize::try_from(1 - point.min(1)).unwrap_or(0)));
    let whole = usize::try_from(point.max(1)).unwrap_or(1);
    let up = digits.get(whole + precision).is_some_and(|digit| *digit >= 5);
    digits.resize(whole + precision, 0);
    if !up {
        return whole;
    }
    for digit in digits.iter_mut().rev() {
        *digit += 1;
        if *digit < 10 {
            return whole;
        }
        *digit = 0;
    }
    digits.insert(0, 1);
    whole + 1
}

fn write_digits(digits: &[u8], whole: usize, out: &mut String) {
    for (i, digit) in digits.iter().enumerate() {
        if i == whole {
            out.push('.');
        }
        out.push(char::from(b'0' + digit));
    }
}
