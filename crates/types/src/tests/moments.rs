//! Moments against plain arithmetic in 128 bits.

use arrow_array::{Array, Decimal128Array};
use proptest::prelude::*;

use crate::arrow::{NANOSECONDS, arrow_type};
use crate::moment::moment_array;
use crate::{LogicalType, Moment, Moments, Value};

/// Nanoseconds of 0001-01-01 and of the end of 9999.
const YEARS: std::ops::Range<i128> = -62_135_596_800_000_000_000..253_402_300_800_000_000_000;

fn nanos() -> impl Strategy<Value = i128> {
    prop_oneof![4 => YEARS, 1 => -3_000_000_000..3_000_000_000i128, 1 => -10_000_000_000_000_000_000..10_000_000_000_000_000_000i128]
}

proptest! {
    #[test]
    fn parts_are_those_of_the_nanoseconds(nanos in nanos()) {
        let moment = Moment::of_nanos(nanos).unwrap();
        prop_assert_eq!(moment.nanos(), nanos);
        prop_assert_eq!(i128::from(moment.millis()), nanos.div_euclid(1_000_000));
        prop_assert_eq!(i128::from(moment.below_millis()), nanos.rem_euclid(1_000_000));
        prop_assert_eq!(i128::from(moment.seconds()), nanos.div_euclid(1_000_000_000));
        prop_assert_eq!(i128::from(moment.nano_of_second()), nanos.rem_euclid(1_000_000_000));
        prop_assert_eq!(Moment::of_seconds(moment.seconds(), moment.nano_of_second()), Some(moment));
        for per_second in [1_000, 1_000_000, 1_000_000_000] {
            let ticks = nanos.div_euclid(i128::from(1_000_000_000 / per_second));
            prop_assert_eq!(moment.ticks(per_second), i64::try_from(ticks).ok());
        }
    }

    #[test]
    fn digits_are_cut_as_flink_cuts_them(nanos in nanos(), precision in 0u8..=9) {
        let cut = Moment::of_nanos(nanos).unwrap().truncated(precision).nanos();
        let step = 10i128.pow(9 - u32::from(precision));
        let millis = nanos.div_euclid(1_000_000) * 1_000_000;
        prop_assert_eq!(cut, if precision < 3 { millis / step * step } else { nanos.div_euclid(step) * step });
    }

    #[test]
    fn moments_order_as_their_nanoseconds(a in nanos(), b in nanos()) {
        prop_assert_eq!(Moment::of_nanos(a).cmp(&Moment::of_nanos(b)), a.cmp(&b));
    }

    #[test]
    fn arrays_of_every_precision_hold_all_years(some in prop::collection::vec(prop::option::of(YEARS), 0..20), precision in 0u8..=9) {
        for logical in [LogicalType::Timestamp { precision }, LogicalType::TimestampLtz { precision }] {
            let moment = |row: usize| some[row].and_then(Moment::of_nanos);
            let array = moment_array(&logical, some.len(), |row| Ok::<_, arrow_schema::ArrowError>(moment(row))).unwrap();
            prop_assert_eq!(array.data_type(), &arrow_type(&logical));
            let read = Moments::open(array.as_ref(), precision).unwrap();
            for row in 0..some.len() {
                let Some(moment) = moment(row) else {
                    prop_assert!(array.is_null(row));
                    continue;
                };
                let held = moment.within(precision).unwrap();
                prop_assert_eq!(read.get(row), held);
                let value = Value::from_array(&array, &logical, row).unwrap();
                prop_assert_eq!(Moment::of_value(&value, precision), Some(held));
                prop_assert_eq!(held.value(precision), Some(value));
                for per_second in [1_000, 1_000_000, 1_000_000_000] {
                    prop_assert_eq!(read.ticks(row, per_second), held.ticks(per_second));
                }
            }
        }
    }
}

#[test]
fn the_last_ticks_of_64_bits_are_held() {
    for ticks in [i64::MIN, i64::MIN + 1, i64::MAX - 1, i64::MAX] {
        assert_eq!(Moment::of_nanos(ticks.into()).unwrap().ticks(1_000_000_000), Some(ticks));
        let micros = Moment::of_nanos(i128::from(ticks) * 1000).unwrap();
        assert_eq!(micros.ticks(1_000_000), Some(ticks));
        assert_eq!(micros.within(6), Some(micros));
        assert_eq!(Moment::of_millis(ticks).ticks(1_000), Some(ticks));
        assert_eq!(Moment::of_millis(ticks).within(6), None);
        assert_eq!(Moment::of_millis(ticks).within(9), Some(Moment::of_millis(ticks)));
    }
    assert_eq!(Moment::of_nanos(i128::MAX), None);
    assert_eq!(Moment::of_millis(i64::MAX).plus_millis(1), None);
    assert_eq!(Moment::of_millis(i64::MAX).plus_nanos(1_000_000), None);
}

#[test]
fn an_array_of_decimals_is_none_of_nanoseconds() {
    let nanos = LogicalType::Timestamp { precision: 9 };
    let decimal = LogicalType::Decimal { precision: 21, scale: 9 };
    let decimals = Decimal128Array::from(vec![1]).with_precision_and_scale(21, 9).unwrap();
    assert!(Moments::open(&decimals, 9).is_none());
    assert!(Value::from_array(&decimals, &nanos, 0).is_err());
    let moments = Decimal128Array::from(vec![1]).with_data_type(NANOSECONDS);
    assert_eq!(Value::from_array(&moments, &nanos, 0).unwrap(), Value::Decimal(1));
    assert!(Value::from_array(&moments, &decimal, 0).is_err());
    assert!(Value::Integer(1).to_array(&nanos.nullable(), 1).is_err());
}
