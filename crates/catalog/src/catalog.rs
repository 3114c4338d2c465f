//! [`Catalog`]: takes statements, answers or plans them.

use std::collections::HashMap;
use std::sync::Arc;

use nutkin_plan::Plan;
use nutkin_planner::analyze;
use parking_lot::Mutex;

use crate::directory::{Directory, Metastore};
use crate::error::CatalogError;
use crate::outcome::{Outcome, StatementRequest};
use crate::statement::Submission;
use crate::{bounds, ddl, information_schema, load, session, statement};

/// Settings of a catalog.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Rows per second and table of `examples.marketplace` (decision 9).
    pub sample_rows_per_second: u32,
    /// Seed of the tables of `examples.marketplace`.
    pub sample_seed: u64,
    /// Whether `'connector' = 'blackhole'` may be used: for benchmarks.
    pub blackhole: bool,
    /// Whether the data plane runs a plan: asked before a CREATE TABLE AS leaves a table behind. The error's text, code first.
    pub check: fn(&Plan) -> Result<(), String>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            sample_rows_per_second: nutkin_generate::DEFAULT_ROWS_PER_SECOND,
            sample_seed: 0,
            blackhole: false,
            check: |_| Ok(()),
        }
    }
}

/// Environments and clusters as catalogs and databases. A cheap clone.
#[derive(Clone)]
pub struct Catalog {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub options: Options,
    pub directory: Arc<dyn Directory>,
    pub metastore: Arc<dyn Metastore>,
    /// By cluster id: one change of its tables at a time.
    changes: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Catalog {
    pub fn new(options: Options, directory: Arc<dyn Directory>, metastore: Arc<dyn Metastore>) -> Catalog {
        let inner = Inner { options, directory, metastore, changes: Mutex::default() };
        Catalog { inner: Arc::new(inner) }
    }

    /// Carries the statement out, or plans what a data plane must run. A second call with the same uid finishes what a first
    /// one that was interrupted began.
    ///
    /// # Errors
    /// [`CatalogError`], whose text begins with its code.
    pub async fn submit(&self, request: StatementRequest) -> Result<Outcome, CatalogError> {
        let statement = nutkin_sql::parse_statement(&request.sql)?;
        let mut session = session::of(&statement, &request.properties)?;
        let snapshot = load::snapshot(&self.inner, &statement, &session, &request.sees).await?;
        information_schema::check_written(&statement, &snapshot)?;
        let of_views = !session.snapshot && information_schema::is_query_of_views(&statement, &snapshot);
        session.snapshot |= of_views;
        if let Some(done) = ddl::already_altered(&self.inner, &statement, &session, &snapshot, &request.uid).await? {
            return Ok(done);
        }
        let analyzed = analyze(&statement, &request.sql, &session, &snapshot)
            .map_err(|error| if of_views { information_schema::refused(error) } else { error.into() })?;
        let submission =
            Submission { catalog: &self.inner, request: &request, statement: &statement, session, snapshot };
        let is_snapshot = submission.session.snapshot;
        let mut outcome = statement::carry_out(submission, analyzed).await?;
        if let (true, Outcome::Job { plan, .. }) = (is_snapshot, &mut outcome) {
            bounds::fix(&self.inner, plan).await?;
        }
        Ok(outcome)
    }
}

impl Inner {
    /// Held while a table of the cluster is created or dropped.
    pub fn changes_of(&self, cluster_id: &str) -> Arc<tokio::sync::Mutex<()>> {
        self.changes.lock().entry(cluster_id.to_owned()).or_default().clone()
    }
}
