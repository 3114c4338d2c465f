//! The SQL both databases understand, and the store written on it once.
//!
//! Placeholders are `$1`..., types are TEXT and BIGINT; SQLite and PostgreSQL run the same text. What differs is how a pool
//! is opened and how a violated unique index is told, which sqlx already says in one way.

/// Makes the table and its index; harmless when they exist. Each statement by itself.
pub(super) const SCHEMA: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS resources (
        kind TEXT NOT NULL, id TEXT NOT NULL, parent TEXT NOT NULL, name TEXT NOT NULL,
        version BIGINT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (kind, id))",
    "CREATE UNIQUE INDEX IF NOT EXISTS resources_by_name ON resources (kind, parent, name)",
];

pub(super) const INSERT: &str = "INSERT INTO resources (kind, id, parent, name, version, created_at, updated_at, body)
     VALUES ($1, $2, $3, $4, 1, $5, $5, $6)";
pub(super) const GET: &str = "SELECT * FROM resources WHERE kind = $1 AND id = $2";
pub(super) const FIND: &str = "SELECT * FROM resources WHERE kind = $1 AND parent = $2 AND name = $3";
pub(super) const UPDATE: &str = "UPDATE resources SET name = $1, body = $2, updated_at = $3, version = version + 1
     WHERE kind = $4 AND id = $5 AND version = $6";
pub(super) const DELETE: &str = "DELETE FROM resources WHERE kind = $1 AND id = $2 AND version = $3";
pub(super) const LIST: &str = "SELECT * FROM resources WHERE kind = $1 AND ($2 = '' OR parent = $2) AND id > $3
     ORDER BY id LIMIT $4";

/// Implements [`super::Store`] for a type with a field `pool` of the sqlx pool type.
macro_rules! sql_store {
    ($store:ty) => {
        #[async_trait::async_trait]
        impl $crate::store::Store for $store {
            async fn insert(&self, new: $crate::store::NewRecord) -> Result<$crate::store::Record, StoreError> {
                let done = sqlx::query(sql::INSERT)
                    .bind(new.kind)
                    .bind(&new.id)
                    .bind(&new.parent)
                    .bind(&new.name)
                    .bind(new.now)
                    .bind(&new.body)
                    .execute(&self.pool)
                    .await;
                done.map_err(|e| sql::failure(e, new.kind, &new.name))?;
                Ok($crate::store::Record {
                    kind: new.kind.to_owned(),
                    id: new.id,
                    parent: new.parent,
                    name: new.name,
                    version: 1,
                    created_at: new.now,
                    updated_at: new.now,
                    body: new.body,
                })
            }

            async fn get(&self, kind: &str, id: &str) -> Result<Option<$crate::store::Record>, StoreError> {
                let row = sqlx::query(sql::GET).bind(kind).bind(id).fetch_optional(&self.pool).await;
                row.map_err(|e| sql::failure(e, kind, id))?.map(|row| read(&row)).transpose()
            }

            async fn find(
                &self,
                kind: &str,
                parent: &str,
                name: &str,
            ) -> Result<Option<$crate::store::Record>, StoreError> {
                let row = sqlx::query(sql::FIND).bind(kind).bind(parent).bind(name).fetch_optional(&self.pool).await;
                row.map_err(|e| sql::failure(e, kind, name))?.map(|row| read(&row)).transpose()
            }

            async fn update(
                &self,
                record: &$crate::store::Record,
                name: &str,
                body: &str,
                now: i64,
            ) -> Result<$crate::store::Record, StoreError> {
                let done = sqlx::query(sql::UPDATE)
                    .bind(name)
                    .bind(body)
                    .bind(now)
                    .bind(&record.kind)
                    .bind(&record.id)
                    .bind(record.version)
                    .execute(&self.pool)
                    .await
                    .map_err(|e| sql::failure(e, &record.kind, name))?;
                if done.rows_affected() == 0 {
                    return Err(self.missing_or_stale(record).await?);
                }
                Ok($crate::store::Record {
                    name: name.to_owned(),
                    body: body.to_owned(),
                    updated_at: now,
                    version: record.version + 1,
                    ..record.clone()
                })
            }

            async fn delete(&self, record: &$crate::store::Record) -> Result<(), StoreError> {
                let done = sqlx::query(sql::DELETE)
                    .bind(&record.kind)
                    .bind(&record.id)
                    .bind(record.version)
                    .execute(&self.pool)
                    .await
                    .map_err(|e| sql::failure(e, &record.kind, &record.id))?;
                if done.rows_affected() == 0 { Err(self.missing_or_stale(record).await?) } else { Ok(()) }
            }

            async fn list(&self, query: $crate::store::Query<'_>) -> Result<Vec<$crate::store::Record>, StoreError> {
                let rows = sqlx::query(sql::LIST)
                    .bind(query.kind)
                    .bind(query.parent.unwrap_or_default())
                    .bind(query.after.unwrap_or_default())
                    .bind(i64::from(query.limit))
                    .fetch_all(&self.pool)
                    .await
                    .map_err(|e| sql::failure(e, query.kind, ""))?;
                rows.iter().map(read).collect()
            }
        }

        impl $store {
            async fn missing_or_stale(&self, record: &$crate::store::Record) -> Result<StoreError, StoreError> {
                let (kind, id) = (record.kind.clone(), record.id.clone());
                Ok(match $crate::store::Store::get(self, &kind, &id).await? {
                    None => StoreError::NotFound { kind, id },
                    Some(_) => StoreError::Stale { kind, id },
                })
            }
        }
    };
}
pub(super) use sql_store;

use super::StoreError;

pub(super) fn failure(error: sqlx::Error, kind: &str, name: &str) -> StoreError {
    match error.as_database_error() {
        Some(database) if database.is_unique_violation() => {
            StoreError::Exists { kind: kind.to_owned(), name: name.to_owned() }
        }
        _ => StoreError::Database(error.to_string()),
    }
}

/// Reads a row into a record; a macro because the row types of the two databases share no usable trait.
macro_rules! read_record {
    ($row:ty) => {
        fn read(row: &$row) -> Result<$crate::store::Record, StoreError> {
            use sqlx::Row;
            let fetch = || -> Result<$crate::store::Record, sqlx::Error> {
                Ok($crate::store::Record {
                    kind: row.try_get("kind")?,
                    id: row.try_get("id")?,
                    parent: row.try_get("parent")?,
                    name: row.try_get("name")?,
                    version: row.try_get("version")?,
                    created_at: row.try_get("created_at")?,
                    updated_at: row.try_get("updated_at")?,
                    body: row.try_get("body")?,
                })
            };
            fetch().map_err(|e| StoreError::Database(e.to_string()))
        }
    };
}
pub(super) use read_record;
