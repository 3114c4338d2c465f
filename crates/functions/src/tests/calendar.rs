//! Dates, zones and patterns.

use chrono::Datelike;
use proptest::prelude::*;

use crate::time::calendar::Date;
use crate::time::pattern::Pattern;
use crate::time::zone::TimeZone;

proptest! {
    #[test]
    fn dates_are_those_of_chrono(days in -719_162i32..2_932_896) {
        let date = Date::from_days(days);
        let other = chrono::NaiveDate::from_num_days_from_ce_opt(days + 719_163).unwrap();
        prop_assert_eq!((date.year, date.month, date.day), (other.year(), other.month(), other.day()));
        prop_assert_eq!(date.to_days(), days);
        prop_assert_eq!(date.day_of_year() as u32, other.ordinal());
        prop_assert_eq!(date.iso_week(), (other.iso_week().year(), other.iso_week().week() as i32));
    }

    #[test]
    fn formatting_and_parsing_are_inverse(seconds in -62_135_596_800i64..253_402_300_799) {
        let pattern = Pattern::compile("yyyy-MM-dd HH:mm:ss").unwrap();
        let mut text = String::new();
        pattern.format(seconds * 1000, 0, &mut text).unwrap();
        prop_assert_eq!(pattern.parse(&text), Some((seconds, 0)));
    }
}

#[test]
fn local_times_that_do_not_exist_or_exist_twice() {
    let berlin = TimeZone::parse("Europe/Berlin").unwrap();
    let local = |text: &str| crate::time::text::parse_timestamp(text).unwrap().0 * 1000;
    // 02:30 does not exist on 2021-03-28: one hour later.
    assert_eq!(berlin.to_local(berlin.to_instant(local("2021-03-28 02:30:00"))), local("2021-03-28 03:30:00"));
    // 02:30 exists twice on 2021-10-31: the earlier one, in summer time.
    assert_eq!(berlin.to_instant(local("2021-10-31 02:30:00")), local("2021-10-31 00:30:00"));
}

#[test]
fn zone_names() {
    assert_eq!(TimeZone::parse("UTC").unwrap(), TimeZone::Utc);
    assert_eq!(TimeZone::parse("GMT+03:00").unwrap(), TimeZone::Fixed(10_800));
    assert_eq!(TimeZone::parse("-08:30").unwrap(), TimeZone::Fixed(-30_600));
    assert!(TimeZone::parse("Mars/Olympus").is_err());
}
