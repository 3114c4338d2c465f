//! Identifiers, names, string literals, options.

use super::Quoted;
use crate::ast::{Ident, ObjectName, OptionEntry, StringLiteral};
use crate::keywords;
use std::fmt::{self, Display, Formatter};

/// Whether a name reads as itself without back-ticks.
fn is_plain(value: &str) -> bool {
    let starts_well = |c: char| c.is_alphabetic() || c == '_' || c == '$';
    let goes_on = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    // MAP before a bracket would open a map.
    value.starts_with(starts_well)
        && value.chars().all(goes_on)
        && !keywords::is_reserved(value)
        && !value.eq_ignore_ascii_case("MAP")
}

impl Display for Ident {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if !self.quoted && is_plain(&self.value) {
            f.write_str(&self.value)
        } else {
            write!(f, "`{}`", self.value.replace('`', "``"))
        }
    }
}

impl Display for ObjectName {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            part.fmt(f)?;
        }
        Ok(())
    }
}

impl Display for StringLiteral {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Quoted(&self.value).fmt(f)
    }
}

impl Display for OptionEntry {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.key, self.value)
    }
}
