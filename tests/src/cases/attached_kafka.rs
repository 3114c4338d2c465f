//! A cluster of Apache Kafka that is attached: tables made there, nothing lost and nothing twice while the service is killed.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nutkin_kafka::{Client, ClientConfig};
use tokio::process::Command;

use super::numbers::{self, COPY, InOrder, Input, TOTAL, WINDOW};
use crate::chance::Chance;
use crate::clients;
use crate::need::{Part, need};
use crate::process;
use crate::service::{Options, Service};
use crate::topic::{Reader, Record, read_all};
use crate::workplace::Workplace;

const KILLS: u32 = 6;
const LIMIT: Duration = Duration::from_secs(120);
const ORDERS: &str = "CREATE TABLE my_orders WITH ('value.format' = 'json-registry') AS \
                      SELECT * FROM examples.marketplace.orders";

/// A broker of Apache Kafka; ends when dropped.
struct ApacheKafka {
    run: tempfile::TempDir,
    port: u16,
}

impl ApacheKafka {
    async fn start() -> ApacheKafka {
        let free = || TcpListener::bind("127.0.0.1:0").unwrap();
        let (broker, controller) = (free(), free());
        let ports = [&broker, &controller].map(|listener| listener.local_addr().unwrap().port());
        drop((broker, controller));
        let kafka = ApacheKafka { run: tempfile::tempdir().unwrap(), port: ports[0] };
        let mut command = Command::from(kafka.script("start"));
        command.env("KAFKA_CONTROLLER_PORT", ports[1].to_string()).env("KAFKA_AUTO_CREATE", "false");
        clients::finish(command, "kafka.sh start", LIMIT).await;
        kafka
    }

    fn script(&self, verb: &str) -> std::process::Command {
        let mut command = std::process::Command::new(process::root().join("tests/peers/kafka.sh"));
        let jars = Part::KafkaJars.find().unwrap();
        command.arg(verb).env("PEERS_HOME", jars.parent().unwrap()).env("PEERS_RUN", self.run.path());
        command.env("KAFKA_PORT", self.port.to_string()).env("PEERS_JAVA", Part::Java.find().unwrap());
        command
    }

    fn properties(&self, directory: &Path) -> PathBuf {
        let path = directory.join("client.properties");
        let text = format!("# as Kafka's own tools read it\nbootstrap.servers = 127.0.0.1:{}\n", self.port);
        std::fs::write(&path, text).unwrap();
        path
    }

    async fn client(&self) -> Client {
        Client::connect(ClientConfig::new(format!("127.0.0.1:{}", self.port))).await.unwrap()
    }
}

impl Drop for ApacheKafka {
    fn drop(&mut self) {
        let _ = self.script("stop").output();
    }
}

/// `nutkin kafka attach`
async fn attach(service: &Service, place: &Workplace, name: &str, properties: &Path) -> String {
    let mut command = Command::new(process::nutkin());
    command.args(["kafka", "attach", name, "--environment", &place.environment, "--config"]).arg(properties);
    command.env("NUTKIN_URL", service.url());
    command.env("NUTKIN_API_KEY", &service.admin.0).env("NUTKIN_API_SECRET", &service.admin.1);
    clients::finish(command, "nutkin kafka attach", Duration::from_secs(60)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_on_apache_kafka_survive_kills_of_the_service() {
    if !need(&[Part::Java, Part::KafkaJars]) {
        return;
    }
    let mut chance = Chance::new("kills on Apache Kafka");
    let kafka = ApacheKafka::start().await;
    let mut service = Service::start(Options::default()).await;
    let own = Workplace::new(&service).await;
    let printed = attach(&service, &own, "foreign", &kafka.properties(service.scratch())).await;
    assert!(printed.contains(&format!("PLAINTEXT://127.0.0.1:{}", kafka.port)), "{printed}");
    let place = Workplace { cluster_name: "foreign".to_owned(), ..own };

    numbers::create_tables(&place).await;
    let client = kafka.client().await;
    let input = Input::start(&place, &client, Duration::from_millis(20)).await;
    for (name, sql) in [COPY, TOTAL, WINDOW, ("orders", ORDERS)] {
        place.run(name, sql).await;
    }
    for kill in 1..=KILLS {
        tokio::time::sleep(chance.between(Duration::from_millis(500), Duration::from_millis(4000))).await;
        println!("kill {kill}");
        service.kill9();
        service.restart().await;
    }
    // Given again, as after a change of password: the same cluster.
    attach(&service, &place, "foreign", &kafka.properties(service.scratch())).await;

    let written = input.finish().await;
    let before = order_ids(&read_all(&client, "my_orders").await).len();
    catch_up(&place, &client, "copies", |records| records.len() >= numbers::copies_of(&written)).await;
    catch_up(&place, &client, "totals", |records| numbers::totals_in(records) == numbers::totals_of(&written)).await;
    catch_up(&place, &client, "windows", |records| records.len() >= numbers::windows_of(&written).len()).await;
    catch_up(&place, &client, "my_orders", |records| records.len() >= before + 100).await;
    // What would come twice has time to come.
    tokio::time::sleep(Duration::from_secs(3)).await;

    let mut order = InOrder::default();
    order.take("copies", &read_all(&client, "copies").await);
    order.is_all("copies", &written);
    assert_eq!(numbers::totals_in(&read_all(&client, "totals").await), numbers::totals_of(&written));
    assert_eq!(numbers::windows_in(&read_all(&client, "windows").await), numbers::windows_of(&written));
    let orders = read_all(&client, "my_orders").await;
    println!("{} records, {} orders", numbers::copies_of(&written), orders.len());
    assert_eq!(order_ids(&orders).len(), orders.len(), "an order came twice");
    for name in [COPY.0, TOTAL.0, WINDOW.0, "orders"] {
        assert_eq!(place.statement(name).await["status"]["phase"], "RUNNING");
    }
}

fn order_ids(records: &[Record]) -> BTreeSet<String> {
    records.iter().map(|record| record.json()["order_id"].as_str().unwrap().to_owned()).collect()
}

/// Waits until what is committed in the topic is enough.
async fn catch_up(place: &Workplace, client: &Client, topic: &str, enough: impl Fn(&[Record]) -> bool) {
    let mut reader = Reader::new(client, topic).await;
    let (mut records, begun) = (Vec::new(), Instant::now());
    while !enough(&records) {
        records.extend(reader.poll(Duration::from_millis(200)).await);
        if begun.elapsed() > LIMIT {
            let statements = place.api.get(&place.statements()).await.ok();
            panic!("{topic} has {} records and does not catch up:\n{statements:#}", records.len());
        }
    }
}
