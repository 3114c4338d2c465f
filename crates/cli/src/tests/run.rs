//! Whole statements against a server that plays the service.

use std::time::Duration;

use serde_json::{Value, json};

use super::server::{Seen, Server};
use crate::Error;
use crate::client::StatementPath;
use crate::context::{ContextArguments, Target};
use crate::interrupt::Interrupt;
use crate::render::Format;
use crate::session::Session;
use crate::sql::{Options, Runner, duration};

/// What the statements of a test are.
#[derive(Clone)]
struct Play {
    kind: &'static str,
    bounded: bool,
    append_only: bool,
    phase: &'static str,
    detail: &'static str,
    /// Pages of `(op, cell)`.
    pages: Vec<Vec<(u8, &'static str)>>,
}

impl Play {
    fn select(bounded: bool, append_only: bool, pages: Vec<Vec<(u8, &'static str)>>) -> Play {
        let phase = if bounded { "COMPLETED" } else { "RUNNING" };
        Play { kind: "SELECT", bounded, append_only, phase, detail: "", pages }
    }

    fn statement(&self, phase: &str) -> Value {
        let columns = json!([{"name": "n", "type": {"type": "VARCHAR", "nullable": true}}]);
        let schema = if self.kind == "SELECT" { json!({"columns": columns}) } else { Value::Null };
        let traits = json!({"sql_kind": self.kind, "is_bounded": self.bounded, "is_append_only": self.append_only, "schema": schema});
        json!({"name": "x", "spec": {"statement": ""}, "status": {"phase": phase, "detail": self.detail, "traits": traits}})
    }

    fn answer(&self, seen: &Seen) -> (u16, Value) {
        if seen.line.starts_with("POST") {
            return (201, self.statement("PENDING"));
        }
        if !seen.line.starts_with("GET") {
            return (202, Value::Null);
        }
        if !seen.line.contains("/results") {
            return (200, self.statement(self.phase));
        }
        let page: usize = seen.line.split_once("page_token=").map_or(0, |(_, token)| token.parse().unwrap());
        let rows: Vec<Value> =
            self.pages.get(page).into_iter().flatten().map(|(op, cell)| json!({"op": op, "row": [cell]})).collect();
        let next = (page + 1).min(self.pages.len());
        let link = if self.bounded && next == self.pages.len() {
            String::new()
        } else {
            format!("http://h/?page_token={next}")
        };
        let metadata = json!({"self": "", "next": link, "created_at": ""});
        (200, json!({"api_version": "", "kind": "", "metadata": metadata, "results": {"data": rows}}))
    }

    /// Runs a script and gives its end, its output, and the requests that it made.
    async fn run(self, sql: &[&str], options: Options) -> (Result<(), Error>, String, Vec<String>) {
        let server = Server::start(move |seen| self.answer(seen)).await;
        let at = StatementPath { organization: "o".into(), environment: "e".into() };
        let target = Target { at, catalog: "e".into(), database: None, compute_pool: None };
        let session = Session::new(target, &ContextArguments::default()).unwrap();
        let (_sender, interrupt) = Interrupt::manual();
        let mut runner =
            Runner { client: server.client(), session, interrupt, options: Options { quiet: true, ..options } };
        let (mut out, sql) = (Vec::new(), sql.iter().map(|&one| one.to_owned()).collect::<Vec<_>>());
        let end = runner.script(&sql, &mut out).await;
        let lines = server
            .lines()
            .iter()
            .map(|line| line.replace("/sql/v1/organizations/o/environments/e/statements", ""))
            .collect();
        (end, String::from_utf8(out).unwrap(), lines)
    }
}

fn csv() -> Options {
    Options { output: Format::Csv, ..Options::default() }
}

#[tokio::test]
async fn bounded_results_are_written_whole_and_left_alone() {
    let pages = vec![vec![(0, "a")], vec![], vec![(0, "b")]];
    let (end, out, lines) = Play::select(true, true, pages).run(&["USE db", "SELECT 1"], csv()).await;
    end.unwrap();
    assert_eq!(out, "n\na\nb\n");
    assert!(!lines.iter().any(|line| line.starts_with("PUT") || line.starts_with("DELETE")), "{lines:?}");
}

#[tokio::test]
async fn bounded_changes_are_folded() {
    let pages = vec![vec![(0, "a"), (0, "b")], vec![(1, "a"), (2, "c")]];
    let (end, out, _) = Play::select(true, false, pages).run(&["SELECT 1"], csv()).await;
    end.unwrap();
    assert_eq!(out, "n\nb\nc\n");
}

#[tokio::test]
async fn a_streaming_select_that_is_left_is_stopped_and_deleted() {
    let pages = vec![vec![(0, "a")], vec![(1, "a"), (2, "b"), (0, "c")]];
    let play = Play::select(false, false, pages);
    let (end, out, lines) = play.clone().run(&["SELECT 1"], Options { max_rows: Some(3), ..csv() }).await;
    end.unwrap();
    assert_eq!(out, "op,n\n+I,a\n-U,a\n+U,b\n");
    assert_eq!(lines[lines.len() - 2..], ["PUT /x", "DELETE /x"]);
    let (end, out, lines) =
        play.run(&["SELECT 1"], Options { timeout: Some(Duration::from_millis(600)), ..csv() }).await;
    end.unwrap();
    assert_eq!((out.lines().count(), lines.last().unwrap().as_str()), (5, "DELETE /x"));
}

#[tokio::test]
async fn an_insert_is_left_running() {
    let play = Play { kind: "INSERT_INTO", phase: "RUNNING", ..Play::select(false, true, Vec::new()) };
    let (end, out, lines) = play.clone().run(&["INSERT INTO t SELECT 1"], csv()).await;
    end.unwrap();
    assert_eq!((out.as_str(), lines), ("", vec!["POST ".to_owned(), "GET /x".to_owned()]));
    // With --wait it is waited for, and a time limit ends the wait only.
    let options = Options { wait: true, timeout: Some(Duration::from_millis(100)), ..csv() };
    let (end, _, lines) = play.run(&["INSERT INTO t SELECT 1"], options).await;
    assert_eq!(end.unwrap_err().exit_code(), 6);
    assert!(!lines.iter().any(|line| line.starts_with("PUT")), "{lines:?}");
}

#[tokio::test]
async fn a_failure_says_its_detail_and_ends_the_script() {
    let play = Play { phase: "FAILED", detail: "Object 't' does not exist", ..Play::select(true, true, Vec::new()) };
    let (end, out, lines) = play.run(&["SELECT 1", "SELECT 2"], csv()).await;
    let error = end.unwrap_err();
    assert_eq!((error.to_string().as_str(), error.exit_code()), ("Object 't' does not exist", 1));
    assert_eq!((out.as_str(), lines.iter().filter(|line| line.starts_with("POST")).count()), ("", 1));
}

#[tokio::test]
async fn what_stays_pending_too_long_is_stopped() {
    let play = Play { phase: "PENDING", detail: "no CFU is free", ..Play::select(true, true, Vec::new()) };
    let (end, _, lines) = play.run(&["SELECT 1"], Options { timeout: Some(Duration::from_millis(100)), ..csv() }).await;
    let error = end.unwrap_err();
    assert!(error.to_string().contains("still PENDING") && error.to_string().contains("no CFU is free"), "{error}");
    assert_eq!(lines.last().unwrap(), "PUT /x");
}

#[test]
fn times_have_units() {
    assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
    assert_eq!((duration("30"), duration("5m")), (Ok(Duration::from_secs(30)), Ok(Duration::from_secs(300))));
    assert!(duration("x").is_err() && duration("3d").is_err());
}

/// The service keeps nothing of a dry run, so its answer to the submission is shown and nothing is asked for.
#[tokio::test]
async fn a_dry_run_ends_with_its_submission() {
    for (phase, detail, ends) in [("COMPLETED", "The statement is valid.", true), ("FAILED", "NUTKIN-2001: no", false)]
    {
        let answer = move |seen: &Seen| match seen.line.starts_with("POST") {
            true => {
                let play = Play { phase, detail, ..Play::select(true, true, Vec::new()) };
                let mut statement = play.statement(phase);
                statement["spec"]["properties"] = json!({"sql.dry-run": "true"});
                (201, statement)
            }
            false => (404, json!({"errors": [{"status": "404", "detail": "Statement x was not found."}]})),
        };
        let server = Server::start(answer).await;
        let at = StatementPath { organization: "o".into(), environment: "e".into() };
        let target = Target { at, catalog: "e".into(), database: None, compute_pool: None };
        let session = Session::new(target, &ContextArguments::default()).unwrap();
        let (_sender, interrupt) = Interrupt::manual();
        let options = Options { quiet: true, ..Options::default() };
        let mut runner = Runner { client: server.client(), session, interrupt, options };
        let mut out = Vec::new();
        let end = runner.script(&["SELECT 1".to_owned()], &mut out).await;
        assert_eq!(end.is_ok(), ends, "{end:?}");
        assert!(out.is_empty() && server.lines().len() == 1, "{:?}", server.lines());
    }
}
