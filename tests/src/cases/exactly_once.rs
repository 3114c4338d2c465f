//! Nothing lost, nothing twice, order per key kept, while service and pools are killed at random moments: on the embedded
//! cluster, and on Apache Kafka.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use super::numbers::{self, COPY, Counts, InOrder, Input, TOTAL, WINDOW};
use crate::chance::Chance;
use crate::clients;
use crate::need::{Part, need};
use crate::process::{self, eventually};
use crate::scene::{Cluster, Scene};
use crate::service::Options;
use crate::topic::{Reader, Record, read_all};

const KILLS: u32 = 30;
/// From the generator, whose position is in the checkpoints too.
const ORDERS: (&str, &str) = (
    "orders",
    "CREATE TABLE my_orders WITH ('value.format' = 'json-registry') AS SELECT * FROM examples.marketplace.orders",
);
pub(super) const STATEMENTS: [(&str, &str); 4] = [COPY, TOTAL, WINDOW, ORDERS];

#[derive(Debug, Clone, Copy)]
enum Victim {
    Service,
    Pool,
    Both,
}

/// When the next kill is, of what, and how long the service stays away. Drawn at once, so that a seed gives the same kills
/// whatever happens between them.
pub(super) struct Kill {
    after: Duration,
    victim: Victim,
    away: Duration,
}

impl Kill {
    pub(super) fn draw(chance: &mut Chance) -> Kill {
        let after = chance.between(Duration::from_millis(200), Duration::from_millis(1900));
        let victim = [Victim::Service, Victim::Pool, Victim::Both][chance.below(3) as usize];
        Kill { after, victim, away: chance.between(Duration::ZERO, Duration::from_millis(300)) }
    }

    pub(super) async fn carry_out(&self, scene: &mut Scene) {
        tokio::time::sleep(self.after).await;
        if !matches!(self.victim, Victim::Service) {
            // Between two lives there is none; the kill then comes as early in the next as it can.
            let pools = eventually("a pool to kill", Duration::from_secs(30), || async {
                Some(scene.service.pools()).filter(|pools| !pools.is_empty())
            });
            pools.await.into_iter().for_each(|pool| process::signal(pool, Signal::KILL));
        }
        if !matches!(self.victim, Victim::Pool) {
            scene.service.kill9();
            tokio::time::sleep(self.away).await;
            scene.service.restart().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_leave_every_record_once_on_apache_kafka() {
    kills_leave_every_record_once(Cluster::ApacheKafka).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_leave_every_record_once_on_the_embedded_cluster() {
    kills_leave_every_record_once(Cluster::Embedded).await;
}

async fn kills_leave_every_record_once(cluster: Cluster) {
    let Some(mut scene) = Scene::start(cluster, Options::default(), &[]).await else { return };
    let mut chance = Chance::new(&format!("kills on {cluster:?}"));
    let place = scene.place.clone();
    numbers::create_tables(&place).await;
    let client = place.kafka().await;
    let input = Input::start(&place, &client, Duration::from_millis(20)).await;
    for (name, sql) in STATEMENTS {
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

    let begun = Instant::now();
    for number in 1..=KILLS {
        let kill = Kill::draw(&mut chance);
        println!("{cluster:?}, kill {number}: {:?} after {} ms", kill.victim, kill.after.as_millis());
        kill.carry_out(&mut scene).await;
        assert!(!follower.is_finished(), "the reader has ended: {:?}", follower.await.map(|order| order.records));
    }
    println!("{cluster:?}: {KILLS} kills within {:.0} s", begun.elapsed().as_secs_f64());

    let written = input.finish().await;
    let begun = Instant::now();
    everything_arrives(&scene, &written).await;
    println!("{cluster:?}: caught up after {:.1} s", begun.elapsed().as_secs_f64());

    ended.store(true, Ordering::Relaxed);
    follower.await.unwrap().is_all("copies", &written);
    everything_once(&scene, &written).await;
    same_for_librdkafka(&scene).await;
}

/// Waits until all that must come of `written` is there, and what would come twice has had the time to.
pub(super) async fn everything_arrives(scene: &Scene, written: &Counts) {
    let orders = order_ids(&read_all(&scene.place.kafka().await, "my_orders").await).len();
    scene.catch_up("copies", |records| records.len() >= numbers::copies_of(written)).await;
    scene.catch_up("totals", |records| numbers::totals_in(records) == numbers::totals_of(written)).await;
    scene.catch_up("windows", |records| records.len() >= numbers::windows_of(written).len()).await;
    scene.catch_up("my_orders", |records| records.len() >= orders + 100).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
}

/// What stands in the topics is what went in, once and in order.
pub(super) async fn everything_once(scene: &Scene, written: &Counts) {
    let client = scene.place.kafka().await;
    for topic in ["numbers", "copies"] {
        let mut order = InOrder::default();
        order.take(topic, &read_all(&client, topic).await);
        order.is_all(topic, written);
    }
    assert_eq!(numbers::totals_in(&read_all(&client, "totals").await), numbers::totals_of(written));
    assert_eq!(numbers::windows_in(&read_all(&client, "windows").await), numbers::windows_of(written));
    let orders = read_all(&client, "my_orders").await;
    println!("{} records written, {} orders", numbers::copies_of(written), orders.len());
    assert_eq!(order_ids(&orders).len(), orders.len(), "an order came twice");
    for (name, _) in STATEMENTS {
        assert_eq!(scene.place.statement(name).await["status"]["phase"], "RUNNING", "{name}");
    }
}

fn order_ids(records: &[Record]) -> BTreeSet<String> {
    records.iter().map(|record| record.json()["order_id"].as_str().unwrap().to_owned()).collect()
}

/// A reader that nobody here wrote finds the same records at the same places.
async fn same_for_librdkafka(scene: &Scene) {
    if !need(&[Part::Python]) {
        return;
    }
    let place = &scene.place;
    let (user, password) = &place.kafka_key;
    let arguments = match &scene.kafka {
        None => vec![place.bootstrap.clone(), "copies".to_owned(), user.clone(), password.clone()],
        Some(kafka) => vec![kafka.bootstrap(), "copies".to_owned()],
    };
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let printed = clients::python("read_committed.py", &arguments, Duration::from_secs(60)).await;
    let place_of = |row: &Value| {
        let number = |name: &str| row[name].as_i64().unwrap();
        (number("partition"), number("offset"), row["key"].as_str().unwrap().to_owned())
    };
    let mut theirs: Vec<_> = printed.lines().map(|line| place_of(&serde_json::from_str(line).unwrap())).collect();
    let ours = read_all(&place.kafka().await, "copies").await;
    let mut ours: Vec<_> =
        ours.iter().map(|record| (i64::from(record.partition), record.offset, record.key_text())).collect();
    theirs.sort();
    ours.sort();
    assert_eq!(theirs, ours);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_that_hangs_is_replaced_and_does_no_harm() {
    let Some(scene) = Scene::start(Cluster::Embedded, Options::default(), &[]).await else { return };
    let (service, place) = (&scene.service, &scene.place);
    numbers::create_tables(place).await;
    let client = place.kafka().await;
    let input = Input::start(place, &client, Duration::from_millis(50)).await;
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
    scene.catch_up("copies", |records| records.len() >= numbers::copies_of(&written)).await;
    let mut order = InOrder::default();
    order.take("copies", &read_all(&client, "copies").await);
    order.is_all("copies", &written);
}
