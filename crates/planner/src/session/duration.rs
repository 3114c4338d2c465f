//! Durations in options and properties: `2 d`, `604800000 ms`, `12 hours`; a bare number is milliseconds.

/// Unit names with their length in nanoseconds (spec sql.md 2.3, `kafka.retention.time`).
const UNITS: &[(&[&str], i128)] = &[
    (&["d", "day", "days"], 86_400_000_000_000),
    (&["h", "hour", "hours"], 3_600_000_000_000),
    (&["m", "min", "minute", "minutes"], 60_000_000_000),
    (&["s", "sec", "secs", "second", "seconds"], 1_000_000_000),
    (&["ms", "milli", "millis", "millisecond", "milliseconds", ""], 1_000_000),
    (&["us", "µs", "micro", "micros", "microsecond", "microseconds"], 1_000),
    (&["ns", "nano", "nanos", "nanosecond", "nanoseconds"], 1),
];

/// Whole milliseconds of `text`, or what is wrong with it.
pub fn parse_milliseconds(text: &str) -> Result<i64, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let problem = || format!("'{text}' is no duration; write a number and a unit, such as '12 hours' or '500 ms'");
    let number: i128 = number.parse().map_err(|_| problem())?;
    let unit = unit.trim().to_ascii_lowercase();
    let (_, length) = UNITS.iter().find(|(names, _)| names.contains(&unit.as_str())).ok_or_else(problem)?;
    i64::try_from(number.saturating_mul(*length) / 1_000_000).map_err(|_| problem())
}
