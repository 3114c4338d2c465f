//! [`Scene`]: the same case on the embedded cluster and on Apache Kafka.

use std::time::{Duration, Instant};

use crate::apache_kafka::{self, ApacheKafka, attach};
use crate::clients;
use crate::need::{Part, need};
use crate::service::{Options, Service};
use crate::topic::{Reader, Record};
use crate::workplace::Workplace;

/// Where the tables are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cluster {
    Embedded,
    ApacheKafka,
}

/// A service with a place to work in. The service ends before the cluster that is not its own.
pub struct Scene {
    pub service: Service,
    pub place: Workplace,
    /// Where the tables are, if that is not the embedded cluster.
    pub kafka: Option<ApacheKafka>,
}

impl Scene {
    /// None, after saying so, when something that this cluster or the case (`parts`) needs is not here.
    pub async fn start(cluster: Cluster, options: Options, parts: &[Part]) -> Option<Scene> {
        let own: &[Part] = if cluster == Cluster::ApacheKafka { &apache_kafka::PARTS } else { &[] };
        if !need(&[own, parts].concat()) {
            return None;
        }
        let service = Service::start(options).await;
        let mut place = Workplace::new(&service).await;
        let kafka = match cluster {
            Cluster::Embedded => None,
            Cluster::ApacheKafka => Some(ApacheKafka::start().await),
        };
        if let Some(kafka) = &kafka {
            let file = service.scratch().join("client.properties");
            let text = format!("# as Kafka's own tools read it\nbootstrap.servers = {}\n", kafka.bootstrap());
            std::fs::write(&file, text).unwrap();
            let command = attach(&service, &place.environment, "foreign", &file);
            clients::finish(command, "nutkin kafka attach", Duration::from_secs(60)).await;
            place = place.on("foreign", kafka.config());
        }
        Some(Scene { service, place, kafka })
    }

    /// Waits until what is committed in the topic is enough.
    #[track_caller]
    pub fn catch_up<'a>(
        &'a self,
        topic: &'a str,
        enough: impl Fn(&[Record]) -> bool + 'a,
    ) -> impl Future<Output = Vec<Record>> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            let client = self.place.kafka().await;
            let mut reader = Reader::new(&client, topic).await;
            let (mut records, begun) = (Vec::new(), Instant::now());
            while !enough(&records) {
                records.extend(reader.poll(Duration::from_millis(200)).await);
                if begun.elapsed() > CATCH_UP {
                    let statements = self.place.api.get(&self.place.statements()).await.ok();
                    let count = records.len();
                    panic!("{caller}: {topic} has {count} records and does not catch up:\n{statements:#}");
                }
            }
            records
        }
    }
}

const CATCH_UP: Duration = Duration::from_secs(120);
