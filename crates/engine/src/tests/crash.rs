//! The process ends at every step it takes towards cluster and storage; the next one must lose nothing and repeat nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use nutkin_plan::table::BoundedMode;
use nutkin_state::CheckpointStore;

use crate::cluster::Cluster;
use crate::commit::{abort_others, transactional_id};
use crate::tests::job::{World, fill, last_event, run, spec, tumbling};
use crate::tests::plans::{committed_numbers, counting_plan, number_batch};
use crate::{FailureKind, JobEvent, JobEvents};

/// Runs the job until it finishes or the process crashes at step `crash_at`; true when it finished.
fn incarnation(world: &World, crash_at: Option<u64>, parallelism: u32) -> bool {
    world.kafka.steps.arm(crash_at);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let finished = runtime.block_on(async {
        let plan = counting_plan(tumbling(), BoundedMode::LatestOffset);
        let (_, mut events) = world.start(spec(plan, parallelism));
        tokio::select! {
            biased;
            () = world.kafka.steps.crash() => false,
            event = last_event(&mut events) => {
                assert_eq!(event, JobEvent::Finished);
                true
            }
        }
    });
    // Dropping the runtime drops every task where it stands: that is the crash.
    drop(runtime);
    finished
}

fn steps_of_a_run(batches: i64) -> u64 {
    let world = World::new();
    fill(&world.kafka, batches);
    assert!(incarnation(&world, None, 2));
    world.kafka.steps.taken()
}

#[test]
fn a_crash_at_any_step_loses_nothing_and_repeats_nothing() {
    let steps = steps_of_a_run(60);
    assert!(steps > 150, "{steps}");
    for step in 1..=steps {
        for time_out in [false, true] {
            let world = World::new();
            let expected = fill(&world.kafka, 60);
            if !incarnation(&world, Some(step), 2) {
                let at = world.kafka.steps.log().last().copied();
                if time_out {
                    world.kafka.time_out_transactions();
                }
                let parallelism = 1 + (step % 3) as u32;
                assert!(incarnation(&world, None, parallelism), "after a crash at {step} ({at:?})");
            }
            assert_eq!(committed_numbers(&world.kafka, "out"), expected, "crash at {step}, time-out {time_out}");
            assert_eq!(world.kafka.open_count(), 0, "crash at {step}, time-out {time_out}");
        }
    }
}

#[test]
fn crashes_during_recovery_change_nothing_either() {
    let steps = steps_of_a_run(30);
    for first in (1..=steps).step_by(7) {
        for second in 1..=20 {
            let world = World::new();
            let expected = fill(&world.kafka, 30);
            let mut finished = incarnation(&world, Some(first), 2);
            if !finished {
                world.kafka.time_out_transactions();
                finished = incarnation(&world, Some(second), 2);
            }
            if !finished {
                assert!(incarnation(&world, None, 2));
            }
            assert_eq!(committed_numbers(&world.kafka, "out"), expected, "crashes at {first} and {second}");
        }
    }
}

#[test]
fn lost_answers_are_cleared_up_within_the_process() {
    let steps = steps_of_a_run(30);
    for step in (1..=steps).step_by(3) {
        let world = World::new();
        let expected = fill(&world.kafka, 30);
        world.kafka.steps.lose_answers_at(vec![step, step + 11, step + 40]);
        assert!(incarnation(&world, None, 2));
        assert_eq!(committed_numbers(&world.kafka, "out"), expected, "answer lost at {step}");
        assert_eq!(world.kafka.open_count(), 0, "answer lost at {step}");
    }
}

#[test]
fn a_replaced_job_harms_nothing_and_ends() {
    for head_start in [15, 60, 130, 180] {
        let world = World::new();
        let expected = fill(&world.kafka, 40);
        run(async {
            let plan = counting_plan(tumbling(), BoundedMode::LatestOffset);
            let (_, mut old) = world.start(spec(plan.clone(), 2));
            tokio::time::sleep(Duration::from_millis(head_start)).await;
            let (_, mut new) = world.start(spec(plan, 2));
            assert_eq!(last_event(&mut new).await, JobEvent::Finished);
            let JobEvent::Failed { cause } = last_event(&mut old).await else { panic!("the old job must end") };
            assert_eq!(cause.kind, FailureKind::Superseded);
        });
        assert_eq!(committed_numbers(&world.kafka, "out"), expected, "replaced after {head_start} ms");
    }
}

/// A job restarts by itself after another has claimed the statement, which has a transaction open and no checkpoint yet.
#[test]
fn a_replaced_job_that_restarts_leaves_its_successors_transactions_alone() {
    let world = World::new();
    fill(&world.kafka, 40);
    run(async {
        let (_, mut old) = world.start(spec(counting_plan(tumbling(), BoundedMode::LatestOffset), 2));
        next_that(&mut old, |event| matches!(event, JobEvent::Running { .. })).await;
        let steps = &world.kafka.steps;
        // Not one of a publication: after that it would claim anew, and find the other claim in any case.
        steps.lose_answers_of(Some("after begin"));
        next_that(&mut old, |event| matches!(event, JobEvent::Restarting { .. })).await;
        steps.lose_answers_of(None);

        let store = CheckpointStore::new(world.storage.clone());
        let new = store.claim("uid-1").await.unwrap().lineage;
        let id = transactional_id("uid-1", 0, 0, 1);
        let mut transaction = world.kafka.begin(&id, Duration::from_secs(60)).await.unwrap();
        transaction.produce("out", vec![(0, number_batch(&[(1, 1)]))]).await.unwrap();
        let open = world.kafka.open_count();
        let JobEvent::Failed { cause } = last_event(&mut old).await else { panic!("the old job must end") };
        assert_eq!(cause.kind, FailureKind::Superseded);
        assert_eq!(world.kafka.open_count(), open, "it has aborted what is not its own");

        // The same transaction is aborted by the job that has the claim.
        let clusters: BTreeMap<String, Arc<dyn Cluster>> =
            BTreeMap::from([("lkc-1".to_owned(), Arc::new(world.kafka.clone()) as Arc<dyn Cluster>)]);
        abort_others("uid-1", &clusters, &[], &new).await.unwrap();
        assert_eq!(world.kafka.open_count(), 0);
    });
}

async fn next_that(events: &mut JobEvents, is_it: impl Fn(&JobEvent) -> bool) {
    loop {
        let event = events.next().await.expect("another event");
        assert!(!event.is_terminal(), "{event:?}");
        if is_it(&event) {
            return;
        }
    }
}

#[test]
fn forgotten_markers_stop_the_statement_instead_of_guessing() {
    let world = World::new();
    fill(&world.kafka, 60);
    // Find a crash between publishing a later manifest and its commits, then lose transactions and markers.
    let steps = steps_of_a_run(60);
    let mut seen = 0;
    for step in 1..=steps {
        let world = World::new();
        fill(&world.kafka, 60);
        if incarnation(&world, Some(step), 1) || world.kafka.steps.log().last() != Some(&"before commit") {
            continue;
        }
        seen += 1;
        if seen < 4 {
            continue;
        }
        world.kafka.time_out_transactions();
        world.kafka.forget_markers();
        let event = run(async {
            world.kafka.steps.arm(None);
            let plan = counting_plan(tumbling(), BoundedMode::LatestOffset);
            let (_, mut events) = world.start(spec(plan, 1));
            last_event(&mut events).await
        });
        let JobEvent::Failed { cause } = event else { panic!("{event:?}") };
        assert_eq!(cause.kind, FailureKind::OutcomeUnknown);
        return;
    }
    panic!("no crash point before a later commit was found");
}

#[test]
fn the_same_run_takes_the_same_steps() {
    let run_once = || {
        let world = World::new();
        fill(&world.kafka, 60);
        assert!(incarnation(&world, None, 3));
        (world.kafka.steps.log(), Arc::new(committed_numbers(&world.kafka, "out")))
    };
    assert_eq!(run_once(), run_once());
}
