use std::io::Write as _;
use std::sync::Arc;

use crate::store::{MemoryStore, NewRecord, PostgresStore, Query, SqliteStore, Store, StoreError};

fn new(id: &str, parent: &str, name: &str) -> NewRecord {
    NewRecord { kind: "pool", id: id.into(), parent: parent.into(), name: name.into(), body: "{}".into(), now: 5 }
}

/// What every store must do.
async fn conforms(store: Arc<dyn Store>) {
    let a = store.insert(new("p-1", "env-1", "a")).await.unwrap();
    assert_eq!((a.version, a.created_at, a.body.as_str()), (1, 5, "{}"));
    assert!(matches!(store.insert(new("p-2", "env-1", "a")).await, Err(StoreError::Exists { .. })), "name taken");
    assert!(matches!(store.insert(new("p-1", "env-2", "b")).await, Err(StoreError::Exists { .. })), "id taken");
    store.insert(new("p-2", "env-2", "a")).await.unwrap();
    store.insert(new("p-3", "env-1", "c")).await.unwrap();
    assert_eq!(store.get("pool", "p-1").await.unwrap().as_ref(), Some(&a));
    assert_eq!(store.get("other", "p-1").await.unwrap(), None);
    assert_eq!(store.find("pool", "env-2", "a").await.unwrap().unwrap().id, "p-2");

    let b = store.update(&a, "b", "{\"x\":1}", 9).await.unwrap();
    assert_eq!((b.version, b.updated_at, b.created_at), (2, 9, 5));
    assert_eq!(store.get("pool", "p-1").await.unwrap().as_ref(), Some(&b), "reads see the write");
    assert!(matches!(store.update(&a, "b", "{}", 9).await, Err(StoreError::Stale { .. })));
    assert!(matches!(store.delete(&a).await, Err(StoreError::Stale { .. })));
    assert!(matches!(store.update(&b, "c", "{}", 9).await, Err(StoreError::Exists { .. })), "rename onto a name");

    let ids = |records: Vec<crate::store::Record>| records.into_iter().map(|r| r.id).collect::<Vec<_>>();
    let query = Query { kind: "pool", limit: 2, ..Query::default() };
    assert_eq!(ids(store.list(query.clone()).await.unwrap()), ["p-1", "p-2"]);
    assert_eq!(ids(store.list(Query { after: Some("p-2"), ..query.clone() }).await.unwrap()), ["p-3"]);
    assert_eq!(ids(store.list(Query { parent: Some("env-1"), ..query.clone() }).await.unwrap()), ["p-1", "p-3"]);

    store.delete(&b).await.unwrap();
    assert!(matches!(store.delete(&b).await, Err(StoreError::NotFound { .. })));
    assert!(matches!(store.update(&b, "b", "{}", 9).await, Err(StoreError::NotFound { .. })));
    assert_eq!(ids(store.list(query).await.unwrap()), ["p-2", "p-3"], "gone in the next list");

    let record = store.get("pool", "p-3").await.unwrap().unwrap();
    let mut writers = Vec::new();
    for i in 0..8 {
        let (store, record) = (store.clone(), record.clone());
        writers.push(tokio::spawn(async move { store.update(&record, "c", &i.to_string(), 10).await.is_ok() }));
    }
    let mut won = 0;
    for writer in writers {
        won += usize::from(writer.await.unwrap());
    }
    assert_eq!(won, 1, "one of several writers with the same base wins");
}

#[tokio::test]
async fn memory_conforms() {
    conforms(Arc::new(MemoryStore::default())).await;
}

#[tokio::test]
async fn sqlite_conforms_and_keeps_what_it_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nutkin.db");
    conforms(Arc::new(SqliteStore::open(&path).await.unwrap())).await;
    let again = SqliteStore::open(&path).await.unwrap();
    assert_eq!(again.list(Query { kind: "pool", limit: 9, ..Query::default() }).await.unwrap().len(), 2);
}

#[tokio::test]
async fn postgres_conforms() {
    let Ok(url) = std::env::var("NUTKIN_TEST_POSTGRES") else {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "NUTKIN_TEST_POSTGRES names no database");
        // Unlike what is printed, this is seen of a test that passes.
        let _ = writeln!(std::io::stderr(), "skipped: a PostgreSQL store: NUTKIN_TEST_POSTGRES names no database");
        return;
    };
    let store = PostgresStore::connect(&url).await.unwrap();
    for record in store.list(Query { kind: "pool", limit: 1000, ..Query::default() }).await.unwrap() {
        store.delete(&record).await.unwrap();
    }
    conforms(Arc::new(store)).await;
}
