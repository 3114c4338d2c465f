//! Timestamps of all precisions over the years 1 to 9999, against plain arithmetic on nanoseconds in 128 bits and against
//! the calendar of chrono.

use arrow_array::ArrayRef;
use chrono::{DateTime, Datelike, Months, NaiveDateTime, Timelike};
use nutkin_types::value::array_of;
use nutkin_types::{DataType, LogicalType as T, Moment, Value};
use proptest::prelude::*;

use super::cases::evaluate;
use crate::aggregate::{self, AggregateOptions};
use crate::keys::{KeyEncoder, hash_keys};
use crate::signature::Argument;
use crate::time::zone::TimeZone;

/// Nanoseconds of 0001-01-01 and of the end of 9999.
const FIRST: i128 = -62_135_596_800_000_000_000;
const END: i128 = 253_402_300_800_000_000_000;
const MILLI: i128 = 1_000_000;
const SECOND: i128 = 1_000_000_000;
const DAY: i128 = 86_400 * SECOND;

fn nanos() -> impl Strategy<Value = i128> {
    let ends = prop::sample::select(vec![FIRST, FIRST + 1, -1, 0, 1, i64::MIN.into(), i64::MAX.into(), END - 1]);
    prop_oneof![6 => FIRST..END, 2 => -3 * SECOND..3 * SECOND, 1 => ends]
}

fn chrono(nanos: i128) -> NaiveDateTime {
    let (seconds, rest) = (nanos.div_euclid(SECOND) as i64, nanos.rem_euclid(SECOND) as u32);
    DateTime::from_timestamp(seconds, rest).unwrap().naive_utc()
}

fn nanos_of(time: NaiveDateTime) -> i128 {
    i128::from(time.and_utc().timestamp()) * SECOND + i128::from(time.nanosecond())
}

fn text(nanos: i128, precision: u8) -> String {
    let time = chrono(nanos);
    let digits = format!("{:09}", time.nanosecond());
    let fraction = if precision == 0 { String::new() } else { format!(".{}", &digits[..precision.into()]) };
    format!("{:04}-{}{fraction}", time.year(), time.format("%m-%d %H:%M:%S"))
}

/// As Flink cuts: milliseconds towards 1970, what lies below them towards the past.
fn cut(nanos: i128, precision: u8) -> i128 {
    let step = 10i128.pow(9 - u32::from(precision));
    if precision >= 3 { nanos.div_euclid(step) * step } else { nanos.div_euclid(MILLI) * MILLI / step * step }
}

fn column(name: &str, precision: u8, instant: bool) -> (String, DataType) {
    let logical = if instant { T::TimestampLtz { precision } } else { T::Timestamp { precision } };
    (name.to_owned(), logical.nullable())
}

fn value(nanos: i128, precision: u8) -> Value {
    Moment::of_nanos(cut(nanos, precision)).unwrap().value(precision).unwrap()
}

/// Nanoseconds of an expression over a TIMESTAMP(9) `t`.
fn moved(expression: &str, t: i128) -> i128 {
    let (found, data_type) = evaluate(expression, &[column("t", 9, false)], &[value(t, 9)], TimeZone::Utc).unwrap();
    let (T::Timestamp { precision } | T::TimestampLtz { precision }) = data_type.logical else { panic!("{data_type}") };
    Moment::of_value(&found, precision).unwrap().nanos()
}

fn number(expression: &str, t: i128) -> i64 {
    match evaluate(expression, &[column("t", 9, false)], &[value(t, 9)], TimeZone::Utc).unwrap().0 {
        Value::Integer(number) => number,
        other => panic!("{expression}: {other:?}"),
    }
}

proptest! {
    #[test]
    fn texts_go_there_and_back(t in nanos(), precision in 0u8..=9, instant: bool) {
        let name = if instant { "TIMESTAMP_LTZ" } else { "TIMESTAMP" };
        let written = text(t, precision);
        let wanted = if precision == 0 { cut(t.div_euclid(SECOND) * SECOND, 0) } else { cut(t.div_euclid(10i128.pow(9 - u32::from(precision))) * 10i128.pow(9 - u32::from(precision)), precision) };
        let s = ("s".to_owned(), DataType::string());
        let parse = format!("CAST(s AS {name}({precision}))");
        let (read, _) = evaluate(&parse, std::slice::from_ref(&s), &[Value::String(written.clone())], TimeZone::Utc).unwrap();
        prop_assert_eq!(Moment::of_value(&read, precision).unwrap().nanos(), wanted);
        let back = format!("CAST({parse} AS STRING)");
        let (back, _) = evaluate(&back, &[s], &[Value::String(written)], TimeZone::Utc).unwrap();
        prop_assert_eq!(back, Value::String(text(wanted, precision)));
    }

    #[test]
    fn precisions_and_kinds_convert(t in nanos(), from in 0u8..=9, to in 0u8..=9, from_instant: bool, to_instant: bool, hours in -11i32..=13) {
        // Local times a zone away from the ends have other years.
        let t = t.clamp(FIRST + 2 * DAY, END - 2 * DAY);
        let zone = TimeZone::Fixed(hours * 3600);
        let name = if to_instant { "TIMESTAMP_LTZ" } else { "TIMESTAMP" };
        let (found, _) = evaluate(&format!("CAST(t AS {name}({to}))"), &[column("t", from, from_instant)], &[value(t, from)], zone).unwrap();
        let offset = i128::from(hours) * 3600 * SECOND * (i128::from(from_instant) - i128::from(to_instant));
        let held = cut(t, from);
        let wanted = if from == to { held } else { cut(held, to) } + offset;
        prop_assert_eq!(Moment::of_value(&found, to).unwrap().nanos(), wanted);
    }

    #[test]
    fn days_and_times_of_day_convert(t in nanos()) {
        let days = t.div_euclid(MILLI) * MILLI / DAY;
        prop_assert_eq!(i128::from(number("CAST(t AS DATE)", t)), days);
        prop_assert_eq!(i128::from(number("CAST(t AS TIME)", t)), t.rem_euclid(DAY) / SECOND * 1000);
        let (d, days) = (("d".to_owned(), T::Date.nullable()), t.div_euclid(DAY));
        let (found, _) = evaluate("CAST(d AS TIMESTAMP(9))", &[d], &[Value::Integer(days as i64)], TimeZone::Utc).unwrap();
        prop_assert_eq!(found, Value::Decimal(days * DAY));
    }

    #[test]
    fn moments_compare(a in nanos(), b in nanos(), precision in 0u8..=9) {
        let columns = [column("a", 9, false), column("b", precision, false)];
        let row = [value(a, 9), value(b, precision)];
        let held = cut(b, precision);
        for (operator, wanted) in [("<", a < held), ("=", a == held), (">=", a >= held), ("<>", a != held)] {
            let (found, _) = evaluate(&format!("a {operator} b"), &columns, &row, TimeZone::Utc).unwrap();
            prop_assert_eq!(found, Value::Boolean(wanted), "{} {} {}", a, operator, held);
        }
        let (greatest, _) = evaluate("GREATEST(a, CAST(b AS TIMESTAMP(9)))", &columns, &row, TimeZone::Utc).unwrap();
        prop_assert_eq!(greatest, Value::Decimal(a.max(held)));
    }

    #[test]
    fn intervals_move(t in nanos(), millis in -400_000_000i64..400_000_000, months in -30i32..30) {
        let columns = [
            column("t", 9, false),
            ("i".to_owned(), super::types::data_type("INTERVAL DAY(3) TO SECOND(3)").unwrap()),
            ("m".to_owned(), super::types::data_type("INTERVAL YEAR TO MONTH").unwrap()),
        ];
        let row = [value(t, 9), Value::Integer(millis), Value::Integer(months.into())];
        let by_months = |months: i32| {
            let time = chrono(t);
            let by = Months::new(months.unsigned_abs());
            nanos_of(if months < 0 { time - by } else { time + by })
        };
        let distance = i128::from(millis) * MILLI;
        let cases = [("t + i", t + distance), ("t - i", t - distance), ("t + m", by_months(months)), ("t - m", by_months(-months))];
        for (expression, wanted) in cases {
            let (found, _) = evaluate(expression, &columns, &row, TimeZone::Utc).unwrap();
            prop_assert_eq!(found, Value::Decimal(wanted), "{}", expression);
        }
    }

    #[test]
    fn units_are_added_and_counted(t in nanos(), count in -100_000i64..100_000) {
        let add = |unit: &str| moved(&format!("TIMESTAMPADD({unit}, CAST({count} AS BIGINT), t)"), t);
        let count = i128::from(count);
        prop_assert_eq!(add("NANOSECOND"), t + count);
        prop_assert_eq!(add("MICROSECOND"), t + count * 1000);
        prop_assert_eq!(add("MILLISECOND"), t + count * MILLI);
        prop_assert_eq!(add("SECOND"), t + count * SECOND);
        prop_assert_eq!(add("DAY"), t + count * DAY);
        let months = (count % 24) as i64;
        let by = Months::new(months.unsigned_abs() as u32);
        let wanted = nanos_of(if months < 0 { chrono(t) - by } else { chrono(t) + by });
        prop_assert_eq!(moved(&format!("TIMESTAMPADD(MONTH, CAST({months} AS BIGINT), t)"), t), wanted);
        let days = number("TIMESTAMPDIFF(DAY, TIMESTAMP '1970-01-01 00:00:00', t)", t);
        prop_assert_eq!(i128::from(days), t.div_euclid(MILLI) * MILLI / DAY);
    }

    #[test]
    fn fields_are_those_of_the_calendar(t in 0..END) {
        let time = chrono(t);
        prop_assert_eq!(number("EXTRACT(YEAR FROM t)", t), i64::from(time.year()));
        prop_assert_eq!(number("EXTRACT(DOY FROM t)", t), i64::from(time.ordinal()));
        prop_assert_eq!(number("EXTRACT(SECOND FROM t)", t), i64::from(time.second()));
        prop_assert_eq!(number("EXTRACT(MILLISECOND FROM t)", t), i64::from(time.nanosecond() / 1_000_000));
        prop_assert_eq!(number("EXTRACT(MICROSECOND FROM t)", t), i64::from(time.nanosecond() / 1000));
        prop_assert_eq!(number("EXTRACT(NANOSECOND FROM t)", t), i64::from(time.nanosecond()));
    }

    #[test]
    fn moments_are_rounded(t in FIRST..END - DAY) {
        for (unit, size) in [("SECOND", SECOND), ("MINUTE", 60 * SECOND), ("HOUR", 3600 * SECOND), ("DAY", DAY)] {
            let millis = t.div_euclid(MILLI) * MILLI;
            prop_assert_eq!(moved(&format!("FLOOR(t TO {unit})"), t), millis.div_euclid(size) * size);
            // What lies below the millisecond does not count, as in Flink.
            prop_assert_eq!(moved(&format!("CEIL(t TO {unit})"), t), -(-millis).div_euclid(size) * size);
        }
    }

    #[test]
    fn hash_codes_are_javas(t in nanos()) {
        let millis = t.div_euclid(MILLI) as i64;
        let long = (millis ^ ((millis as u64) >> 32) as i64) as i32;
        let wanted = long.wrapping_mul(31).wrapping_add(t.rem_euclid(MILLI) as i32);
        prop_assert_eq!(number("HASH_CODE(t)", t), i64::from(wanted));
    }

    #[test]
    fn formats_write_all_digits(t in nanos()) {
        let (found, _) = evaluate("DATE_FORMAT(t, 'yyyy-MM-dd HH:mm:ss.SSSSSSSSS')", &[column("t", 9, false)], &[value(t, 9)], TimeZone::Utc).unwrap();
        prop_assert_eq!(found, Value::String(text(t, 9)));
    }

    #[test]
    fn keys_differ_where_moments_do(mut times in prop::collection::vec(nanos(), 1..40)) {
        times.push(times[0]);
        times.push(times[0] + 1);
        let array = array(&times);
        let mut hashes = Vec::new();
        hash_keys(std::slice::from_ref(&array), times.len(), &mut hashes).unwrap();
        let mut encoder = KeyEncoder::new();
        encoder.encode(std::slice::from_ref(&array), times.len()).unwrap();
        for (i, a) in times.iter().enumerate() {
            for (j, b) in times.iter().enumerate() {
                prop_assert_eq!(encoder.key(i) == encoder.key(j), a == b);
                prop_assert_eq!(hashes[i] == hashes[j], a == b);
            }
        }
    }

    #[test]
    fn aggregates_keep_moments(times in prop::collection::vec(nanos(), 1..20)) {
        let (least, most) = (times.iter().min().unwrap(), times.iter().max().unwrap());
        let cases = [("MIN", *least), ("MAX", *most), ("FIRST_VALUE", times[0]), ("LAST_VALUE", times[times.len() - 1])];
        for (name, wanted) in cases {
            prop_assert_eq!(aggregated(name, &times, false), Value::Decimal(wanted), "{}", name);
        }
        let mut unique = times.clone();
        unique.sort_unstable();
        unique.dedup();
        prop_assert_eq!(aggregated("COUNT", &times, true), Value::Integer(unique.len() as i64));
        let listed = Value::List(times.iter().map(|t| Value::Decimal(*t)).collect());
        prop_assert_eq!(aggregated("ARRAY_AGG", &times, false), listed);
    }
}

fn array(times: &[i128]) -> ArrayRef {
    let values: Vec<Value> = times.iter().map(|t| value(*t, 9)).collect();
    array_of(&values.iter().collect::<Vec<_>>(), &T::Timestamp { precision: 9 }).unwrap()
}

/// The value of an aggregate function over TIMESTAMP(9).
fn aggregated(name: &str, times: &[i128], distinct: bool) -> Value {
    let given = T::Timestamp { precision: 9 }.nullable();
    let function = aggregate::lookup(name).unwrap();
    let inferred = function.infer(&[Argument { data_type: &given, literal: None }]).unwrap();
    let options = AggregateOptions {
        arg_types: &inferred.arg_types,
        literals: &[],
        distinct,
        result: &inferred.result,
        input_retracts: false,
    };
    let mut accumulator = function.create(&options).unwrap();
    accumulator.resize(1);
    accumulator.update(&vec![0; times.len()], None, &[array(times)], None).unwrap();
    let found = accumulator.values(&[0]).unwrap();
    Value::from_array(&found, &inferred.result.logical, 0).unwrap()
}

#[test]
fn the_ends_of_the_years_are_held() {
    let written = ["0001-01-01 00:00:00.000000001", "1582-10-10 00:00:00.000000000", "9999-12-31 23:59:59.999999999"];
    for wanted in written {
        for name in ["TIMESTAMP", "TIMESTAMP_LTZ"] {
            let (found, _) =
                evaluate(&format!("CAST(CAST('{wanted}' AS {name}(9)) AS STRING)"), &[], &[], TimeZone::Utc).unwrap();
            assert_eq!(found, Value::String(wanted.to_owned()));
        }
    }
    // Beyond the years nothing wraps around either.
    assert_eq!(moved("t + INTERVAL '1' SECOND", END - 1), END - 1 + SECOND);
    assert_eq!(
        moved("TIMESTAMPADD(YEAR, 1000, t)", i64::MAX.into()),
        nanos_of(chrono(i64::MAX.into()) + Months::new(12_000))
    );
}
