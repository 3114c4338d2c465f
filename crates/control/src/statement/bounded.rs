//! [`BoundedResult`]: rows of a query that ends, on their way from the pool to disk.
//!
//! They are moved while the query runs, so that it never waits for its reader, and the rest when it has ended. From then on
//! pages are read from the file, and the pool may forget the query.

use std::sync::Arc;

use nutkin_pool::{PoolError, ResultRow};

use super::services::Services;
use crate::error::ControlError;
use crate::spool::Spool;

pub struct BoundedResult {
    services: Arc<Services>,
    uid: String,
    /// Rows that are in the file; the token to go on with in the pool.
    moved: u64,
}

/// Rows, and the token after them.
type Page = (Vec<ResultRow>, Option<u64>);

impl BoundedResult {
    pub fn new(services: Arc<Services>, uid: &str) -> BoundedResult {
        BoundedResult { services, uid: uid.to_owned(), moved: 0 }
    }

    fn spool(&self) -> Spool {
        self.services.spool(&self.uid)
    }

    /// An empty result, in the place of what an interrupted try left.
    pub async fn begin(&mut self) -> Result<(), ControlError> {
        self.moved = 0;
        self.spool().begin().await
    }

    /// A result that is known at once.
    pub async fn write(&mut self, rows: &[ResultRow]) -> Result<(), ControlError> {
        self.begin().await?;
        self.spool().append(rows).await
    }

    /// Moves what is there now. A pool that does not answer is another's to notice; an error is one of the file.
    pub async fn follow(&mut self, pool: &str) -> Result<(), ControlError> {
        while let Ok((rows, _)) = self.page(pool).await
            && !rows.is_empty()
        {
            self.append(&rows).await?;
        }
        Ok(())
    }

    /// Moves the rest and lets go of the query in the pool.
    pub async fn finish(&mut self, pool: &str) -> Result<(), ControlError> {
        loop {
            let page = self.page(pool).await;
            let (rows, next) = page.map_err(|e| ControlError::Internal(e.to_string()))?;
            self.append(&rows).await?;
            if next.is_none() || rows.is_empty() {
                break;
            }
        }
        let _ = self.services.pools.cancel_job(pool, &self.uid).await;
        Ok(())
    }

    async fn page(&self, pool: &str) -> Result<Page, PoolError> {
        self.services.pools.results(pool, &self.uid, self.moved).await
    }

    async fn append(&mut self, rows: &[ResultRow]) -> Result<(), ControlError> {
        self.spool().append(rows).await?;
        self.moved += rows.len() as u64;
        Ok(())
    }
}
