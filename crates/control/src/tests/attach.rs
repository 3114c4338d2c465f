//! Attaching, with an embedded cluster in the part of somebody else's.

use std::sync::Arc;

use nutkin_catalog::Directory;
use nutkin_kafka::NewTopic;

use super::NoPools;
use crate::resources::{ClusterFlavour, Environment, KafkaCluster, KeyScope, RegistryCluster, Stored};
use crate::{Control, ControlError, DataDir, Options};

/// A control plane with a cluster in one environment, and another environment to attach it to.
struct World {
    control: Control,
    folder: tempfile::TempDir,
    theirs: Stored<KafkaCluster>,
    ours: Stored<Environment>,
    key: (String, String),
}

async fn open(folder: &tempfile::TempDir) -> Control {
    let mut options = Options::new(folder.path(), "http://127.0.0.1:1");
    options.first_kafka_port = 31_000 + (std::process::id() % 1000) as u16;
    options.first_anonymous_kafka_port = options.first_kafka_port + 1000;
    Control::open(options, DataDir::lock(folder.path()).unwrap(), Arc::new(NoPools)).await.unwrap()
}

impl World {
    async fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let control = open(&folder).await;
        let provision = &control.provision;
        let elsewhere = provision.create_environment("elsewhere", "ESSENTIALS").await.unwrap();
        let theirs = provision
            .create_cluster(&elsewhere.id, "theirs", "AWS", "us-east-1", "Basic", "SINGLE_ZONE")
            .await
            .unwrap();
        let admin = provision.administrator().await.unwrap();
        let scope = KeyScope::Kafka { cluster: theirs.id.clone() };
        let key = provision.create_key(&admin.id, scope, "theirs", "").await.unwrap();
        let ours = provision.create_environment("ours", "ESSENTIALS").await.unwrap();
        World { control, folder, theirs, ours, key: (key.stored.id, key.secret) }
    }

    fn properties(&self, cluster: &Stored<KafkaCluster>, password: &str) -> String {
        let ClusterFlavour::Embedded { port, .. } = cluster.resource.flavour else { panic!("{cluster:?}") };
        format!(
            "bootstrap.servers=127.0.0.1:{port}\nsecurity.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n\
             sasl.username={}\nsasl.password={password}\ndefault.api.timeout.ms=500\n",
            self.key.0
        )
    }

    async fn attach(&self, name: &str, properties: &str) -> Result<Stored<KafkaCluster>, ControlError> {
        self.control.provision.attach_cluster(&self.ours.id, name, "aws", "us-east-1", properties).await
    }

    async fn refusal(&self, name: &str, properties: &str) -> String {
        self.attach(name, properties).await.unwrap_err().to_string()
    }
}

#[tokio::test]
async fn an_attached_cluster_is_reached_and_its_credentials_are_sealed() {
    let world = World::new().await;
    let properties = world.properties(&world.theirs, &world.key.1);
    let attached = world.attach("production", &properties).await.unwrap();
    let registries = world.control.resources.all::<RegistryCluster>(Some(&world.ours.id)).await.unwrap();
    assert_eq!(registries.len(), 1, "the environment has a registry now");

    let client = world.control.clusters.kafka(&attached.id).await.unwrap();
    let topic =
        NewTopic { name: "orders".to_owned(), partitions: Some(2), replication_factor: None, configs: Vec::new() };
    client.admin().create_topic(&topic).await.unwrap();
    let owner = world.control.clusters.kafka(&world.theirs.id).await.unwrap();
    assert_eq!(owner.partitions("orders").await.unwrap(), [0, 1]);
    assert_eq!(world.control.clusters.properties(&attached.id).await.unwrap(), properties);

    let shown = format!("{attached:?} {:?}", world.control.resources.all::<KafkaCluster>(None).await.unwrap());
    assert!(!shown.contains(&world.key.1) && !shown.contains("sasl.password"), "{shown}");
    let files = std::fs::read_dir(world.folder.path()).unwrap().flatten();
    for file in files.filter(|file| file.path().is_file()) {
        let bytes = std::fs::read(file.path()).unwrap();
        let secret = world.key.1.as_bytes();
        assert!(!bytes.windows(secret.len()).any(|part| part == secret), "{:?} holds the secret", file.path());
    }

    // It is theirs: forgotten, not removed. And keys of ours open nothing there.
    let admin = world.control.provision.administrator().await.unwrap();
    let scope = KeyScope::Kafka { cluster: attached.id.clone() };
    let refused = world.control.provision.create_key(&admin.id, scope, "k", "").await.unwrap_err().to_string();
    assert!(refused.contains("attached"), "{refused}");
    world.control.provision.delete_cluster(&attached.id).await.unwrap();
    assert!(world.control.clusters.kafka(&attached.id).await.is_err());
    assert_eq!(owner.partitions("orders").await.unwrap(), [0, 1]);
    world.control.shutdown().await;
}

#[tokio::test]
async fn what_cannot_be_reached_is_not_attached() {
    let world = World::new().await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let text = world.refusal("a", &format!("bootstrap.servers={closed}\ndefault.api.timeout.ms=300\n")).await;
    assert!(text.starts_with("NUTKIN-4102") && text.contains(&closed.to_string()), "{text}");
    let text = world.refusal("a", &world.properties(&world.theirs, "hunter2")).await;
    assert!(text.starts_with("NUTKIN-4103") && !text.contains("hunter2"), "{text}");
    let text = world.refusal("a", "bootstrap.servers=a:1\nsession.timeout.ms=1\n").await;
    assert!(text.starts_with("NUTKIN-4101") && text.contains("session.timeout.ms"), "{text}");
    let file = "bootstrap.servers=a:1\nsecurity.protocol=SSL\nssl.ca.location=/etc/shadow\n";
    let text = world.refusal("a", file).await;
    assert!(text.starts_with("NUTKIN-4101") && text.contains("the file /etc/shadow"), "{text}");
    assert!(world.control.resources.all::<KafkaCluster>(Some(&world.ours.id)).await.unwrap().is_empty());
    world.control.shutdown().await;
}

#[tokio::test]
async fn the_same_name_again_changes_the_properties_of_the_same_cluster_only() {
    let world = World::new().await;
    let provision = &world.control.provision;
    let first = world.attach("production", &world.properties(&world.theirs, &world.key.1)).await.unwrap();
    let before = world.control.clusters.kafka(&first.id).await.unwrap();
    let changed = format!("{}client.id=renamed\n", world.properties(&world.theirs, &world.key.1));
    let again = world.attach("production", &changed).await.unwrap();
    assert_eq!((&again.id, again.version), (&first.id, first.version + 1));
    let after = world.control.clusters.kafka(&first.id).await.unwrap();
    assert_eq!((before.config().client_id.as_str(), after.config().client_id.as_str()), ("nutkin", "renamed"));

    let elsewhere = &world.theirs.resource.environment;
    let other = provision.create_cluster(elsewhere, "other", "AWS", "us-east-1", "Basic", "SINGLE_ZONE").await.unwrap();
    let admin = provision.administrator().await.unwrap();
    let key = provision.create_key(&admin.id, KeyScope::Kafka { cluster: other.id.clone() }, "o", "").await.unwrap();
    let properties = world.properties(&other, &key.secret).replace(&world.key.0, &key.stored.id);
    let text = world.refusal("production", &properties).await;
    assert!(text.contains(&world.theirs.id) && text.contains(&other.id), "{text}");
    provision.create_cluster(&world.ours.id, "embedded", "AWS", "us-east-1", "Basic", "SINGLE_ZONE").await.unwrap();
    let text = world.refusal("embedded", &properties).await;
    assert!(text.contains("not an attached one"), "{text}");
    world.control.shutdown().await;
}

/// The service starts without the key; what needs it says so.
#[tokio::test]
async fn a_lost_key_is_named() {
    let world = World::new().await;
    let properties = world.properties(&world.theirs, &world.key.1);
    let attached = world.attach("production", &properties).await.unwrap();
    world.control.shutdown().await;
    let World { control, folder, .. } = world;
    drop(control);
    std::fs::remove_file(folder.path().join(crate::seal::KEY_FILE)).unwrap();
    let control = open(&folder).await;
    let text = control.clusters.kafka(&attached.id).await.unwrap_err().to_string();
    assert!(text.starts_with(&format!("NUTKIN-6007: the credentials of {}", attached.id)), "{text}");
    control.shutdown().await;
}
