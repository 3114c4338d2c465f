//! A real S3 server for one case, behind a relay that can take it off the network.

use std::net::TcpListener as Probe;
use std::process::Command;
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clients;
use crate::need::Part;
use crate::process;

const BUCKET: &str = "checkpoints";

/// Ends when dropped.
pub struct S3 {
    run: tempfile::TempDir,
    port: u16,
    relay: Relay,
    /// Key id and secret.
    pub key: (String, String),
}

impl S3 {
    pub async fn start() -> S3 {
        let probe = Probe::bind("127.0.0.1:0").unwrap();
        let port = probe.local_addr().unwrap().port();
        drop(probe);
        let (run, relay) = (tempfile::tempdir().unwrap(), Relay::to(port).await);
        let mut s3 = S3 { run, port, relay, key: (String::new(), String::new()) };
        clients::finish(s3.script("start").into(), "s3.sh start", Duration::from_secs(90)).await;
        let printed = clients::finish(s3.script("env").into(), "s3.sh env", Duration::from_secs(10)).await;
        let (key, _) = printed.split_once("//").unwrap().1.split_once('@').unwrap();
        let (id, secret) = key.split_once(':').unwrap();
        s3.key = (id.to_owned(), secret.to_owned());
        s3
    }

    fn script(&self, verb: &str) -> Command {
        let mut command = Command::new(process::root().join("tests/peers/s3.sh"));
        let home = Part::S3Server.find().unwrap();
        command.arg(verb).env("PEERS_HOME", home.parent().unwrap()).env("PEERS_RUN", self.run.path());
        command.env("S3_PORT", self.port.to_string()).env("S3_BUCKET", BUCKET);
        command
    }

    /// For `--checkpoints`.
    pub fn url(&self, prefix: &str) -> String {
        format!("s3://{BUCKET}/{prefix}")
    }

    /// What a service needs to reach it.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", self.relay.port)),
            ("AWS_ACCESS_KEY_ID", self.key.0.clone()),
            ("AWS_SECRET_ACCESS_KEY", self.key.1.clone()),
        ]
    }

    /// Every connection breaks, and new ones too, until [`S3::come_back`].
    pub fn go_away(&self) {
        let _ = self.relay.open.send(false);
    }

    pub fn come_back(&self) {
        let _ = self.relay.open.send(true);
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        let _ = self.script("stop").output();
    }
}

struct Relay {
    port: u16,
    open: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Relay {
    async fn to(server: u16) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (open, state) = watch::channel(true);
        let task = tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let mut state = state.clone();
                tokio::spawn(async move {
                    if !*state.borrow_and_update() {
                        return;
                    }
                    let Ok(mut server) = TcpStream::connect(("127.0.0.1", server)).await else { return };
                    tokio::select! {
                        _ = copy_bidirectional(&mut client, &mut server) => {}
                        _ = state.changed() => {}
                    }
                });
            }
        });
        Relay { port, open, task }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}
