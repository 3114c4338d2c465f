//! Analysis: from the syntax tree to typed relational trees and resolved statements.
//!
//! Names are resolved and types inferred in one walk; the result has no syntax left. One folder each for expressions,
//! queries and statements.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use nutkin_plan::TablePath;

use crate::session::Session;
use crate::tables::Tables;
use crate::warnings::Warning;

pub(crate) mod definition;
pub(crate) mod expression;
pub(crate) mod places;
pub(crate) mod query;
pub(crate) mod scope;
pub(crate) mod statement;
pub(crate) mod user_functions;

pub use definition::{AnalyzedExpression, analyze_expression, table_schema};
pub use statement::{analyze, plan_create_table_as};
pub use user_functions::function_references;

use scope::{Relation, Scope};

/// What the analysis of one statement knows and collects.
#[derive(Clone)]
pub(crate) struct Analyzer<'a> {
    pub session: &'a Session,
    pub tables: &'a dyn Tables,
    /// Tables of WITH clauses in scope, inner ones last.
    pub common_tables: Vec<(String, Relation)>,
    /// Columns of the queries around this one, the next one last.
    pub outer: Vec<Scope>,
    /// STATE_TTL of the query block: table and milliseconds.
    pub state_ttl: Vec<(String, i64)>,
    /// How many views the analysis is in.
    pub view_depth: usize,
    /// Operators that views and tables of WITH have stood for so far.
    pub taken: Rc<Cell<usize>>,
    /// The view that ALTER VIEW gives another query, which must not read it.
    pub altered: Option<TablePath>,
    warnings: &'a RefCell<Vec<Warning>>,
}

impl<'a> Analyzer<'a> {
    pub fn new(session: &'a Session, tables: &'a dyn Tables, warnings: &'a RefCell<Vec<Warning>>) -> Analyzer<'a> {
        Analyzer {
            session,
            tables,
            common_tables: Vec::new(),
            outer: Vec::new(),
            state_ttl: Vec::new(),
            view_depth: 0,
            taken: Rc::default(),
            altered: None,
            warnings,
        }
    }

    /// The analyzer for the query of a view, which sees nothing of the statement around it.
    pub fn within_view<'b>(&'b self, session: &'b Session) -> Analyzer<'b> {
        Analyzer {
            session,
            tables: self.tables,
            common_tables: Vec::new(),
            outer: Vec::new(),
            state_ttl: Vec::new(),
            view_depth: self.view_depth + 1,
            taken: Rc::clone(&self.taken),
            altered: self.altered.clone(),
            warnings: self.warnings,
        }
    }

    /// True when rows may be put in any order: the query ends, or the statement follows Apache Flink (decision 15).
    pub fn any_order(&self) -> bool {
        self.session.flink_extensions || self.session.is_batch()
    }

    /// The warnings so far.
    pub fn warnings(&self) -> Vec<Warning> {
        self.warnings.borrow().clone()
    }

    /// Adds a warning, once.
    pub fn warn(&self, warning: Warning) {
        let mut warnings = self.warnings.borrow_mut();
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
}
