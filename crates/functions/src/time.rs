//! Calendar, time zones and the texts of dates and times, with Java's meaning (proleptic Gregorian, strict offsets).

pub mod calendar;
pub mod java;
mod letters;
mod names;
pub mod pattern;
pub mod simple;
pub mod text;
pub mod unit;
mod week;
pub mod zone;
