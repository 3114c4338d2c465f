//! Checkpoints in an object store: exactly once through kills and through a store that is away; its keys are seen nowhere.

use std::time::Duration;

use tokio::process::Command;

use super::exactly_once::{Kill, STATEMENTS, everything_arrives, everything_once};
use super::numbers::{self, COPY, Input};
use crate::chance::Chance;
use crate::need::Part;
use crate::process::{self, eventually};
use crate::s3::S3;
use crate::scene::{Cluster, Scene};
use crate::service::Options;
use crate::topic::Reader;

const KILLS: u32 = 6;
const LIMIT: Duration = Duration::from_secs(90);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checkpoints_in_an_object_store_keep_every_record_once() {
    if !crate::need::need(&[Part::S3Server]) {
        return;
    }
    let s3 = S3::start().await;
    let options =
        Options { checkpoints: Some(s3.url("a/prefix")), environment: s3.environment(), ..Options::default() };
    let Some(mut scene) = Scene::start(Cluster::Embedded, options, &[]).await else { return };
    let mut chance = Chance::new("kills with an object store");
    let place = scene.place.clone();
    numbers::create_tables(&place).await;
    let client = place.kafka().await;
    let input = Input::start(&place, &client, Duration::from_millis(20)).await;
    for (name, sql) in STATEMENTS {
        place.run(name, sql).await;
    }
    keys_are_seen_nowhere(&scene, &s3);

    for number in 1..=KILLS {
        println!("kill {number}");
        Kill::draw(&mut chance).carry_out(&mut scene).await;
        if number == KILLS / 2 {
            away_for_a_while(&scene, &s3).await;
        }
    }
    let written = input.finish().await;
    everything_arrives(&scene, &written).await;
    everything_once(&scene, &written).await;
    assert!(!scene.service.data_dir().join("checkpoints").exists(), "nothing is kept on disk");
    keys_are_seen_nowhere(&scene, &s3);

    // Elsewhere the statements would begin anew.
    scene.service.kill9();
    let mut command = serve(&scene);
    command.envs(s3.environment()).args(["--checkpoints", &s3.url("another")]);
    let refused = refusal(command).await;
    assert!(refused.contains("NUTKIN-6008") && refused.contains("/a/prefix"), "{refused}");
}

/// The store goes away until a statement says so, and comes back: that costs time only.
async fn away_for_a_while(scene: &Scene, s3: &S3) {
    let place = &scene.place;
    let running = || async {
        let status = place.statement(COPY.0).await["status"].clone();
        (status["phase"] == "RUNNING" && status["detail"].as_str().unwrap_or_default().is_empty()).then_some(())
    };
    eventually("a statement that runs", LIMIT, running).await;
    s3.go_away();
    let detail = eventually("a statement that says what it waits for", LIMIT, || async {
        let status = place.statement(COPY.0).await["status"].clone();
        assert_eq!(status["phase"], "RUNNING", "{status}");
        status["detail"].as_str().map(str::to_owned).filter(|detail| detail.contains("NUTKIN-5201"))
    });
    println!("while it was away: {}", detail.await);
    s3.come_back();
    eventually("a statement that runs again", LIMIT, running).await;
    let client = place.kafka().await;
    let mut reader = Reader::new(&client, "copies").await;
    reader.rest().await;
    reader.take(50, LIMIT).await;
}

fn keys_are_seen_nowhere(scene: &Scene, s3: &S3) {
    let (id, secret) = &s3.key;
    for pool in scene.service.pools() {
        let exposed = process::exposed(pool);
        assert!(exposed.contains("pool") && !exposed.contains(id) && !exposed.contains(secret), "{exposed}");
    }
    for text in [scene.service.log(), scene.service.printed()] {
        assert!(!text.contains(id) && !text.contains(secret));
    }
}

fn serve(scene: &Scene) -> Command {
    let mut command = Command::new(process::nutkin());
    command.arg("serve").arg("--any-port").arg("--data-dir").arg(scene.service.data_dir());
    command
}

/// What a service says that does not start.
async fn refusal(mut command: Command) -> String {
    command.stdin(std::process::Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(Duration::from_secs(60), command.output()).await.unwrap().unwrap();
    assert!(!output.status.success(), "it started");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_that_cannot_hold_checkpoints_is_refused_at_start() {
    let directory = tempfile::tempdir().unwrap();
    let serve = |checkpoints: &str| {
        let mut command = Command::new(process::nutkin());
        command.args(["serve", "--any-port", "--checkpoints", checkpoints, "--data-dir"]).arg(directory.path());
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_ENDPOINT_URL"] {
            command.env_remove(name);
        }
        command
    };
    let refused = refusal(serve("gs://bucket")).await;
    assert!(refused.contains("NUTKIN-5206"), "{refused}");
    let mut without_keys = serve("s3://bucket");
    without_keys.env("AWS_REGION", "eu-central-1");
    let refused = refusal(without_keys).await;
    assert!(refused.contains("NUTKIN-5206") && refused.contains("AWS_ACCESS_KEY_ID is not set"), "{refused}");

    // Nobody listens there.
    let mut nowhere = serve("s3://bucket");
    nowhere.env("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    nowhere.env("AWS_ACCESS_KEY_ID", "an-id").env("AWS_SECRET_ACCESS_KEY", "a-secret");
    let refused = refusal(nowhere).await;
    assert!(refused.contains("NUTKIN-5201") && refused.contains("cannot be reached"), "{refused}");
    assert!(!refused.contains("an-id") && !refused.contains("a-secret"), "{refused}");
}
