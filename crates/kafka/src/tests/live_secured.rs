//! TLS and SASL against a real broker. `NUTKIN_TEST_KAFKA_SECURED` names a directory of client
//! properties; those in files that begin with `refused` must be turned away.

use std::time::Duration;

use super::live::{batch, read_committed, to, topic};
use crate::{Client, ClientConfig, Compression, ErrorKind, Producer};

#[tokio::test]
async fn logins_are_accepted_and_refused() {
    let what = "directory of client properties";
    let Some(directory) = super::setting("NUTKIN_TEST_KAFKA_SECURED", what) else { return };
    let mut tried = Vec::new();
    for entry in std::fs::read_dir(&directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.ends_with(".properties") {
            continue;
        }
        tried.push(name.starts_with("refused"));
        let config = ClientConfig::from_properties(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let connected = Client::connect(config).await;
        if name.starts_with("refused") {
            let error = connected.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Authentication, "{name}: {error}");
            assert!(!error.to_string().contains("secret"), "{error}");
            eprintln!("{name}: {error}");
            continue;
        }
        let client = connected.unwrap_or_else(|error| panic!("{name}: {error}"));
        let topic = topic(&client, "secured", 1).await;
        let mut producer = Producer::new(&client).await.unwrap();
        // Longer than a broker with a short `connections.max.reauth.ms` keeps a session.
        for i in 0..8 {
            let one = batch(Compression::None, [i.to_string()]);
            producer.produce(vec![to(&topic, 0, one)]).await.unwrap();
            producer.flush().await.unwrap();
            tokio::time::sleep(Duration::from_millis(600)).await;
        }
        assert_eq!(read_committed(&client, &topic, 8).await.len(), 8, "{name}");
        eprintln!("{name}: accepted");
    }
    assert!(tried.contains(&true) && tried.contains(&false), "nothing to try in {directory}");
}
