//! One watermark out of several inputs.

use proptest::prelude::*;

use crate::runtime::valve::{Valve, ValveOutput::*};

#[test]
fn the_smallest_of_all_inputs_counts() {
    let mut valve = Valve::new(2);
    assert_eq!(valve.on_watermark(0, 10), None);
    assert_eq!(valve.on_watermark(1, 5), Some(Watermark(5)));
    assert_eq!(valve.on_watermark(1, 20), Some(Watermark(10)));
    assert_eq!(valve.on_watermark(1, 15), None);
}

#[test]
fn an_idle_input_holds_nothing_back_and_comes_back_behind_the_others() {
    let mut valve = Valve::new(2);
    valve.on_watermark(0, 10);
    assert_eq!(valve.on_idle(1), vec![Watermark(10)]);
    assert_eq!(valve.on_watermark(0, 30), Some(Watermark(30)));
    assert_eq!(valve.on_active(1), None);
    assert_eq!(valve.on_watermark(1, 20), None);
    assert_eq!(valve.on_watermark(0, 40), Some(Watermark(40)));
    assert_eq!(valve.on_watermark(1, 50), None);
    assert_eq!(valve.on_watermark(0, 60), Some(Watermark(50)));
}

#[test]
fn when_all_are_idle_the_largest_stands() {
    let mut valve = Valve::new(2);
    valve.on_watermark(0, 10);
    valve.on_watermark(1, 30);
    assert_eq!(valve.on_idle(1), vec![]);
    assert_eq!(valve.on_idle(0), vec![Watermark(30), Idle]);
    assert_eq!(valve.on_active(0), Some(Active));
    assert_eq!(valve.watermark(), 30);
}

proptest! {
    #[test]
    fn it_never_goes_back_nor_ahead_of_an_input_it_waits_for(
        steps in prop::collection::vec((0..3usize, 0..4u8, 0..100i64), 1..200),
    ) {
        let mut valve = Valve::new(3);
        let mut last = i64::MIN;
        for (input, what, value) in steps {
            let out = match what {
                0 | 1 => valve.on_watermark(input, value).into_iter().collect(),
                2 => valve.on_idle(input),
                _ => valve.on_active(input).into_iter().collect(),
            };
            for change in out {
                if let Watermark(watermark) = change {
                    prop_assert!(watermark > last);
                    last = watermark;
                }
            }
            prop_assert_eq!(valve.watermark(), last);
        }
    }
}
