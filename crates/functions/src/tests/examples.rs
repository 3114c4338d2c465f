//! Every example of the registry gives the result it claims.

use nutkin_types::Value;

use super::cases::evaluate;
use crate::registry::{self, Determinism};
use crate::time::zone::TimeZone;

#[test]
fn examples_hold() {
    let mut wrong = Vec::new();
    for function in registry::all() {
        for (sql, expected) in function.examples {
            match evaluate(&format!("CAST({sql} AS STRING)"), &[], &[], TimeZone::Utc) {
                Ok((Value::String(text), _)) if text == *expected => {}
                Ok((Value::Null, _)) if *expected == "NULL" => {}
                other => wrong.push(format!("{sql}: {other:?} instead of {expected}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_are_upper_case_and_unique() {
    let mut seen = std::collections::BTreeSet::new();
    for function in registry::all() {
        for name in std::iter::once(&function.name).chain(function.aliases) {
            assert_eq!(*name, name.to_uppercase());
            assert!(seen.insert(*name), "{name} twice");
            assert!(std::ptr::eq(registry::lookup(&name.to_lowercase()).unwrap(), function));
        }
        assert!(!function.signature.is_empty() && !function.description.is_empty());
    }
    assert!(registry::lookup("NO_SUCH_FUNCTION").is_none());
}

#[test]
fn dynamic_functions_are_not_folded() {
    for name in ["CURRENT_TIMESTAMP", "NOW", "CURRENT_DATE", "LOCALTIME", "LOCALTIMESTAMP", "CURRENT_TIME"] {
        assert_eq!(registry::lookup(name).unwrap().determinism, Determinism::Dynamic, "{name}");
    }
    for name in ["RAND", "UUID", "RAND_INTEGER", "CURRENT_ROW_TIMESTAMP", "CURRENT_WATERMARK"] {
        assert_eq!(registry::lookup(name).unwrap().determinism, Determinism::NonDeterministic, "{name}");
    }
}
