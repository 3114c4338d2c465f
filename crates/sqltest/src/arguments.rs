//! The command line of `nutkin test`.

use std::path::PathBuf;
use std::str::FromStr;

/// Test SQL without a server: virtual time, one process, milliseconds per case
#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// Case files (*.yaml, *.yml, *.jsonl) and directories of them
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Run only the cases whose id matches this regular expression
    #[arg(long, value_name = "REGEX")]
    pub filter: Option<String>,
    /// Write what comes out into the YAML files as what is expected; with --ledger, write the ledger
    #[arg(long)]
    pub update: bool,
    /// A report as text, json or junit, on standard output or to a file; can be given more than once [default: text]
    #[arg(long = "report", value_name = "FORM[=FILE]")]
    pub reports: Vec<Report>,
    /// Cases that are known to fail: only others make the run fail
    #[arg(long, value_name = "FILE")]
    pub ledger: Option<PathBuf>,
    /// What is left to chance: batch boundaries, checkpoints, where a job is stopped [default: another each time]
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// Threads [default: one per core]
    #[arg(long, value_name = "NUMBER")]
    pub jobs: Option<usize>,
    /// Seconds of real time after which a case counts as one that never ends
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub limit: u64,
    /// Coloured text
    #[arg(long, value_enum, default_value = "auto")]
    pub color: Color,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// A report and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub form: Form,
    /// None: standard output.
    pub file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Text,
    Json,
    Junit,
}

impl FromStr for Report {
    type Err = String;

    fn from_str(text: &str) -> Result<Report, String> {
        let (form, file) = text.split_once('=').map_or((text, None), |(form, file)| (form, Some(PathBuf::from(file))));
        let form = match form {
            "text" => Form::Text,
            "json" => Form::Json,
            "junit" => Form::Junit,
            other => return Err(format!("'{other}' is no form of report; use text, json or junit")),
        };
        Ok(Report { form, file })
    }
}
