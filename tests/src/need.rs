//! Outside parts: present, or named and skipped. With `CI=true` a missing one fails the case.

use std::path::{Path, PathBuf};

/// Something that tests need and that is not in the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The Python environment with the clients.
    Python,
    /// Apache Kafka's jars.
    KafkaJars,
    /// Java 17 or newer.
    Java,
    /// The Python environment of `s3.sh`.
    S3Server,
}

/// Whether all parts are here. A case returns when they are not.
pub fn need(parts: &[Part]) -> bool {
    let missing: Vec<&Part> = parts.iter().filter(|part| part.find().is_none()).collect();
    if missing.is_empty() {
        return true;
    }
    let case = std::thread::current().name().unwrap_or("a test").to_owned();
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{case} needs {missing:?}, and in CI nothing is skipped");
    use std::io::Write as _;
    // Unlike what is printed, this is seen of a test that passes; run.sh gathers these lines.
    let _ = writeln!(std::io::stderr().lock(), "skipped: {case} needs {missing:?}; 'make setup' installs it");
    false
}

impl Part {
    /// Where it is.
    pub fn find(self) -> Option<PathBuf> {
        match self {
            Part::Python => Some(python_home().join("bin/python")).filter(|path| path.exists()),
            Part::KafkaJars => peer("kafka-4"),
            Part::S3Server => peer("s3-moto-"),
            Part::Java => java(),
        }
    }
}

/// `NUTKIN_CACHE` as `tests/environment.sh` has it.
fn cache() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
    let base = || std::env::var_os("XDG_CACHE_HOME").map_or_else(|| home().join(".cache"), PathBuf::from);
    std::env::var_os("NUTKIN_CACHE").map_or_else(|| base().join("nutkin"), PathBuf::from)
}

fn python_home() -> PathBuf {
    std::env::var_os("NUTKIN_PYTHON").map_or_else(|| cache().join("python-1"), PathBuf::from)
}

/// The newest download of a peer that is complete.
fn peer(prefix: &str) -> Option<PathBuf> {
    let peers = std::env::var_os("PEERS_HOME").map_or_else(|| cache().join("peers"), PathBuf::from);
    let mut found: Vec<PathBuf> = std::fs::read_dir(peers).ok()?.flatten().map(|entry| entry.path()).collect();
    found.retain(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with(prefix) && path.join(".complete").exists()
    });
    found.sort();
    found.pop()
}

fn java() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH")
        .into_iter()
        .flat_map(|path| std::env::split_paths(&path).map(|directory| directory.join("java")).collect::<Vec<_>>());
    let home = std::env::var_os("JAVA_HOME").map(|home| Path::new(&home).join("bin/java"));
    let installed = std::fs::read_dir("/usr/lib/jvm").into_iter().flatten().flatten();
    let mut candidates = home.into_iter().chain(on_path).chain(installed.map(|entry| entry.path().join("bin/java")));
    candidates.find(|path| path.exists() && java_version(path).is_some_and(|version| version >= 17))
}

fn java_version(java: &Path) -> Option<u32> {
    let output = std::process::Command::new(java).args(["-XshowSettings:properties", "-version"]).output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = text.lines().find_map(|line| line.trim().strip_prefix("java.specification.version = "))?;
    line.split('.').next()?.parse().ok()
}
