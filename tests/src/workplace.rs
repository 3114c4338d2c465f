//! [`Workplace`]: an environment with a cluster, a registry, a pool and keys, and statements in it.

use std::time::{Duration, Instant};

use nutkin_kafka::{Client, ClientConfig};
use serde_json::{Value, json};

use crate::api::{Answer, Api};
use crate::service::Service;

pub const CLOUD: &str = "AWS";
pub const REGION: &str = "us-east-1";
/// How long a statement may take to where it should be, on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Where a case works.
#[derive(Clone)]
pub struct Workplace {
    pub api: Api,
    pub organization: String,
    pub environment: String,
    pub environment_name: String,
    pub cluster_name: String,
    pub registry: String,
    pub pool: String,
    /// `host:port` that asks for a key.
    pub bootstrap: String,
    pub kafka_key: (String, String),
    /// How the cluster with the tables is reached.
    pub kafka_config: ClientConfig,
    pub flink_key: (String, String),
}

/// A row of a result: kind of change, cells.
pub type Row = (u64, Vec<Value>);

impl Workplace {
    pub async fn new(service: &Service) -> Workplace {
        Workplace::named(service, "work").await
    }

    /// One of several of a service.
    pub async fn named(service: &Service, name: &str) -> Workplace {
        let api = service.api();
        let organization = id(&api.get("/org/v2/organizations").await.ok()["data"][0]);
        let environment = api.post("/org/v2/environments", json!({"display_name": name})).await.ok();
        let environment_id = id(&environment);
        let cluster_name = format!("{name}_cluster");
        let spec = json!({
            "display_name": cluster_name, "cloud": CLOUD, "region": REGION, "availability": "SINGLE_ZONE",
            "config": {"kind": "Basic"}, "environment": {"id": environment_id},
        });
        let cluster = api.post("/cmk/v2/clusters", json!({"spec": spec})).await.ok();
        let registries = api.get(&format!("/srcm/v3/clusters?environment={environment_id}")).await.ok();
        let pool = create_pool(&api, &environment_id, &format!("{name}_pool")).await;
        let bootstrap = cluster["spec"]["kafka_bootstrap_endpoint"].as_str().unwrap();
        let kafka_key = create_key(&api, json!({"id": id(&cluster)})).await;
        let flink_key = create_key(&api, json!({"id": "aws.us-east-1", "environment": environment_id})).await;
        let bootstrap = bootstrap.rsplit_once("//").map_or(bootstrap, |(_, address)| address).to_owned();
        Workplace {
            kafka_config: client_config(&bootstrap, &kafka_key.0, &kafka_key.1),
            organization,
            environment_name: name.to_owned(),
            cluster_name,
            registry: id(&registries["data"][0]),
            pool,
            bootstrap,
            kafka_key,
            flink_key,
            environment: environment_id,
            api,
        }
    }

    /// Path of the environment's statements.
    pub fn statements(&self) -> String {
        format!("/sql/v1/organizations/{}/environments/{}/statements", self.organization, self.environment)
    }

    pub fn statement_path(&self, name: &str) -> String {
        format!("{}/{name}", self.statements())
    }

    /// Submits a statement into `pool`.
    pub async fn submit_to(&self, pool: &str, name: &str, sql: &str) -> Answer {
        let properties = json!({
            "sql.current-catalog": self.environment_name, "sql.current-database": self.cluster_name,
        });
        let spec = json!({"statement": sql, "properties": properties, "compute_pool_id": pool});
        self.api.post(&self.statements(), json!({"name": name, "spec": spec})).await
    }

    pub async fn submit(&self, name: &str, sql: &str) -> Value {
        self.submit_to(&self.pool, name, sql).await.ok()
    }

    pub async fn statement(&self, name: &str) -> Value {
        self.api.get(&self.statement_path(name)).await.ok()
    }

    /// Waits until the statement is in one of `phases`; fails at once when it fails instead.
    #[track_caller]
    pub fn phase(&self, name: &str, phases: &'static [&'static str]) -> impl Future<Output = Value> {
        let (place, name) = (self.clone(), name.to_owned());
        let caller = std::panic::Location::caller();
        async move {
            let begun = Instant::now();
            loop {
                let statement = place.statement(&name).await;
                let phase = statement["status"]["phase"].as_str().unwrap();
                if phases.contains(&phase) {
                    return statement;
                }
                let over = phase == "FAILED" || begun.elapsed() > PATIENCE;
                assert!(!over, "{caller}: {name} is {phase}, not {phases:?}: {}", statement["status"]["detail"]);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }

    /// Submits a statement that must run on.
    pub async fn run(&self, name: &str, sql: &str) -> Value {
        self.submit(name, sql).await;
        self.phase(name, &["RUNNING"]).await
    }

    /// Carries out a statement that ends by itself, and forgets it.
    pub async fn execute(&self, sql: &str) -> Value {
        let name = id_of_new(&self.submit("", sql).await);
        let done = self.phase(&name, &["COMPLETED"]).await;
        self.api.delete(&self.statement_path(&name)).await;
        done
    }

    /// The `status.detail` of a statement that must fail.
    pub async fn failure(&self, sql: &str) -> String {
        let name = id_of_new(&self.submit("", sql).await);
        let failed = self.phase(&name, &["FAILED", "COMPLETED", "RUNNING"]).await;
        assert_eq!(failed["status"]["phase"], "FAILED", "{sql}: {failed}");
        self.api.delete(&self.statement_path(&name)).await;
        failed["status"]["detail"].as_str().unwrap().to_owned()
    }

    /// Rows of a query: all of one that ends, the first `count` of one that does not, which is then deleted.
    pub async fn query(&self, sql: &str, count: usize) -> Vec<Row> {
        let name = id_of_new(&self.submit("", sql).await);
        self.phase(&name, &["RUNNING", "COMPLETED"]).await;
        let mut results = Results::of(self, &name);
        let begun = Instant::now();
        while results.rows.len() < count && results.more().await {
            if begun.elapsed() > PATIENCE {
                let statement = self.statement(&name).await;
                panic!("{} of {count} rows: {sql}\n{}\n{:?}", results.rows.len(), statement["status"], results.rows);
            }
        }
        self.api.delete(&self.statement_path(&name)).await;
        results.rows
    }

    /// A registry request with JSON answer.
    pub async fn registry(&self, path: &str) -> Value {
        let key = (self.api.key.clone()).unwrap();
        self.api.with_key(Some(key)).get(&format!("/sr/{}{path}", self.registry)).await.ok()
    }

    /// Schema id of the latest version of a subject.
    pub async fn schema_id(&self, subject: &str) -> u32 {
        let latest = self.registry(&format!("/subjects/{subject}/versions/latest")).await;
        latest["id"].as_u64().unwrap_or_else(|| panic!("{latest}")) as u32
    }

    /// A Kafka client of the cluster with the tables.
    pub async fn kafka(&self) -> Client {
        Client::connect(self.kafka_config.clone()).await.unwrap()
    }

    /// The same place with its tables in an attached cluster.
    pub fn on(self, cluster_name: &str, kafka_config: ClientConfig) -> Workplace {
        Workplace { cluster_name: cluster_name.to_owned(), kafka_config, ..self }
    }
}

/// Configuration of a client that logs in.
pub fn client_config(bootstrap: &str, user: &str, password: &str) -> ClientConfig {
    let pairs = [
        ("bootstrap.servers", bootstrap),
        ("security.protocol", "SASL_PLAINTEXT"),
        ("sasl.mechanism", "PLAIN"),
        ("sasl.username", user),
        ("sasl.password", password),
    ];
    ClientConfig::from_pairs(&pairs).unwrap()
}

/// A statement's results, page by page.
pub struct Results {
    api: Api,
    next: String,
    pub rows: Vec<Row>,
}

impl Results {
    pub fn of(place: &Workplace, name: &str) -> Results {
        Results { api: place.api.clone(), next: format!("{}/results", place.statement_path(name)), rows: Vec::new() }
    }

    /// Reads a page; false at the end.
    pub async fn more(&mut self) -> bool {
        let page = self.api.get(&self.next).await.ok();
        let data = page["results"]["data"].as_array().unwrap();
        let row = |row: &Value| (row["op"].as_u64().unwrap_or(0), row["row"].as_array().unwrap().clone());
        self.rows.extend(data.iter().map(row));
        if data.is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.next = page["metadata"]["next"].as_str().unwrap_or_default().to_owned();
        !self.next.is_empty()
    }
}

pub async fn create_pool(api: &Api, environment: &str, name: &str) -> String {
    let spec = json!({
        "display_name": name, "cloud": CLOUD, "region": REGION, "max_cfu": 10, "environment": {"id": environment},
    });
    id(&api.post("/fcpm/v2/compute-pools", json!({"spec": spec})).await.ok())
}

/// A key to `resource`, and its secret.
pub async fn create_key(api: &Api, resource: Value) -> (String, String) {
    let key = api.post("/iam/v2/api-keys", json!({"spec": {"resource": resource, "display_name": "test"}})).await.ok();
    (id(&key), key["spec"]["secret"].as_str().unwrap().to_owned())
}

/// `id` of a resource.
pub fn id(resource: &Value) -> String {
    resource["id"].as_str().unwrap_or_else(|| panic!("no id in {resource}")).to_owned()
}

fn id_of_new(statement: &Value) -> String {
    statement["name"].as_str().unwrap().to_owned()
}
