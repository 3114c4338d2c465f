//! Format specifiers: `%[position$][flags][width][.precision]conversion`.

/// An argument.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Datum {
    Null,
    Bool(bool),
    /// With its width in bits, which `%x` and `%o` of negative numbers need.
    Int(i64, u32),
    /// With its text.
    Double(f64, String),
    Text(String),
}

#[derive(Debug, Default)]
struct Spec {
    /// From 1.
    position: Option<usize>,
    /// `<`: the argument before again.
    again: bool,
    flags: Vec<char>,
    width: Option<usize>,
    precision: Option<usize>,
}

impl Spec {
    fn has(&self, flag: char) -> bool {
        self.flags.contains(&flag)
    }
}

/// Longest width and precision; more is no reasonable text.
const MOST: usize = 10_000;

/// Appends the formatted text; None when format and arguments do not fit. `hash` gives the hash of an argument.
pub(super) fn format(
    format: &str,
    values: &[Datum],
    hash: &dyn Fn(usize) -> Option<u32>,
    out: &mut String,
) -> Option<()> {
    let mut chars = format.chars().peekable();
    let (mut next, mut last) = (0, None);
    while let Some(sign) = chars.next() {
        if sign != '%' {
            out.push(sign);
            continue;
        }
        let (spec, conversion) = spec(&mut chars)?;
        match conversion {
            'n' => out.push('\n'),
            '%' => pad(&spec, "%".to_owned(), out),
            _ => {
                let index = match (spec.again, spec.position) {
                    (true, _) => last?,
                    (false, Some(position)) => position.checked_sub(1)?,
                    (false, None) => {
                        next += 1;
                        next - 1
                    }
                };
                last = Some(index);
                let value = values.get(index)?;
                match conversion {
                    't' | 'T' => moment(&spec, conversion == 'T', chars.next()?, value, out)?,
                    'h' | 'H' => {
                        let text = match value {
                            Datum::Null => "null".to_owned(),
                            _ => format!("{:x}", hash(index)?),
                        };
                        let text = cut(&spec, &text);
                        pad(&spec, if conversion == 'H' { text.to_uppercase() } else { text }, out);
                    }
                    _ => one(&spec, conversion, value, out)?,
                }
            }
        }
    }
    Some(())
}

fn spec(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<(Spec, char)> {
    let mut spec = Spec::default();
    if chars.peek() == Some(&'<') {
        chars.next();
        spec.again = true;
    }
    let mut number = digits(chars, true)?;
    if number.is_some() && chars.peek() == Some(&'$') {
        chars.next();
        spec.position = number.take();
    }
    if number.is_none() {
        while let Some(flag) = chars.next_if(|sign| "-#+ 0,(".contains(*sign)) {
            if spec.has(flag) {
                return None;
            }
            spec.flags.push(flag);
        }
        number = digits(chars, false)?;
    }
    spec.width = number;
    if chars.next_if_eq(&'.').is_some() {
        spec.precision = Some(digits(chars, false)??);
    }
    if spec.width.is_none() && (spec.has('-') || spec.has('0')) || spec.has('-') && spec.has('0') {
        return None;
    }
    Some((spec, chars.next()?))
}

/// A number, if one follows; the outer None is one that is too large. One that begins with 0 is a flag at first.
fn digits(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, first: bool) -> Option<Option<usize>> {
    if first && chars.peek() == Some(&'0') {
        return Some(None);
    }
    let mut found = None;
    while let Some(digit) = chars.peek().and_then(|sign| sign.to_digit(10)) {
        chars.next();
        let number = found.unwrap_or(0) * 10 + digit as usize;
        if number > MOST {
            return None;
        }
        found = Some(number);
    }
    Some(found)
}

fn pad(spec: &Spec, text: String, out: &mut String) {
    let missing = spec.width.unwrap_or(0).saturating_sub(text.chars().count());
    let blanks = std::iter::repeat_n(' ', missing);
    if spec.has('-') {
        out.push_str(&text);
        out.extend(blanks);
    } else {
        out.extend(blanks);
        out.push_str(&text);
    }
}

/// A part of a date and time: only of a BIGINT, which Java takes for milliseconds.
fn moment(spec: &Spec, upper: bool, suffix: char, value: &Datum, out: &mut String) -> Option<()> {
    if spec.precision.is_some() || spec.flags.iter().any(|flag| *flag != '-') {
        return None;
    }
    let text = match value {
        Datum::Null => "null".to_owned(),
        Datum::Int(millis, 64) => super::moment::part(suffix, *millis)?,
        _ => return None,
    };
    pad(spec, if upper { text.to_uppercase() } else { text }, out);
    Some(())
}

fn one(spec: &Spec, conversion: char, value: &Datum, out: &mut String) -> Option<()> {
    let upper = conversion.is_ascii_uppercase();
    let kind = conversion.to_ascii_lowercase();
    if upper && !matches!(kind, 'b' | 's' | 'c' | 'x' | 'e' | 'g' | 'a') {
        return None;
    }
    let text = match (kind, value) {
        ('b', Datum::Null) => cut(spec, "false"),
        ('b', Datum::Bool(value)) => cut(spec, if *value { "true" } else { "false" }),
        ('b', _) => cut(spec, "true"),
        ('s' | 'c' | 'd' | 'x' | 'o' | 'e' | 'f' | 'g' | 'a', Datum::Null) => {
            let bare = Spec { precision: None, ..Spec::default() };
            cut(if kind == 's' { spec } else { &bare }, "null")
        }
        ('s', Datum::Bool(value)) => cut(spec, if *value { "true" } else { "false" }),
        ('s', Datum::Int(value, _)) => cut(spec, &value.to_string()),
        ('s', Datum::Double(_, text) | Datum::Text(text)) => cut(spec, text),
        ('c', Datum::Int(code, 8..=32)) => char::from_u32(u32::try_from(*code).ok()?)?.to_string(),
        ('d', Datum::Int(value, _)) if spec.precision.is_none() => {
            signed(spec, *value < 0, grouped(spec, value.unsigned_abs().to_string()))
        }
        ('x' | 'o', Datum::Int(value, bits)) if spec.precision.is_none() && !spec.has(',') => {
            let mask = if *bits == 64 { u64::MAX } else { (1 << bits) - 1 };
            let plain = *value as u64 & mask;
            let (prefix, digits) = match kind {
                'x' => ("0x", format!("{plain:x}")),
                _ => ("0", format!("{plain:o}")),
            };
            let prefix = if spec.has('#') { prefix } else { "" };
            format!("{prefix}{}", zeros(spec, prefix.len(), digits))
        }
        ('e' | 'f' | 'g' | 'a', Datum::Double(value, _)) => double(spec, kind, *value)?,
        _ => return None,
    };
    pad(spec, if upper { text.to_uppercase() } else { text }, out);
    Some(())
}

/// No more than `precision` characters.
fn cut(spec: &Spec, text: &str) -> String {
    text.chars().take(spec.precision.unwrap_or(usize::MAX)).collect()
}

fn zeros(spec: &Spec, taken: usize, digits: String) -> String {
    if !spec.has('0') {
        return digits;
    }
    let missing = spec.width.unwrap_or(0).saturating_sub(taken + digits.len());
    format!("{}{digits}", "0".repeat(missing))
}

/// Commas between thousands of the whole part.
fn grouped(spec: &Spec, digits: String) -> String {
    if !spec.has(',') {
        return digits;
    }
    let whole = digits.find('.').unwrap_or(digits.len());
    let mut text = String::new();
    for (i, digit) in digits[..whole].chars().enumerate() {
        if i > 0 && (whole - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + &digits[whole..]
}

/// With sign, and zeros up to the width.
fn signed(spec: &Spec, negative: bool, digits: String) -> String {
    let (before, after) = match (negative, spec.has('(')) {
        (true, true) => ("(", ")"),
        (true, false) => ("-", ""),
        (false, _) if spec.has('+') => ("+", ""),
        (false, _) if spec.has(' ') => (" ", ""),
        (false, _) => ("", ""),
    };
    format!("{before}{}{after}", zeros(spec, before.len() + after.len(), digits))
}

fn double(spec: &Spec, kind: char, value: f64) -> Option<String> {
    if value.is_nan() {
        return Some("NaN".to_owned());
    }
    let (negative, size) = (value.is_sign_negative(), value.abs());
    if size.is_infinite() {
        let plain = Spec { flags: spec.flags.iter().copied().filter(|flag| *flag != '0').collect(), ..Spec::default() };
        return Some(signed(&plain, negative, "Infinity".to_owned()));
    }
    if kind == 'a' {
        if spec.has(',') || spec.has('(') {
            return None;
        }
        let text = super::hexadecimal::hexadecimal(size, spec.precision);
        let sign = if negative { 1 } else { usize::from(spec.has('+') || spec.has(' ')) };
        let digits = zeros(spec, sign + 2, text.trim_start_matches("0x").to_owned());
        let plain = Spec { flags: spec.flags.iter().copied().filter(|flag| *flag != '0').collect(), ..Spec::default() };
        return Some(signed(&plain, negative, format!("0x{digits}")));
    }
    let precision = spec.precision.unwrap_or(6);
    let digits = match kind {
        'f' => grouped(spec, fixed(size, precision)),
        'e' if !spec.has(',') => scientific(size, precision),
        'g' => {
            let precision = precision.max(1);
            if size != 0.0 && !(1e-4..10f64.powi(i32::try_from(precision).ok()?)).contains(&size) {
                scientific(size, precision - 1)
            } else {
                let whole = if size == 0.0 { 1 } else { size.log10().floor() as i64 + 1 };
                grouped(spec, fixed(size, usize::try_from(precision as i64 - whole).unwrap_or(0)))
            }
        }
        _ => return None,
    };
    Some(signed(spec, negative, digits))
}

/// Java rounds the shortest decimal text of the number half up, where the exact binary value would be rounded otherwise.
fn fixed(size: f64, precision: usize) -> String {
    let (digits, point) = shortest(size);
    round(&digits, point, precision)
}

/// Decimal digits of the shortest text, and the place of the point in them.
fn shortest(size: f64) -> (Vec<u8>, i64) {
    let text = format!("{size:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
    (digits, exponent.parse::<i64>().unwrap_or(0) + 1)
}

/// `digits` with the point at `point`, rounded to `precision` places after it.
fn round(digits: &[u8], point: i64, precision: usize) -> String {
    let mut all = vec![0; usize::try_from(1 - point.min(1)).unwrap_or(0)];
    all.extend(digits);
    let mut whole = usize::try_from(point.max(1)).unwrap_or(1);
    let up = all.get(whole + precision).is_some_and(|digit| *digit >= 5);
    all.resize(whole + precision, 0);
    if up {
        let mut carry = true;
        for digit in all.iter_mut().rev() {
            *digit += 1;
            carry = *digit == 10;
            if !carry {
                break;
            }
            *digit = 0;
        }
        if carry {
            all.insert(0, 1);
            whole += 1;
        }
    }
    let text: String = all.iter().map(|digit| char::from(b'0' + digit)).collect();
    if precision == 0 { text } else { format!("{}.{}", &text[..whole], &text[whole..]) }
}

fn scientific(size: f64, precision: usize) -> String {
    if size == 0.0 {
        return format!("{}e+00", fixed(0.0, precision));
    }
    let (digits, point) = shortest(size);
    let mantissa = round(&digits, 1, precision);
    // Rounding up may give a second digit before the point.
    let (mantissa, exponent) = match mantissa.strip_prefix("10") {
        Some(rest) => {
            (format!("1{}", rest.replacen(".", ".0", 1).chars().take(precision + 1).collect::<String>()), point)
        }
        None => (mantissa, point - 1),
    };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}
