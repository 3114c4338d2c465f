//! The scalar functions, one table per family. A new family is a new file plus a line here.

use crate::registry::ScalarFunction;

/// All tables, in the order of the documentation.
pub(crate) const TABLES: &[&[ScalarFunction]] = &[];
