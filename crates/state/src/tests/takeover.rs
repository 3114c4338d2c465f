//! Jobs of one statement that meet in the middle of things.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use serde_json::json;
use tokio::sync::oneshot;

use crate::storage::Creation;
use crate::{CheckpointStore, MemoryStorage, StateError, Storage};

/// Stops before a list when told to, until somebody lets it go on; loses answers of creations.
#[derive(Debug)]
struct Interrupted {
    inner: Arc<MemoryStorage>,
    stop: Mutex<Option<(oneshot::Sender<()>, oneshot::Receiver<()>)>>,
    lose_answer: Mutex<bool>,
    /// The answer to the next list, from before.
    old_list: Mutex<Option<Vec<String>>>,
}

impl Interrupted {
    fn over(inner: Arc<MemoryStorage>) -> Arc<Interrupted> {
        Arc::new(Interrupted {
            inner,
            stop: Mutex::new(None),
            lose_answer: Mutex::new(false),
            old_list: Mutex::new(None),
        })
    }

    /// The next list begins with the first, and goes on after the second.
    fn stop_at_list(&self) -> (oneshot::Receiver<()>, oneshot::Sender<()>) {
        let ((reached, arrival), (go, gone)) = (oneshot::channel(), oneshot::channel());
        *self.stop.lock() = Some((reached, gone));
        (arrival, go)
    }
}

#[async_trait]
impl Storage for Interrupted {
    async fn put(&self, path: &str, content: Bytes) -> Result<(), StateError> {
        self.inner.put(path, content).await
    }

    async fn create(&self, path: &str, content: Bytes) -> Result<Creation, StateError> {
        let creation = self.inner.create(path, content).await?;
        if std::mem::take(&mut *self.lose_answer.lock()) {
            let source = std::io::Error::other("the answer was lost");
            return Err(StateError::Storage { action: "create", path: path.to_owned(), source });
        }
        Ok(creation)
    }

    async fn get(&self, path: &str) -> Result<Option<Bytes>, StateError> {
        self.inner.get(path).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, StateError> {
        let stop = self.stop.lock().take();
        if let Some((reached, gone)) = stop {
            reached.send(()).unwrap();
            gone.await.unwrap();
        }
        let old = self.old_list.lock().take();
        match old {
            Some(old) => Ok(old),
            None => self.inner.list(prefix).await,
        }
    }

    async fn delete(&self, path: &str) -> Result<(), StateError> {
        self.inner.delete(path).await
    }
}

#[tokio::test]
async fn a_checkpoint_that_a_successor_goes_on_from_stays() {
    let memory = Arc::new(MemoryStorage::default());
    let slow = Interrupted::over(memory.clone());
    let mut old = CheckpointStore::new(slow.clone()).claim("s").await.unwrap().lineage;
    old.publish(vec![], json!(1)).await.unwrap();
    // The old job has written its second checkpoint; before it looks whether it is the last entry, it is replaced.
    let (arrival, go) = slow.stop_at_list();
    let publication = tokio::spawn(async move { old.publish(vec![], json!(2)).await });
    arrival.await.unwrap();
    let store = CheckpointStore::new(memory);
    let new = store.claim("s").await.unwrap();
    assert_eq!(new.latest.unwrap().body, json!(2), "its successor goes on from there and commits what it promises");
    go.send(()).unwrap();
    assert!(matches!(publication.await.unwrap(), Err(StateError::Fenced { .. })));
    // The successor ends before its first checkpoint: the next one must find the same.
    drop(new.lineage);
    assert_eq!(store.claim("s").await.unwrap().latest.unwrap().body, json!(2));
}

#[tokio::test]
async fn a_claim_that_another_followed_at_once_does_not_take_the_log_back() {
    let memory = Arc::new(MemoryStorage::default());
    let slow = Interrupted::over(memory.clone());
    let store = CheckpointStore::new(memory);
    let slow_store = CheckpointStore::new(slow.clone());
    let history = slow.stop_at_list();
    let claim = tokio::spawn(async move { slow_store.claim("s").await });
    history.0.await.unwrap();
    // Stops again once it has claimed.
    let (arrival, go) = slow.stop_at_list();
    history.1.send(()).unwrap();
    arrival.await.unwrap();
    let mut new = store.claim("s").await.unwrap().lineage;
    go.send(()).unwrap();
    assert!(matches!(claim.await.unwrap(), Err(StateError::Fenced { .. })));
    new.publish(vec![], json!(1)).await.unwrap();
}

#[tokio::test]
async fn a_claim_of_a_number_that_was_deleted_meanwhile_is_made_again() {
    let memory = Arc::new(MemoryStorage::default());
    let slow = Interrupted::over(memory.clone());
    CheckpointStore::new(memory.clone()).claim("s").await.unwrap();
    let mut old = CheckpointStore::new(memory.clone()).claim("s").await.unwrap().lineage;
    let manifest = old.publish(vec![], json!(0)).await.unwrap();
    old.collect_garbage(&manifest, &[]).await.unwrap();
    let store = CheckpointStore::new(slow.clone());
    let mut listed = slow.inner.list("s/log").await.unwrap();
    assert_eq!(listed.len(), 1);
    // What the successor sees is old by the time it claims.
    slow.old_list.lock().replace(std::mem::take(&mut listed));
    for n in 1..4 {
        let manifest = old.publish(vec![], json!(n)).await.unwrap();
        old.collect_garbage(&manifest, &[]).await.unwrap();
    }
    let claim = store.claim("s").await.unwrap();
    assert_eq!(claim.latest.unwrap().body, json!(3));
    assert!(matches!(old.publish(vec![], json!(4)).await, Err(StateError::Fenced { .. })));
}

#[tokio::test]
async fn a_job_is_current_until_another_claims() {
    let store = CheckpointStore::new(Arc::new(MemoryStorage::default()));
    let mut old = store.claim("s").await.unwrap().lineage;
    old.publish(vec![], json!(1)).await.unwrap();
    old.ensure_current().await.unwrap();
    let mut new = store.claim("s").await.unwrap().lineage;
    // No checkpoint of the newer job is needed to notice it.
    assert!(matches!(old.ensure_current().await, Err(StateError::Fenced { .. })));
    new.ensure_current().await.unwrap();
    for n in 2..5 {
        let manifest = new.publish(vec![], json!(n)).await.unwrap();
        new.collect_garbage(&manifest, &[]).await.unwrap();
        assert!(matches!(old.ensure_current().await, Err(StateError::Fenced { .. })));
        new.ensure_current().await.unwrap();
    }
}

#[tokio::test]
async fn a_publication_of_unknown_outcome_is_found_or_prevented() {
    let memory = Arc::new(MemoryStorage::default());
    let storage = Interrupted::over(memory.clone());
    let store = CheckpointStore::new(storage.clone());
    let mut job = store.claim("s").await.unwrap().lineage;
    job.publish(vec![], json!(1)).await.unwrap();
    *storage.lose_answer.lock() = true;
    job.publish(vec![], json!(2)).await.unwrap_err();
    assert!(!job.is_settled());
    job.ensure_current().await.unwrap();
    let latest = job.renew().await.unwrap().unwrap();
    assert_eq!((latest.epoch, latest.body, job.generation(), job.is_settled()), (2, json!(2), 2, true));

    // The claim's own answer is lost as well, and is not taken for another job's.
    *storage.lose_answer.lock() = true;
    job.publish(vec![], json!(3)).await.unwrap_err();
    *storage.lose_answer.lock() = true;
    assert!(job.renew().await.unwrap_err().is_retriable());
    let latest = job.renew().await.unwrap().unwrap();
    assert_eq!((latest.epoch, latest.body, job.generation()), (3, json!(3), 4));
    assert_eq!(job.publish(vec![], json!(4)).await.unwrap().epoch, 4);
}

#[tokio::test]
async fn a_job_of_unknown_outcome_does_not_take_the_log_back_from_its_successor() {
    for checkpoints in 0..3 {
        let memory = Arc::new(MemoryStorage::default());
        let storage = Interrupted::over(memory.clone());
        let mut old = CheckpointStore::new(storage.clone()).claim("s").await.unwrap().lineage;
        *storage.lose_answer.lock() = true;
        old.publish(vec![], json!("old")).await.unwrap_err();
        let store = CheckpointStore::new(memory);
        let new = store.claim("s").await.unwrap();
        assert_eq!(new.latest.unwrap().body, json!("old"));
        let mut new = new.lineage;
        for n in 0..checkpoints {
            let manifest = new.publish(vec![], json!(n)).await.unwrap();
            new.collect_garbage(&manifest, &[]).await.unwrap();
        }
        assert!(matches!(old.renew().await, Err(StateError::Fenced { .. })), "after {checkpoints} checkpoints");
        new.ensure_current().await.unwrap();
        new.publish(vec![], json!("new")).await.unwrap();
    }
}
