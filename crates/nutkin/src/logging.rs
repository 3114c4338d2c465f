//! The log: standard error, filtered by `NUTKIN_LOG` (`info` unless a command is more quiet).

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Begins to log. `default` applies when `NUTKIN_LOG` is not set.
pub fn start(default: &str) {
    let filter = EnvFilter::try_from_env("NUTKIN_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let ansi = std::io::stderr().is_terminal();
    let logger = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let logger = logger.with_target(false).with_ansi(ansi);
    // A second call (quickstart runs what serve runs) keeps the first.
    let _ = logger.try_init();
}
