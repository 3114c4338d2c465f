//! How much is tried, and from which seed.

/// Read from `NUTKIN_DIFFERENTIAL_SEED`, `_EXPRESSIONS`, `_QUERIES`, `_SHRUNK` and `_FILE`.
#[derive(Debug, Clone)]
pub struct Settings {
    pub seed: u64,
    pub expressions: usize,
    pub queries: usize,
    /// How many differences are made small: each takes some jobs.
    pub shrunk: usize,
    /// A file of expressions, a line each, to try instead of random ones.
    pub file: Option<String>,
}

/// What every ordinary run tries, so that it is red only for what was changed since.
const SEED: u64 = 1;
const EXPRESSIONS: usize = 2000;
const QUERIES: usize = 50;
const SHRUNK: usize = 60;

impl Settings {
    pub fn read() -> Settings {
        let number = |name: &str| {
            let text = std::env::var(format!("NUTKIN_DIFFERENTIAL_{name}")).ok()?;
            Some(text.parse::<u64>().unwrap_or_else(|_| panic!("NUTKIN_DIFFERENTIAL_{name} is a number, not '{text}'")))
        };
        Settings {
            seed: number("SEED").unwrap_or(SEED),
            expressions: number("EXPRESSIONS").map_or(EXPRESSIONS, |number| number as usize),
            queries: number("QUERIES").map_or(QUERIES, |number| number as usize),
            shrunk: number("SHRUNK").map_or(SHRUNK, |number| number as usize),
            file: std::env::var("NUTKIN_DIFFERENTIAL_FILE").ok(),
        }
    }
}

/// The SQL Gateway of the Flink that `tests/run.sh` started, for so many expressions or queries. None skips the test, with its
/// name if it was asked for any.
pub fn flink(wanted: usize) -> Option<String> {
    if wanted == 0 {
        return None;
    }
    let found = std::env::var("NUTKIN_TEST_FLINK").ok().filter(|address| !address.is_empty());
    if found.is_none() {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "NUTKIN_TEST_FLINK is not set, and in CI nothing is skipped"
        );
        use std::io::Write as _;
        let case = std::thread::current().name().unwrap_or("a test").to_owned();
        let _ = writeln!(std::io::stderr().lock(), "skipped: {case} needs a real Flink at NUTKIN_TEST_FLINK");
    }
    found
}
