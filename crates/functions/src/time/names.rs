//! English names of months, days, eras and time zones as Java writes and reads them.

use super::calendar::{DAYS, MONTHS};

/// The first `length` letters of the `number`th name, counted from 1.
pub fn short(names: &'static [&'static str], number: usize, length: usize) -> &'static str {
    let name = long(names, number);
    name.get(..length).unwrap_or(name)
}

/// The `number`th name, counted from 1.
pub fn long(names: &'static [&'static str], number: usize) -> &'static str {
    names.get(number.wrapping_sub(1)).copied().unwrap_or("")
}

/// Number (from 1) and length of the month that `text` begins with, in any case, long or short.
pub fn month(text: &str) -> Option<(usize, usize)> {
    longest(&MONTHS, text)
}

/// The same of the day of the week; Monday is 1.
pub fn day(text: &str) -> Option<(usize, usize)> {
    longest(&DAYS, text)
}

fn longest(names: &'static [&'static str], text: &str) -> Option<(usize, usize)> {
    [usize::MAX, 3].into_iter().find_map(|length| starting(names, text, length, str::eq_ignore_ascii_case))
}

/// Number (from 1) and length of the name, cut to `length` letters, that `text` begins with.
pub fn starting(
    names: &'static [&'static str],
    text: &str,
    length: usize,
    equal: impl Fn(&str, &str) -> bool,
) -> Option<(usize, usize)> {
    names.iter().enumerate().find_map(|(i, name)| {
        let wanted = name.get(..length).unwrap_or(name);
        text.get(..wanted.len()).filter(|start| equal(start, wanted)).map(|_| (i + 1, wanted.len()))
    })
}

/// Zones with names of their own: abbreviation, full name, minutes east of Greenwich. Of an abbreviation that several zones
/// have, the one that Java finds first.
const ZONES: [(&str, &str, i32); 24] = [
    ("UTC", "Coordinated Universal Time", 0),
    ("GMT", "Greenwich Mean Time", 0),
    ("EST", "Eastern Standard Time", -300),
    ("EDT", "Eastern Daylight Time", -240),
    ("CST", "Central Standard Time", -360),
    ("CDT", "Central Daylight Time", -300),
    ("MST", "Mountain Standard Time", -420),
    ("MDT", "Mountain Daylight Time", -360),
    ("PST", "Pacific Standard Time", -480),
    ("PDT", "Pacific Daylight Time", -420),
    ("AKST", "Alaska Standard Time", -540),
    ("AKDT", "Alaska Daylight Time", -480),
    ("HST", "Hawaii-Aleutian Standard Time", -600),
    ("WET", "Western European Standard Time", 0),
    ("WEST", "Western European Summer Time", 60),
    ("CET", "Central European Standard Time", 60),
    ("CEST", "Central European Summer Time", 120),
    ("EET", "Eastern European Standard Time", 120),
    ("EEST", "Eastern European Summer Time", 180),
    ("IST", "Israel Standard Time", 120),
    ("SAST", "South Africa Standard Time", 120),
    ("MSK", "Moscow Standard Time", 180),
    ("JST", "Japan Standard Time", 540),
    ("KST", "Korean Standard Time", 540),
];

/// Minutes east of Greenwich of the zone that `text` begins with, by full name or abbreviation, and the name's length.
pub fn zone(text: &str) -> Option<(i32, usize)> {
    let starts = |name: &str| text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    let matching = ZONES.iter().flat_map(|(short, long, minutes)| [(short, minutes), (long, minutes)]);
    matching.filter(|(name, _)| starts(name)).max_by_key(|(name, _)| name.len()).map(|(name, m)| (*m, name.len()))
}

/// The full name of a zone by its abbreviation.
pub fn zone_name(abbreviation: &str) -> Option<&'static str> {
    ZONES.iter().find(|(short, _, _)| *short == abbreviation).map(|(_, long, _)| *long)
}
