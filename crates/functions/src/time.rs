//! Calendar, time zones and the texts of dates and times, with Java's meaning (proleptic Gregorian, strict offsets).

pub mod calendar;
pub mod java;
pub mod pattern;
pub mod text;
pub mod unit;
pub mod zone;
