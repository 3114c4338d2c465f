//! LIKE filters (spec D-18).

use nutkin_sql::ast::{ShowFilter, StringLiteral};

use crate::show::like::keeps;

fn like(pattern: &str, name: &str) -> bool {
    let pattern = StringLiteral::new(pattern);
    keeps(Some(&ShowFilter { negated: false, case_insensitive: false, pattern }), name)
}

#[test]
fn patterns_match_as_in_mysql() {
    for (pattern, name, expected) in [
        ("orders", "orders", true),
        ("orders", "Orders", false),
        ("o%", "orders", true),
        ("%s", "orders", true),
        ("%rd%", "orders", true),
        ("%", "", true),
        ("", "", true),
        ("", "a", false),
        ("_rders", "orders", true),
        ("_", "", false),
        ("a\\_b", "a_b", true),
        ("a\\_b", "axb", false),
        ("100\\%", "100%", true),
        ("100\\%", "1000", false),
        ("%a%b%c", "xxaxxbxxcxxc", true),
        ("%a%b%c", "xxaxxcxxb", false),
        ("é_", "éa", true),
    ] {
        assert_eq!(like(pattern, name), expected, "{name} LIKE {pattern}");
    }
    let filter =
        |negated, case_insensitive| ShowFilter { negated, case_insensitive, pattern: StringLiteral::new("O%") };
    assert!(keeps(Some(&filter(true, false)), "orders") && keeps(Some(&filter(false, true)), "orders"));
    assert!(keeps(None, "anything"));
}

#[test]
fn a_pattern_of_many_wildcards_is_quick() {
    assert!(!like(&"%a".repeat(200), &"a".repeat(199)));
}
