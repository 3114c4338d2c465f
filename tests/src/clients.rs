//! Programs that nobody here wrote, and small scripts that drive them.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::need::Part;
use crate::process;

/// A script of `tests/clients`.
pub fn script(name: &str) -> PathBuf {
    process::root().join("tests/clients").join(name)
}

/// Runs a Python script of `tests/clients` with the clients' environment; gives what it printed.
pub async fn python(name: &str, arguments: &[&str], limit: Duration) -> String {
    let mut command = Command::new(Part::Python.find().unwrap());
    command.arg(script(name)).args(arguments);
    finish(command, name, limit).await
}

/// Runs a program to its end, which must be a good one; gives what it printed.
pub async fn finish(mut command: Command, name: &str, limit: Duration) -> String {
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(limit, command.output()).await;
    let output = output.unwrap_or_else(|_| panic!("{name} did not end within {} s", limit.as_secs())).unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {}\n{printed}\n{errors}", output.status);
    printed
}
