//! Patterns with and without backtracking find the same groups.

use crate::pattern::{Part, Pattern};

/// Patterns with groups, and how many they have.
const PATTERNS: &[(&str, usize)] = &[
    ("(a+)(b*)", 2),
    ("(a|ab)(1|b1)?", 2),
    ("^(a*?)(b+)$", 2),
    (r"(\d)|(\w)", 2),
    (r"\b(a?)(b)\b", 2),
    ("(a*)*", 1),
    ("()a|(b)()", 3),
    ("((a)|b)+", 2),
    ("(?i)(A)(?:B)", 1),
    ("(a*+)(a?)", 2),
    ("(a++)b", 1),
    ("(a?+)(a{1,2}+)", 2),
    (r"(a)\+(b)?", 2),
];

/// Every text of up to five of four signs.
fn texts() -> Vec<String> {
    let mut longest = vec![String::new()];
    let mut all = longest.clone();
    for _ in 0..5 {
        longest = longest.iter().flat_map(|text| "ab1+".chars().map(move |sign| format!("{text}{sign}"))).collect();
        all.extend_from_slice(&longest);
    }
    all
}

fn found(pattern: &Pattern, text: &str, group: usize) -> (Option<Option<Part>>, Vec<Option<Part>>) {
    let mut all = Vec::new();
    pattern.each_group(text, group, |part| all.push(part)).unwrap();
    (pattern.group(text, group).unwrap(), all)
}

#[test]
fn groups_do_not_depend_on_the_engine() {
    let texts = texts();
    assert!(texts.len() > 1000);
    for (source, groups) in PATTERNS {
        let pattern = Pattern::new(source).unwrap();
        // Nothing looked ahead for changes no match, and needs the engine that backtracks.
        let backtracking = Pattern::new(&format!("{source}(?=)")).unwrap();
        for (text, group) in texts.iter().flat_map(|text| (0..=groups + 1).map(move |group| (text, group))) {
            assert_eq!(found(&pattern, text, group), found(&backtracking, text, group), "{source} {text} {group}");
        }
    }
}

/// As java.util.regex has it: what a possessive quantifier took it does not give back.
#[test]
fn possessive_quantifiers_give_nothing_back() {
    assert_eq!(Pattern::new("(a++)a").unwrap().group("aaa", 1).unwrap(), None);
    assert_eq!(Pattern::new("(a++)b").unwrap().group("aaab", 1).unwrap(), Some(Some((0, 3))));
}
