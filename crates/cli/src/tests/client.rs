use serde_json::json;

use super::server::Server;
use crate::client::StatementPath;
use crate::{Client, Connection, Error};

fn at() -> StatementPath {
    StatementPath { organization: "org".into(), environment: "env-1".into() }
}

const STATEMENTS: &str = "/sql/v1/organizations/org/environments/env-1/statements";

#[tokio::test]
async fn lists_are_read_to_their_end_by_token_only() {
    let server = Server::start(|seen| {
        let last = seen.line.contains("page_token=a%2Fb");
        let next = if last { json!(null) } else { json!("https://elsewhere.example/x?page_size=9&page_token=a%2Fb") };
        let data = json!([{"id": if last { "env-2" } else { "env-1" }, "display_name": "x"}]);
        (200, json!({"api_version": "org/v2", "kind": "EnvironmentList", "metadata": {"next": next}, "data": data}))
    })
    .await;
    let ids: Vec<String> = server.client().environments().await.unwrap().into_iter().map(|one| one.id).collect();
    assert_eq!(ids, ["env-1", "env-2"]);
    let expected =
        ["GET /org/v2/environments?page_size=100", "GET /org/v2/environments?page_size=100&page_token=a%2Fb"];
    assert_eq!(server.lines(), expected);
    assert_eq!(server.seen()[0].authorization, "Basic a2V5OnNlY3JldA==");
}

#[tokio::test]
async fn a_list_that_goes_in_circles_is_refused() {
    let body = json!({"api_version": "", "kind": "", "metadata": {"next": "http://x/?page_token=1"}, "data": []});
    let server = Server::start(move |_| (200, body.clone())).await;
    assert!(matches!(server.client().environments().await, Err(Error::Answer { .. })));
}

#[tokio::test]
async fn errors_are_what_the_service_says() {
    let server = Server::start(|seen| {
        let error = json!({"errors": [{"id": "1", "status": "404", "code": "resource_not_found", "title": "Not Found",
            "detail": "Statement x was not found.", "source": {}}]});
        if seen.line.contains("statements") { (404, error) } else { (418, json!("not JSON of this API")) }
    })
    .await;
    let error = server.client().statement(&at(), "x").await.unwrap_err();
    assert_eq!(
        (error.to_string().as_str(), error.status(), error.exit_code()),
        ("Statement x was not found.", Some(404), 5)
    );
    let error = server.client().environments().await.unwrap_err();
    assert!(error.to_string().contains("418"), "{error}");
}

#[tokio::test]
async fn nobody_listening_is_said_with_what_to_do() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error =
        Client::new(&Connection { url, ..Connection::default() }).unwrap().delete_api_key("K").await.unwrap_err();
    assert!(error.to_string().starts_with("NUTKIN-6201: cannot reach http://127.0.0.1:"), "{error}");
    assert_eq!(error.exit_code(), 3);
    assert!(Client::new(&Connection { url: "localhost:1".into(), ..Connection::default() }).is_err());
}

#[tokio::test]
async fn a_busy_service_is_asked_again_but_never_twice_to_change() {
    let mut answers = vec![(200, json!({"name": "x"})), (429, json!(null)), (503, json!(null))];
    let server = Server::start(
        move |seen| {
            if seen.line.starts_with("POST") { (503, json!(null)) } else { answers.pop().unwrap() }
        },
    )
    .await;
    assert_eq!(server.client().statement(&at(), "x").await.unwrap().name, "x");
    assert!(server.client().create_environment("e", "ESSENTIALS").await.is_err());
    assert_eq!(server.lines().len(), 4);
}

/// Spec L-05: a stale version is read and written again.
#[tokio::test]
async fn an_update_that_was_overtaken_is_made_again() {
    let mut version = 1;
    let server = Server::start(move |seen| {
        if seen.line.starts_with("GET") {
            return (200, json!({"name": "x", "metadata": {"resource_version": version.to_string()}}));
        }
        version += 1;
        let stale =
            json!({"errors": [{"id": "", "status": "409", "code": "", "title": "", "detail": "stale", "source": {}}]});
        if version == 2 { (409, stale) } else { (202, json!(null)) }
    })
    .await;
    server.client().update_statement(&at(), "x", |spec| spec.stopped = true).await.unwrap();
    let puts: Vec<_> = server.seen().into_iter().filter(|seen| seen.line.starts_with("PUT")).collect();
    assert_eq!(puts.len(), 2);
    assert_eq!(puts[1].line, format!("PUT {STATEMENTS}/x"));
    assert_eq!(
        (&puts[1].body["spec"]["stopped"], &puts[1].body["metadata"]["resource_version"]),
        (&json!(true), &json!("2"))
    );
}

/// Spec statements.md 3.3.
#[tokio::test]
async fn a_results_page_names_the_next_by_its_token() {
    let server = Server::start(|seen| {
        let next = if seen.line.contains("page_token") { json!("") } else { json!("http://h/results?page_token=7") };
        let rows = json!([{"row": ["1", null]}, {"op": 3, "row": ["2", ["a"]]}]);
        let metadata = json!({"self": "", "next": next, "created_at": ""});
        (200, json!({"api_version": "sql/v1", "kind": "StatementResult", "metadata": metadata, "results": {"data": rows}}))
    })
    .await;
    let client = server.client();
    let page = client.results(&at(), "a b", None).await.unwrap();
    assert_eq!((page.next.as_deref(), page.rows[0].op, page.rows[1].op), (Some("7"), 0, 3));
    assert_eq!(client.results(&at(), "a b", Some("7")).await.unwrap().next, None);
    assert_eq!(server.lines()[1], format!("GET {STATEMENTS}/a%20b/results?page_token=7"));
}
