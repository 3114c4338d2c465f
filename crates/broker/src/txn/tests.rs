//! The transaction state machine in every phase, and the coordinator over a crash at each step of a commit.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use kafka_protocol::ResponseError;

use super::state::{Context, Effect, Phase, Request, Transaction, check_end, check_producer, decide};
use super::store::Store;
use super::{Coordinator, Fsync};
use crate::clock::now_ms;
use crate::groups::offsets::{Committed, Offsets, Positions};
use crate::log::prepare::prepare;
use crate::log::tests::{By, batch, config};
use crate::topics::{NewTopic, Topics};

const CONTEXT: Context = Context { now: 1000, fresh_id: 77 };
const ALL: [Phase; 6] = [
    Phase::Empty,
    Phase::Ongoing,
    Phase::PrepareCommit,
    Phase::PrepareAbort,
    Phase::CompleteCommit,
    Phase::CompleteAbort,
];

fn in_phase(phase: Phase, epoch: i16) -> Transaction {
    let open = phase == Phase::Ongoing || phase.is_prepared();
    Transaction {
        producer_id: 5,
        previous_producer_id: -1,
        epoch,
        last_epoch: -1,
        next_producer_id: None,
        timeout_ms: 60_000,
        phase,
        partitions: if open { BTreeSet::from([("t".to_owned(), 0)]) } else { BTreeSet::new() },
        groups: BTreeSet::new(),
        started: if open { 500 } else { -1 },
        updated: 500,
    }
}

fn ask(phase: Phase, request: &Request<'_>) -> Result<(Transaction, Effect), ResponseError> {
    decide(Some(in_phase(phase, 3)), request, CONTEXT)
}

#[test]
fn the_first_init_takes_a_fresh_id() {
    let init = Request::Init { timeout_ms: 1, expected: None };
    let (made, effect) = decide(None, &init, CONTEXT).unwrap();
    assert_eq!((made.producer_id, made.epoch, made.phase, effect), (77, 0, Phase::Empty, Effect::Store));
    for request in [Request::Add { partitions: &[], group: None }, Request::End { commit: true, bump: true }] {
        assert_eq!(decide(None, &request, CONTEXT).unwrap_err(), ResponseError::InvalidProducerIdMapping);
    }
}

#[test]
fn init_raises_the_epoch_or_fences_first() {
    let init = Request::Init { timeout_ms: 9, expected: None };
    for phase in ALL {
        match phase {
            Phase::Ongoing => assert_eq!(ask(phase, &init).unwrap().1, Effect::FenceFirst),
            Phase::PrepareCommit | Phase::PrepareAbort => {
                assert_eq!(ask(phase, &init).unwrap_err(), ResponseError::ConcurrentTransactions);
            }
            _ => {
                let (next, effect) = ask(phase, &init).unwrap();
                assert_eq!((next.epoch, next.last_epoch, next.phase, effect), (4, -1, Phase::Empty, Effect::Store));
            }
        }
    }
}

#[test]
fn init_with_an_expected_epoch() {
    let ask = |state: Transaction, id, epoch| {
        decide(Some(state), &Request::Init { timeout_ms: 9, expected: Some((id, epoch)) }, CONTEXT)
    };
    let (raised, _) = ask(in_phase(Phase::Empty, 3), 5, 3).unwrap();
    assert_eq!((raised.epoch, raised.last_epoch), (4, 3));
    // The answer was lost and the request comes again.
    let (again, effect) = ask(raised.clone(), 5, 3).unwrap();
    assert_eq!((again.epoch, effect), (4, Effect::Answer));
    assert_eq!(ask(raised.clone(), 5, 2).unwrap_err(), ResponseError::ProducerFenced);
    assert_eq!(ask(raised, 6, 4).unwrap_err(), ResponseError::ProducerFenced);
    // After the last epoch comes a new producer id, also for a repeated request.
    let (fresh, _) = ask(in_phase(Phase::Empty, i16::MAX - 1), 5, i16::MAX - 1).unwrap();
    assert_eq!((fresh.producer_id, fresh.epoch, fresh.previous_producer_id), (77, 0, 5));
    assert_eq!(ask(fresh, 5, i16::MAX - 1).unwrap().1, Effect::Answer);
}

#[test]
fn a_zombie_cannot_pass_as_one_whose_answer_was_lost() {
    let fresh = Request::Init { timeout_ms: 9, expected: None };
    let (next, _) = decide(Some(in_phase(Phase::Empty, 3)), &fresh, CONTEXT).unwrap();
    let zombie = Request::Init { timeout_ms: 9, expected: Some((5, 3)) };
    assert_eq!(decide(Some(next), &zombie, CONTEXT).unwrap_err(), ResponseError::ProducerFenced);
}

#[test]
fn adding_opens_a_transaction() {
    let partitions = [("t".to_owned(), 0), ("t".to_owned(), 1)];
    for phase in ALL {
        let added = ask(phase, &Request::Add { partitions: &partitions, group: Some("g") });
        if phase.is_prepared() {
            assert_eq!(added.unwrap_err(), ResponseError::ConcurrentTransactions);
            continue;
        }
        let (next, effect) = added.unwrap();
        assert_eq!((next.phase, effect, next.partitions.len()), (Phase::Ongoing, Effect::Store, 2));
        assert_eq!(next.started, if phase == Phase::Ongoing { 500 } else { 1000 });
        let again = decide(Some(next), &Request::Add { partitions: &partitions, group: Some("g") }, CONTEXT);
        assert_eq!(again.unwrap().1, Effect::Answer);
    }
}

#[test]
fn ending_with_version_1() {
    for commit in [true, false] {
        let (done, other) = match commit {
            true => (Phase::CompleteCommit, Phase::PrepareCommit),
            false => (Phase::CompleteAbort, Phase::PrepareAbort),
        };
        for phase in ALL {
            let ended = ask(phase, &Request::End { commit, bump: false });
            match phase {
                Phase::Ongoing => {
                    let (next, effect) = ended.unwrap();
                    assert_eq!((next.phase, next.epoch, effect), (other, 3, Effect::Finish));
                }
                phase if phase == done => assert_eq!(ended.unwrap().1, Effect::Answer),
                phase if phase == other => assert_eq!(ended.unwrap_err(), ResponseError::ConcurrentTransactions),
                _ => assert_eq!(ended.unwrap_err(), ResponseError::InvalidTxnState),
            }
        }
    }
}

#[test]
fn ending_with_version_2_raises_the_epoch() {
    let (prepared, effect) = ask(Phase::Ongoing, &Request::End { commit: true, bump: true }).unwrap();
    assert_eq!((prepared.phase, prepared.epoch, effect), (Phase::PrepareCommit, 4, Effect::Finish));
    let (done, _) = decide(Some(prepared), &Request::Complete, CONTEXT).unwrap();
    assert_eq!((done.phase, done.epoch, done.partitions.len()), (Phase::CompleteCommit, 4, 0));
    // The same request again, its answer was lost.
    assert_eq!(check_end(Some(&done), 5, 3, true, true).unwrap().unwrap().epoch, 4);
    assert_eq!(check_end(Some(&done), 5, 3, false, true).unwrap_err(), ResponseError::InvalidTxnState);
    assert_eq!(check_end(Some(&done), 5, 3, true, false).unwrap_err(), ResponseError::ProducerFenced);
    // An abort of nothing is fine, a commit of nothing is not.
    assert!(ask(Phase::CompleteCommit, &Request::End { commit: false, bump: true }).is_ok());
    assert!(ask(Phase::Empty, &Request::End { commit: false, bump: true }).is_ok());
    let nothing = ask(Phase::CompleteCommit, &Request::End { commit: true, bump: true });
    assert_eq!(nothing.unwrap_err(), ResponseError::InvalidTxnState);
}

#[test]
fn after_the_last_epoch_version_2_goes_on_with_a_new_id() {
    let state = in_phase(Phase::Ongoing, i16::MAX - 1);
    let (prepared, _) = decide(Some(state), &Request::End { commit: true, bump: true }, CONTEXT).unwrap();
    assert_eq!((prepared.producer_id, prepared.epoch), (5, i16::MAX), "markers carry the old id");
    let (done, _) = decide(Some(prepared), &Request::Complete, CONTEXT).unwrap();
    assert_eq!((done.producer_id, done.epoch), (77, 0));
    assert!(check_end(Some(&done), 5, i16::MAX - 1, true, true).unwrap().is_some());
}

#[test]
fn identity_is_checked() {
    let state = in_phase(Phase::Ongoing, 3);
    assert!(check_producer(Some(&state), 5, 3).is_ok());
    assert_eq!(check_producer(Some(&state), 6, 3).unwrap_err(), ResponseError::InvalidProducerIdMapping);
    assert_eq!(check_producer(Some(&state), 5, 2).unwrap_err(), ResponseError::ProducerFenced);
    assert_eq!(check_producer(None, 5, 3).unwrap_err(), ResponseError::InvalidProducerIdMapping);
}

struct Cluster {
    topics: Arc<Topics>,
    offsets: Arc<Offsets>,
    coordinator: Arc<Coordinator>,
}

fn start(dir: &Path) -> Cluster {
    let topics = Arc::new(Topics::open(dir, Fsync::Never).unwrap());
    let offsets = Arc::new(Offsets::open(dir, false).unwrap());
    let store = Store::open(dir, false).unwrap();
    let limit = Duration::from_secs(900);
    let coordinator = Coordinator::start(store, Arc::clone(&topics), Arc::clone(&offsets), Fsync::Never, limit);
    Cluster { topics, offsets, coordinator }
}

fn position(offset: i64) -> Positions {
    [(("source".to_owned(), 0), Committed { offset, leader_epoch: 0, metadata: String::new() })].into()
}

/// Opens a transaction over two partitions and a group, and writes to all.
async fn open_transaction(cluster: &Cluster) -> (i64, i16) {
    let new = NewTopic { name: "t".to_owned(), partitions: 2, replication: 1, overrides: Default::default() };
    cluster.topics.create(new).unwrap();
    let producer = cluster.coordinator.init("id", 60_000, None).await.unwrap();
    let partitions = vec![("t".to_owned(), 0), ("t".to_owned(), 1)];
    cluster.coordinator.add("id", producer, partitions, Some("group".to_owned())).await.unwrap();
    for index in 0..2 {
        let by = By { id: producer.0, epoch: producer.1, sequence: 0, transactional: true };
        let bytes = batch(by, 0, now_ms(), &[(None, Some("value"))]);
        let prepared = prepare(&bytes, &config(&[]), now_ms()).unwrap();
        cluster.topics.partition("t", index).unwrap().append(&prepared, now_ms()).unwrap();
    }
    cluster.offsets.hold(producer.0, "group", &position(42)).unwrap();
    producer
}

fn stable(cluster: &Cluster) -> [(i64, i64); 2] {
    [0, 1].map(|index| {
        let ends = cluster.topics.partition("t", index).unwrap().ends();
        (ends.stable, ends.end)
    })
}

/// The steps of a commit; a crash may come after each.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
enum Step {
    BeforeDecision,
    Decided,
    OneMarker,
    AllMarkers,
    OffsetsVisible,
    Completed,
}

#[tokio::test]
async fn a_crash_after_any_step_of_a_commit_or_abort_ends_the_same() {
    use Step::*;
    for commit in [true, false] {
        for crash in [BeforeDecision, Decided, OneMarker, AllMarkers, OffsetsVisible, Completed] {
            let dir = tempfile::tempdir().unwrap();
            let cluster = start(dir.path());
            let producer = open_transaction(&cluster).await;
            let state = cluster.coordinator.get("id").unwrap();
            let end = Request::End { commit, bump: true };
            let (prepared, _) = decide(Some(state), &end, Context { now: now_ms(), fresh_id: -1 }).unwrap();
            if crash >= Decided {
                cluster.coordinator.store.set("id", &prepared, true).unwrap();
            }
            let marker = super::Marker { producer_id: producer.0, epoch: prepared.epoch, coordinator_epoch: 0, commit };
            let markers = if crash >= AllMarkers { 2 } else { i32::from(crash >= OneMarker) };
            for index in 0..markers {
                let partition = cluster.topics.partition("t", index).unwrap();
                partition.append_marker(&marker, Fsync::Never, now_ms()).unwrap();
            }
            if crash >= OffsetsVisible {
                cluster.offsets.resolve(producer.0, commit).unwrap();
            }
            if crash >= Completed {
                let (done, _) =
                    decide(Some(prepared), &Request::Complete, Context { now: now_ms(), fresh_id: -1 }).unwrap();
                cluster.coordinator.store.set("id", &done, false).unwrap();
            }
            drop(cluster);

            let cluster = start(dir.path());
            let after = cluster.coordinator.get("id").unwrap();
            if crash == BeforeDecision {
                assert_eq!(after.phase, Phase::Ongoing, "still open, the client decides");
                assert_eq!(stable(&cluster), [(0, 1), (0, 1)]);
                assert_eq!(cluster.offsets.get("group"), None);
                let (_, epoch) = cluster.coordinator.end("id", producer, commit, true).await.unwrap();
                assert_eq!(epoch, producer.1 + 1);
            } else {
                let done = if commit { Phase::CompleteCommit } else { Phase::CompleteAbort };
                assert_eq!(after.phase, done, "{crash:?}");
                // A client that did not see the answer asks again and goes on.
                let (_, epoch) = cluster.coordinator.end("id", producer, commit, true).await.unwrap();
                assert_eq!(epoch, producer.1 + 1);
            }
            for (stable, end) in stable(&cluster) {
                assert_eq!(stable, end, "{crash:?}: nothing is open");
            }
            assert_eq!(cluster.offsets.get("group"), commit.then(|| position(42)), "{crash:?}");
            let partition = cluster.topics.partition("t", 0).unwrap();
            let aborted = partition.with_log(|log| Ok(log.producers().aborted(0, 100).len())).unwrap();
            assert_eq!(aborted, usize::from(!commit), "{crash:?}");
        }
    }
}

#[tokio::test]
async fn a_new_producer_fences_and_aborts() {
    let dir = tempfile::tempdir().unwrap();
    let cluster = start(dir.path());
    let zombie = open_transaction(&cluster).await;
    let next = cluster.coordinator.init("id", 60_000, None).await.unwrap();
    assert!(next.0 == zombie.0 && next.1 > zombie.1);
    assert_eq!(stable(&cluster), [(2, 2), (2, 2)]);
    let fenced = cluster.coordinator.end("id", zombie, true, false).await.unwrap_err();
    assert_eq!(fenced, ResponseError::ProducerFenced);
    let fenced = cluster.coordinator.end("id", zombie, true, true).await.unwrap_err();
    assert_eq!(fenced, ResponseError::ProducerFenced);
}

#[tokio::test]
async fn time_outs_count_only_while_serving() {
    let dir = tempfile::tempdir().unwrap();
    let cluster = start(dir.path());
    open_transaction(&cluster).await;
    let mut state = cluster.coordinator.get("id").unwrap();
    // Opened an hour ago by the wall clock, with a time-out of 100 ms.
    (state.started, state.timeout_ms) = (now_ms() - 3_600_000, 100);
    cluster.coordinator.store.set("id", &state, false).unwrap();
    drop(cluster);
    let cluster = start(dir.path());
    cluster.coordinator.tick().await;
    assert_eq!(cluster.coordinator.get("id").unwrap().phase, Phase::Ongoing, "the restart aborted nothing");
    tokio::time::sleep(Duration::from_millis(150)).await;
    cluster.coordinator.tick().await;
    assert_eq!(cluster.coordinator.get("id").unwrap().phase, Phase::CompleteAbort);
    assert_eq!(stable(&cluster), [(2, 2), (2, 2)]);
}

#[tokio::test]
async fn strays_are_aborted_and_ids_never_handed_out_twice() {
    let dir = tempfile::tempdir().unwrap();
    let cluster = start(dir.path());
    let producer = open_transaction(&cluster).await;
    cluster.coordinator.store.forget("id").unwrap();
    drop(cluster);
    let cluster = start(dir.path());
    assert_eq!(stable(&cluster), [(2, 2), (2, 2)]);
    let next = cluster.coordinator.idempotent().await.unwrap();
    assert!(next.0 > producer.0);
}
