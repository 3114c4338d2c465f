//! The one command of the README (spec S002-038).

use std::time::Duration;

use regex::Regex;
use tokio::process::Command;

use crate::{clients, process};

#[tokio::test]
async fn quickstart_check_reads_results_back_and_ends() {
    let directory = tempfile::tempdir().unwrap();
    let summary = Regex::new(
            r"^(\d+) rows read back from topic orders_per_product, first after [\d.]+ s, all after [\d.]+ s, service ready after [\d.]+ s, statement quickstart-orders-per-product$",
        )
        .unwrap();
    for round in ["first", "second"] {
        let mut command = Command::new(process::nutkin());
        command.args(["quickstart", "--check", "--data-dir"]).arg(directory.path());
        command.args(["--name", "my-flink-sql", "--max-cfu", "10", "--region", "us-east-1", "--cloud", "aws"]);
        let printed = clients::finish(command, "nutkin quickstart --check", Duration::from_secs(60)).await;
        println!("{round}: {printed}");
        let last = printed.lines().last().unwrap();
        let found = summary.captures(last).unwrap_or_else(|| panic!("{last}"));
        assert!(found[1].parse::<u32>().unwrap() >= 20);
    }
}
