//! Tests of the control room.

use async_trait::async_trait;
use nutkin_pool::{PoolError, PoolHost, StartedPool};

mod attach;
mod checkpoints;
mod data_dir;
mod lifecycle;
mod overview;
mod seal;
mod store;

/// Where no pool is needed.
struct NoPools;

#[async_trait]
impl PoolHost for NoPools {
    async fn start(&self, pool_id: &str) -> Result<StartedPool, PoolError> {
        Err(PoolError::Start(format!("{pool_id} is not part of this test")))
    }
}
