//! The verb `nutkin test` alone, which links in a fraction of the time that the whole binary takes.

use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    arguments: nutkin_sqltest::Arguments,
}

fn main() -> ExitCode {
    match nutkin_sqltest::run(Command::parse().arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("nutkin test: {error}");
            ExitCode::from(2)
        }
    }
}
