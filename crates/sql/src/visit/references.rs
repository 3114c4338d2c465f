//! The tables a statement names.

use super::{Visitor, walk_query};
use crate::ast::{ObjectName, Query, Statement};

/// All names of tables and views that a statement reads, writes, defines, alters, drops or describes, each once, in order of
/// appearance. Names of common table expressions are left out where they are in scope.
pub fn table_references(statement: &Statement) -> Vec<ObjectName> {
    let mut references = References::default();
    references.statement(statement);
    references.names
}

#[derive(Default)]
struct References {
    names: Vec<ObjectName>,
    /// Names of common table expressions in scope, innermost last.
    ctes: Vec<String>,
}

impl References {
    fn add(&mut self, name: &ObjectName) {
        if !self.names.contains(name) {
            self.names.push(name.clone());
        }
    }
}

impl Visitor for References {
    fn query(&mut self, query: &Query) {
        let outer = self.ctes.len();
        let Some(with) = &query.with else {
            return walk_query(self, query);
        };
        for cte in &with.tables {
            if with.recursive {
                self.ctes.push(cte.name.value.clone());
            }
            self.query(&cte.query);
            self.ctes.push(cte.name.value.clone());
        }
        super::walk::walk_query_body(self, query);
        self.ctes.truncate(outer);
    }

    fn table_read(&mut self, name: &ObjectName) {
        let is_cte = name.as_simple().is_some_and(|ident| self.ctes.contains(&ident.value));
        if !is_cte {
            self.add(name);
        }
    }

    fn table_named(&mut self, name: &ObjectName) {
        self.add(name);
    }
}
