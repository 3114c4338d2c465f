//! [`World`]: one environment with one cluster, and a second cluster of the same name in another environment.

use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use nutkin_broker::{AllowAll, Listener, NoUsers, Principal, Security};
use nutkin_kafka::{Client, ClientConfig, NewTopic};
use nutkin_plan::Plan;
use nutkin_registry::Schemas;
use nutkin_registry::model::{Reference, Schema, SchemaType};
use nutkin_registry::store::MemoryStore;
use nutkin_types::Schema as Columns;
use parking_lot::Mutex;

use crate::{
    Catalog, CatalogError, Database, Directory, DirectoryError, Environment, Job, Metastore, Options, Outcome,
    ResultTable, Sees, StatementRequest, Traits,
};

pub const ENVIRONMENT: &str = "env-1";
pub const CLUSTER: &str = "lkc-1";

/// What a statement that was carried out gave.
pub struct Done {
    pub traits: Traits,
    pub result: ResultTable,
    pub detail: String,
}

impl Done {
    /// Rows as text, NULL as `NULL`.
    pub fn rows(&self) -> Vec<Vec<String>> {
        let cell = |cell: &Option<String>| cell.clone().unwrap_or_else(|| "NULL".to_owned());
        self.result.rows.iter().map(|row| row.iter().map(cell).collect()).collect()
    }

    pub fn headings(&self) -> Vec<String> {
        let schema: &Columns = self.traits.schema.as_ref().unwrap();
        schema.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// The first column.
    pub fn names(&self) -> Vec<String> {
        self.rows().into_iter().map(|row| row[0].clone()).collect()
    }
}

pub struct World {
    pub catalog: Catalog,
    pub client: Client,
    pub registry: nutkin_registry::Handle,
    pub parts: Arc<Parts>,
    broker: nutkin_broker::Handle,
    _directory: tempfile::TempDir,
    uids: AtomicI64,
}

/// Directory and metastore; `steps` counts writes and can stop at one of them.
pub struct Parts {
    client: Client,
    registry: nutkin_registry::Handle,
    records: Mutex<HashMap<(String, String), serde_json::Value>>,
    /// Documents that were read, in order.
    pub reads: Mutex<Vec<String>>,
    pub fault: Arc<Fault>,
}

/// What happens at the n-th write to metastore or registry.
#[derive(Default)]
pub struct Fault {
    /// Writes left until it happens; negative: never.
    left: AtomicI64,
    crash: std::sync::atomic::AtomicBool,
    armed: std::sync::atomic::AtomicBool,
}

impl Fault {
    /// The write number `after` (from 0) fails, or (`crash`) never returns.
    pub fn arm(&self, after: i64, crash: bool) {
        self.left.store(after, Ordering::SeqCst);
        self.crash.store(crash, Ordering::SeqCst);
        self.armed.store(true, Ordering::SeqCst);
    }

    /// False when nothing happened since it was armed.
    pub fn disarm(&self) -> bool {
        self.armed.swap(false, Ordering::SeqCst);
        self.left.load(Ordering::SeqCst) < 0
    }

    async fn step(&self) -> bool {
        if !self.armed.load(Ordering::SeqCst) || self.left.fetch_sub(1, Ordering::SeqCst) != 0 {
            return false;
        }
        if self.crash.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        true
    }
}

#[async_trait]
impl Directory for Parts {
    async fn environments(&self) -> Result<Vec<Environment>, DirectoryError> {
        let entry = |id: &str, name: &str| Environment { id: id.to_owned(), name: name.to_owned() };
        Ok(vec![entry(ENVIRONMENT, "prod"), entry("env-2", "test")])
    }

    async fn databases(&self, environment_id: &str) -> Result<Vec<Database>, DirectoryError> {
        let entry = |id: &str, name: &str| Database { id: id.to_owned(), name: name.to_owned() };
        Ok(match environment_id {
            ENVIRONMENT => vec![entry(CLUSTER, "cluster_0")],
            _ => vec![entry("lkc-2", "twin"), entry("lkc-3", "twin")],
        })
    }

    async fn kafka(&self, _cluster_id: &str) -> Result<Client, DirectoryError> {
        Ok(self.client.clone())
    }

    async fn jobs(&self, environment_id: &str) -> Result<Vec<Job>, DirectoryError> {
        let job = |name: &str, phase: &str| Job {
            name: name.to_owned(),
            phase: phase.to_owned(),
            sql: "SELECT 1".to_owned(),
            compute_pool: "lfcp-1".to_owned(),
            created_at: "2026-01-02T03:04:05.000Z".to_owned(),
            detail: String::new(),
        };
        Ok(match environment_id {
            ENVIRONMENT => vec![job("zebra", "RUNNING"), job("ant", "COMPLETED")],
            _ => Vec::new(),
        })
    }

    async fn registry(&self, _environment_id: &str) -> Result<(String, Arc<dyn Schemas>), DirectoryError> {
        let registry = Faulty { inner: self.registry.clone(), fault: self.fault.clone() };
        Ok(("lsrc-1".to_owned(), Arc::new(registry)))
    }
}

#[async_trait]
impl Metastore for Parts {
    async fn get(&self, cluster_id: &str, table: &str) -> Result<Option<serde_json::Value>, DirectoryError> {
        self.reads.lock().push(table.to_owned());
        Ok(self.records.lock().get(&(cluster_id.to_owned(), table.to_owned())).cloned())
    }

    async fn put(&self, cluster_id: &str, table: &str, definition: serde_json::Value) -> Result<(), DirectoryError> {
        if self.fault.step().await {
            return Err(DirectoryError("injected".to_owned()));
        }
        self.records.lock().insert((cluster_id.to_owned(), table.to_owned()), definition);
        Ok(())
    }

    async fn delete(&self, cluster_id: &str, table: &str) -> Result<(), DirectoryError> {
        self.records.lock().remove(&(cluster_id.to_owned(), table.to_owned()));
        Ok(())
    }
}

impl Parts {
    pub fn record(&self, table: &str) -> Option<serde_json::Value> {
        self.records.lock().get(&(CLUSTER.to_owned(), table.to_owned())).cloned()
    }
}

mod faulty;
use faulty::Faulty;

impl World {
    pub async fn new() -> World {
        World::with(Options::default()).await
    }

    pub async fn with(options: Options) -> World {
        let directory = tempfile::tempdir().unwrap();
        let anonymous = Security::Anonymous(Principal::user("tester"));
        let listener = Listener::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), anonymous);
        let settings = nutkin_broker::Options::new(CLUSTER, directory.path().join("broker"), listener);
        let (service, broker) =
            nutkin_broker::Service::start(settings, Arc::new(NoUsers), Arc::new(AllowAll)).await.unwrap();
        tokio::spawn(service.run());
        let client = Client::connect(ClientConfig::new(broker.addresses()[0].to_string())).await.unwrap();
        let store = Arc::new(MemoryStore::default());
        let registry =
            nutkin_registry::Service::start(nutkin_registry::Options::default(), store).await.unwrap().handle();
        let parts = Arc::new(Parts {
            client: client.clone(),
            registry: registry.clone(),
            records: Mutex::default(),
            reads: Mutex::default(),
            fault: Arc::default(),
        });
        let catalog = Catalog::new(options, parts.clone(), parts.clone());
        World { catalog, client, registry, parts, broker, _directory: directory, uids: AtomicI64::new(0) }
    }

    pub fn properties() -> BTreeMap<String, String> {
        let entry = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        BTreeMap::from([entry("sql.current-catalog", "prod"), entry("sql.current-database", "cluster_0")])
    }

    pub async fn submit_as(&self, uid: &str, sql: &str) -> Result<Outcome, CatalogError> {
        self.submit_with(uid, sql, World::properties()).await
    }

    pub async fn submit_with(
        &self,
        uid: &str,
        sql: &str,
        properties: BTreeMap<String, String>,
    ) -> Result<Outcome, CatalogError> {
        let (uid, sql) = (uid.to_owned(), sql.to_owned());
        let request = StatementRequest {
            name: uid.clone(),
            uid,
            sql,
            properties,
            environment: ENVIRONMENT.to_owned(),
            sees: Sees::Everything,
        };
        self.catalog.submit(request).await
    }

    pub async fn submit(&self, sql: &str) -> Result<Outcome, CatalogError> {
        let uid = format!("statement-{}", self.uids.fetch_add(1, Ordering::SeqCst));
        self.submit_as(&uid, sql).await
    }

    /// Of a statement that needs no job.
    pub async fn done(&self, sql: &str) -> Done {
        match self.submit(sql).await {
            Ok(Outcome::Executed { traits, result, detail, .. }) => Done { traits, result, detail },
            Ok(Outcome::Job { .. }) => panic!("{sql}: is a job"),
            Err(error) => panic!("{sql}: {error}"),
        }
    }

    pub async fn job(&self, sql: &str) -> (Traits, Plan) {
        match self.submit(sql).await {
            Ok(Outcome::Job { traits, plan, .. }) => {
                plan.check().unwrap();
                (traits, *plan)
            }
            Ok(Outcome::Executed { detail, .. }) => panic!("{sql}: executed: {detail}"),
            Err(error) => panic!("{sql}: {error}"),
        }
    }

    pub async fn error(&self, sql: &str) -> String {
        match self.submit(sql).await {
            Ok(outcome) => panic!("{sql}: {outcome:?}"),
            Err(error) => error.to_string(),
        }
    }

    pub async fn show(&self, table: &str) -> String {
        self.done(&format!("SHOW CREATE TABLE `{table}`")).await.rows()[0][0].clone()
    }

    /// The columns of DESCRIBE: name, type, nullability, extras.
    pub async fn describe(&self, table: &str) -> Vec<Vec<String>> {
        self.done(&format!("DESCRIBE `{table}`")).await.rows()
    }

    /// A topic as any Kafka client makes it.
    pub async fn topic(&self, name: &str, partitions: i32, configs: &[(&str, &str)]) {
        let configs = configs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let topic = NewTopic { name: name.to_owned(), partitions: Some(partitions), replication_factor: None, configs };
        self.client.admin().create_topic(&topic).await.unwrap();
    }

    pub async fn avro(&self, subject: &str, schema: &str) {
        self.schema(subject, SchemaType::Avro, schema, &[]).await;
    }

    pub async fn schema(&self, subject: &str, kind: SchemaType, text: &str, references: &[(&str, &str)]) {
        let references = references.iter().map(|(name, subject)| Reference {
            name: (*name).to_owned(),
            subject: (*subject).to_owned(),
            version: 1,
        });
        let schema = Schema { schema_type: kind, schema: text.into(), references: references.collect() };
        self.registry.register(subject, &schema, false).await.unwrap();
    }

    pub async fn has_topic(&self, name: &str) -> bool {
        self.client.admin().describe_topic(name).await.is_ok()
    }

    pub async fn setting(&self, topic: &str, name: &str) -> String {
        let resource = nutkin_kafka::ConfigResource::Topic(topic.to_owned());
        let all = self.client.admin().describe_configs(&resource).await.unwrap();
        all.into_iter().find(|entry| entry.name == name).and_then(|entry| entry.value).unwrap()
    }

    pub async fn subjects(&self) -> Vec<String> {
        self.registry.subjects(None).await.unwrap()
    }

    pub async fn end(self) {
        self.broker.shutdown().await;
    }
}
