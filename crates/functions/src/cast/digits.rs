//! The digits of DOUBLE and FLOAT as the Java that Flink runs on by default (17) gives them.
//!
//! They identify the number, but are not always the fewest that do: Java got that right in version 19. Numbers without
//! a fraction keep the digits of the integer as far as the type is exact (1.23456792E8 is a FLOAT), and of others some
//! have a digit too many. So the digits are generated one by one out of the exact fraction B / S until what is left is
//! less than half the distance M to the next number, with Java's conditions at each step.

use num_bigint::BigUint;

/// Digits of a number, the first one not 0 unless it is the only one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Digits {
    bytes: [u8; 32],
    length: usize,
    /// The number is d.ddd times 10 to this power.
    pub exponent: i32,
}

impl Digits {
    fn new(exponent: i32) -> Digits {
        Digits { bytes: [b'0'; 32], length: 0, exponent }
    }

    fn push(&mut self, digit: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = b'0' + digit;
            self.length += 1;
        }
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or("0")
    }

    /// One more in the last place.
    fn round_up(&mut self) {
        let Some(last) = self.bytes[..self.length].iter().rposition(|&digit| digit != b'9') else {
            self.bytes = [b'0'; 32];
            self.bytes[0] = b'1';
            self.exponent += 1;
            return;
        };
        self.bytes[last] += 1;
        self.bytes[last + 1..self.length].fill(b'0');
    }
}

const FRACTION_BITS: i32 = 52;
const HIDDEN_BIT: u64 = 1 << FRACTION_BITS;

/// Digits of the absolute value of a finite number.
pub(super) fn of_double(value: f64) -> Digits {
    let bits = value.abs().to_bits();
    let (exponent, fraction) = ((bits >> FRACTION_BITS) as i32, bits & (HIDDEN_BIT - 1));
    digits(exponent, fraction, FRACTION_BITS, 1023)
}

/// As [`of_double`].
pub(super) fn of_float(value: f32) -> Digits {
    let bits = value.abs().to_bits();
    digits((bits >> 23) as i32, u64::from(bits & ((1 << 23) - 1)) << (FRACTION_BITS - 23), 23, 127)
}

fn digits(exponent: i32, fraction: u64, width: i32, bias: i32) -> Digits {
    match (exponent, fraction) {
        (0, 0) => {
            let mut zero = Digits::new(0);
            zero.push(0);
            zero
        }
        (0, fraction) => {
            let shift = fraction.leading_zeros() as i32 - (63 - FRACTION_BITS);
            Number { exponent: 1 - shift - bias, fraction: fraction << shift, significant: width + 1 - shift }.digits()
        }
        _ => Number { exponent: exponent - bias, fraction: fraction | HIDDEN_BIT, significant: width + 1 }.digits(),
    }
}

/// `fraction / 2^52 * 2^exponent`, of whose bits the first `significant` are known.
struct Number {
    exponent: i32,
    fraction: u64,
    significant: i32,
}

impl Number {
    fn digits(&self) -> Digits {
        let used = FRACTION_BITS + 1 - self.fraction.trailing_zeros() as i32;
        let below_one = (used - self.exponent - 1).max(0);
        if below_one == 0 && (0..=62).contains(&self.exponent) && used < 64 {
            return self.integer();
        }
        self.scaled(used, below_one).digits(self.decimal_exponent())
    }

    /// A number without fraction in 63 bits: its digits without those that the type cannot tell apart.
    fn integer(&self) -> Digits {
        let shift = self.exponent - FRACTION_BITS;
        let mut value = if shift >= 0 { self.fraction << shift } else { self.fraction >> -shift };
        let unknown = self.exponent - self.significant - 1;
        let mut dropped = 0;
        if unknown > 1 {
            dropped = insignificant(unknown);
            let unit = 10u64.pow(dropped);
            value = value / unit + u64::from(dropped > 0 && value % unit >= unit / 2);
        }
        while value != 0 && value % 10 == 0 {
            value /= 10;
            dropped += 1;
        }
        let text = value.to_string();
        let mut digits = Digits::new(text.len() as i32 - 1 + dropped as i32);
        text.bytes().for_each(|digit| digits.push(digit - b'0'));
        digits
    }

    /// The power of ten of the first digit, or one more.
    #[expect(clippy::approx_constant, reason = "Java's own approximation")]
    fn decimal_exponent(&self) -> i32 {
        let mantissa = f64::from_bits((1023u64 << FRACTION_BITS) | (self.fraction & (HIDDEN_BIT - 1)));
        let estimate = (mantissa - 1.5) * 0.289529654 + 0.176091259 + f64::from(self.exponent) * 0.301029995663981;
        estimate.floor() as i32
    }

    /// B, S and M as products of powers of 2 and 5.
    fn scaled(&self, used: i32, below_one: i32) -> Scaled {
        let power = self.decimal_exponent();
        let (b5, s5) = ((-power).max(0), power.max(0));
        let b2 = b5 + below_one + self.exponent;
        let s2 = s5 + below_one;
        let m2 = b2 - self.significant;
        let b2 = b2 - (used - 1);
        let common = b2.min(s2);
        let (mut b2, mut s2, mut m2) = (b2 - common, s2 - common, m2 - common);
        if used == 1 {
            // Below a power of two the next number is only half as far away.
            m2 -= 1;
        }
        if m2 < 0 {
            (b2, s2, m2) = (b2 - m2, s2 - m2, 0);
        }
        let fraction = self.fraction >> self.fraction.trailing_zeros();
        Scaled { fraction, used, b2: b2 as u32, b5: b5 as u32, s2: s2 as u32, s5: s5 as u32, m2: m2 as u32 }
    }
}

/// How many digits of an integer say nothing when its last `bits` bits are unknown.
fn insignificant(bits: i32) -> u32 {
    (f64::from(bits) * std::f64::consts::LOG10_2).floor() as u32
}

/// B = fraction * 2^b2 * 5^b5, S = 2^s2 * 5^s5, M = 2^m2 * 5^b5.
struct Scaled {
    fraction: u64,
    used: i32,
    b2: u32,
    b5: u32,
    s2: u32,
    s5: u32,
    m2: u32,
}

/// Bits of a power of five, as Java estimates them.
fn bits_of_five(power: u32) -> i32 {
    match power {
        0 => 0,
        1..27 => (u64::BITS - 5u64.pow(power).leading_zeros()) as i32,
        _ => power as i32 * 3,
    }
}

impl Scaled {
    fn digits(&self, exponent: i32) -> Digits {
        let b_bits = self.used + self.b2 as i32 + bits_of_five(self.b5);
        let s_bits = self.s2 as i32 + 1 + bits_of_five(self.s5 + 1);
        if b_bits < 64 && s_bits < 64 {
            let five = |power: u32| 5i64.wrapping_pow(power);
            let b = (self.fraction as i64).wrapping_mul(five(self.b5)) << self.b2;
            return small(b, five(self.s5) << self.s2, five(self.b5) << self.m2, exponent);
        }
        if b_bits < 120 && s_bits < 120 {
            let five = |power: u32| 5i128.wrapping_pow(power);
            let b = (i128::from(self.fraction) * five(self.b5)) << self.b2;
            return medium(b, five(self.s5) << self.s2, five(self.b5) << self.m2, exponent);
        }
        let five = |power: u32| BigUint::from(5u8).pow(power);
        let b = (BigUint::from(self.fraction) * five(self.b5)) << self.b2;
        large(b, &(five(self.s5) << self.s2), five(self.b5) << self.m2, exponent)
    }
}

/// What is known of the rest after a digit.
#[derive(Clone, Copy)]
struct Stop {
    low: bool,
    high: bool,
}

impl Digits {
    /// The first digit; no digit when the exponent was estimated too high. Whether the digits end with it.
    fn first(&mut self, digit: u8, stop: Stop) -> Stop {
        if digit == 0 && !stop.high {
            self.exponent -= 1;
        } else {
            self.push(digit);
        }
        // With an exponent there is a digit after the point in any case.
        if (-3..8).contains(&self.exponent) { stop } else { Stop { low: false, high: false } }
    }

    /// Rounds the last digit by what stopped the digits; `rest` compares twice the rest with 1.
    fn last(mut self, stop: Stop, rest: std::cmp::Ordering) -> Digits {
        let odd = self.length > 0 && self.bytes[self.length - 1] & 1 == 1;
        if stop.high && (!stop.low || rest.is_gt() || (rest.is_eq() && odd)) {
            self.round_up();
        }
        self
    }
}

/// In 64 bits, which may overflow here as they do in Java.
fn small(mut b: i64, s: i64, mut m: i64, exponent: i32) -> Digits {
    let tens = s.wrapping_mul(10);
    let stop = |b: i64, m: i64| match m {
        1.. => Stop { low: b < m, high: b.wrapping_add(m) > tens },
        _ => Stop { low: true, high: true },
    };
    let mut digits = Digits::new(exponent);
    let digit = b / s;
    (b, m) = ((b % s).wrapping_mul(10), m.wrapping_mul(10));
    let mut ends = digits.first(digit as u8, Stop { low: b < m, high: b.wrapping_add(m) > tens });
    while !ends.low && !ends.high {
        let digit = b / s;
        (b, m) = ((b % s).wrapping_mul(10), m.wrapping_mul(10));
        ends = stop(b, m);
        digits.push(digit as u8);
    }
    digits.last(ends, (b << 1).wrapping_sub(tens).cmp(&0))
}

/// Exact; a rest that reaches the next number ends the digits, where in 64 bits it has to go beyond.
fn medium(mut b: i128, s: i128, mut m: i128, exponent: i32) -> Digits {
    let tens = s * 10;
    let stop = |b: i128, m: i128| Stop { low: b < m, high: tens <= b + m };
    let mut digits = Digits::new(exponent);
    let digit = b / s;
    (b, m) = (b % s * 10, m * 10);
    let mut ends = digits.first(digit as u8, stop(b, m));
    while !ends.low && !ends.high {
        let digit = b / s;
        (b, m) = (b % s * 10, m * 10);
        ends = stop(b, m);
        digits.push(digit as u8);
    }
    digits.last(ends, (b * 2).cmp(&tens))
}

/// [`medium`] for numbers of any size.
fn large(mut b: BigUint, s: &BigUint, mut m: BigUint, exponent: i32) -> Digits {
    let tens = s * 10u8;
    let stop = |b: &BigUint, m: &BigUint| Stop { low: b < m, high: tens <= b + m };
    let mut digits = Digits::new(exponent);
    let mut step = |b: &mut BigUint| {
        let digit = &*b / s;
        *b = (&*b % s) * 10u8;
        m *= 10u8;
        (digit.iter_u32_digits().next().unwrap_or(0) as u8, stop(b, &m))
    };
    let (digit, ends) = step(&mut b);
    let mut ends = digits.first(digit, ends);
    while !ends.low && !ends.high {
        let (digit, after) = step(&mut b);
        digits.push(digit);
        ends = after;
    }
    digits.last(ends, (b * 2u8).cmp(&tens))
}
