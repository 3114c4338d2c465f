//! The store in a SQLite file: the embedded default.
//!
//! Write-ahead log, one connection (SQLite has one writer anyway, and the control plane's queries take microseconds),
//! `synchronous=FULL` so that an answered write survives a power cut, and a busy time-out for people who look into the file
//! with other tools.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};

use super::{StoreError, sql};

#[derive(Debug, Clone)]
pub struct SqliteStore {
    pool: SqlitePool,
}

impl SqliteStore {
    /// Opens or makes the database file.
    pub async fn open(path: &Path) -> Result<SqliteStore, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10));
        let failed = |e: sqlx::Error| StoreError::Database(format!("{}: {e}", path.display()));
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.map_err(failed)?;
        for statement in sql::SCHEMA {
            sqlx::query(statement).execute(&pool).await.map_err(failed)?;
        }
        Ok(SqliteStore { pool })
    }
}

sql::read_record!(SqliteRow);
sql::sql_store!(SqliteStore);
