//! The parts, without Flink.

use std::collections::BTreeSet;

use nutkin_fuzz::random::Random;
use nutkin_types::LogicalType;

use crate::answer::same_value;
use crate::compare::{Difference, Kind};
use crate::known::Known;
use crate::shrink::smaller;
use crate::sides::json;
use crate::sides::nutkin::Nutkin;
use crate::sql::expressions::Expressions;
use crate::sql::signature::{Element, forms};
use crate::sql::tree::Tree;
use crate::table::{COLUMNS, Table};

fn generated(seed: u64, number: usize) -> (Expressions, Vec<Tree>) {
    let expressions = Expressions::new(COLUMNS);
    let trees = (0..number).filter_map(|turn| expressions.next(seed, turn)).collect();
    (expressions, trees)
}

#[test]
fn a_seed_gives_the_same_expressions_again() {
    let texts = |seed| generated(seed, 300).1.iter().map(Tree::sql).collect::<Vec<_>>();
    assert_eq!(texts(7), texts(7));
    let (one, other) = (texts(6), texts(7));
    let shared = one.iter().filter(|text| other.contains(text)).count();
    assert!(shared * 10 < one.len(), "{shared} are the same in two seeds");
}

#[test]
fn every_function_is_called() {
    let (expressions, _) = generated(1, 0);
    let names: Vec<&str> = expressions.names().collect();
    let mut missing: BTreeSet<&str> = names.iter().copied().collect();
    for turn in 0..names.len() * 20 {
        if expressions.next(1, turn).is_some() {
            missing.remove(names[turn % names.len()]);
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn most_expressions_give_values() {
    let (_, trees) = generated(3, 400);
    let table = Table::of_all_types("t", &mut Random::new(3));
    let nutkin = Nutkin::new(&[&table]);
    let given = trees.iter().filter(|tree| nutkin.run(&format!("SELECT {} FROM t", tree.sql())).is_ok()).count();
    assert!(given * 10 > trees.len() * 8, "{given} of {}", trees.len());
}

#[test]
fn smaller_forms_are_smaller_and_have_types() {
    let (expressions, trees) = generated(5, 200);
    let large = trees.iter().max_by_key(|tree| tree.size()).unwrap();
    let found = smaller(large, &expressions);
    assert!(!found.is_empty());
    assert!(found.iter().all(|tree| (tree.size(), tree.sql().len()) < (large.size(), large.sql().len())));
}

#[test]
fn signatures_are_read() {
    let text = |text: &str| Element::Text(text.to_owned());
    let slot = |name: &str| Element::Slot(vec![name.to_owned()]);
    assert_eq!(
        forms("ROUND(numeric[, digits])"),
        [vec![text("ROUND("), slot("numeric"), Element::Optional(vec![text(", "), slot("digits")]), text(")")]]
    );
    assert_eq!(forms("array[index] or map[key]").len(), 2);
    assert_eq!(forms("HEX(integer or string)")[0][1], Element::Slot(vec!["integer".to_owned(), "string".to_owned()]));
    assert_eq!(forms("MAP[key, value, ...]")[0][4], Element::Repeat(vec![slot("key"), text(", "), slot("value")]));
    let trim = &forms("TRIM([BOTH | LEADING | TRAILING] [chars FROM] string)")[0];
    let words = ["BOTH", "LEADING", "TRAILING"].map(|word| vec![text(word)]).to_vec();
    assert_eq!(trim[1], Element::Optional(vec![Element::Choice(words)]));
}

#[test]
fn digits_of_numbers_are_kept() {
    let json = r#"{"a": -12345678901234567890.5e-3, "b": "1-2\"3", "c": [1, true]}"#;
    let kept = r#"{"a": "-12345678901234567890.5e-3", "b": "1-2\"3", "c": ["1", true]}"#;
    assert_eq!(json::numbers_as_texts(json), kept);
}

#[test]
fn what_is_written_for_flink_is_read_back() {
    for seed in 0..50 {
        let table = Table::of_all_types("t", &mut Random::new(seed));
        for (value, logical) in table.rows.iter().flat_map(|row| row.iter().zip(&table.types)) {
            let text = json::numbers_as_texts(&json::write(value, logical).to_string());
            let read = json::read(&serde_json::from_str(&text).unwrap(), logical).unwrap();
            assert!(same_value(value, &read), "{value:?} and {read:?} of {logical}");
        }
    }
}

#[test]
fn a_rule_holds_what_it_names() {
    let mut known = Known::of("value\t^ABS\t1 / 2\ta reason\ntype\tx\t.\tanother");
    let differs = |kind| Difference { kind, nutkin: "1".to_owned(), flink: "2".to_owned() };
    assert!(known.holds("ABS(i)", &differs(Kind::Value)));
    assert!(!known.holds("ABS(i)", &differs(Kind::Type)));
    assert!(!known.holds("-ABS(i)", &differs(Kind::Value)));
    assert_eq!(known.unmet(), ["type\tx\t.\tanother"]);
}

#[test]
fn types_of_tables_are_read() {
    let table = Table::of_all_types("t", &mut Random::new(1));
    assert_eq!(table.types[0], LogicalType::Int);
    assert!(table.types.iter().all(|logical| *logical != LogicalType::Null));
}
