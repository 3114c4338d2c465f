//! Configuration, partitioner, SCRAM, frames, error names.

use bytes::BytesMut;

use crate::{
    ClientConfig, Error, ErrorCode, ErrorKind,
    config::{Pem, Sasl, SaslMechanism, Secret},
    murmur2, partition_for_key,
    sasl::Login,
    take_frame,
};

#[test]
fn murmur2_gives_the_values_of_the_java_client() {
    let golden: [(&str, i32); 6] = [
        ("21", -973_932_308),
        ("foobar", -790_332_482),
        ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        ("abc", 479_470_107),
    ];
    for (key, hash) in golden {
        assert_eq!(murmur2(key.as_bytes()), hash, "{key}");
        assert_eq!(partition_for_key(key.as_bytes(), 7), (hash & i32::MAX) % 7);
    }
}

#[test]
fn properties_are_read_with_their_file_syntax() {
    let config = ClientConfig::from_properties(
        "# a comment\n\
         bootstrap.servers = one:9092, \\\n   two:9093\n\
         security.protocol=SASL_SSL\n\
         sasl.mechanism: SCRAM-SHA-512\n\
         sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \
         username=\"me\" password=\"s\\\\\"ecret\";\n\
         ssl.ca.location /etc/ca.pem\n\
         request.timeout.ms=5000\n",
    )
    .unwrap();
    assert_eq!(config.bootstrap_servers, ["one:9092", "two:9093"]);
    let sasl = config.sasl.clone().unwrap();
    assert_eq!(sasl.mechanism, SaslMechanism::ScramSha512);
    assert_eq!(sasl.username, "me");
    assert_eq!(sasl.password.expose(), "s\"ecret");
    assert_eq!(config.tls.clone().unwrap().trust, Some(Pem::File("/etc/ca.pem".into())));
    assert_eq!(config.request_timeout.as_millis(), 5000);
    assert!(!format!("{config:?}").contains("ecret"));
}

#[test]
fn properties_without_effect_are_refused_by_name() {
    let cases = [
        ("bootstrap.servers=a:1\nsession.timeout.ms=1", "session.timeout.ms"),
        ("bootstrap.servers=a:1\nssl.endpoint.identification.algorithm=", "ssl.endpoint"),
        ("bootstrap.servers=a:1\nssl.truststore.type=JKS", "ssl.truststore.type"),
        ("bootstrap.servers=a:1\nssl.ca.location=/x", "ssl.ca.location"),
        ("bootstrap.servers=a:1\nsasl.username=u", "security.protocol"),
        ("bootstrap.servers=a:1\nsecurity.protocol=SASL_SSL", "sasl.mechanism"),
        ("bootstrap.servers=a:1\nsasl.mechanism=GSSAPI", "sasl.mechanism"),
        ("bootstrap.servers=a:1\nacks=1", "acks"),
        ("bootstrap.servers=a", "bootstrap.servers"),
        ("client.id=x", "bootstrap.servers"),
    ];
    for (text, name) in cases {
        let error = ClientConfig::from_properties(text).unwrap_err();
        assert!(error.to_string().contains(name), "{text}: {error}");
        assert_eq!(error.code(), "NUTKIN-4101");
    }
}

#[test]
fn scram_follows_rfc_7677() {
    let sasl =
        Sasl { mechanism: SaslMechanism::ScramSha256, username: "user".to_owned(), password: Secret::new("pencil") };
    let (mut login, first) = Login::start(&sasl, "rOprNGfwEbeRWgbNEkqO".to_owned());
    assert_eq!(first, b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    let server = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    let last = login.step(server.as_bytes()).unwrap().unwrap();
    assert_eq!(
        String::from_utf8(last).unwrap(),
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
         p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    );
    let proof = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
    assert_eq!(login.step(proof).unwrap(), None);

    let (mut other, _) = Login::start(&sasl, "rOprNGfwEbeRWgbNEkqO".to_owned());
    other.step(server.as_bytes()).unwrap();
    assert!(other.step(b"v=AAAA").is_err(), "a server that does not know the password");
    let (mut other, _) = Login::start(&sasl, "another".to_owned());
    assert!(other.step(server.as_bytes()).is_err(), "a nonce that is not ours");
}

#[test]
fn frames_are_taken_whole_and_within_the_limit() {
    let mut buffer = BytesMut::from(&[0, 0, 0, 3, 1, 2][..]);
    assert_eq!(take_frame(&mut buffer, 10).unwrap(), None);
    buffer.extend_from_slice(&[3, 0, 0]);
    assert_eq!(take_frame(&mut buffer, 10).unwrap().unwrap(), &[1, 2, 3][..]);
    assert_eq!(&buffer[..], [0, 0]);
    assert!(take_frame(&mut BytesMut::from(&b"HTTP/1.1"[..]), 1 << 20).is_err());
    assert!(take_frame(&mut BytesMut::from(&[255; 8][..]), 1 << 20).is_err());
}

#[test]
fn error_codes_have_kafkas_names_and_a_kind() {
    assert_eq!(ErrorCode(6).name(), "NOT_LEADER_OR_FOLLOWER");
    assert_eq!(ErrorCode(6).kind(), ErrorKind::Retriable);
    assert_eq!(ErrorCode(90).kind(), ErrorKind::Fenced);
    assert_eq!(ErrorCode(29).kind(), ErrorKind::Authorization);
    assert_eq!(ErrorCode(4711).name(), "UNKNOWN_ERROR_CODE_4711");
    let error = Error::broker("produce to t-0", ErrorCode(10));
    assert_eq!(error.to_string(), "produce to t-0: the broker answered MESSAGE_TOO_LARGE");
}
