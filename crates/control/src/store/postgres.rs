//! The store in PostgreSQL, for a control plane in several replicas.

use sqlx::postgres::{PgPool, PgPoolOptions, PgRow};

use super::{StoreError, sql};

#[derive(Debug, Clone)]
pub struct PostgresStore {
    pool: PgPool,
}

impl PostgresStore {
    /// Connects to `postgres://user:password@host/database` and makes the tables. The address never appears in an error,
    /// because it holds the password.
    pub async fn connect(url: &str) -> Result<PostgresStore, StoreError> {
        let failed = |e: sqlx::Error| StoreError::Database(e.to_string());
        let pool = PgPoolOptions::new().max_connections(8).connect(url).await.map_err(failed)?;
        for statement in sql::SCHEMA {
            sqlx::query(statement).execute(&pool).await.map_err(failed)?;
        }
        Ok(PostgresStore { pool })
    }
}

sql::read_record!(PgRow);
sql::sql_store!(PostgresStore);
