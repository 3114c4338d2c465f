//! What every storage must do: one suite over memory, a directory, and S3, the last on a server of our own in this process and
//! on the one that `NUTKIN_TEST_S3` names.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

use super::fake_s3::FakeS3;
use crate::storage::{Creation, DirectoryStorage, Limits, MemoryStorage, S3Options, S3Storage, Storage, prove};
use crate::{CheckpointStore, StateError};

/// More files than two pages of a list hold, and than one does.
const TWO_PAGES: usize = 2100;
const ONE_PAGE: usize = 1001;

async fn conforms(storage: Arc<dyn Storage>, many: usize) {
    prove(&*storage, "the storage").await.unwrap();
    files(&*storage).await;
    many_files(storage.clone(), many).await;
    large_files(&*storage).await;
    races(storage.clone()).await;
    claims(storage.clone()).await;
    torn_uploads(storage).await;
}

async fn files(storage: &dyn Storage) {
    assert_eq!(storage.get("a/b").await.unwrap(), None);
    assert_eq!(storage.list("a").await.unwrap(), Vec::<String>::new());
    assert_eq!(storage.create("a/b", Bytes::from("1")).await.unwrap(), Creation::Created);
    assert_eq!(storage.create("a/b", Bytes::from("2")).await.unwrap(), Creation::Exists);
    // Equal content is no claim to what is there.
    assert_eq!(storage.create("a/b", Bytes::from("1")).await.unwrap(), Creation::Exists);
    assert_eq!(storage.get("a/b").await.unwrap(), Some(Bytes::from("1")));
    storage.put("a/b", Bytes::from("3")).await.unwrap();
    assert_eq!(storage.get("a/b").await.unwrap(), Some(Bytes::from("3")));
    assert_eq!(storage.create("a/b", Bytes::from("3")).await.unwrap(), Creation::Exists);
    storage.put("a/c/d", Bytes::from("4")).await.unwrap();
    storage.put("a/empty", Bytes::new()).await.unwrap();
    storage.put("ab/e", Bytes::from("5")).await.unwrap();
    assert_eq!(storage.get("a/empty").await.unwrap(), Some(Bytes::new()));
    let mut listed = storage.list("a").await.unwrap();
    listed.sort();
    assert_eq!(listed, ["a/b", "a/c/d", "a/empty"]);
    storage.delete("a/c/d").await.unwrap();
    storage.delete("a/c/d").await.unwrap();
    assert_eq!(storage.get("a/c/d").await.unwrap(), None);
    storage.delete_all(vec!["a/b".to_owned(), "a/none".to_owned(), "a/empty".to_owned()]).await.unwrap();
    assert_eq!(storage.list("a").await.unwrap(), Vec::<String>::new());
    assert_eq!(storage.create("a/b", Bytes::from("6")).await.unwrap(), Creation::Created);
}

async fn many_files(storage: Arc<dyn Storage>, many: usize) {
    let mut expected: Vec<String> = (0..many).map(|i| format!("many/{i:05}")).collect();
    for chunk in expected.chunks(64) {
        let puts = chunk.iter().map(|path| storage.put(path, Bytes::from_static(b"x")));
        futures::future::try_join_all(puts).await.unwrap();
    }
    let mut listed = storage.list("many").await.unwrap();
    listed.sort();
    assert_eq!(listed, expected);
    let kept = expected.split_off(many - 3);
    storage.delete_all(expected).await.unwrap();
    let mut listed = storage.list("many").await.unwrap();
    listed.sort();
    assert_eq!(listed, kept);
}

async fn large_files(storage: &dyn Storage) {
    // Whole parts, a part and a bit, and three parts without a byte.
    for length in [8 << 20, (8 << 20) + 1, (24 << 20) - 1] {
        let content: Vec<u8> = (0..length as u64).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let content = Bytes::from(content);
        storage.put("large/file", content.clone()).await.unwrap();
        assert!(storage.get("large/file").await.unwrap() == Some(content), "{length} bytes differ");
    }
}

async fn races(storage: Arc<dyn Storage>) {
    for round in 0..4 {
        let racers = (0..16).map(|i| {
            let (storage, path) = (storage.clone(), format!("race/{round}"));
            tokio::spawn(async move { storage.create(&path, Bytes::from(vec![i; 100])).await.unwrap() })
        });
        let mut winners = Vec::new();
        for (i, racer) in racers.collect::<Vec<_>>().into_iter().enumerate() {
            if racer.await.unwrap() == Creation::Created {
                winners.push(i as u8);
            }
        }
        assert_eq!(winners.len(), 1, "exactly one creator wins, not {winners:?}");
        let there = storage.get(&format!("race/{round}")).await.unwrap().unwrap();
        assert_eq!(there, Bytes::from(vec![winners[0]; 100]), "what is there is the winner's");
    }
}

async fn claims(storage: Arc<dyn Storage>) {
    let store = CheckpointStore::new(storage);
    let claims = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.claim("claims").await })
    });
    let mut lineages = Vec::new();
    for claim in claims.collect::<Vec<_>>() {
        match claim.await.unwrap() {
            Ok(claim) => lineages.push(claim.lineage),
            // Another came after it before it was done.
            Err(error) => assert!(matches!(error, StateError::Fenced { .. }), "{error}"),
        }
    }
    lineages.sort_by_key(|lineage| lineage.generation());
    assert!(lineages.windows(2).all(|pair| pair[0].generation() < pair[1].generation()), "{lineages:?}");
    let mut last = lineages.pop().unwrap();
    for mut older in lineages {
        assert!(matches!(older.ensure_current().await, Err(StateError::Fenced { .. })));
        assert!(matches!(older.publish(vec![], json!("older")).await, Err(StateError::Fenced { .. })));
        assert!(matches!(older.renew().await, Err(StateError::Fenced { .. })));
    }
    last.ensure_current().await.unwrap();
    last.publish(vec![], json!("last")).await.unwrap();
    assert_eq!(store.latest("claims").await.unwrap().unwrap().body, json!("last"));
}

/// A job that ends while its files go up leaves no checkpoint, and what it left goes with the next one.
async fn torn_uploads(storage: Arc<dyn Storage>) {
    let store = CheckpointStore::new(storage.clone());
    let first = store.claim("torn").await.unwrap().lineage;
    first.write_file("whole", Bytes::from("w")).await.unwrap();
    let upload = {
        let writer = first.file_writer();
        tokio::spawn(async move { writer.write("part", Bytes::from(vec![7; 40 << 20])).await })
    };
    tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    upload.abort();
    let written = upload.await.is_ok_and(|written| written.is_ok());
    drop(first);

    let second = store.claim("torn").await.unwrap();
    assert!(second.latest.is_none());
    let mut second = second.lineage;
    let file = second.write_file("file", Bytes::from("f")).await.unwrap();
    // A directory finishes what it began: the file is whole, or there is none.
    let manifest = second.publish(vec![file.clone()], json!(1)).await.unwrap();
    if let Some(part) = storage.get("torn/files/00000000000000000001/part").await.unwrap() {
        assert!(part.len() == 40 << 20, "half a file is there (written: {written})");
    }
    second.collect_garbage(&manifest, &[]).await.unwrap();
    assert!(storage.list("torn/files").await.unwrap().contains(&file.path));
    assert_eq!(storage.get("torn/files/00000000000000000001/whole").await.unwrap(), None);
    store.delete("torn").await.unwrap();
}

#[tokio::test]
async fn memory_conforms() {
    conforms(Arc::new(MemoryStorage::default()), TWO_PAGES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_conforms_and_leaves_no_temporary_files() {
    let folder = tempfile::tempdir().unwrap();
    conforms(Arc::new(DirectoryStorage::open(folder.path()).unwrap()), TWO_PAGES).await;
    let mut left: Vec<_> =
        std::fs::read_dir(folder.path().join("race")).unwrap().map(|e| e.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["0", "1", "2", "3"]);
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_is_refused_at_open() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = DirectoryStorage::open(file.join("below")).unwrap_err();
    assert!(error.to_string().contains("NUTKIN-5201"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s3_conforms() {
    let fake = FakeS3::start().await;
    conforms(Arc::new(S3Storage::new(&fake.options("a/prefix"), Limits::default()).unwrap()), TWO_PAGES).await;
    fake.no_unfinished_uploads().await;
    assert!(fake.keys().iter().all(|key| key.starts_with("a/prefix/")), "everything is below the prefix");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_whose_writer_goes_away_while_it_begins_is_taken_back() {
    let fake = FakeS3::start().await;
    let storage = Arc::new(S3Storage::new(&fake.options("a"), Limits::default()).unwrap());
    for turn in 0..20 {
        let (path, writer) = (format!("file-{turn}"), Arc::clone(&storage));
        let begun = format!("POST a/{path}");
        let task = tokio::spawn(async move { writer.put(&path, Bytes::from(vec![7; 12 << 20])).await });
        let seen = async {
            while !fake.requests().contains(&begun) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), seen).await.unwrap();
        task.abort();
        let _ = task.await;
    }
    fake.no_unfinished_uploads().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_s3_server_conforms() {
    let Ok(address) = std::env::var("NUTKIN_TEST_S3") else {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "NUTKIN_TEST_S3 is not set, and in CI nothing is skipped"
        );
        // Past the harness, so that it is seen of a test that passes.
        let _ =
            std::io::Write::write_all(&mut std::io::stderr().lock(), b"skipped: NUTKIN_TEST_S3 names no S3 server\n");
        return;
    };
    let options = real(&address);
    let storage = S3Storage::new(&options, Limits::default()).unwrap();
    conforms(Arc::new(storage), ONE_PAGE).await;

    let wrong = S3Options { secret_access_key: "wrong-secret-of-this-test".to_owned(), ..options.clone() };
    let storage = S3Storage::new(&wrong, Limits::default()).unwrap();
    for error in [storage.get("x").await.unwrap_err(), storage.create("x", Bytes::new()).await.unwrap_err()] {
        let text = format!("{error} {error:?}");
        assert!(text.contains("NUTKIN-5201"), "{text}");
        assert!(!text.contains(&wrong.secret_access_key) && !text.contains(&wrong.access_key_id), "{text}");
    }
    let nowhere = S3Options { bucket: "no-such-bucket".to_owned(), ..options };
    let error = S3Storage::new(&nowhere, Limits::default()).unwrap().get("x").await.unwrap_err();
    assert!(error.to_string().contains("NoSuchBucket"), "{error}");
}

/// `http://key:secret@host:port/bucket`, and a prefix of this run.
fn real(address: &str) -> S3Options {
    let (scheme, rest) = address.split_once("://").unwrap();
    let (credentials, rest) = rest.split_once('@').unwrap();
    let ((key, secret), (host, bucket)) = (credentials.split_once(':').unwrap(), rest.split_once('/').unwrap());
    S3Options {
        bucket: bucket.to_owned(),
        prefix: format!("test-{}", uuid::Uuid::new_v4().simple()),
        region: "us-east-1".to_owned(),
        endpoint: Some(format!("{scheme}://{host}")),
        access_key_id: key.to_owned(),
        secret_access_key: secret.to_owned(),
        session_token: None,
        certificate_authority: None,
    }
}
