use std::collections::HashMap;
use std::path::PathBuf;

use crate::{CheckpointLocation, StateError};

const KEYS: [(&str, &str); 3] =
    [("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "topsecret"), ("AWS_REGION", "eu-central-1")];

fn parse(text: &str, variables: &[(&str, &str)]) -> Result<CheckpointLocation, StateError> {
    let variables: HashMap<&str, &str> = variables.iter().copied().collect();
    CheckpointLocation::parse(text, |name| variables.get(name).map(|value| (*value).to_owned()))
}

fn refusal(text: &str, variables: &[(&str, &str)]) -> String {
    let error = parse(text, variables).unwrap_err().to_string();
    assert!(error.starts_with("NUTKIN-5206: "), "{error}");
    assert!(!error.contains("topsecret"), "{error}");
    error
}

#[test]
fn directories_and_buckets() {
    let directory = CheckpointLocation::Directory(PathBuf::from("/srv/checkpoints"));
    assert_eq!(parse("/srv/checkpoints", &[]).unwrap(), directory);
    for (text, bucket, prefix, shown) in [
        ("s3://bucket", "bucket", "", "s3://bucket"),
        ("s3://bucket/", "bucket", "", "s3://bucket"),
        (" s3://my.bucket/a/b_c/ ", "my.bucket", "a/b_c", "s3://my.bucket/a/b_c"),
    ] {
        let location = parse(text, &KEYS).unwrap();
        assert_eq!(location.to_string(), shown);
        assert!(!format!("{location:?}").contains("topsecret"));
        let CheckpointLocation::S3(options) = location else { panic!("{text}") };
        assert_eq!((&*options.bucket, &*options.prefix), (bucket, prefix));
        assert_eq!((&*options.region, options.endpoint), ("eu-central-1", None));
        assert_eq!((&*options.access_key_id, &*options.secret_access_key), ("id", "topsecret"));
    }
}

#[test]
fn the_environment_is_read_as_other_programs_read_it() {
    let more = [
        ("AWS_ENDPOINT_URL", "http://general:1"),
        ("AWS_ENDPOINT_URL_S3", "https://special:2"),
        ("AWS_DEFAULT_REGION", "us-west-1"),
        ("AWS_SESSION_TOKEN", "token"),
    ];
    let CheckpointLocation::S3(options) = parse("s3://b", &[&KEYS[..2], &more].concat()).unwrap() else { panic!() };
    assert_eq!(options.endpoint.as_deref(), Some("https://special:2"));
    assert_eq!((&*options.region, options.session_token.as_deref()), ("us-west-1", Some("token")));
    // Elsewhere than at Amazon regions are a formality.
    let elsewhere = [&KEYS[..2], &[("AWS_ENDPOINT_URL", "http://127.0.0.1:9000"), ("AWS_REGION", " ")]].concat();
    let CheckpointLocation::S3(options) = parse("s3://b", &elsewhere).unwrap() else { panic!() };
    assert_eq!((&*options.region, options.endpoint.as_deref()), ("us-east-1", Some("http://127.0.0.1:9000")));
}

#[test]
fn what_cannot_work_is_refused_by_name() {
    assert!(refusal("s3://b", &KEYS[1..]).contains("AWS_ACCESS_KEY_ID is not set"));
    assert!(refusal("s3://b", &[KEYS[0], KEYS[2]]).contains("AWS_SECRET_ACCESS_KEY is not set"));
    assert!(refusal("s3://b", &KEYS[..2]).contains("AWS_REGION is not set"));
    assert!(refusal("s3://id:topsecret@b/x", &KEYS).contains("credentials do not belong"));
    for text in
        ["", "s3://", "s3:///x", "s3://b/a//b", "s3://b/../c", "s3://b?x=y", "s3://b/a b", "gs://b/x", "file:///x"]
    {
        refusal(text, &KEYS);
    }
    for endpoint in ["ftp://h", "host:9000", "http://", "http://id:topsecret@h", "http://h?x"] {
        assert!(
            refusal("s3://b", &[&KEYS[..], &[("AWS_ENDPOINT_URL", endpoint)]].concat()).contains("AWS_ENDPOINT_URL")
        );
    }
    assert!(
        refusal("s3://b", &[&KEYS[..], &[("AWS_CA_BUNDLE", "/does/not/exist")]].concat()).contains("AWS_CA_BUNDLE")
    );
    let broken = [KEYS[0], ("AWS_SECRET_ACCESS_KEY", "topsecret\ntopsecret"), KEYS[2]];
    assert!(refusal("s3://b", &broken).contains("AWS_SECRET_ACCESS_KEY holds"));
}

#[test]
fn a_bundle_without_certificates_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let bundle = file.path().display().to_string();
    let location = parse("s3://b", &[&KEYS[..], &[("AWS_CA_BUNDLE", &*bundle)]].concat()).unwrap();
    let error = location.open().unwrap_err().to_string();
    assert!(error.contains("AWS_CA_BUNDLE holds no certificate"), "{error}");
}
