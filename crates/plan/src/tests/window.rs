use proptest::prelude::*;

use crate::WindowSpec;

fn specs() -> impl Strategy<Value = WindowSpec> {
    prop_oneof![
        (1..50i64, -20..20i64).prop_map(|(size, offset)| WindowSpec::Tumble { size, offset }),
        (1..20i64, 1..60i64, -20..20i64).prop_map(|(slide, size, offset)| WindowSpec::Hop { slide, size, offset }),
        (1..20i64, 1..5i64, -20..20i64).prop_map(|(step, n, offset)| WindowSpec::Cumulate {
            step,
            max: step * n,
            offset
        }),
    ]
}

/// Every window by definition, found by trying all starts.
fn windows_by_definition(spec: WindowSpec, timestamp: i64) -> Vec<(i64, i64)> {
    let mut found = Vec::new();
    for start in timestamp - 200..=timestamp {
        match spec {
            WindowSpec::Tumble { size, offset } => {
                if (start - offset).rem_euclid(size) == 0 && timestamp < start + size {
                    found.push((start, start + size));
                }
            }
            WindowSpec::Hop { slide, size, offset } => {
                if (start - offset).rem_euclid(slide) == 0 && timestamp < start + size {
                    found.push((start, start + size));
                }
            }
            WindowSpec::Cumulate { step, max, offset } => {
                if (start - offset).rem_euclid(max) == 0 {
                    found.extend(
                        (1..=max / step)
                            .map(|k| (start, start + k * step))
                            .filter(|&(_, end)| timestamp < end && timestamp < start + max),
                    );
                }
            }
            // The window that the row opens by itself.
            WindowSpec::Session { gap } => {
                if start == timestamp {
                    found.push((start, start + gap));
                }
            }
        }
    }
    found.sort_by_key(|&(start, end)| (end, start));
    found
}

proptest! {
    #[test]
    fn slices_give_the_windows_of_the_definition(spec in specs(), timestamp in -500..500i64) {
        let windows = spec.windows_of_slice(spec.slice_end(timestamp));
        prop_assert_eq!(&windows, &windows_by_definition(spec, timestamp));
        for (start, end) in windows {
            prop_assert!(spec.slices_of_window(start, end).any(|slice| slice == spec.slice_end(timestamp)));
        }
    }
}
