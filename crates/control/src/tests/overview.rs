//! What is kept in memory about all statements is what the store says.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::NoPools;
use crate::resources::Stored;
use crate::statement::overview::Entry;
use crate::statement::{NewStatement, Phase, Statement};
use crate::{Control, DataDir, Options};

async fn open(folder: &tempfile::TempDir) -> Control {
    let mut options = Options::new(folder.path(), "http://127.0.0.1:1");
    options.first_kafka_port = 33_000 + (std::process::id() % 1000) as u16;
    options.first_anonymous_kafka_port = options.first_kafka_port + 1000;
    let control = Control::open(options, DataDir::lock(folder.path()).unwrap(), Arc::new(NoPools)).await.unwrap();
    control.start().await.unwrap();
    control
}

/// Name and phase of every statement that the store has and that is not COMPLETED.
async fn in_store(control: &Control) -> Vec<(String, Phase)> {
    let all: Vec<Stored<Statement>> = control.resources.all(None).await.unwrap();
    let open = all.into_iter().filter(|stored| stored.resource.state.phase != Phase::Completed);
    let mut found: Vec<_> = open.map(|stored| (stored.resource.name, stored.resource.state.phase)).collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

fn in_memory(control: &Control) -> Vec<(String, Phase)> {
    control.statements.not_completed().into_iter().map(|Entry { name, phase, .. }| (name, phase)).collect()
}

async fn until(what: &str, fits: impl AsyncFn() -> bool) {
    for _ in 0..600 {
        if fits().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("not within 12 s: {what}");
}

/// Runs as a process would: what it began in the background ends with it.
fn life<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let result = runtime.block_on(work);
    runtime.shutdown_timeout(Duration::from_secs(10));
    result
}

#[test]
fn it_follows_statements_through_their_lives_and_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let left = life(first_life(&folder));
    life(async {
        let again = open(&folder).await;
        until("the same after a restart", async || settled(&again, &left).await).await;
        again.shutdown().await;
    });
}

async fn settled(control: &Control, wanted: &[(&str, Phase)]) -> bool {
    let wanted: Vec<_> = wanted.iter().map(|(name, phase)| ((*name).to_owned(), *phase)).collect();
    in_memory(control) == wanted && in_store(control).await == wanted
}

/// Statements of all kinds; gives those that are there at its end.
async fn first_life(folder: &tempfile::TempDir) -> Vec<(&'static str, Phase)> {
    let control = open(folder).await;
    let provision = &control.provision;
    let environment = provision.create_environment("work", "ESSENTIALS").await.unwrap();
    provision.create_cluster(&environment.id, "cluster", "AWS", "us-east-1", "Basic", "SINGLE_ZONE").await.unwrap();
    let pool = provision.create_pool(&environment.id, "pool", "AWS", "us-east-1", 5).await.unwrap();
    let submit = async |name: &str, sql: &str| {
        let properties = [("sql.current-catalog", "work"), ("sql.current-database", "cluster")];
        let new = NewStatement {
            environment: environment.id.clone(),
            name: name.to_owned(),
            sql: sql.to_owned(),
            properties: properties.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
            compute_pool: Some(pool.id.clone()),
            principal: "u-1".to_owned(),
            labels: BTreeMap::new(),
            stopped: false,
        };
        control.statements.create(new).await.unwrap()
    };
    submit("a-done", "SHOW TABLES").await;
    submit("b-failed", "SELECT * FROM nowhere").await;
    submit("c-waiting", "CREATE TABLE ids AS SELECT order_id FROM examples.marketplace.orders").await;
    submit("d-deleted", "SELECT * FROM nowhere").await;
    let first = [("b-failed", Phase::Failed), ("c-waiting", Phase::Pending), ("d-deleted", Phase::Failed)];
    until("all settled", async || settled(&control, &first).await).await;
    let entry = control.statements.not_completed().remove(0);
    assert_eq!((entry.compute_pool.as_str(), entry.environment.as_str()), (pool.id.as_str(), environment.id.as_str()));
    assert!(entry.ended_at.is_some());
    control.statements.delete(&environment.id, "d-deleted").await.unwrap();
    until("deleted", async || settled(&control, &first[..2]).await).await;
    control.shutdown().await;
    first[..2].to_vec()
}
