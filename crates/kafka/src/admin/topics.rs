//! Topics: create, delete, grow, list, describe.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use kafka_protocol::{
    messages::{
        CreatePartitionsRequest, CreateTopicsRequest, DeleteTopicsRequest,
        create_partitions_request::CreatePartitionsTopic,
        create_topics_request::{CreatableTopic, CreatableTopicConfig},
        delete_topics_request::DeleteTopicState,
        metadata_request::MetadataRequestTopic,
        metadata_response::MetadataResponseTopic,
    },
    protocol::StrBytes,
};
use uuid::Uuid;

use super::{Admin, only};
use crate::{
    Error, ErrorCode, ErrorKind, Result,
    client::topic_name,
    error::{check, check_with},
};

/// First version of DeleteTopics with a structure per topic.
const DELETE_STRUCTURED: i16 = 6;
/// How long a change that was made is looked for at the brokers.
const SEEN_WITHIN: Duration = Duration::from_secs(10);

/// A topic to create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTopic {
    /// Its name.
    pub name: String,
    /// Number of partitions; `None` takes the broker's default.
    pub partitions: Option<i32>,
    /// Copies of each partition; `None` takes the broker's default.
    pub replication_factor: Option<i16>,
    /// Topic configuration.
    pub configs: Vec<(String, String)>,
}

/// A topic of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicDescription {
    /// Its name.
    pub name: Arc<str>,
    /// Its id; nil when the broker gives none.
    pub id: Uuid,
    /// Whether the cluster keeps its own data in it.
    pub internal: bool,
    /// By partition.
    pub partitions: Vec<TopicPartitionDescription>,
}

/// A partition of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicPartitionDescription {
    /// Partition.
    pub partition: i32,
    /// Broker id of the leader; `None` while there is none.
    pub leader: Option<i32>,
    /// Broker ids of all copies.
    pub replicas: Vec<i32>,
    /// Broker ids of the copies in sync.
    pub in_sync: Vec<i32>,
}

impl Admin {
    /// Creates a topic; gives its id (nil when the broker gives none). When it is done, a broker tells of the topic and of the
    /// leaders of its partitions.
    ///
    /// # Errors
    /// [`crate::ErrorKind::AlreadyExists`]; [`crate::ErrorKind::InvalidInput`] for a name, number
    /// or configuration the broker refuses.
    pub async fn create_topic(&self, topic: &NewTopic) -> Result<Uuid> {
        let id = self.create(topic, false).await?;
        self.until_seen(&topic.name, |found| {
            found.is_ok_and(|topic| topic.partitions.iter().all(|partition| partition.leader.is_some()))
        })
        .await;
        Ok(id)
    }

    /// Checks whether a topic could be created, without doing it.
    ///
    /// # Errors
    /// As [`Admin::create_topic`].
    pub async fn validate_topic(&self, topic: &NewTopic) -> Result<()> {
        self.create(topic, true).await.map(|_| ())
    }

    async fn create(&self, topic: &NewTopic, validate_only: bool) -> Result<Uuid> {
        let configs = topic.configs.iter().map(|(name, value)| {
            CreatableTopicConfig::default()
                .with_name(StrBytes::from_string(name.clone()))
                .with_value(Some(StrBytes::from_string(value.clone())))
        });
        let wanted = CreatableTopic::default()
            .with_name(topic_name(&topic.name))
            .with_num_partitions(topic.partitions.unwrap_or(-1))
            .with_replication_factor(topic.replication_factor.unwrap_or(-1))
            .with_configs(configs.collect());
        let request = CreateTopicsRequest::default()
            .with_topics(vec![wanted])
            .with_timeout_ms(self.timeout_ms())
            .with_validate_only(validate_only);
        let operation = format!("create topic '{}'", topic.name);
        let id = self
            .to_controller(&operation, &request, |answer| {
                let created = only(answer.topics, &operation)?;
                check_with(created.error_code, created.error_message.as_deref(), || operation.clone())?;
                Ok(created.topic_id)
            })
            .await?;
        self.client.cache().forget_topic(&topic.name);
        Ok(id)
    }

    /// Deletes a topic and its records. When it is done, a broker has forgotten it.
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotFound`] when there is none of that name.
    pub async fn delete_topic(&self, name: &str) -> Result<()> {
        let state = DeleteTopicState::default().with_name(Some(topic_name(name)));
        let by_state = DeleteTopicsRequest::default().with_topics(vec![state]).with_timeout_ms(self.timeout_ms());
        let by_name =
            DeleteTopicsRequest::default().with_topic_names(vec![topic_name(name)]).with_timeout_ms(self.timeout_ms());
        let version = self.client.any().await?.version::<DeleteTopicsRequest>(1, i16::MAX)?;
        let request = if version >= DELETE_STRUCTURED { by_state } else { by_name };
        let operation = format!("delete topic '{name}'");
        self.to_controller(&operation, &request, |answer| {
            let deleted = only(answer.responses, &operation)?;
            check_with(deleted.error_code, deleted.error_message.as_deref(), || operation.clone())
        })
        .await?;
        self.until_seen(name, |found| found.is_err_and(|error| error.kind() == ErrorKind::NotFound)).await;
        Ok(())
    }

    /// The controller answers when a change is in its log, and brokers learn of it after that: a client that asks one of them
    /// at once may be told of what was before. After [`SEEN_WITHIN`] the change still holds, and is seen later.
    async fn until_seen(&self, name: &str, seen: impl Fn(Result<TopicDescription>) -> bool) {
        let (began, mut pause) = (Instant::now(), Duration::from_millis(5));
        while !seen(self.describe_topic(name).await) && began.elapsed() < SEEN_WITHIN {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(200));
        }
        self.client.cache().forget_topic(name);
    }

    /// Raises the number of partitions to `total`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] when the topic has that many already.
    pub async fn create_partitions(&self, name: &str, total: i32) -> Result<()> {
        let request = CreatePartitionsRequest::default()
            .with_topics(vec![
                CreatePartitionsTopic::default().with_name(topic_name(name)).with_count(total).with_assignments(None),
            ])
            .with_timeout_ms(self.timeout_ms());
        let operation = format!("create partitions of topic '{name}'");
        self.to_controller(&operation, &request, |answer| {
            let created = only(answer.results, &operation)?;
            check_with(created.error_code, created.error_message.as_deref(), || operation.clone())
        })
        .await?;
        self.client.cache().forget_topic(name);
        Ok(())
    }

    /// Every topic that this client may see, by name.
    ///
    /// # Errors
    /// A cluster that cannot be reached.
    pub async fn list_topics(&self) -> Result<Vec<TopicDescription>> {
        let mut topics = self.topics(None).await?;
        topics.retain(|(_, code)| *code == 0);
        let mut topics: Vec<_> = topics.into_iter().map(|(topic, _)| topic).collect();
        topics.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(topics)
    }

    /// One topic as the cluster sees it now.
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotFound`].
    pub async fn describe_topic(&self, name: &str) -> Result<TopicDescription> {
        let operation = || format!("describe topic '{name}'");
        let wanted = MetadataRequestTopic::default().with_name(Some(topic_name(name)));
        let found = self.topics(Some(vec![wanted])).await?.into_iter().next();
        let Some((topic, code)) = found else {
            return Err(Error::broker(operation(), ErrorCode(3)));
        };
        check(code, operation)?;
        Ok(topic)
    }

    async fn topics(&self, wanted: Option<Vec<MetadataRequestTopic>>) -> Result<Vec<(TopicDescription, i16)>> {
        let mut retry = self.client.retry("list topics");
        loop {
            match self.client.metadata(wanted.clone()).await {
                Ok(answer) => {
                    return Ok(answer.topics.into_iter().filter_map(description).collect());
                }
                Err(error) => retry.after(error).await?,
            }
        }
    }
}

fn description(topic: MetadataResponseTopic) -> Option<(TopicDescription, i16)> {
    let name = topic.name?;
    let mut partitions: Vec<_> = topic
        .partitions
        .into_iter()
        .map(|p| TopicPartitionDescription {
            partition: p.partition_index,
            leader: Some(p.leader_id.0).filter(|id| *id >= 0),
            replicas: p.replica_nodes.iter().map(|id| id.0).collect(),
            in_sync: p.isr_nodes.iter().map(|id| id.0).collect(),
        })
        .collect();
    partitions.sort_by_key(|p| p.partition);
    let described =
        TopicDescription { name: name.as_str().into(), id: topic.topic_id, internal: topic.is_internal, partitions };
    Some((described, topic.error_code))
}
