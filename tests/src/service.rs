//! [`Service`]: `nutkin serve` as a process of its own, started, stopped, killed and started again over one directory.

use std::fs::{File, OpenOptions};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::api::Api;
use crate::process;

/// Services at a time: more would measure the machine.
static SLOTS: Semaphore = Semaphore::const_new(2);
static NEXT_PORT: Mutex<u16> = Mutex::new(0);
const START_LIMIT: Duration = Duration::from_secs(30);

/// How to start it.
#[derive(Debug, Clone)]
pub struct Options {
    pub anonymous_kafka: bool,
    /// Seconds.
    pub checkpoint_interval: u32,
    /// `NUTKIN_LOG`
    pub log: &'static str,
    /// Starts a copy of the binary, so that the copy can be replaced while the service runs.
    pub own_binary: bool,
    /// `--checkpoints`
    pub checkpoints: Option<String>,
    /// More variables.
    pub environment: Vec<(&'static str, String)>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            anonymous_kafka: false,
            checkpoint_interval: 1,
            log: "info",
            own_binary: false,
            checkpoints: None,
            environment: Vec::new(),
        }
    }
}

/// A service that runs, or did until it was killed. Dropped, it and its directory are gone.
pub struct Service {
    child: Child,
    options: Options,
    directory: tempfile::TempDir,
    ports: [u16; 4],
    /// First administrator key and its secret.
    pub admin: (String, String),
    _slot: SemaphorePermit<'static>,
}

impl Service {
    /// Starts a service over an empty directory.
    pub async fn start(options: Options) -> Service {
        let slot = SLOTS.acquire().await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        if options.own_binary {
            std::fs::copy(process::nutkin(), directory.path().join("nutkin")).unwrap();
        }
        let ports = free_ports();
        let child = spawn(&options, directory.path(), &ports);
        let mut service =
            Service { child, options, directory, ports, admin: (String::new(), String::new()), _slot: slot };
        let printed = service.wait_until_ready(0).await;
        let value = |label: &str| {
            let line = printed.lines().find_map(|line| line.trim().strip_prefix(label));
            line.unwrap_or_else(|| panic!("no '{label}' in:\n{printed}")).trim().to_owned()
        };
        service.admin = (value("API key"), value("API secret"));
        service
    }

    /// Starts it again over the same directory and on the same ports.
    pub async fn restart(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let before = self.printed().len();
        self.child = spawn(&self.options, self.directory.path(), &self.ports);
        self.wait_until_ready(before).await;
    }

    async fn wait_until_ready(&mut self, printed_before: usize) -> String {
        let begun = Instant::now();
        loop {
            let printed = self.printed()[printed_before..].to_owned();
            let keys_follow = printed.contains("First administrator key") && !printed.contains("API secret");
            if printed.contains("Nutkin serves")
                && !keys_follow
                && (printed_before > 0 || printed.contains("API secret"))
            {
                return printed;
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("the service ended with {status}:\n{}", self.log());
            }
            assert!(begun.elapsed() < START_LIMIT, "the service is not ready:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// SIGKILL to the service; its pools are ended by the kernel.
    pub fn kill9(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ctrl-C; gives the time that an orderly end took.
    pub async fn interrupt(&mut self) -> Duration {
        let begun = Instant::now();
        process::signal(self.child.id(), Signal::INT);
        while self.child.try_wait().unwrap().is_none() {
            assert!(begun.elapsed() < Duration::from_secs(30), "Ctrl-C did not end the service:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status} after Ctrl-C:\n{}", self.log());
        begun.elapsed()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Process ids of its pools.
    pub fn pools(&self) -> Vec<u32> {
        process::children(self.child.id(), "pool")
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports[0])
    }

    /// URL of the TLS listener.
    pub fn tls_url(&self) -> String {
        format!("https://localhost:{}", self.ports[1])
    }

    /// URL with the first registry at its root.
    pub fn registry_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports[2])
    }

    /// The API with the first administrator's key.
    pub fn api(&self) -> Api {
        Api::new(&self.url(), Some(self.admin.clone()))
    }

    pub fn data_dir(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// A directory for the case's own files.
    pub fn scratch(&self) -> &Path {
        self.directory.path()
    }

    /// Standard output so far.
    pub fn printed(&self) -> String {
        read(&self.directory.path().join("stdout"))
    }

    /// The log (standard error) so far.
    pub fn log(&self) -> String {
        read(&self.directory.path().join("stderr"))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<&str> = log.lines().collect();
            println!("-- end of the service's log --\n{}", lines[lines.len().saturating_sub(60)..].join("\n"));
            if std::env::var_os("NUTKIN_KEEP").is_some() {
                self.directory.disable_cleanup(true);
                println!("-- kept: {} --", self.directory.path().display());
            }
        }
    }
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

fn spawn(options: &Options, directory: &Path, ports: &[u16; 4]) -> Child {
    let append =
        |name: &str| -> File { OpenOptions::new().create(true).append(true).open(directory.join(name)).unwrap() };
    let binary = if options.own_binary { directory.join("nutkin") } else { process::nutkin() };
    let mut command = Command::new(binary);
    command.arg("serve").arg("--data-dir").arg(directory.join("data"));
    let names = ["--http-port", "--https-port", "--registry-port", "--kafka-port"];
    for (name, port) in names.iter().zip(ports) {
        command.arg(name).arg(port.to_string());
    }
    command.arg("--checkpoint-interval").arg(options.checkpoint_interval.to_string());
    if let Some(checkpoints) = &options.checkpoints {
        command.arg("--checkpoints").arg(checkpoints);
    }
    if options.anonymous_kafka {
        command.arg("--anonymous-kafka");
    }
    command.envs(options.environment.iter().map(|(name, value)| (name, value)));
    command.env("NUTKIN_LOG", options.log).env("NO_COLOR", "1").env("RUST_BACKTRACE", "1");
    command.stdin(Stdio::null()).stdout(append("stdout")).stderr(append("stderr")).spawn().unwrap()
}

/// Ports below those that the system gives to outgoing connections, so that they are still free after a restart.
pub fn free_ports<const N: usize>() -> [u16; N] {
    let mut next = NEXT_PORT.lock().unwrap();
    if *next == 0 {
        *next = 20_000 + (std::process::id() % 400) as u16 * 20;
    }
    let found = std::array::from_fn(|_| {
        loop {
            *next = if *next > 28_900 { 20_000 } else { *next + 1 };
            if TcpListener::bind(("127.0.0.1", *next)).is_ok() {
                return *next;
            }
        }
    });
    // Room for more clusters of the same service.
    *next += 8;
    found
}
