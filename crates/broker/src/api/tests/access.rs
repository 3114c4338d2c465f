//! Who may do what, and what malformed requests get.

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::*;

use super::client::*;
use super::data::{fetch, fetched, produce, produced};
use crate::Security;
use crate::clock::now_ms;
use crate::log::tests::{NOBODY, batch};

pub async fn login(client: &mut Client, token: &'static [u8]) -> SaslAuthenticateResponse {
    let shaken = client.ask(&SaslHandshakeRequest::default().with_mechanism(s("PLAIN")), 1).await;
    assert_eq!(shaken.error_code, 0);
    client.ask(&SaslAuthenticateRequest::default().with_auth_bytes(Bytes::from_static(token)), 2).await
}

#[tokio::test]
async fn passwords_are_checked() {
    let dir = tempfile::tempdir().unwrap();
    let handle = start(options(dir.path(), Security::SaslPlain)).await;
    let mut client = Client::connect(&handle).await;
    assert_eq!(login(&mut client, b"\0admin\0secret").await.error_code, 0);
    assert_eq!(client.ask(&MetadataRequest::default(), 9).await.brokers.len(), 1);
    for token in [&b"\0admin\0wrong"[..], b"\0nobody\0secret", b"\0admin", b"other\0admin\0secret", b"\xff\xfe"] {
        let mut client = Client::connect(&handle).await;
        let refused = login(&mut client, token).await;
        assert_eq!(refused.error_code, ResponseError::SaslAuthenticationFailed.code());
        assert!(client.try_ask(&MetadataRequest::default(), 9).await.is_none(), "the connection is closed");
    }
    let mut client = Client::connect(&handle).await;
    assert!(client.try_ask(&MetadataRequest::default(), 9).await.is_none(), "nothing before the login");
    let mut client = Client::connect(&handle).await;
    let other = client.ask(&SaslHandshakeRequest::default().with_mechanism(s("SCRAM-SHA-256")), 1).await;
    assert_eq!(other.error_code, ResponseError::UnsupportedSaslMechanism.code());
    // Version 0 of the handshake is followed by a bare token.
    let mut client = Client::connect(&handle).await;
    client.ask(&SaslHandshakeRequest::default().with_mechanism(s("PLAIN")), 0).await;
    client.raw(b"\0\0\0\x0d\0admin\0secret").await;
    assert_eq!(client.frame().await.unwrap().len(), 0);
    assert_eq!(client.ask(&MetadataRequest::default(), 9).await.brokers.len(), 1);
    handle.shutdown().await;
}

#[tokio::test]
async fn every_request_is_authorized() {
    let dir = tempfile::tempdir().unwrap();
    let handle = start(options(dir.path(), Security::SaslPlain)).await;
    for name in ["open", "closed"] {
        handle.create_topic(name, 1, 1, Default::default()).await.unwrap();
    }
    let mut client = Client::connect(&handle).await;
    assert_eq!(login(&mut client, b"\0reader\0r").await.error_code, 0);
    let no_topic = ResponseError::TopicAuthorizationFailed.code();
    let no_group = ResponseError::GroupAuthorizationFailed.code();
    let no_cluster = ResponseError::ClusterAuthorizationFailed.code();
    let no_id = ResponseError::TransactionalIdAuthorizationFailed.code();

    let all = client.ask(&MetadataRequest::default().with_topics(None), 9).await;
    assert_eq!(all.topics.len(), 1);
    let records = || batch(NOBODY, 0, now_ms(), &[(None, Some("x"))]);
    assert_eq!(produced(&client.ask(&produce("open", records()), 9).await).0, no_topic);
    let zero = std::time::Duration::ZERO;
    assert_eq!(fetched(&client.ask(&fetch("closed", 0, zero, 0), 12).await).error_code, no_topic);
    assert_eq!(fetched(&client.ask(&fetch("open", 0, zero, 0), 12).await).error_code, 0);

    let new = create_topics_request::CreatableTopic::default()
        .with_name(topic("new"))
        .with_num_partitions(1)
        .with_replication_factor(1);
    let made = client.ask(&CreateTopicsRequest::default().with_topics(vec![new]), 7).await;
    assert_eq!(made.topics[0].error_code, no_topic);
    let deleted = client.ask(&DeleteTopicsRequest::default().with_topic_names(vec![topic("open")]), 5).await;
    assert_eq!(deleted.responses[0].error_code, no_topic);
    let group = || GroupId(s("g"));
    let joined = client.ask(&JoinGroupRequest::default().with_group_id(group()), 9).await;
    assert_eq!(joined.error_code, no_group);
    assert_eq!(client.ask(&HeartbeatRequest::default().with_group_id(group()), 4).await.error_code, no_group);
    let described = client.ask(&DescribeGroupsRequest::default().with_groups(vec![group()]), 5).await;
    assert_eq!(described.groups[0].error_code, no_group);
    assert_eq!(
        client.ask(&InitProducerIdRequest::default().with_transactional_id(None), 4).await.error_code,
        no_cluster
    );
    let id = || TransactionalId(s("id"));
    let init = InitProducerIdRequest::default().with_transactional_id(Some(id())).with_transaction_timeout_ms(1000);
    assert_eq!(client.ask(&init, 4).await.error_code, no_id);
    assert_eq!(client.ask(&EndTxnRequest::default().with_transactional_id(id()), 4).await.error_code, no_id);
    assert_eq!(client.ask(&DescribeLogDirsRequest::default(), 4).await.error_code, no_cluster);
    handle.shutdown().await;
}

#[tokio::test]
async fn malformed_requests_close_the_connection_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let handle = start(options(dir.path(), admin())).await;
    for bytes in [
        &b"\0\0\0\x0e\0\x03\0\x01\0\0\0\x01\xff\xff\x7f\xff\xff\xff"[..],
        b"\xff\xff\xff\xff",
        b"\x7f\xff\xff\xff\0\0\0\x03",
        b"\0\0\0\x02\0\0",
        b"GET / HTTP/1.1\r\nHost: here\r\n\r\n",
    ] {
        let mut client = Client::connect(&handle).await;
        client.raw(bytes).await;
        assert!(client.frame().await.is_none());
    }
    // An unknown version of ApiVersions is answered in version 0.
    let mut client = Client::connect(&handle).await;
    client.raw(b"\0\0\0\x0a\0\x12\0\x63\0\0\0\x09\xff\xff").await;
    let mut answer = client.frame().await.unwrap();
    assert_eq!(bytes::Buf::get_i32(&mut answer), 9);
    let answer = <ApiVersionsResponse as kafka_protocol::protocol::Decodable>::decode(&mut answer, 0).unwrap();
    assert_eq!(answer.error_code, ResponseError::UnsupportedVersion.code());
    assert!(client.ask(&ApiVersionsRequest::default(), 4).await.api_keys.len() > 40);
    handle.shutdown().await;
}
