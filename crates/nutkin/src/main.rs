//! The binary: configuration, commands, wiring, process supervision.
//!
//! `serve` and `quickstart` run the service, `pool` is what the service starts for each compute pool, and `shell`, `sql` and
//! the resource verbs are clients of the public API.

use clap::{Parser, Subcommand};

mod error;
mod logging;
mod pool;
mod quickstart;
mod runtime;
mod schemas;
mod serve;
mod service;

#[derive(Debug, Parser)]
#[command(
    name = "nutkin",
    version,
    about = "Streaming SQL on Kafka topics: the open, self-hosted form of Confluent Cloud for Apache Flink",
    after_help = "Begin with: nutkin quickstart",
    max_term_width = 100
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start everything and a first streaming pipeline, and show its results
    Quickstart(quickstart::Arguments),
    /// Run the service
    Serve(serve::Arguments),
    /// A SQL shell on a running service
    Shell(nutkin_cli::shell::Arguments),
    /// Run SQL statements and print their results
    Sql(nutkin_cli::sql::Arguments),
    /// Test SQL without a server: virtual time, one process, milliseconds per case
    Test(nutkin_sqltest::Arguments),
    #[command(flatten)]
    Resource(nutkin_cli::resource::Command),
    /// The data plane of one compute pool; started by the service
    #[command(hide = true)]
    Pool(pool::Arguments),
}

fn main() -> std::process::ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Command::Quickstart(arguments) => runtime::on_large_stack(|| quickstart::run(arguments)),
        Command::Serve(arguments) => runtime::on_large_stack(|| serve::run(arguments)),
        Command::Shell(arguments) => nutkin_cli::shell::run(arguments).map_err(error::Error::from),
        Command::Sql(arguments) => nutkin_cli::sql::run(arguments).map_err(error::Error::from),
        Command::Test(arguments) => return test(arguments),
        Command::Resource(command) => command.run().map_err(error::Error::from),
        Command::Pool(arguments) => runtime::on_large_stack(|| pool::run(arguments)),
    };
    match result {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("nutkin: {error}");
            match error {
                error::Error::Client(error) => std::process::ExitCode::from(error.exit_code()),
                _ => std::process::ExitCode::FAILURE,
            }
        }
    }
}

/// Failing cases are exit code 1; cases that could not be run at all are 2.
fn test(arguments: nutkin_sqltest::Arguments) -> std::process::ExitCode {
    match nutkin_sqltest::run(arguments) {
        Ok(true) => std::process::ExitCode::SUCCESS,
        Ok(false) => std::process::ExitCode::FAILURE,
        Err(error) => {
            eprintln!("nutkin: {error}");
            std::process::ExitCode::from(2)
        }
    }
}
