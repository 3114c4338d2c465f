use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;

use crate::{CheckpointStore, MemoryStorage, StateError, Storage};

fn store() -> (CheckpointStore, Arc<MemoryStorage>) {
    let storage = Arc::new(MemoryStorage::default());
    (CheckpointStore::new(storage.clone()), storage)
}

#[tokio::test]
async fn a_job_continues_from_the_last_checkpoint() {
    let (store, _) = store();
    let mut first = store.claim("s1").await.unwrap();
    assert!(first.latest.is_none());
    let file = first.lineage.write_file("state-1", Bytes::from("x")).await.unwrap();
    first.lineage.publish(vec![file.clone()], json!({"n": 1})).await.unwrap();
    first.lineage.publish(vec![file.clone()], json!({"n": 2})).await.unwrap();

    let second = store.claim("s1").await.unwrap();
    let latest = second.latest.unwrap();
    assert_eq!((latest.epoch, latest.generation, &latest.body), (2, 1, &json!({"n": 2})));
    assert_eq!(second.lineage.generation(), 2);
    assert_eq!(second.lineage.read_file(&file).await.unwrap(), Bytes::from("x"));
}

#[tokio::test]
async fn a_replaced_job_cannot_publish() {
    let (store, _) = store();
    let mut old = store.claim("s").await.unwrap().lineage;
    old.publish(vec![], json!(1)).await.unwrap();
    let mut new = store.claim("s").await.unwrap().lineage;
    assert!(matches!(old.publish(vec![], json!("zombie")).await, Err(StateError::Fenced { .. })));
    new.publish(vec![], json!(2)).await.unwrap();
    assert!(matches!(old.publish(vec![], json!("zombie")).await, Err(StateError::Fenced { .. })));
    assert_eq!(store.latest("s").await.unwrap().unwrap().body, json!(2));
}

#[tokio::test]
async fn a_replaced_job_cannot_publish_into_numbers_that_were_deleted() {
    let (store, _) = store();
    let mut old = store.claim("s").await.unwrap().lineage;
    let mut new = store.claim("s").await.unwrap().lineage;
    for n in 0..3 {
        let manifest = new.publish(vec![], json!(n)).await.unwrap();
        new.collect_garbage(&manifest, &[]).await.unwrap();
    }
    assert!(matches!(old.publish(vec![], json!("zombie")).await, Err(StateError::Fenced { .. })));
    let latest = store.latest("s").await.unwrap().unwrap();
    assert_eq!((latest.body, latest.epoch), (json!(2), 3));
    new.publish(vec![], json!(3)).await.unwrap();
}

#[tokio::test]
async fn publishing_again_after_a_lost_answer_is_one_checkpoint() {
    let (store, storage) = store();
    let mut job = store.claim("s").await.unwrap().lineage;
    // The entry that a first try wrote before its answer was lost.
    let mut twin = CheckpointStore::new(storage.clone()).claim("t").await.unwrap().lineage;
    let manifest = twin.publish(vec![], json!(1)).await.unwrap();
    assert_eq!(manifest.epoch, 1);
    let mut entry =
        String::from_utf8(storage.get("t/log/00000000000000000001").await.unwrap().unwrap().to_vec()).unwrap();
    entry = entry.split('\n').next().unwrap().replace("\"t\"", "\"s\"");
    let crc = crc32fast::hash(entry.as_bytes());
    storage.put("s/log/00000000000000000001", Bytes::from(format!("{entry}\n{crc:08x}"))).await.unwrap();
    job.publish(vec![], json!(1)).await.unwrap();
    assert_eq!(job.last_epoch(), 1);
}

#[tokio::test]
async fn many_claims_at_once_give_each_its_own_generation() {
    let (store, _) = store();
    let claims = (0..12).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.claim("s").await.unwrap().lineage.generation() })
    });
    let mut generations = Vec::new();
    for claim in claims.collect::<Vec<_>>() {
        generations.push(claim.await.unwrap());
    }
    generations.sort_unstable();
    assert_eq!(generations, (1..=12).collect::<Vec<_>>());
}

#[tokio::test]
async fn garbage_goes_and_what_is_referred_to_stays() {
    let (store, storage) = store();
    let first = store.claim("s").await.unwrap().lineage;
    let kept = first.write_file("kept", Bytes::from("k")).await.unwrap();
    first.write_file("orphan", Bytes::from("o")).await.unwrap();
    let mut second = store.claim("s").await.unwrap().lineage;
    let coming = second.write_file("coming", Bytes::from("c")).await.unwrap();
    let gone = second.write_file("gone", Bytes::from("g")).await.unwrap();
    let manifest = second.publish(vec![kept.clone()], json!(null)).await.unwrap();
    second.collect_garbage(&manifest, &[gone]).await.unwrap();
    let mut files = storage.list("s/files").await.unwrap();
    files.sort();
    assert_eq!(files, [kept.path, coming.path]);
    assert_eq!(storage.list("s/log").await.unwrap().len(), 1);
    store.delete("s").await.unwrap();
    assert!(storage.list("s").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_damaged_entry_is_an_error_and_never_an_older_state() {
    let (store, storage) = store();
    let mut job = store.claim("s").await.unwrap().lineage;
    job.publish(vec![], json!(1)).await.unwrap();
    job.publish(vec![], json!(2)).await.unwrap();
    storage.put("s/log/00000000000000000002", Bytes::from("{\"Check")).await.unwrap();
    assert!(matches!(store.claim("s").await, Err(StateError::Corrupt { .. })));
}
