//! Topics and leaders, from the cache or the cluster.

use std::sync::Arc;

use kafka_protocol::{
    messages::{MetadataRequest, MetadataResponse, TopicName, metadata_request::MetadataRequestTopic},
    protocol::StrBytes,
};

use super::Client;
use crate::{
    Error, ErrorKind, Result,
    error::{ErrorCode, check},
    metadata::{Leader, TopicMetadata},
};

const LEADER_NOT_AVAILABLE: ErrorCode = ErrorCode(5);
/// Newest version with an error per topic only.
const METADATA_VERSION: i16 = 12;

/// A name as the protocol crate wants it.
pub(crate) fn topic_name(name: &str) -> TopicName {
    TopicName(StrBytes::from_string(name.to_owned()))
}

impl Client {
    /// The partitions of a topic: always 0 up to their number.
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotFound`] when there is no such topic.
    pub async fn partitions(&self, topic: &str) -> Result<Vec<i32>> {
        let metadata = self.topic(topic).await?;
        Ok((0..metadata.leaders.len() as i32).collect())
    }

    /// A topic's id and leaders, from the cache where fresh. A topic that does not exist is not
    /// waited for.
    ///
    /// # Errors
    /// [`crate::ErrorKind::NotFound`] when there is no such topic.
    pub async fn topic(&self, name: &str) -> Result<Arc<TopicMetadata>> {
        if let Some(topic) = self.cached(name) {
            return Ok(topic);
        }
        self.refresh(&[name]).await?;
        self.cached(name).ok_or_else(|| Error::broker(format!("metadata of topic '{name}'"), ErrorCode(3)))
    }

    pub(crate) fn cached(&self, name: &str) -> Option<Arc<TopicMetadata>> {
        self.cache().topic(name, self.config().metadata_max_age)
    }

    /// A partition's leader.
    pub(crate) async fn leader(&self, topic: &str, partition: i32) -> Result<Leader> {
        let metadata = self.topic(topic).await?;
        let slot = usize::try_from(partition).ok().and_then(|i| metadata.leaders.get(i));
        let operation = || format!("leader of {topic}-{partition}");
        match slot {
            Some(Some(leader)) => Ok(*leader),
            Some(None) => {
                self.cache().forget_topic(topic);
                Err(Error::broker(operation(), LEADER_NOT_AVAILABLE))
            }
            None => {
                self.cache().forget_topic(topic);
                Err(Error::broker(operation(), ErrorCode(3)))
            }
        }
    }

    /// Asks the cluster about topics (none: about its brokers only).
    pub(crate) async fn refresh(&self, topics: &[&str]) -> Result<()> {
        let _single = self.0.refreshing.lock().await;
        if !topics.is_empty() && topics.iter().all(|t| self.cached(t).is_some()) {
            return Ok(());
        }
        let mut retry = self.retry("metadata");
        loop {
            match self.refresh_once(topics).await {
                Ok(()) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::NotFound => return Err(error),
                Err(error) => retry.after(error).await?,
            }
        }
    }

    /// The same with a single attempt; the first topic with an error is the error.
    pub(crate) async fn refresh_once(&self, topics: &[&str]) -> Result<()> {
        let wanted = topics.iter().map(|t| MetadataRequestTopic::default().with_name(Some(topic_name(t))));
        let answer = self.metadata(Some(wanted.collect())).await?;
        match self.cache().learn(&answer).into_iter().next() {
            None => Ok(()),
            Some((topic, code)) => Err(Error::broker(format!("metadata of topic '{topic}'"), code)),
        }
    }

    /// One Metadata request; `None` asks for every topic.
    pub(crate) async fn metadata(&self, topics: Option<Vec<MetadataRequestTopic>>) -> Result<MetadataResponse> {
        let request = MetadataRequest::default().with_topics(topics).with_allow_auto_topic_creation(false);
        let answer = self.any().await?.call_within(&request, 4, METADATA_VERSION).await?;
        check(answer.error_code, || "metadata".to_owned())?;
        Ok(answer)
    }
}
