//! Who gets in where: every door asks, keys open their own doors only, secrets are shown once.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use nutkin_kafka::Client;
use serde_json::json;

use crate::service::{Options, Service};
use crate::workplace::{Workplace, client_config, create_key};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_open_their_own_doors() {
    let service = Service::start(Options::default()).await;
    let place = Workplace::named(&service, "one").await;
    let other = Workplace::named(&service, "two").await;
    let api = &place.api;
    let statements = place.statements();
    let registry = format!("/sr/{}/subjects", place.registry);

    // Nobody, somebody wrong.
    let (key, secret) = service.admin.clone();
    let wrong_secret = (key.clone(), format!("{}x", &secret[1..]));
    let paths = ["/org/v2/environments", "/iam/v2/api-keys", "/metrics", "/org/v2/organizations", statements.as_str()];
    for path in paths {
        for nobody in [None, Some(wrong_secret.clone()), Some(("NOSUCHKEY".to_owned(), secret.clone()))] {
            let answer = api.with_key(nobody).get(path).await;
            assert!(answer.headers.contains_key("www-authenticate"), "{path}: {:?}", answer.headers);
            let error = answer.refused(401);
            assert_eq!(error["code"], "unauthorized", "{path}");
        }
    }
    assert_eq!(api.with_key(None).get(&registry).await.status, 401);
    assert_eq!(api.with_key(Some(wrong_secret)).get(&registry).await.status, 401);

    // A Kafka key opens its cluster, and nothing else.
    let kafka = api.with_key(Some(place.kafka_key.clone()));
    for path in ["/org/v2/environments", "/cmk/v2/clusters", "/fcpm/v2/compute-pools", "/iam/v2/api-keys"] {
        kafka.get(path).await.refused(403);
    }
    kafka.get(&statements).await.refused(403);
    assert_eq!(kafka.get(&registry).await.status, 401);
    assert!(logs_in(&place.bootstrap, &place.kafka_key).await);
    assert!(!logs_in(&other.bootstrap, &place.kafka_key).await, "the key of one cluster opens another");
    assert!(!logs_in(&place.bootstrap, &place.flink_key).await, "a Flink key opens a cluster");
    let (user, _) = &place.kafka_key;
    assert!(!logs_in(&place.bootstrap, &(user.clone(), "guess".to_owned())).await);

    // A Flink key opens the statements of its environment.
    let flink = api.with_key(Some(place.flink_key.clone()));
    flink.get(&statements).await.ok();
    flink.get(&other.statements()).await.refused(403);
    flink.get("/org/v2/environments").await.refused(403);
    flink.post("/iam/v2/api-keys", json!({"spec": {"resource": {"id": "global"}}})).await.refused(403);
    assert_eq!(flink.get(&registry).await.status, 401);

    // A registry key its registry.
    let lsrc = create_key(api, json!({"id": place.registry})).await;
    let lsrc = api.with_key(Some(lsrc));
    assert_eq!(lsrc.get(&registry).await.status, 200);
    assert_eq!(lsrc.get(&format!("/sr/{}/subjects", other.registry)).await.status, 401);
    lsrc.get(&statements).await.refused(403);

    // The key of a service account has no rights in the control plane.
    let account = api.post("/iam/v2/service-accounts", json!({"display_name": "robot"})).await.ok();
    let spec = json!({"owner": {"id": account["id"]}, "resource": {"id": "cloud"}});
    let robot = api.post("/iam/v2/api-keys", json!({"spec": spec})).await.ok();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let robot = api.with_key(Some((text(&robot["id"]), text(&robot["spec"]["secret"]))));
    robot.get("/org/v2/environments").await.refused(403);

    // Deleted, a key opens nothing more.
    assert_eq!(api.delete(&format!("/iam/v2/api-keys/{}", place.flink_key.0)).await.status, 204);
    flink.get(&statements).await.refused(401);
    assert_eq!(api.delete(&format!("/iam/v2/api-keys/{}", place.kafka_key.0)).await.status, 204);
    assert!(!logs_in(&place.bootstrap, &place.kafka_key).await, "a deleted key opens the cluster");
}

async fn logs_in(bootstrap: &str, (user, password): &(String, String)) -> bool {
    let mut config = client_config(bootstrap, user, password);
    config.api_timeout = Duration::from_secs(5);
    match Client::connect(config).await {
        Ok(client) => client.admin().list_topics().await.is_ok(),
        Err(_) => false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_are_shown_once_and_kept_nowhere() {
    let mut service = Service::start(Options { log: "debug", ..Options::default() }).await;
    let place = Workplace::new(&service).await;
    let cloud = create_key(&place.api, json!({"id": "cloud"})).await;
    let secrets = [&service.admin, &place.kafka_key, &place.flink_key, &cloud].map(|(_, secret)| secret.clone());
    place.kafka().await.admin().list_topics().await.unwrap();
    place.execute("CREATE TABLE t (a INT)").await;
    place.run("copy", "INSERT INTO t SELECT a FROM t").await;

    let mut answers = String::new();
    for path in [
        "/iam/v2/api-keys?page_size=100",
        "/iam/v2/service-accounts",
        "/org/v2/environments",
        "/cmk/v2/clusters",
        "/srcm/v3/clusters",
        "/fcpm/v2/compute-pools",
        "/endpoint/v1/endpoints?service=FLINK",
        "/metrics",
        "/openapi.json",
    ] {
        answers.push_str(&place.api.get(path).await.text);
    }
    for (key, _) in [&service.admin, &place.kafka_key, &cloud] {
        answers.push_str(&place.api.get(&format!("/iam/v2/api-keys/{key}")).await.text);
    }
    answers.push_str(&place.api.get(&place.statements()).await.text);
    service.restart().await;
    let cmdlines = std::iter::once(service.pid()).chain(service.pools());
    let processes: String = cmdlines
        .flat_map(|pid| {
            ["cmdline", "environ"].map(|file| std::fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default())
        })
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect();
    for secret in &secrets {
        assert!(!answers.contains(secret.as_str()), "an answer shows a secret");
        assert!(!service.log().contains(secret.as_str()), "the log shows a secret");
        assert!(!processes.contains(secret.as_str()), "a process shows a secret");
        assert!(!contains(&service.data_dir(), secret.as_bytes()), "a file holds a secret");
    }
    // Printed at the first start only.
    assert_eq!(service.printed().matches("API secret").count(), 1);

    let mode = |path: &str| {
        let path = service.data_dir().join(path);
        std::fs::metadata(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())).permissions().mode() & 0o777
    };
    assert_eq!(mode("secret.key"), 0o600);
    assert_eq!(mode("tls/server.key"), 0o600);
}

/// Whether a file below `directory` holds `needle`.
fn contains(directory: &std::path::Path, needle: &[u8]) -> bool {
    std::fs::read_dir(directory).unwrap().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return contains(&path, needle);
        }
        let content = std::fs::read(&path).unwrap_or_default();
        content.windows(needle.len()).any(|window| window == needle)
    })
}
