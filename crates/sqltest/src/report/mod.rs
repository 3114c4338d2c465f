//! Reports of a run: for people, for programs, for CI systems.

mod json;
mod junit;
mod text;

use std::collections::BTreeMap;
use std::io::IsTerminal;

use crate::arguments::{Color, Form, Report};
use crate::case::{Case, Outcome};
use crate::error::Error;
use crate::ledger::Ledger;
use crate::runner::Finished;

/// A run with everything that reports speak of.
pub struct Run<'a> {
    pub cases: &'a [Case],
    pub finished: &'a [Finished],
    pub ledger: Option<&'a Ledger>,
    pub seed: u64,
    pub elapsed: std::time::Duration,
}

/// How many cases ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    pub passed: usize,
    /// All that ran and did not pass.
    pub failed: usize,
    pub skipped: usize,
    /// Of the failed ones, those that were refused because something is not built yet.
    pub not_built: usize,
    /// Of the failed ones, those that the ledger lists.
    pub known: usize,
    /// Of the passed ones, those whose changes are others than Flink's, while the table is the same.
    pub other_changes: usize,
}

impl Run<'_> {
    pub fn counts(&self) -> Counts {
        self.count(|_| true)
    }

    pub fn by_kind(&self) -> BTreeMap<&'static str, Counts> {
        let kinds: std::collections::BTreeSet<&'static str> =
            self.finished.iter().map(|finished| self.cases[finished.case].kind).collect();
        kinds.into_iter().map(|kind| (kind, self.count(|case| case.kind == kind))).collect()
    }

    /// What is not built, by the number of cases that fail for it: operators by name, other things by their cause.
    pub fn missing(&self) -> BTreeMap<String, usize> {
        let mut missing = BTreeMap::new();
        for what in self.finished.iter().filter_map(|finished| finished.outcome.missing()) {
            *missing.entry(what).or_insert(0) += 1;
        }
        missing
    }

    fn count(&self, which: impl Fn(&Case) -> bool) -> Counts {
        let mut counts = Counts::default();
        for finished in self.finished.iter().filter(|finished| which(&self.cases[finished.case])) {
            match &finished.outcome {
                Outcome::Passed(passed) => {
                    counts.passed += 1;
                    counts.other_changes += usize::from(passed.other_changes);
                }
                Outcome::Skipped(_) => counts.skipped += 1,
                outcome => {
                    counts.failed += 1;
                    counts.not_built += usize::from(outcome.is_not_built());
                    counts.known += usize::from(self.is_known(finished));
                }
            }
        }
        counts
    }

    /// True when the ledger lists the case.
    pub fn is_known(&self, finished: &Finished) -> bool {
        self.ledger.is_some_and(|ledger| ledger.contains(&self.cases[finished.case].id))
    }

    /// Failed cases that the ledger does not list.
    pub fn new_failures(&self) -> usize {
        self.finished.iter().filter(|finished| finished.outcome.has_failed() && !self.is_known(finished)).count()
    }
}

/// Writes the reports that were asked for.
///
/// # Errors
/// NUTKIN-6305.
pub fn write(run: &Run<'_>, reports: &[Report], color: Color) -> Result<(), Error> {
    let default = [Report { form: Form::Text, file: None }];
    for report in if reports.is_empty() { &default[..] } else { reports } {
        let colored = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                report.file.is_none() && std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
            }
        };
        let content = match report.form {
            Form::Text => text::text(run, colored),
            Form::Json => json::text(run),
            Form::Junit => junit::text(run),
        };
        match &report.file {
            None => print(&content)?,
            Some(path) => {
                let failed = |error: std::io::Error| Error::Write { path: path.clone(), problem: error.to_string() };
                std::fs::write(path, content).map_err(failed)?;
            }
        }
    }
    Ok(())
}

/// A reader that has seen enough may close its end.
fn print(content: &str) -> Result<(), Error> {
    use std::io::Write;
    match std::io::stdout().write_all(content.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::Write { path: "standard output".into(), problem: error.to_string() })
        }
        _ => Ok(()),
    }
}
