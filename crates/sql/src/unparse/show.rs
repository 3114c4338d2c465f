//! SHOW.

use super::optional;
use crate::ast::{Preposition, Show, ShowFilter, ShowScope};
use std::fmt::{self, Display, Formatter};

impl Display for Show {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Show::CurrentCatalog(_) => f.write_str("SHOW CURRENT CATALOG"),
            Show::CurrentDatabase(_) => f.write_str("SHOW CURRENT DATABASE"),
            Show::Create(show) => write!(f, "SHOW CREATE {} {}", show.kind.keyword(), show.name),
            Show::List(show) => {
                write!(f, "SHOW {}", show.kind.keyword())?;
                optional(f, "", show.scope.as_ref())?;
                optional(f, "", show.filter.as_ref())
            }
            Show::Columns(show) => {
                write!(f, "SHOW COLUMNS {}", show.scope)?;
                optional(f, "", show.filter.as_ref())
            }
            Show::Partitions(name) => write!(f, "SHOW PARTITIONS {name}"),
        }
    }
}

impl Display for ShowScope {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let preposition = match self.preposition {
            Preposition::From => "FROM",
            Preposition::In => "IN",
        };
        write!(f, "{preposition} {}", self.name)
    }
}

impl Display for ShowFilter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let not = if self.negated { "NOT " } else { "" };
        let like = if self.case_insensitive { "ILIKE" } else { "LIKE" };
        write!(f, "{not}{like} {}", self.pattern)
    }
}
