//! Statements and scripts: what is accepted prints to a text that parses to the same tree (sql.md 2.10).

use nutkin_sql::{parse_statement, parse_statements};

use crate::mutate::TEXT;
use crate::run::{Check, Target};
use crate::samples;

pub const TARGET: Target = Target { samples, mutations: TEXT, check, a_minute: 1_800_000 };

fn samples() -> Vec<Vec<u8>> {
    samples::statements().map(|text| text.as_bytes().to_vec()).collect()
}

fn check() -> Check {
    Box::new(|input| {
        let text = String::from_utf8_lossy(input);
        let read = match parse_statement(&text) {
            Ok(tree) => {
                let printed = tree.to_string();
                let again =
                    parse_statement(&printed).unwrap_or_else(|error| panic!("{printed}\nprinted, then: {error}"));
                assert_eq!(again, tree, "printed: {printed}");
                assert_eq!(again.to_string(), printed);
                true
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                false
            }
        };
        for (tree, span) in parse_statements(&text).into_iter().flatten() {
            assert_eq!(parse_statement(span.text(&text)).as_ref(), Ok(&tree), "the place of {tree}");
        }
        read
    })
}
