//! What members of a classic consumer group read, from the subscriptions that they joined with.

use bytes::Buf;
use kafka_protocol::messages::ConsumerProtocolSubscription;
use kafka_protocol::protocol::Decodable;

use super::state::Group;

/// Whether a member of the group subscribes to the topic. A subscription that cannot be read counts as one.
pub fn subscribes(group: &Group, topic: &str) -> bool {
    let protocol = group.protocol.as_deref().unwrap_or_default();
    group.members.values().any(|member| {
        let mut data = member.subscription(protocol);
        let Ok(version) = data.try_get_i16() else { return true };
        match topics(&mut data, version) {
            Some(topics) => topics.iter().any(|subscribed| subscribed == topic),
            None => true,
        }
    })
}

/// The topics of a subscription. Counts are checked against the bytes that are there before they are decoded.
fn topics(data: &mut bytes::Bytes, version: i16) -> Option<Vec<String>> {
    let shape = crate::net::shape::Shape { fields: "( s ) b [@1+ s ( 4 ) ] 4@2+ s@3+", flexible: i16::MAX };
    let version = version.clamp(0, 3);
    crate::net::shape::walk(&shape, version, data).ok()?;
    let subscription = ConsumerProtocolSubscription::decode(data, version).ok()?;
    Some(subscription.topics.iter().map(|topic| topic.to_string()).collect())
}
