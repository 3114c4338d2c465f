//! Nothing lost, nothing twice, order per key kept, while service and pool are killed at random moments.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use super::numbers::{self, COPY, InOrder, Input, TOTAL, WINDOW};
use crate::chance::Chance;
use crate::clients;
use crate::need::{Part, need};
use crate::process::{self, eventually};
use crate::service::{Options, Service};
use crate::topic::{Reader, read_all};
use crate::workplace::Workplace;

const KILLS: u32 = 30;
const CATCH_UP: Duration = Duration::from_secs(120);

#[derive(Debug)]
enum Victim {
    Service,
    Pool,
    Both,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_of_service_and_pool_leave_every_record_once() {
    let mut chance = Chance::new("kills");
    let mut service = Service::start(Options::default()).await;
    let place = Workplace::new(&service).await;
    numbers::create_tables(&place).await;
    let client = place.kafka().await;
    let input = Input::start(&place, &client, Duration::from_millis(20)).await;
    for (name, sql) in [COPY, TOTAL, WINDOW] {
        place.run(name, sql).await;
    }

    // Reads through all of it, and fails at the first record that is not the next one.
    let ended = Arc::new(AtomicBool::new(false));
    let told = ended.clone();
    let mut reader = Reader::new(&client, "copies").await;
    let follower = tokio::spawn(async move {
        let mut order = InOrder::default();
        while !told.load(Ordering::Relaxed) {
            order.take("copies", &reader.poll(Duration::from_millis(200)).await);
        }
        order.take("copies", &reader.rest().await);
        order
    });

    for kill in 1..=KILLS {
        tokio::time::sleep(chance.between(Duration::from_millis(500), Duration::from_millis(3500))).await;
        assert!(!follower.is_finished(), "the reader has ended: {:?}", follower.await.map(|order| order.records));
        let pools = service.pools();
        let victim = match chance.below(3) {
            0 if !pools.is_empty() => Victim::Pool,
            1 if !pools.is_empty() => Victim::Both,
            _ => Victim::Service,
        };
        println!("kill {kill}: {victim:?}");
        if matches!(victim, Victim::Pool | Victim::Both) {
            pools.iter().for_each(|pool| process::signal(*pool, Signal::KILL));
        }
        if matches!(victim, Victim::Service | Victim::Both) {
            service.kill9();
            tokio::time::sleep(chance.between(Duration::ZERO, Duration::from_millis(300))).await;
            service.restart().await;
        }
    }

    let written = input.finish().await;
    println!("{} records written", numbers::copies_of(&written));
    let begun = Instant::now();
    catch_up(&place, "copies", |records| records.len() >= numbers::copies_of(&written)).await;
    catch_up(&place, "totals", |records| numbers::totals_in(records) == numbers::totals_of(&written)).await;
    catch_up(&place, "windows", |records| records.len() >= numbers::windows_of(&written).len()).await;
    println!("caught up after {:.1} s", begun.elapsed().as_secs_f64());
    // What would come twice has time to come.
    tokio::time::sleep(Duration::from_secs(3)).await;

    ended.store(true, Ordering::Relaxed);
    follower.await.unwrap().is_all("copies", &written);
    let client = place.kafka().await;
    let mut order = InOrder::default();
    order.take("numbers", &read_all(&client, "numbers").await);
    order.is_all("numbers", &written);
    let copies = read_all(&client, "copies").await;
    let mut order = InOrder::default();
    order.take("copies", &copies);
    order.is_all("copies", &written);
    assert_eq!(numbers::totals_in(&read_all(&client, "totals").await), numbers::totals_of(&written));
    assert_eq!(numbers::windows_in(&read_all(&client, "windows").await), numbers::windows_of(&written));
    for (name, _) in [COPY, TOTAL, WINDOW] {
        assert_eq!(place.statement(name).await["status"]["phase"], "RUNNING");
    }

    // The same, as librdkafka reads it.
    if need(&[Part::Python]) {
        let (user, password) = &place.kafka_key;
        let arguments = [place.bootstrap.as_str(), user, password, "copies"];
        let printed = clients::python("read_committed.py", &arguments, Duration::from_secs(60)).await;
        let theirs: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(theirs.len(), copies.len());
        let mut seen: Vec<(i64, i64, String)> = theirs
            .iter()
            .map(|row| {
                (
                    row["partition"].as_i64().unwrap(),
                    row["offset"].as_i64().unwrap(),
                    row["key"].as_str().unwrap().to_owned(),
                )
            })
            .collect();
        let mut ours: Vec<(i64, i64, String)> =
            copies.iter().map(|record| (i64::from(record.partition), record.offset, record.key_text())).collect();
        seen.sort();
        ours.sort();
        assert_eq!(seen, ours);
    }
}

/// Waits until what is committed in the topic is enough.
async fn catch_up(place: &Workplace, topic: &str, enough: impl Fn(&[crate::topic::Record]) -> bool) {
    let client = place.kafka().await;
    let mut reader = Reader::new(&client, topic).await;
    let mut records = Vec::new();
    let begun = Instant::now();
    while !enough(&records) {
        records.extend(reader.poll(Duration::from_millis(200)).await);
        if begun.elapsed() > CATCH_UP {
            let mut phases = String::new();
            for (name, _) in [COPY, TOTAL, WINDOW] {
                let statement = place.statement(name).await;
                phases.push_str(&format!("\n{name}: {}", statement["status"]));
            }
            panic!("{topic} has {} records and does not catch up{phases}", records.len());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_that_hangs_is_replaced_and_does_no_harm() {
    let service = Service::start(Options::default()).await;
    let place = Workplace::new(&service).await;
    numbers::create_tables(&place).await;
    let client = place.kafka().await;
    let input = Input::start(&place, &client, Duration::from_millis(50)).await;
    place.run(COPY.0, COPY.1).await;
    Reader::new(&client, "copies").await.take(100, Duration::from_secs(30)).await;
    let hanging = service.pools()[0];
    process::signal(hanging, Signal::STOP);
    eventually("a pool in the place of the one that hangs", Duration::from_secs(75), || async {
        service.pools().into_iter().find(|pool| *pool != hanging)
    })
    .await;
    process::signal(hanging, Signal::CONT);
    let written = input.finish().await;
    catch_up(&place, "copies", |records| records.len() >= numbers::copies_of(&written)).await;
    let mut order = InOrder::default();
    order.take("copies", &read_all(&client, "copies").await);
    order.is_all("copies", &written);
}
