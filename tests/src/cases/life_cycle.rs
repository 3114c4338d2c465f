//! Statements through Ctrl-C, stop, resume and delete (spec statements.md 3.2).

use std::time::Duration;

use serde_json::{Value, json};

use super::numbers::{self, COPY, InOrder, Input, TOTAL};
use crate::process::{self, eventually};
use crate::service::{Options, Service};
use crate::topic::{Reader, read_all};
use crate::workplace::{PATIENCE, Workplace};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_and_the_next_start_leave_no_trace_in_the_results() {
    let mut service = Service::start(Options::default()).await;
    let place = Workplace::new(&service).await;
    numbers::create_tables(&place).await;
    let client = place.kafka().await;
    let input = Input::start(&place, &client, Duration::from_millis(20)).await;
    place.run(COPY.0, COPY.1).await;
    place.run(TOTAL.0, TOTAL.1).await;
    Reader::new(&client, "copies").await.take(500, PATIENCE).await;
    for _ in 0..2 {
        let pools = service.pools();
        service.interrupt().await;
        eventually("the end of the pools", Duration::from_secs(5), || async {
            (!pools.iter().any(|pool| process::is_alive(*pool))).then_some(())
        })
        .await;
        service.restart().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let written = input.finish().await;
    let client = place.kafka().await;
    Reader::new(&client, "copies").await.take(numbers::copies_of(&written), PATIENCE).await;
    let mut order = InOrder::default();
    order.take("copies", &read_all(&client, "copies").await);
    order.is_all("copies", &written);
    eventually("the totals", PATIENCE, || async {
        (numbers::totals_in(&read_all(&client, "totals").await) == numbers::totals_of(&written)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_statements_say_how_far_they_are_and_go_on_from_there() {
    let service = Service::start(Options::default()).await;
    let place = Workplace::new(&service).await;
    numbers::create_tables(&place).await;
    let client = place.kafka().await;
    let input = Input::start(&place, &client, Duration::from_millis(20)).await;
    place.run(TOTAL.0, TOTAL.1).await;
    let uid = place.run(COPY.0, COPY.1).await["metadata"]["uid"].as_str().unwrap().to_owned();
    Reader::new(&client, "copies").await.take(500, PATIENCE).await;

    for round in 0..3 {
        set_stopped(&place, COPY.0, true).await;
        let stopped = place.phase(COPY.0, &["STOPPED"]).await;
        let offsets = stopped["status"]["latest_offsets"]["numbers"].as_str().unwrap_or_else(|| panic!("{stopped}"));
        // What it says is what it has put out (spec E-03).
        let copied = read_all(&client, "copies").await;
        assert_eq!(positions(offsets), copied.len() as i64, "round {round}: {offsets}");
        assert!(stopped["status"]["latest_offsets_timestamp"].is_string());
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(read_all(&client, "copies").await.len(), copied.len(), "it goes on while it is stopped");
        // Its neighbour in the same pool does.
        assert_eq!(place.statement(TOTAL.0).await["status"]["phase"], "RUNNING");
        set_stopped(&place, COPY.0, false).await;
        let running = place.phase(COPY.0, &["RUNNING"]).await;
        assert!(running["status"]["latest_offsets"].is_null(), "{}", running["status"]);
        Reader::new(&client, "copies").await.take(copied.len() + 100, PATIENCE).await;
    }
    let written = input.finish().await;
    Reader::new(&client, "copies").await.take(numbers::copies_of(&written), PATIENCE).await;
    let mut order = InOrder::default();
    order.take("copies", &read_all(&client, "copies").await);
    order.is_all("copies", &written);

    // Deleted: gone from every answer, with its checkpoints, and its name is free.
    let kept = || files_named(&service.data_dir().join("checkpoints"), &uid);
    assert!(kept(), "no checkpoints of {uid}");
    assert_eq!(place.api.delete(&place.statement_path(COPY.0)).await.status, 202);
    eventually("the end of the statement", PATIENCE, || async {
        (place.api.get(&place.statement_path(COPY.0)).await.status == 404).then_some(())
    })
    .await;
    let left = place.api.get(&place.statements()).await.ok();
    let names: Vec<&Value> = left["data"].as_array().unwrap().iter().map(|statement| &statement["name"]).collect();
    assert_eq!(names, [TOTAL.0]);
    assert!(!kept(), "checkpoints of a deleted statement remain");
    place.run(COPY.0, COPY.1).await;
}

/// GET, change, PUT, as every client does.
async fn set_stopped(place: &Workplace, name: &str, stopped: bool) {
    let mut statement = place.statement(name).await;
    statement["spec"]["stopped"] = json!(stopped);
    let answer = place.api.put(&place.statement_path(name), statement).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
}

/// Records before the offsets of `partition:0,offset:23;partition:1,offset:65`.
fn positions(text: &str) -> i64 {
    text.split(';').map(|part| part.rsplit_once(':').unwrap().1.parse::<i64>().unwrap()).sum()
}

fn files_named(directory: &std::path::Path, part: &str) -> bool {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| {
        let path = entry.path();
        let is_it = entry.file_name().to_string_lossy().contains(part);
        if path.is_dir() { files_named(&path, part) || (is_it && has_files(&path)) } else { is_it }
    })
}

fn has_files(directory: &std::path::Path) -> bool {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| !entry.path().is_dir() || has_files(&entry.path()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_service_on_the_same_directory_is_refused() {
    let service = Service::start(Options::default()).await;
    let output = tokio::process::Command::new(process::nutkin())
        .args(["serve", "--any-port", "--data-dir"])
        .arg(service.data_dir())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(Duration::from_secs(20), output).await.unwrap().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("NUTKIN-6005"), "{said}");
    // An idle service is small (issue's main job: under 150 MB with all its processes).
    let all = service.pools().into_iter().map(process::memory).sum::<u64>() + process::memory(service.pid());
    assert!(all < 150 << 20, "{} MB", all >> 20);
}
