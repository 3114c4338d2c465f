use clap::{CommandFactory, Parser};

use crate::resource::Command;

#[derive(Debug, Parser)]
struct Program {
    #[command(subcommand)]
    command: Top,
}

/// As the binary has them.
#[derive(Debug, clap::Subcommand)]
enum Top {
    Shell(crate::shell::Arguments),
    Sql(crate::sql::Arguments),
    #[command(flatten)]
    Resource(Command),
}

fn parse(line: &str) -> Result<Program, clap::Error> {
    Program::try_parse_from(std::iter::once("nutkin").chain(line.split(' ')))
}

#[test]
fn the_commands_are_well_formed() {
    Program::command().debug_assert();
}

/// Every verb says how it is used.
#[test]
fn every_verb_has_examples() {
    fn visit(command: &clap::Command) {
        let mut verbs = command.get_subcommands().filter(|verb| verb.get_name() != "help").peekable();
        if verbs.peek().is_none() {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("nutkin "), "{}", command.get_name());
            assert!(command.get_about().is_some(), "{}", command.get_name());
        }
        verbs.for_each(visit);
    }
    visit(&Program::command());
}

/// Spec S002-039, W-04, decisions 6 and 20.
#[test]
fn the_forms_of_the_original_are_understood() {
    for line in [
        "environment create my_environment --governance-package essentials",
        "environment list -o json",
        "kafka attach production --config client.properties --environment env-1 --cloud aws --region us-east-1",
        "kafka cluster create my-cluster --cloud gcp --region us-central1 --type basic",
        "flink compute-pool create p --cloud aws --region us-east-1 --max-cfu 5",
        "flink compute-pool update lfcp-1 --max-cfu 10",
        "flink statement create s --sql x --compute-pool lfcp-1 --database d --service-account sa-1 --property k=v --wait",
        "flink statement list --status running",
        "flink environment create --name n --region us-east-1 --flink-version 2.2.1 --cfu 10",
        "api-key create --resource cloud --url http://localhost:1",
        "sql -e x --max-rows 3 --timeout 5s -o csv",
        "shell --compute-pool lfcp-1 --environment env-1 --service-account sa-1",
    ] {
        parse(line).map(drop).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    let refused = parse("flink environment create --name n --flink-version 1.20").unwrap_err().to_string();
    assert!(refused.contains("2.2, 2.2.0, 2.2.1"), "{refused}");
    assert!(parse("flink compute-pool update lfcp-1").is_err());
}
