//! DescribeLogDirs: bytes of every partition.

use std::collections::HashMap;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_log_dirs_response::{
    DescribeLogDirsPartition, DescribeLogDirsResult, DescribeLogDirsTopic,
};
use kafka_protocol::messages::{ApiKey, DescribeLogDirsRequest, DescribeLogDirsResponse};

use super::errors::{text, topic_name};
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::broker::Broker;

pub(super) struct DescribeLogDirs;

type Asked = Option<HashMap<String, Vec<i32>>>;

/// Blocks.
fn sizes(broker: &Broker, asked: &Asked) -> Vec<DescribeLogDirsTopic> {
    let mut topics = Vec::new();
    for topic in broker.topics.all() {
        let only = match asked {
            None => None,
            Some(asked) => match asked.get(&topic.name) {
                None => continue,
                only => only,
            },
        };
        let wanted = topic.partitions.iter().filter(|found| only.is_none_or(|only| only.contains(&found.index)));
        let partitions = wanted.map(|partition| {
            let size = partition.with_log(|log| Ok(log.size())).unwrap_or(0);
            DescribeLogDirsPartition::default().with_partition_index(partition.index).with_partition_size(size as i64)
        });
        topics.push(
            DescribeLogDirsTopic::default().with_name(topic_name(&topic.name)).with_partitions(partitions.collect()),
        );
    }
    topics
}

impl Endpoint for DescribeLogDirs {
    type Request = DescribeLogDirsRequest;
    type Response = DescribeLogDirsResponse;
    const KEY: ApiKey = ApiKey::DescribeLogDirs;
    const VERSIONS: (i16, i16) = (1, 4);
    const SHAPE: &'static str = "[ s ( 4 ) ]";
    const FLEXIBLE: i16 = 2;

    async fn handle(call: &mut Call<'_>, request: DescribeLogDirsRequest) -> Answer<DescribeLogDirsResponse> {
        let response = DescribeLogDirsResponse::default();
        if !call.allowed(Operation::Describe, Resource::Cluster) {
            return Answer::Send(response.with_error_code(ResponseError::ClusterAuthorizationFailed.code()));
        }
        let asked: Asked = request
            .topics
            .map(|topics| topics.into_iter().map(|topic| (topic.topic.to_string(), topic.partitions)).collect());
        let topics = call.blocking(move |broker| sizes(broker, &asked)).await.unwrap_or_default();
        // -1 stands for bytes of the file system that are not known.
        let dir = DescribeLogDirsResult::default()
            .with_log_dir(text(call.broker.options.dir.display().to_string()))
            .with_topics(topics)
            .with_total_bytes(-1)
            .with_usable_bytes(-1);
        Answer::Send(response.with_results(vec![dir]))
    }
}
