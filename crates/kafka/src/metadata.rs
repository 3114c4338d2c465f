//! What is known about the cluster: brokers, and leaders of the topics in use.
//!
//! Learned on demand, kept for `metadata.max.age.ms`, and thrown away for a topic as soon as a
//! broker says otherwise. Whoever asks while a question is under way waits for its answer.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use kafka_protocol::messages::MetadataResponse;
use parking_lot::RwLock;
use uuid::Uuid;

use crate::error::ErrorCode;

/// A partition's leader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leader {
    /// Broker id.
    pub node: i32,
    /// Leader epoch; -1 when not known.
    pub epoch: i32,
}

/// A topic as clients need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicMetadata {
    /// Its name.
    pub name: Arc<str>,
    /// Its id; nil when the broker gives none.
    pub id: Uuid,
    /// By partition; `None` while there is no leader.
    pub leaders: Vec<Option<Leader>>,
}

/// A broker's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerAddress {
    /// Broker id.
    pub id: i32,
    /// `host:port`.
    pub address: String,
    /// Rack, where configured.
    pub rack: Option<String>,
}

#[derive(Default)]
struct Known {
    brokers: HashMap<i32, BrokerAddress>,
    controller: Option<i32>,
    cluster_id: Option<String>,
    topics: HashMap<Arc<str>, (Arc<TopicMetadata>, Instant)>,
}

/// The cache.
#[derive(Default)]
pub(crate) struct MetadataCache {
    known: RwLock<Known>,
}

impl MetadataCache {
    pub fn topic(&self, name: &str, max_age: Duration) -> Option<Arc<TopicMetadata>> {
        let known = self.known.read();
        let (topic, at) = known.topics.get(name)?;
        (at.elapsed() < max_age).then(|| topic.clone())
    }

    pub fn forget_topic(&self, name: &str) {
        self.known.write().topics.remove(name);
    }

    pub fn broker(&self, id: i32) -> Option<String> {
        self.known.read().brokers.get(&id).map(|b| b.address.clone())
    }

    /// Every known broker, by id.
    pub fn brokers(&self) -> Vec<BrokerAddress> {
        let mut brokers: Vec<_> = self.known.read().brokers.values().cloned().collect();
        brokers.sort_by_key(|b| b.id);
        brokers
    }

    pub fn controller(&self) -> Option<i32> {
        self.known.read().controller
    }

    pub fn forget_controller(&self) {
        self.known.write().controller = None;
    }

    pub fn cluster_id(&self) -> Option<String> {
        self.known.read().cluster_id.clone()
    }

    /// Remembers a coordinator's or leader's address that came with another answer.
    pub fn learn_broker(&self, id: i32, host: &str, port: i32) {
        let mut known = self.known.write();
        let address = format_address(host, port);
        let rack = known.brokers.get(&id).and_then(|b| b.rack.clone());
        known.brokers.insert(id, BrokerAddress { id, address, rack });
    }

    /// Takes over an answer; topics that are missing or have errors are forgotten and named.
    pub fn learn(&self, answer: &MetadataResponse) -> Vec<(String, ErrorCode)> {
        let mut known = self.known.write();
        known.brokers = answer
            .brokers
            .iter()
            .map(|b| {
                let broker = BrokerAddress {
                    id: b.node_id.0,
                    address: format_address(&b.host, b.port),
                    rack: b.rack.as_ref().map(ToString::to_string),
                };
                (broker.id, broker)
            })
            .collect();
        known.controller = Some(answer.controller_id.0).filter(|id| *id >= 0);
        known.cluster_id = answer.cluster_id.as_ref().map(ToString::to_string);
        let mut failed = Vec::new();
        for topic in &answer.topics {
            let Some(name) = &topic.name else { continue };
            if let Some(code) = ErrorCode::from_wire(topic.error_code) {
                known.topics.remove(name.as_str());
                failed.push((name.to_string(), code));
                continue;
            }
            let name: Arc<str> = name.as_str().into();
            let mut leaders = vec![None; topic.partitions.len()];
            for partition in &topic.partitions {
                let slot = usize::try_from(partition.partition_index).ok().and_then(|i| leaders.get_mut(i));
                if let Some(slot) = slot
                    && partition.leader_id.0 >= 0
                {
                    *slot = Some(Leader { node: partition.leader_id.0, epoch: partition.leader_epoch });
                }
            }
            let entry = TopicMetadata { name: name.clone(), id: topic.topic_id, leaders };
            known.topics.insert(name, (Arc::new(entry), Instant::now()));
        }
        failed
    }
}

fn format_address(host: &str, port: i32) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}
