//! The shape of the API: errors, versions, pages, prefixes, TLS, metrics (clients/README 1, spec statements.md 3.1).

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::api::Api;
use crate::process::eventually;
use crate::service::{Options, Service};
use crate::workplace::{Workplace, create_pool, id};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_say_what_is_wrong_in_one_shape() {
    let service = Service::start(Options::default()).await;
    let place = Workplace::new(&service).await;
    let api = &place.api;

    for (path, word) in [
        ("/org/v2/environments/env-none", "env-none"),
        ("/cmk/v2/clusters/lkc-none", "lkc-none"),
        ("/fcpm/v2/compute-pools/lfcp-none", "lfcp-none"),
        ("/iam/v2/api-keys/NONE", "NONE"),
        ("/iam/v2/service-accounts/sa-none", "sa-none"),
        ("/no/such/path", "/no/such/path"),
        (&place.statement_path("none"), "none"),
        (&format!("{}/results", place.statement_path("none")), "none"),
    ] {
        let error = api.get(path).await.refused(404);
        assert_eq!(error["status"], "404");
        assert_eq!(error["code"], "resource_not_found");
        assert!(error["detail"].as_str().unwrap().contains(word), "{error}");
        assert!(error["id"].as_str().is_some_and(|id| !id.is_empty()) && error["source"].is_object(), "{error}");
        assert!(error["title"].as_str().is_some_and(|title| !title.is_empty()), "{error}");
    }

    // Requests that cannot be read are refused in the same shape.
    let statements = place.statements();
    let url = format!("{}/org/v2/environments", service.url());
    let broken = post_text(&place, &url, "{\"display_name\": ").await;
    assert_eq!(broken.0, 400, "{}", broken.1);
    assert!(broken.1["errors"][0]["detail"].is_string(), "{}", broken.1);
    api.post("/org/v2/environments", json!({"display_name": 5})).await.refused(400);
    api.post("/org/v2/environments", json!({"display_name": ""})).await.refused(400);
    api.get("/org/v2/environments?page_size=0").await.refused(400);
    api.get("/org/v2/environments?page_size=many").await.refused(400);
    api.put("/org/v2/environments", json!({})).await.refused(405);
    api.post(&statements, json!({"spec": {"statement": " "}})).await.refused(400);
    api.post(&statements, json!({"name": "Not_A_Name", "spec": {"statement": "SELECT 1"}})).await.refused(400);
    let pool = json!({"statement": "SELECT 1", "compute_pool_id": "lfcp-none"});
    api.post(&statements, json!({"name": "x", "spec": pool})).await.refused(404);
    let long = "x".repeat(4_194_305);
    let error = api.post(&statements, json!({"spec": {"statement": long}})).await.refused(400);
    assert!(error["detail"].as_str().unwrap().contains("4194304"), "{error}");

    // Names are taken once.
    place.execute("CREATE TABLE t (a INT)").await;
    place.run("taken", "INSERT INTO t SELECT a FROM t").await;
    let error = place.submit_to(&place.pool, "taken", "SELECT 1").await.refused(409);
    assert_eq!(error["code"], "resource_conflict");
    api.post("/org/v2/environments", json!({"display_name": place.environment_name})).await.refused(409);

    // A PUT with an older version than the newest is refused, and changes nothing.
    let old = place.statement("taken").await;
    let mut stopped = old.clone();
    stopped["spec"]["stopped"] = json!(true);
    assert_eq!(api.put(&place.statement_path("taken"), stopped).await.status, 202);
    place.phase("taken", &["STOPPED"]).await;
    let error = api.put(&place.statement_path("taken"), old).await.refused(409);
    assert!(error["detail"].as_str().unwrap().contains("resource_version"), "{error}");
    let mut edited = place.phase("taken", &["STOPPED"]).await;
    edited["spec"]["statement"] = json!("SELECT 2");
    api.put(&place.statement_path("taken"), edited).await.refused(400);

    // The budget of a pool only grows (decision 5).
    let path = format!("/fcpm/v2/compute-pools/{}", place.pool);
    let lower = json!({"spec": {"max_cfu": 5, "environment": {"id": place.environment}}});
    api.patch(&path, lower).await.refused(400);
    let higher = json!({"spec": {"max_cfu": 20, "environment": {"id": place.environment}}});
    assert_eq!(api.patch(&path, higher).await.ok()["spec"]["max_cfu"], 20);
    assert_eq!(api.get(&path).await.ok()["spec"]["max_cfu"], 20);
}

async fn post_text(place: &Workplace, url: &str, text: &str) -> (u16, Value) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let (key, secret) = place.api.key.clone().unwrap();
    use base64::Engine as _;
    let credentials = base64::engine::general_purpose::STANDARD.encode(format!("{key}:{secret}"));
    let request = format!(
        "POST /{path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Basic {credentials}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{text}",
        text.len()
    );
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let status = answer.split_whitespace().nth(1).unwrap().parse().unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    let start = body.find('{').unwrap_or(0);
    let end = body.rfind('}').map_or(0, |end| end + 1);
    (status, serde_json::from_str(body.get(start..end).unwrap_or_default()).unwrap_or(Value::Null))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_read_page_by_page_under_every_prefix() {
    let service = Service::start(Options::default()).await;
    let place = Workplace::new(&service).await;
    let mut pools = BTreeSet::from([place.pool.clone()]);
    for number in 0..6 {
        pools.insert(create_pool(&place.api, &place.environment, &format!("pool-{number}")).await);
    }
    let mut seen = Vec::new();
    let mut next = format!("/fcpm/v2/compute-pools?environment={}&page_size=3", place.environment);
    let mut sizes = Vec::new();
    loop {
        let page = place.api.get(&next).await.ok();
        let data = page["data"].as_array().unwrap();
        sizes.push(data.len());
        seen.extend(data.iter().map(id));
        assert!(page["metadata"]["first"].as_str().unwrap().starts_with(&service.url()), "{page}");
        match page["metadata"].get("next") {
            None => break,
            Some(url) => next = url.as_str().unwrap().to_owned(),
        }
        assert!(next.starts_with(&service.url()), "{next}");
    }
    assert_eq!(sizes, [3, 3, 1]);
    assert_eq!(seen.len(), pools.len());
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), pools);

    // Statements too, with hidden ones left out (spec L-08).
    place.execute("CREATE TABLE t (a INT)").await;
    for number in 0..5 {
        place.run(&format!("s-{number}"), "INSERT INTO t SELECT a FROM t").await;
    }
    let properties = json!({
        "sql.current-catalog": place.environment_name, "sql.current-database": place.cluster_name,
    });
    let spec = json!({"statement": "SHOW TABLES", "properties": properties, "compute_pool_id": place.pool});
    let labels = json!({"labels": {"user.confluent.io/hidden": "true"}});
    place.api.post(&place.statements(), json!({"name": "hidden", "metadata": labels, "spec": spec})).await.ok();
    let mut names = Vec::new();
    let mut next = format!("{}?page_size=2", place.statements());
    while !next.is_empty() {
        let page = place.api.get(&next).await.ok();
        names.extend(page["data"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap().to_owned()));
        next = page["metadata"]["next"].as_str().unwrap_or_default().to_owned();
    }
    names.sort();
    assert_eq!(names, ["s-0", "s-1", "s-2", "s-3", "s-4"]);
    let by_pool = place.api.get(&format!("{}?spec.compute_pool_id=lfcp-other", place.statements())).await.ok();
    assert_eq!(by_pool["data"], json!([]));

    // The same tree at every prefix that clients use, and the trees of the others.
    for prefix in ["", "/api", "/confluent.cloud", "/confluent.cloud/api"] {
        let found = place.api.get(&format!("{prefix}/org/v2/environments/{}", place.environment)).await.ok();
        assert_eq!(found["id"], json!(place.environment), "{prefix}");
    }
    let regions = place.api.get("/fcpm/v2/regions?cloud=AWS&region_name=us-east-1").await.ok();
    assert_eq!(regions["data"][0]["http_endpoint"], json!(service.url()));
    let path =
        format!("/endpoint/v1/endpoints?cloud=AWS&environment={}&region=us-east-1&service=FLINK", place.environment);
    let endpoints = place.api.get(&path).await.ok();
    let endpoints = endpoints["data"].as_array().unwrap();
    assert!(endpoints.iter().any(|e| e["endpoint"] == json!(service.url()) && e["endpoint_type"] == "REST"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_and_metrics_answer() {
    let service = Service::start(Options::default()).await;
    let place = Workplace::new(&service).await;
    let ca = std::fs::read(service.data_dir().join("tls/ca.pem")).unwrap();
    let secure = Api::trusting(&service.tls_url(), Some(service.admin.clone()), &ca);
    let same = secure.get(&format!("/api/org/v2/environments/{}", place.environment)).await.ok();
    assert_eq!(same["display_name"], json!(place.environment_name));
    let stranger = Api::trusting(&service.tls_url(), Some(service.admin.clone()), &[]);
    let refused = stranger.try_call(http::Method::GET, "/health", None).await;
    assert!(refused.is_err(), "a client that does not know the authority is let through: {refused:?}");

    place.run("marketplace", "CREATE TABLE t AS SELECT order_id, price FROM examples.marketplace.orders").await;
    let wanted = [
        "confluent_flink_num_records_in{",
        "confluent_flink_num_records_out{",
        "confluent_flink_current_input_watermark_milliseconds{",
        "confluent_flink_current_output_watermark_milliseconds{",
        "confluent_flink_max_input_lateness_milliseconds{",
        "confluent_flink_statement_status{",
        "confluent_flink_statement_utilization_current_cfus{",
        "confluent_flink_compute_pool_utilization_current_cfus{",
        "confluent_flink_compute_pool_utilization_cfu_limit{",
    ];
    let text = eventually("all metrics", Duration::from_secs(20), || async {
        let answer = place.api.get("/v2/metrics/cloud/export").await;
        assert_eq!(answer.status, 200);
        assert!(answer.headers["content-type"].to_str().unwrap().starts_with("text/plain"));
        wanted.iter().all(|name| answer.text.contains(name)).then_some(answer.text)
    })
    .await;
    let line = text.lines().find(|line| line.starts_with("confluent_flink_statement_status{")).unwrap();
    assert!(line.contains("flink_statement_name=\"marketplace\"") && line.contains("status=\"RUNNING\""), "{line}");
    // Every line is a comment or `name{labels} number`.
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with("confluent_flink_") && name.ends_with('}'), "{line}");
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
}
