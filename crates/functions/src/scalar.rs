//! The scalar functions, one table per family. A new family is a new file plus a line here.

use crate::registry::ScalarFunction;

mod arithmetic;
mod binary;
mod collection;
mod comparison;
mod conditional;
mod conversion;
mod datetime;
mod encoding;
mod hash;
mod logical;
mod membership;
mod numeric;
mod pattern;
mod random;
mod regexp;
mod rounding;
mod split;
mod string;
mod substring;
mod trim;

/// All tables, in the order of the documentation.
pub(crate) const TABLES: &[&[ScalarFunction]] = &[
    comparison::FUNCTIONS,
    membership::FUNCTIONS,
    pattern::FUNCTIONS,
    logical::FUNCTIONS,
    conditional::FUNCTIONS,
    arithmetic::FUNCTIONS,
    numeric::FUNCTIONS,
    rounding::FUNCTIONS,
    random::FUNCTIONS,
    string::FUNCTIONS,
    substring::FUNCTIONS,
    trim::FUNCTIONS,
    regexp::FUNCTIONS,
    split::FUNCTIONS,
    encoding::FUNCTIONS,
    hash::FUNCTIONS,
    datetime::clock::FUNCTIONS,
    datetime::extract::FUNCTIONS,
    datetime::shift::FUNCTIONS,
    datetime::round::FUNCTIONS,
    datetime::format::FUNCTIONS,
    datetime::parse::FUNCTIONS,
    collection::FUNCTIONS,
    conversion::FUNCTIONS,
];
