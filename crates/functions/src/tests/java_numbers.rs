//! Texts of DOUBLE and FLOAT beside those of Java 17: `cases/java_numbers.tsv`, the bits
//! in hexadecimal (8 digits for a FLOAT, 16 for a DOUBLE) and the text.

use crate::cast::text::{write_double, write_float};

fn text(bits: &str) -> String {
    let mut out = String::new();
    match bits.len() {
        8 => write_float(f32::from_bits(u32::from_str_radix(bits, 16).unwrap()), &mut out),
        _ => write_double(f64::from_bits(u64::from_str_radix(bits, 16).unwrap()), &mut out),
    }
    out
}

#[test]
fn numbers_have_javas_digits() {
    // A file of more lines can be named, which is not kept: it is easily made by any Java 17.
    let more = std::env::var_os("NUTKIN_JAVA_NUMBERS").map(|file| std::fs::read_to_string(file).unwrap());
    let lines = include_str!("cases/java_numbers.tsv").lines().chain(more.iter().flat_map(|text| text.lines()));
    let wrong: Vec<String> = lines
        .filter_map(|line| line.split_once('\t'))
        .map(|(bits, wanted)| (bits, text(bits), wanted))
        .filter(|(_, found, wanted)| found != wanted)
        .map(|(bits, found, wanted)| format!("{bits}: {found} instead of {wanted}"))
        .collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}

#[test]
fn zero_and_what_is_no_number() {
    let texts = [0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(|value| {
        let mut out = String::new();
        write_double(value, &mut out);
        out
    });
    assert_eq!(texts, ["0.0", "-0.0", "NaN", "Infinity", "-Infinity"]);
}
