//! Errors and crashes between the steps of CREATE and DROP.

use std::time::Duration;

use super::support::World;
use crate::Outcome;

const CREATE: &str = "CREATE TABLE t (k INT PRIMARY KEY NOT ENFORCED, v INT)";
/// Well above the time that the statement takes, as a crash is a write that never returns.
const LONG: Duration = Duration::from_millis(400);

/// An error at any step leaves nothing behind, and the table can be made afterwards.
#[tokio::test]
async fn a_refused_step_undoes_the_others() {
    let world = World::new().await;
    let mut step = 0;
    loop {
        world.parts.fault.arm(step, false);
        let outcome = world.submit(CREATE).await;
        if !world.parts.fault.disarm() {
            assert!(outcome.is_ok() && step >= 5, "{outcome:?}");
            break;
        }
        let error = outcome.unwrap_err().to_string();
        assert!(error.contains("injected"), "step {step}: {error}");
        assert!(!world.has_topic("t").await, "step {step}");
        assert!(world.subjects().await.is_empty(), "step {step}");
        assert_eq!(world.parts.record("t"), None, "step {step}");
        step += 1;
    }
    world.end().await;
}

/// A crash at any step is finished by the second try of the same statement.
#[tokio::test]
async fn a_crash_is_finished_by_the_second_try() {
    let mut step = 0;
    loop {
        let world = World::new().await;
        world.parts.fault.arm(step, true);
        let first = tokio::time::timeout(LONG, world.submit_as("same", CREATE)).await;
        if !world.parts.fault.disarm() {
            assert!(first.unwrap().is_ok() && step >= 5);
            world.end().await;
            break;
        }
        assert!(first.is_err(), "step {step}");
        // Nobody sees half a table.
        let seen = world.submit("SELECT * FROM t").await;
        assert!(seen.is_err(), "step {step}: {seen:?}");
        match world.submit_as("same", CREATE).await {
            Ok(Outcome::Executed { detail, .. }) => assert_eq!(detail, "Table 't' created", "step {step}"),
            other => panic!("step {step}: {other:?}"),
        }
        assert_eq!(world.describe("t").await[0][3], "PRIMARY KEY, BUCKET KEY", "step {step}");
        let error = world.submit_as("other", CREATE).await.unwrap_err();
        assert_eq!(error.code(), "NUTKIN-3200", "step {step}");
        world.end().await;
        step += 1;
    }
}

/// A DROP that crashed is finished by its second try, or by whoever makes the table again.
#[tokio::test]
async fn a_crashed_drop_is_finished() {
    for again in ["DROP TABLE t", "CREATE TABLE t (other STRING)"] {
        let mut step = 0;
        loop {
            let world = World::new().await;
            world.done(CREATE).await;
            world.parts.fault.arm(step, true);
            let first = tokio::time::timeout(LONG, world.submit_as("same", "DROP TABLE t")).await;
            if !world.parts.fault.disarm() {
                assert!(first.unwrap().is_ok() && step >= 3);
                world.end().await;
                break;
            }
            // Before the first step nothing has happened, so the table is still in the way.
            if step > 0 || again.starts_with("DROP") {
                world.submit_as("same", again).await.unwrap_or_else(|error| panic!("{again}, step {step}: {error}"));
                let left = world.subjects().await;
                let expected: &[&str] = if again.starts_with("DROP") { &[] } else { &["t-value"] };
                assert_eq!(left, expected, "step {step}");
            }
            world.end().await;
            step += 1;
        }
    }
}

/// The answer to a CREATE, or of a CTAS, may be lost after the table was made.
#[tokio::test]
async fn a_second_try_of_what_was_done_succeeds() {
    let world = World::new().await;
    for sql in [CREATE, "CREATE TABLE c AS SELECT customer_id FROM examples.marketplace.orders"] {
        for _ in 0..2 {
            world.submit_as("same", sql).await.unwrap();
        }
    }
    world.end().await;
}

/// Schemas that were there before stay when the creation fails.
#[tokio::test]
async fn schemas_of_others_survive_an_undo() {
    let world = World::new().await;
    let same = r#"{"type": "record", "name": "record", "namespace": "org.apache.flink.avro.generated", "fields": [
        {"name": "k", "type": "int"}]}"#;
    world.avro("t-key", same).await;
    world.parts.fault.arm(3, false);
    let error = world.submit(CREATE).await.unwrap_err().to_string();
    assert!(world.parts.fault.disarm() && error.contains("injected"), "{error}");
    assert_eq!(world.subjects().await, ["t-key"]);
    world.end().await;
}
