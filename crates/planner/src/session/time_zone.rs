//! Time zones by IANA name or as an offset.

/// True for an IANA name, `UTC`, `GMT+03:00` and the like.
pub fn is_time_zone(name: &str) -> bool {
    if name.parse::<chrono_tz::Tz>().is_ok() {
        return true;
    }
    let offset = ["GMT", "UTC", "UT", ""].iter().find_map(|prefix| {
        let rest = name.strip_prefix(prefix)?;
        rest.starts_with(['+', '-']).then_some(rest)
    });
    offset.is_some_and(|offset| is_offset(&offset[1..]))
}

fn is_offset(text: &str) -> bool {
    let (hours, minutes) = text.split_once(':').unwrap_or((text, "00"));
    let number = |text: &str| (1..=2).contains(&text.len()).then(|| text.parse::<u8>().ok()).flatten();
    matches!((number(hours), number(minutes)), (Some(h), Some(m)) if h <= 18 && m < 60)
}
