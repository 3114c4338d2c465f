//! Real Flink: a session of its SQL Gateway, with tables that are files of JSON.

use std::time::Duration;

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::http::request;
use super::json;
use crate::answer::{Answer, Refusal, Rows, applied};
use crate::table::Table;

/// A session. Its tables' files go with it.
pub struct Flink {
    base: String,
    session: String,
    files: TempDir,
    /// How many statements were run.
    pub statements: usize,
}

/// One job per query with as little around it as can be, in the time zone that Nutkin has, and no second attempt.
const PROPERTIES: &[(&str, &str)] = &[
    ("parallelism.default", "1"),
    ("table.exec.resource.default-parallelism", "1"),
    ("table.local-time-zone", "UTC"),
    ("restart-strategy.type", "none"),
    ("jobmanager.scheduler", "Default"),
];
const WAIT: Duration = Duration::from_millis(15);
const ATTEMPTS: usize = 40;
const RECOVERY: Duration = Duration::from_secs(1);
/// What a cluster says of itself rather than of a query.
const ILLNESSES: &[&str] = &[
    "NoResourceAvailableException",
    "RemoteTransportException",
    "TaskExecutor",
    "TaskManager with id",
    "JobMasterException",
    "PartitionNotFoundException",
    "OutOfMemoryError",
];

impl Flink {
    /// `mode` is `batch`, where a job is shorter, or `streaming`, where a query means what it means in Nutkin.
    pub fn new(base: &str, mode: &str) -> Flink {
        let properties = PROPERTIES.iter().copied().chain([("execution.runtime-mode", mode)]);
        let properties: serde_json::Map<_, _> = properties.map(|(key, value)| (key.to_owned(), json!(value))).collect();
        let (status, text) = request(base, "POST", "/v3/sessions", &json!({ "properties": properties }).to_string());
        let answer: Json = serde_json::from_str(&text).unwrap_or_default();
        let session = answer["sessionHandle"].as_str().unwrap_or_else(|| panic!("no session: {status} {text}"));
        let files = tempfile::tempdir().expect("a directory");
        Flink { base: base.to_owned(), session: format!("/v3/sessions/{session}"), files, statements: 0 }
    }

    /// Makes the table, in place of an older one of that name.
    pub fn create(&mut self, table: &Table) {
        let path = self.files.path().join(format!("{}-{}", table.name, self.statements));
        std::fs::create_dir(&path).expect("a directory");
        let line = |row: &Vec<nutkin_types::Value>| {
            let cells = table.columns.iter().zip(row).zip(&table.types);
            let object: serde_json::Map<_, _> =
                cells.map(|(((name, _), value), t)| ((*name).to_owned(), json::write(value, t))).collect();
            Json::Object(object).to_string() + "\n"
        };
        std::fs::write(path.join("rows.json"), table.rows.iter().map(line).collect::<String>()).expect("a file");
        self.execute(&format!("DROP TEMPORARY TABLE IF EXISTS `{}`", table.name)).unwrap_or_else(|e| panic!("{e:?}"));
        let ddl = format!(
            "CREATE TEMPORARY TABLE `{}` ({}) WITH ('connector' = 'filesystem', 'path' = 'file://{}', 'format' = 'json', \
             'json.timestamp-format.standard' = 'ISO-8601')",
            table.name,
            table.definition(),
            path.display()
        );
        self.execute(&ddl).unwrap_or_else(|error| panic!("{ddl}: {error:?}"));
    }

    /// The rows of a query.
    pub fn run(&mut self, sql: &str) -> Answer {
        let (columns, data) = self.execute(sql)?;
        let unread = |what: &Json| Refusal::untried(format!("cannot be read: {what}"));
        let read = |column: &Json| json::logical_type(&column["logicalType"]).ok_or_else(|| unread(column));
        let types = columns.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let row = |line: &Json| {
            let fields = line["fields"].as_array().ok_or_else(|| unread(line))?;
            let cells = fields.iter().zip(&types);
            let cells = cells.map(|(cell, logical)| json::read(cell, logical).ok_or_else(|| unread(cell)));
            let comes = matches!(line["kind"].as_str(), Some("INSERT" | "UPDATE_AFTER"));
            Ok((comes, cells.collect::<Result<_, _>>()?))
        };
        let changes = data.iter().map(row).collect::<Result<Vec<_>, _>>()?;
        Ok(Rows { types, rows: applied(changes)? })
    }

    /// Columns and rows of a statement's result. What only says that the cluster is ill is asked again: some failing jobs take
    /// a TaskManager of Flink down, and others of its jobs with it, and it is started again.
    fn execute(&mut self, sql: &str) -> Result<(Vec<Json>, Vec<Json>), Refusal> {
        for _ in 0..ATTEMPTS {
            match self.attempt(sql) {
                Err(refusal) if ILLNESSES.iter().any(|illness| refusal.text.contains(illness)) => {
                    std::thread::sleep(RECOVERY);
                }
                answer => return answer,
            }
        }
        panic!("the Flink cluster does not recover, see its logs: {sql}");
    }

    fn attempt(&mut self, sql: &str) -> Result<(Vec<Json>, Vec<Json>), Refusal> {
        self.statements += 1;
        let body = json!({ "statement": sql }).to_string();
        let started = self.ask("POST", &format!("{}/statements", self.session), &body)?;
        let operation = started["operationHandle"].as_str().expect("an operation").to_owned();
        let at = format!("{}/operations/{operation}", self.session);
        let (mut columns, mut data) = (Vec::new(), Vec::new());
        let mut token = 0;
        let outcome = loop {
            let page = match self.ask("GET", &format!("{at}/result/{token}?rowFormat=JSON"), "") {
                Ok(page) => page,
                Err(refusal) => break Err(refusal),
            };
            if let Some(found) = page["results"]["columns"].as_array() {
                columns.clone_from(found);
            }
            data.extend(page["results"]["data"].as_array().into_iter().flatten().cloned());
            let next = page["nextResultUri"].as_str().and_then(|uri| uri.split("/result/").nth(1)?.split('?').next());
            match (page["resultType"].as_str(), next.and_then(|next| next.parse::<u64>().ok())) {
                (Some("NOT_READY"), _) => std::thread::sleep(WAIT),
                (Some("PAYLOAD"), Some(next)) => {
                    if next == token || page["results"]["data"].as_array().is_none_or(Vec::is_empty) {
                        std::thread::sleep(WAIT);
                    }
                    token = next;
                }
                _ => break Ok((columns, data)),
            }
        };
        let _ = request(&self.base, "DELETE", &format!("{at}/close"), "");
        outcome
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Result<Json, Refusal> {
        let (status, text) = request(&self.base, method, path, body);
        let mut answer: Json = serde_json::from_str(&json::numbers_as_texts(&text)).unwrap_or_default();
        if status == 200 {
            return Ok(answer.take());
        }
        let errors = answer["errors"].as_array().into_iter().flatten().filter_map(Json::as_str);
        let all = errors.collect::<Vec<_>>().join("\n");
        let column = column(&all);
        Err(Refusal {
            column,
            ..Refusal::new(if all.is_empty() { format!("{status} {text}") } else { last_cause(&all) })
        })
    }
}

impl Drop for Flink {
    fn drop(&mut self) {
        let _ = request(&self.base, "DELETE", &self.session, "");
    }
}

/// The column that a refusal of the parser or the validator speaks of, of an SQL in one line.
fn column(stack: &str) -> Option<usize> {
    let after = stack.split("line 1, column ").nth(1)?;
    after.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The innermost cause of a Java stack.
fn last_cause(stack: &str) -> String {
    let is_cause = |line: &&str| line.starts_with("Caused by: ") || line.contains("Exception: ");
    let cause = stack.lines().rfind(is_cause).or_else(|| stack.lines().last()).unwrap_or_default();
    cause.trim_start_matches("Caused by: ").to_owned()
}
