//! `sql/v1`: statements, their results and exceptions (spec statements.md 3.1 to 3.3).

use http::Method;
use nutkin_api::sql::{ResultRow, Statement, StatementException, StatementResult, StatementSpec};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Client, encode, page_token};
use crate::error::{Error, Result};

/// Tries of an update that meets another one.
const UPDATE_TRIES: u32 = 5;

/// Where statements live.
#[derive(Debug, Clone, PartialEq)]
pub struct StatementPath {
    pub organization: String,
    pub environment: String,
}

impl StatementPath {
    fn collection(&self) -> String {
        let (organization, environment) = (encode(&self.organization), encode(&self.environment));
        format!("/sql/v1/organizations/{organization}/environments/{environment}/statements")
    }

    fn one(&self, name: &str) -> String {
        format!("{}/{}", self.collection(), encode(name))
    }
}

/// Which statements a list holds.
#[derive(Debug, Clone, Default)]
pub struct StatementFilter {
    pub compute_pool: Option<String>,
    /// RUNNING, PENDING, ...
    pub phase: Option<String>,
}

/// Rows, and where to go on.
#[derive(Debug, Clone)]
pub struct ResultsPage {
    pub rows: Vec<ResultRow>,
    /// Token of the page after this one; `None` at the end of the results.
    pub next: Option<String>,
}

#[derive(Deserialize)]
struct Exceptions {
    #[serde(default)]
    data: Vec<StatementException>,
}

impl Client {
    /// Submits a statement. An empty name lets the service choose one.
    pub async fn create_statement(&self, at: &StatementPath, name: &str, spec: &StatementSpec) -> Result<Statement> {
        let mut body = json!({
            "name": name,
            "organization_id": at.organization,
            "environment_id": at.environment,
        });
        body["spec"] = serde_json::to_value(spec).map_err(|e| self.unexpected("", &e.to_string()))?;
        self.call(Method::POST, &at.collection(), Some(body)).await
    }

    pub async fn statement(&self, at: &StatementPath, name: &str) -> Result<Statement> {
        self.get(&at.one(name)).await
    }

    pub async fn statements(&self, at: &StatementPath, filter: &StatementFilter) -> Result<Vec<Statement>> {
        let filters: Vec<String> = [
            filter.compute_pool.as_ref().map(|pool| format!("spec.compute_pool_id={}", encode(pool))),
            filter.phase.as_ref().map(|phase| format!("status.phase={}", encode(phase))),
        ]
        .into_iter()
        .flatten()
        .collect();
        let query = if filters.is_empty() { String::new() } else { format!("?{}", filters.join("&")) };
        self.list(&format!("{}{query}", at.collection())).await
    }

    /// Reads a statement, changes it and writes it back; again when somebody else was faster (spec L-05).
    pub async fn update_statement(
        &self,
        at: &StatementPath,
        name: &str,
        change: impl Fn(&mut StatementSpec) + Send + Sync,
    ) -> Result<()> {
        let mut tries = 1;
        loop {
            let mut statement = self.statement(at, name).await?;
            change(&mut statement.spec);
            let body = serde_json::to_value(&statement).map_err(|e| self.unexpected("", &e.to_string()))?;
            match self.transport.send(Method::PUT, &at.one(name), Some(&body)).await {
                Err(Error::Refused { status: 409, .. }) if tries < UPDATE_TRIES => tries += 1,
                other => return other.map(drop),
            }
        }
    }

    pub async fn delete_statement(&self, at: &StatementPath, name: &str) -> Result<()> {
        self.delete(&at.one(name)).await
    }

    /// One page of results; the first without a token. The same token may be asked for again.
    pub async fn results(&self, at: &StatementPath, name: &str, token: Option<&str>) -> Result<ResultsPage> {
        let path = match token {
            None => format!("{}/results", at.one(name)),
            Some(token) => format!("{}/results?page_token={token}", at.one(name)),
        };
        let mut answer: Value = self.get(&path).await?;
        // Both an absent and a null `next` mean the end.
        if answer["metadata"]["next"].is_null() {
            answer["metadata"]["next"] = Value::from("");
        }
        let page: StatementResult =
            serde_json::from_value(answer).map_err(|e| self.unexpected(&path, &e.to_string()))?;
        Ok(ResultsPage { rows: page.results.data, next: page_token(&page.metadata.next).map(str::to_owned) })
    }

    /// The latest exceptions of a statement.
    pub async fn exceptions(&self, at: &StatementPath, name: &str) -> Result<Vec<StatementException>> {
        Ok(self.get::<Exceptions>(&format!("{}/exceptions", at.one(name))).await?.data)
    }
}
