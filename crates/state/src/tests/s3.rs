//! S3 that goes wrong: answers lost after the effect, before it, late, never; refusals; secrets in none of it.

use std::time::Duration;

use bytes::Bytes;
use http::Method;

use super::fake_s3::{FakeS3, Fault};
use crate::storage::{Creation, Limits, S3Storage, Storage, prove};
use crate::{CheckpointStore, StateError};

const SHORT: Limits = Limits { answer: Duration::from_millis(300), patience: Duration::from_millis(2500) };

fn storage(fake: &FakeS3) -> S3Storage {
    S3Storage::new(&fake.options(""), SHORT).unwrap()
}

async fn created(fault: Fault) -> Creation {
    let fake = FakeS3::start().await;
    fake.fail(&[(Method::PUT, fault)]);
    let creation = storage(&fake).create("a", Bytes::from("own")).await.unwrap();
    assert!(fake.has_failed());
    assert_eq!(storage(&fake).get("a").await.unwrap(), Some(Bytes::from("own")), "{fault:?}");
    creation
}

#[tokio::test]
async fn a_creation_whose_answer_is_lost_is_still_ones_own() {
    let late = Duration::from_millis(600);
    for fault in [
        Fault::CutAfterwards,
        Fault::CutBefore,
        Fault::LateAnswer(late),
        Fault::Status(500),
        Fault::Status(503),
        Fault::Status(429),
        // A conflict with a writer who then gave up.
        Fault::Status(409),
    ] {
        assert_eq!(created(fault).await, Creation::Created, "{fault:?}");
    }
}

#[tokio::test]
async fn an_unclear_answer_is_settled_though_looking_it_up_goes_wrong_too() {
    let fake = FakeS3::start().await;
    fake.fail(&[
        (Method::PUT, Fault::CutAfterwards),
        (Method::HEAD, Fault::Status(500)),
        (Method::HEAD, Fault::CutBefore),
        (Method::PUT, Fault::CutAfterwards),
    ]);
    assert_eq!(storage(&fake).create("a", Bytes::from("own")).await.unwrap(), Creation::Created);
    assert!(fake.has_failed());
}

#[tokio::test]
async fn a_lost_answer_to_a_refusal_is_not_taken_for_success() {
    for fault in [Fault::CutAfterwards, Fault::CutBefore, Fault::Status(500), Fault::Status(409)] {
        let fake = FakeS3::start().await;
        // With the very same content, as two jobs may well write.
        fake.put("a", "own");
        fake.fail(&[(Method::PUT, fault)]);
        assert_eq!(storage(&fake).create("a", Bytes::from("own")).await.unwrap(), Creation::Exists, "{fault:?}");
        assert!(fake.has_failed());
    }
}

#[tokio::test]
async fn a_request_that_comes_through_late_changes_nothing() {
    let fake = FakeS3::start().await;
    fake.fail(&[(Method::PUT, Fault::LateEffect(Duration::from_millis(700)))]);
    assert_eq!(storage(&fake).create("a", Bytes::from("own")).await.unwrap(), Creation::Created);
    let requests = fake.requests().len();
    tokio::time::sleep(Duration::from_millis(900)).await;
    assert_eq!(storage(&fake).get("a").await.unwrap(), Some(Bytes::from("own")));
    assert_eq!(storage(&fake).create("a", Bytes::from("other")).await.unwrap(), Creation::Exists);
    assert!(fake.requests().len() > requests);
}

#[tokio::test]
async fn everything_else_is_repeated_until_it_is_answered() {
    let fake = FakeS3::start().await;
    let storage = storage(&fake);
    for fault in [Fault::Status(500), Fault::CutBefore, Fault::CutAfterwards, Fault::LateAnswer(Duration::from_secs(1))]
    {
        fake.fail(&[(Method::PUT, fault), (Method::GET, fault), (Method::GET, Fault::Status(503))]);
        storage.put("f/x", Bytes::from("1")).await.unwrap();
        assert_eq!(storage.get("f/x").await.unwrap(), Some(Bytes::from("1")), "{fault:?}");
        fake.fail(&[(Method::GET, fault)]);
        assert_eq!(storage.list("f").await.unwrap(), ["f/x"], "{fault:?}");
        assert!(fake.has_failed(), "{fault:?}");
    }
    // Parts are repeated one by one.
    fake.fail(&[(Method::PUT, Fault::Status(500)), (Method::PUT, Fault::CutAfterwards)]);
    storage.put("large", Bytes::from(vec![1; 20 << 20])).await.unwrap();
    assert_eq!(storage.get("large").await.unwrap().unwrap().len(), 20 << 20);
    fake.no_unfinished_uploads().await;
}

#[tokio::test]
async fn an_upload_that_fails_leaves_no_parts() {
    let fake = FakeS3::start().await;
    fake.fail(&[(Method::PUT, Fault::Status(403))]);
    storage(&fake).put("large", Bytes::from(vec![1; 60 << 20])).await.unwrap_err();
    fake.no_unfinished_uploads().await;
    assert_eq!(fake.keys(), Vec::<String>::new());
    // One whose caller goes away in the middle.
    fake.fail(&[(Method::PUT, Fault::LateAnswer(Duration::from_secs(5)))]);
    let own = storage(&fake);
    let upload = tokio::spawn(async move { own.put("large", Bytes::from(vec![1; 60 << 20])).await });
    while !fake.has_failed() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    upload.abort();
    fake.no_unfinished_uploads().await;
    assert_eq!(fake.keys(), Vec::<String>::new());
}

#[tokio::test]
async fn a_store_that_is_gone_is_an_error_that_can_be_tried_again() {
    let fake = FakeS3::start().await;
    let storage = storage(&fake);
    fake.stop();
    tokio::time::sleep(Duration::from_millis(50)).await;
    for error in [
        storage.create("a", Bytes::new()).await.unwrap_err(),
        storage.put("a", Bytes::new()).await.unwrap_err(),
        storage.get("a").await.unwrap_err(),
        storage.list("a").await.unwrap_err(),
        storage.delete("a").await.unwrap_err(),
    ] {
        assert!(error.is_retriable(), "{error}");
        assert!(error.to_string().contains("cannot be reached"), "{error}");
    }
}

#[tokio::test]
async fn a_job_goes_on_after_a_publication_whose_answers_are_all_lost() {
    let fake = FakeS3::start().await;
    let store = CheckpointStore::new(std::sync::Arc::new(storage(&fake)));
    let mut job = store.claim("s").await.unwrap().lineage;
    // It takes effect, and nobody ever says so.
    fake.fail(&[(Method::PUT, Fault::CutAfterwards)]);
    fake.fail(&vec![(Method::HEAD, Fault::Status(503)); 200]);
    let error = job.publish(vec![], serde_json::json!(1)).await.unwrap_err();
    assert!(error.is_retriable() && !job.is_settled(), "{error}");
    fake.heal();
    let latest = job.renew().await.unwrap().unwrap();
    assert_eq!((latest.epoch, latest.generation, job.generation()), (1, 1, 2));
    assert_eq!(job.publish(vec![], serde_json::json!(2)).await.unwrap().epoch, 2);
}

#[tokio::test]
async fn stores_that_cannot_create_if_absent_are_refused() {
    let fake = FakeS3::start().await;
    fake.ignore_conditions();
    let error = prove(&storage(&fake), "s3://bucket").await.unwrap_err();
    assert!(matches!(error, StateError::Unsuitable { .. }), "{error}");
    assert!(error.to_string().starts_with("NUTKIN-5205: checkpoints cannot be kept in s3://bucket"), "{error}");
    assert_eq!(fake.keys(), Vec::<String>::new());

    let fake = FakeS3::start().await;
    fake.fail(&[(Method::PUT, Fault::Status(501))]);
    let error = prove(&storage(&fake), "s3://bucket").await.unwrap_err();
    assert!(matches!(error, StateError::Unsuitable { .. }), "{error}");
    assert_eq!(fake.requests().len(), 1, "what another try would not change is not tried again");
}

#[tokio::test]
async fn secrets_are_in_no_error_and_no_debug_form() {
    let fake = FakeS3::start().await;
    let storage = storage(&fake);
    let mut texts = vec![format!("{storage:?} {:?} {}", fake.options("p"), fake.options("p"))];
    for status in [400, 403, 404, 405, 500, 501] {
        fake.fail(&vec![(Method::PUT, Fault::Status(status)); 200]);
        let error = storage.create("a", Bytes::from("x")).await.unwrap_err();
        texts.push(format!("{error} {error:?}"));
        fake.heal();
    }
    assert!(texts.len() > 5, "{texts:?}");
    for text in texts {
        for secret in ["the-key-id", "the-secret-key", "what-was-signed"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[tokio::test]
async fn what_was_deleted_meanwhile_can_be_created() {
    let fake = FakeS3::start().await;
    fake.put("a", "old");
    let own = storage(&fake);
    assert_eq!(own.create("a", Bytes::from("new")).await.unwrap(), Creation::Exists);
    fake.delete("a");
    assert_eq!(own.create("a", Bytes::from("new")).await.unwrap(), Creation::Created);
}
