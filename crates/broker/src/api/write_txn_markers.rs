//! WriteTxnMarkers: an operator ends a hanging transaction (`kafka-transactions abort`).

use kafka_protocol::ResponseError;
use kafka_protocol::messages::write_txn_markers_request::WritableTxnMarker;
use kafka_protocol::messages::write_txn_markers_response::{
    WritableTxnMarkerPartitionResult, WritableTxnMarkerResult, WritableTxnMarkerTopicResult,
};
use kafka_protocol::messages::{ApiKey, WriteTxnMarkersRequest, WriteTxnMarkersResponse};

use super::errors::{code, of_partition};
use super::{Answer, Call, Endpoint};
use crate::access::{Operation, Resource};
use crate::broker::Broker;
use crate::clock::now_ms;
use crate::log::producers::Marker;

pub(super) struct WriteTxnMarkers;

/// Blocks.
fn write(broker: &Broker, asked: &WritableTxnMarker, topic: &str, index: i32) -> Result<(), ResponseError> {
    let partition = broker.topics.partition(topic, index).ok_or(ResponseError::UnknownTopicOrPartition)?;
    let marker = Marker {
        producer_id: asked.producer_id.0,
        epoch: asked.producer_epoch,
        coordinator_epoch: asked.coordinator_epoch,
        commit: asked.transaction_result,
    };
    partition.append_marker(&marker, broker.options.fsync, now_ms()).map_err(|error| of_partition(&error))
}

impl Endpoint for WriteTxnMarkers {
    type Request = WriteTxnMarkersRequest;
    type Response = WriteTxnMarkersResponse;
    const KEY: ApiKey = ApiKey::WriteTxnMarkers;
    const VERSIONS: (i16, i16) = (1, 1);
    const SHAPE: &'static str = "[ 8 2 1 [ s ( 4 ) ] 4 ]";
    const FLEXIBLE: i16 = 1;

    async fn handle(call: &mut Call<'_>, request: WriteTxnMarkersRequest) -> Answer<WriteTxnMarkersResponse> {
        let allowed = call.allowed(Operation::Alter, Resource::Cluster);
        let written = call.blocking(move |broker| {
            let one = |asked: &WritableTxnMarker| {
                let topics = asked.topics.iter().map(|topic| {
                    let partitions = topic.partition_indexes.iter().map(|index| {
                        let done = match allowed {
                            true => write(broker, asked, &topic.name, *index),
                            false => Err(ResponseError::ClusterAuthorizationFailed),
                        };
                        WritableTxnMarkerPartitionResult::default()
                            .with_partition_index(*index)
                            .with_error_code(code(&done))
                    });
                    WritableTxnMarkerTopicResult::default()
                        .with_name(topic.name.clone())
                        .with_partitions(partitions.collect())
                });
                WritableTxnMarkerResult::default().with_producer_id(asked.producer_id).with_topics(topics.collect())
            };
            request.markers.iter().map(one).collect()
        });
        match written.await {
            Some(markers) => Answer::Send(WriteTxnMarkersResponse::default().with_markers(markers)),
            None => Answer::Close("the broker stops".to_owned()),
        }
    }
}
