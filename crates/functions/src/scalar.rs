//! The scalar functions, one table per family. A new family is a new file plus a line here.

use crate::registry::ScalarFunction;

mod arithmetic;
mod binary;
mod choose;
mod classify;
mod collection;
mod comparison;
mod conditional;
mod conversion;
mod datetime;
mod encoding;
mod hash;
mod hash_code;
mod json;
mod logical;
mod membership;
mod ml;
mod numeric;
mod padding;
mod pattern;
mod period;
mod printf;
mod random;
mod regexp;
mod rounding;
mod split;
mod string;
mod structured;
mod substring;
mod translate;
mod trim;
mod url;
mod variant;

/// All tables, in the order of the documentation.
pub(crate) const TABLES: &[&[ScalarFunction]] = &[
    comparison::FUNCTIONS,
    membership::FUNCTIONS,
    pattern::FUNCTIONS,
    logical::FUNCTIONS,
    conditional::FUNCTIONS,
    classify::FUNCTIONS,
    arithmetic::FUNCTIONS,
    numeric::FUNCTIONS,
    rounding::FUNCTIONS,
    random::FUNCTIONS,
    string::FUNCTIONS,
    padding::FUNCTIONS,
    substring::FUNCTIONS,
    trim::FUNCTIONS,
    translate::FUNCTIONS,
    choose::FUNCTIONS,
    printf::FUNCTIONS,
    url::FUNCTIONS,
    regexp::FUNCTIONS,
    split::FUNCTIONS,
    encoding::FUNCTIONS,
    hash::FUNCTIONS,
    hash_code::FUNCTIONS,
    datetime::clock::FUNCTIONS,
    datetime::extract::FUNCTIONS,
    datetime::shift::FUNCTIONS,
    datetime::round::FUNCTIONS,
    datetime::format::FUNCTIONS,
    datetime::parse::FUNCTIONS,
    period::FUNCTIONS,
    collection::FUNCTIONS,
    collection::change::FUNCTIONS,
    collection::sets::FUNCTIONS,
    collection::order::FUNCTIONS,
    collection::text::FUNCTIONS,
    collection::maps::FUNCTIONS,
    structured::FUNCTIONS,
    json::predicate::FUNCTIONS,
    json::exists::FUNCTIONS,
    json::value::FUNCTIONS,
    json::query::FUNCTIONS,
    json::construct::FUNCTIONS,
    json::string::FUNCTIONS,
    json::quote::FUNCTIONS,
    variant::FUNCTIONS,
    conversion::FUNCTIONS,
    ml::FUNCTIONS,
];
