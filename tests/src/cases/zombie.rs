//! A pool that the service believes dead and that is not: it is stopped, cut off, replaced, and wakes up 30 s later with its
//! connections to the cluster and to the checkpoints as they were. It must change nothing, neither on the embedded cluster
//! nor on Apache Kafka.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use rustix::process::Signal;

use super::numbers::{self, COPY, InOrder, Input, TOTAL, WINDOW};
use crate::clients;
use crate::need::Part;
use crate::process::{self, eventually};
use crate::scene::{Cluster, Scene};
use crate::service::{Options, Service};
use crate::topic::{Reader, read_all};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_that_wakes_up_beside_its_replacement_changes_nothing_on_apache_kafka() {
    a_pool_that_wakes_up_changes_nothing(Cluster::ApacheKafka).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_that_wakes_up_beside_its_replacement_changes_nothing_on_the_embedded_cluster() {
    a_pool_that_wakes_up_changes_nothing(Cluster::Embedded).await;
}

async fn a_pool_that_wakes_up_changes_nothing(cluster: Cluster) {
    let options = Options { own_binary: true, ..Options::default() };
    let Some(scene) = Scene::start(cluster, options, &[Part::Python]).await else { return };
    let (service, place) = (&scene.service, &scene.place);
    numbers::create_tables(place).await;
    relay_pools(service);
    let client = place.kafka().await;
    let input = Input::start(place, &client, Duration::from_millis(50)).await;
    for (name, sql) in [COPY, TOTAL, WINDOW] {
        place.run(name, sql).await;
    }
    let mut reader = Reader::new(&client, "copies").await;
    reader.take(100, Duration::from_secs(30)).await;

    let zombie = relayed(service).into_iter().next().unwrap();
    process::signal(zombie.pool, Signal::STOP);
    // Cuts its socket: for the service the pool is gone.
    process::signal(zombie.relay, Signal::USR1);
    eventually("another pool", Duration::from_secs(30), || async {
        relayed(service).into_iter().find(|relayed| relayed.pool != zombie.pool)
    })
    .await;
    // Its successor takes over what it left open, and commits on.
    reader.rest().await;
    reader.take(500, Duration::from_secs(40)).await;
    tokio::time::sleep(Duration::from_secs(25)).await;
    assert!(process::is_alive(zombie.pool));
    process::signal(zombie.pool, Signal::CONT);
    tokio::time::sleep(Duration::from_secs(8)).await;
    // It was not the end of its process that kept it from doing harm.
    assert!(process::is_alive(zombie.pool), "the pool that woke up has ended");

    let written = input.finish().await;
    scene.catch_up("copies", |records| records.len() >= numbers::copies_of(&written)).await;
    scene.catch_up("totals", |records| numbers::totals_in(records) == numbers::totals_of(&written)).await;
    scene.catch_up("windows", |records| records.len() >= numbers::windows_of(&written).len()).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let mut order = InOrder::default();
    order.take("copies", &read_all(&client, "copies").await);
    order.is_all("copies", &written);
    assert_eq!(numbers::totals_in(&read_all(&client, "totals").await), numbers::totals_of(&written));
    assert_eq!(numbers::windows_in(&read_all(&client, "windows").await), numbers::windows_of(&written));
    for relayed in relayed(service) {
        process::signal(relayed.relay, Signal::KILL);
    }
}

struct Relayed {
    relay: u32,
    pool: u32,
}

/// From now on the service starts its pools through a relay that can cut their socket while they live: the path it starts
/// them by, that of its own binary, becomes a script.
fn relay_pools(service: &Service) {
    let (path, python) = (service.scratch().join("nutkin"), Part::Python.find().unwrap());
    let (real, list) = (process::nutkin(), service.scratch().join("relayed"));
    let relay = clients::script("pool_relay.py");
    let [python, relay, list, real] = [&python, &relay, &list, &real].map(|path| path.display().to_string());
    let script = service.scratch().join("script");
    std::fs::write(&script, format!("#!/bin/sh\nexec '{python}' '{relay}' '{list}' '{real}' \"$@\"\n")).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::rename(script, path).unwrap();
}

/// What the relay wrote down: its process and the pool's, per pool.
fn relayed(service: &Service) -> Vec<Relayed> {
    let text = std::fs::read_to_string(service.scratch().join("relayed")).unwrap_or_default();
    let pids = |line: &str| {
        let (relay, pool) = line.split_once(' ')?;
        Some(Relayed { relay: relay.parse().ok()?, pool: pool.parse().ok()? })
    };
    text.lines().filter_map(pids).collect()
}
