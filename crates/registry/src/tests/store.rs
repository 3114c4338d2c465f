//! One conformance suite for both stores, and the log's behaviour at every point of a crash.

use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;
use uuid::Uuid;

use crate::model::{CompatibilityLevel, Mode, Schema, Subject, SubjectConfig};
use crate::store::{Entry, LogStore, MemoryStore, SchemaStore, StoreError, StoredSchema};
use crate::{Options, Schemas, Service};

fn version(subject: &str, version: i32, deleted: bool) -> Entry {
    Entry::Version(Box::new(StoredSchema {
        subject: Subject::plain(subject),
        version,
        id: version,
        guid: Uuid::nil(),
        schema: Schema::avro("\"int\""),
        fingerprint: format!("{version}"),
        deleted,
    }))
}

fn config(level: Option<CompatibilityLevel>) -> Entry {
    let config = level.map(|level| SubjectConfig { compatibility_level: Some(level), ..SubjectConfig::default() });
    Entry::Config { subject: Subject::global(), config }
}

/// What every store does: `reopen` gives the store again as after a restart.
async fn conforms(reopen: impl Fn() -> Arc<dyn SchemaStore>) {
    let store = reopen();
    assert!(store.load().await.unwrap().is_empty());
    store
        .commit(vec![version("a", 1, false), version("a", 2, false), config(Some(CompatibilityLevel::Full))])
        .await
        .unwrap();
    store.commit(vec![version("a", 1, true)]).await.unwrap();
    store.commit(vec![Entry::VersionGone { subject: Subject::plain("a"), version: 2 }]).await.unwrap();
    store.commit(vec![Entry::Mode { subject: Subject::global(), mode: Some(Mode::ReadOnly) }]).await.unwrap();
    store.commit(vec![config(None), Entry::LastId { context: ".".into(), id: 2 }]).await.unwrap();
    drop(store);
    for _ in 0..3 {
        let store = reopen();
        let entries = store.load().await.unwrap();
        assert_eq!(entries.len(), 3, "{entries:?}");
        assert!(entries.contains(&version("a", 1, true)));
        assert!(entries.contains(&Entry::LastId { context: ".".into(), id: 2 }));
        assert!(entries.contains(&Entry::Mode { subject: Subject::global(), mode: Some(Mode::ReadOnly) }));
    }
}

#[tokio::test]
async fn memory_conforms() {
    let store = Arc::new(MemoryStore::default());
    conforms(|| store.clone()).await;
}

#[tokio::test]
async fn log_conforms() {
    let folder = TempDir::new().unwrap();
    conforms(|| Arc::new(LogStore::open(folder.path().join("schemas.log")).unwrap())).await;
}

async fn entries(path: &Path) -> Result<Vec<Entry>, StoreError> {
    LogStore::open(path)?.load().await
}

#[tokio::test]
async fn a_record_torn_at_any_byte_is_cut_off_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("schemas.log");
    let store = LogStore::open(&path).unwrap();
    store.commit(vec![version("a", 1, false)]).await.unwrap();
    let before = std::fs::metadata(&path).unwrap().len() as usize;
    store.commit(vec![version("b", 1, false), version("c", 1, false)]).await.unwrap();
    drop(store);
    let whole = std::fs::read(&path).unwrap();
    for length in 0..=whole.len() {
        let case = folder.path().join(format!("case{length}.log"));
        std::fs::write(&case, &whole[..length]).unwrap();
        let expected = if length == whole.len() { 3 } else { usize::from(length >= before) };
        if (8..before).contains(&length) || length < 8 {
            // The first record is torn: nothing was acknowledged.
            assert_eq!(entries(&case).await.unwrap().len(), 0, "cut at {length}");
        } else {
            assert_eq!(entries(&case).await.unwrap().len(), expected, "cut at {length}");
        }
        if length % 16 != 0 {
            continue;
        }
        // What was cut off stays away, and the log goes on.
        let store = LogStore::open(&case).unwrap();
        store.commit(vec![version("d", 1, false)]).await.unwrap();
        drop(store);
        assert!(entries(&case).await.unwrap().contains(&version("d", 1, false)), "cut at {length}");
    }
    // Pages of the last record that never reached the disk.
    for hole in before..whole.len() {
        let case = folder.path().join(format!("hole{hole}.log"));
        let mut bytes = whole.clone();
        bytes[hole] ^= 0xff;
        std::fs::write(&case, &bytes).unwrap();
        assert_eq!(entries(&case).await.unwrap(), [version("a", 1, false)], "flipped at {hole}");
    }
}

#[tokio::test]
async fn damage_before_good_records_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("schemas.log");
    let store = LogStore::open(&path).unwrap();
    store.commit(vec![version("a", 1, false)]).await.unwrap();
    store.commit(vec![version("b", 1, false)]).await.unwrap();
    drop(store);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[20] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    assert!(matches!(LogStore::open(&path), Err(StoreError::Corrupt { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), bytes, "a damaged log is left as it is");
    std::fs::write(&path, "something else entirely").unwrap();
    assert!(matches!(LogStore::open(&path), Err(StoreError::Corrupt { .. })));
}

#[tokio::test]
async fn one_process_has_the_log() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("schemas.log");
    let first = LogStore::open(&path).unwrap();
    assert!(matches!(LogStore::open(&path), Err(StoreError::Locked { .. })));
    drop(first);
    LogStore::open(&path).unwrap();
}

#[tokio::test]
async fn opening_compacts() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("schemas.log");
    let store = LogStore::open(&path).unwrap();
    for round in 0..200 {
        store.commit(vec![version("a", 1, round % 2 == 0)]).await.unwrap();
    }
    drop(store);
    let before = std::fs::metadata(&path).unwrap().len();
    assert_eq!(entries(&path).await.unwrap(), [version("a", 1, false)]);
    assert!(std::fs::metadata(&path).unwrap().len() < before / 100);
    // A compaction that a crash cut short leaves a file that nobody reads.
    std::fs::write(path.with_extension("compacting"), "half").unwrap();
    assert_eq!(entries(&path).await.unwrap(), [version("a", 1, false)]);
}

#[tokio::test]
async fn a_registry_is_the_same_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("schemas.log");
    let open = || async {
        let store = Arc::new(LogStore::open(&path).unwrap());
        Service::start(Options::default(), store).await.unwrap().handle()
    };
    let handle = open().await;
    let int = handle.register("s", &Schema::avro("\"int\""), false).await.unwrap();
    let long = handle.register("s", &Schema::avro("\"long\""), false).await.unwrap();
    handle.delete_version("s", 2, false).await.unwrap();
    handle.delete_version("s", 2, true).await.unwrap();
    drop(handle);
    let handle = open().await;
    assert_eq!(handle.latest("s").await.unwrap(), int);
    assert_eq!(handle.by_id(long.id, None).await.unwrap_err().error_code(), 40403);
    let again = handle.register("s", &Schema::avro("\"long\""), false).await.unwrap();
    assert_eq!((again.version, again.id), (2, long.id + 1), "an id is never given out twice");
}

struct Failing;

#[async_trait::async_trait]
impl SchemaStore for Failing {
    async fn load(&self) -> Result<Vec<Entry>, StoreError> {
        Ok(Vec::new())
    }

    async fn commit(&self, _: Vec<Entry>) -> Result<(), StoreError> {
        Err(StoreError::Io { action: "writing".into(), reason: "disk full".into() })
    }
}

#[tokio::test]
async fn what_is_not_durable_is_not_there() {
    let handle = Service::start(Options::default(), Arc::new(Failing)).await.unwrap().handle();
    let error = handle.register("s", &Schema::avro("\"int\""), false).await.unwrap_err();
    assert_eq!((error.status(), error.error_code(), error.code()), (500, 50001, "NUTKIN-3510"));
    assert!(handle.subjects(None).await.unwrap().is_empty());
}
