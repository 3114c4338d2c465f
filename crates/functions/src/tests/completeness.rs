//! Every function that Flink 2.2 lists (`cases/flink_functions.tsv`: what SHOW FUNCTIONS says, the name in SQL, or `-` and why there
//! is none) and every one of spec 2.8 (`cases/sql_functions.txt`) is in a registry, or is refused by name.

use crate::{aggregate, registry, waiting};

/// What the analysis of queries knows by itself.
const ELSEWHERE: [&str; 11] = [
    "CUME_DIST",
    "DENSE_RANK",
    "LEAD",
    "NTILE",
    "PERCENT_RANK",
    "RANK",
    "ROW_NUMBER",
    "GROUP_ID",
    "GROUPING",
    "SOURCE_WATERMARK",
    "CURRENT_DATABASE",
];

fn is_known(name: &str) -> bool {
    registry::lookup(name).is_some()
        || aggregate::lookup(name).is_some()
        || aggregate::lookup_over(name).is_some()
        || waiting::remedy(name).is_some()
        || ELSEWHERE.contains(&name)
}

#[test]
fn every_function_of_flink() {
    let mut missing = Vec::new();
    for line in include_str!("cases/flink_functions.tsv").lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        match fields.as_slice() {
            [_, "-", why] => assert!(!why.is_empty()),
            [_, sql] if is_known(sql) => {}
            [name, sql] => missing.push(format!("{name} ({sql})")),
            _ => panic!("{line}"),
        }
    }
    assert!(missing.is_empty(), "missing: {missing:?}");
}

#[test]
fn every_function_of_the_specification() {
    let missing: Vec<&str> = include_str!("cases/sql_functions.txt").lines().filter(|name| !is_known(name)).collect();
    assert!(missing.is_empty(), "missing: {missing:?}");
}

#[test]
fn what_waits_is_not_built() {
    for name in ["VECTOR_SEARCH", "ml_predict", "AI_COMPLETE"] {
        assert!(waiting::remedy(name).is_some(), "{name}");
    }
    let is_aggregate = |name: &str| aggregate::lookup(name).or_else(|| aggregate::lookup_over(name)).is_some();
    let both = |name: &&str| registry::lookup(name).is_some() || is_aggregate(name);
    let names = include_str!("cases/sql_functions.txt").lines().filter(|name| waiting::remedy(name).is_some());
    assert_eq!(names.filter(both).count(), 0);
}
