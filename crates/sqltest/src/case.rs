//! [`Case`]: one test, wherever it was written.

use std::path::PathBuf;

use crate::compare::Difference;
use crate::refusal::{Phase, Refusal};

/// A test with its place.
pub struct Case {
    /// Unique among the cases of a run; what `--filter` and ledgers speak of.
    pub id: String,
    /// `scalar`, `agg`, `batch`, `stream`, or `yaml`.
    pub kind: &'static str,
    pub file: PathBuf,
    /// Line in the file where the case begins, from 1.
    pub line: usize,
    pub body: Body,
}

/// What there is to do.
pub enum Body {
    Test(Box<dyn Test>),
    /// Left out, and why.
    Skip(String),
    /// The case itself is wrong: NUTKIN-6302.
    Broken(String),
}

/// Something that can be run any number of times.
pub trait Test: Send + Sync {
    /// Runs the case. `seed` decides everything that is left to chance.
    ///
    /// # Errors
    /// Why the case does not hold.
    fn run(&self, id: &str, seed: u64) -> Result<Passed, Trouble>;

    /// What the case would have to expect for what comes out now, as lines of its file; None for files that are not written
    /// to.
    fn record(&self, _id: &str, _seed: u64) -> Option<Result<String, Trouble>> {
        None
    }
}

/// A case that holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Passed {
    /// True when the table is right and the changes that lead to it are others than the recorded ones, which Flink's own
    /// rules allow.
    pub other_changes: bool,
}

/// Why a case does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The statement gave an error that is not expected.
    Refused(Refusal),
    /// It gave something else.
    Differs(Vec<Difference>),
    /// An error was expected, and something else happened.
    NoError { expected: String, found: String },
}

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Passed(Passed),
    Failed(Trouble),
    Skipped(String),
    /// The file is wrong.
    Broken(String),
    /// A defect of ours ended the run of the case.
    Panicked(String),
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Trouble {
        Trouble::Refused(refusal)
    }
}

impl Trouble {
    /// One line: why.
    pub fn reason(&self) -> String {
        match self {
            Trouble::Refused(refusal) if refusal.not_built => {
                format!("not built: {}: {}", refusal.code, without_places(refusal.cause()))
            }
            Trouble::Refused(refusal) => {
                format!("{} error {}: {}", refusal.phase.name(), refusal.code, refusal.cause())
            }
            Trouble::Differs(differences) => differences.first().map(Difference::summary).unwrap_or_default(),
            Trouble::NoError { expected, found } => format!("{found} instead of {expected}"),
        }
    }

    pub fn is_not_built(&self) -> bool {
        matches!(self, Trouble::Refused(refusal) if refusal.not_built)
    }

    /// What is not built, in few words: the name of the operator that the engine refused, else the cause.
    pub fn missing(&self) -> Option<String> {
        let Trouble::Refused(refusal @ Refusal { not_built: true, .. }) = self else { return None };
        let cause = without_places(refusal.cause());
        let operator = cause.split_once(" is planned, but cannot be run").map(|(operator, _)| operator);
        Some(operator.map_or(cause.as_str(), |name| name.trim_start_matches("The operator ")).to_owned())
    }
}

impl Outcome {
    pub fn has_failed(&self) -> bool {
        matches!(self, Outcome::Failed(_) | Outcome::Broken(_) | Outcome::Panicked(_))
    }

    /// Failed only because something is not built.
    pub fn is_not_built(&self) -> bool {
        matches!(self, Outcome::Failed(trouble) if trouble.is_not_built())
    }

    /// What is not built, if that is why it failed.
    pub fn missing(&self) -> Option<String> {
        match self {
            Outcome::Failed(trouble) => trouble.missing(),
            _ => None,
        }
    }

    /// One line: why it did not pass; empty when it did.
    pub fn reason(&self) -> String {
        let reason = match self {
            Outcome::Passed(_) => String::new(),
            Outcome::Failed(trouble) => trouble.reason(),
            Outcome::Skipped(reason) => reason.clone(),
            Outcome::Broken(problem) => format!("NUTKIN-6302: {problem}"),
            Outcome::Panicked(message) => format!("NUTKIN-6303: the test ended by a defect: {message}"),
        };
        reason.lines().next().unwrap_or_default().to_owned()
    }
}

/// The cause without what differs from statement to statement: where it stands, and ids of operators.
fn without_places(cause: &str) -> String {
    let begins_with_place = |text: &str| text.starts_with("SQL validation failed. ");
    let cause = match cause.split_once(": ") {
        Some((place, rest)) if begins_with_place(place) => rest,
        _ => cause,
    };
    let is_id = |word: &str| word.len() == 18 && word.starts_with('[') && word.ends_with(']');
    cause.split(' ').filter(|word| !is_id(word)).collect::<Vec<_>>().join(" ")
}

/// An expected error; every part is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpectedError {
    pub phase: Option<Phase>,
    pub code: Option<String>,
    /// Part of the message; compared when the message is ours to word.
    pub message: Option<String>,
}

impl ExpectedError {
    /// Holds when the error that came is the expected one.
    ///
    /// # Errors
    /// Another error, or none.
    pub fn check<T>(&self, result: Result<T, Refusal>) -> Result<Passed, Trouble> {
        let refusal = match result {
            Ok(_) => return Err(self.instead_of("no error".to_owned())),
            // It may be the right error for the wrong reason.
            Err(refusal) if refusal.not_built && self.code.as_deref() != Some(refusal.code.as_str()) => {
                return Err(Trouble::Refused(refusal));
            }
            Err(refusal) => refusal,
        };
        let same_phase = self.phase.is_none_or(|phase| phase == refusal.phase);
        let same_code = self.code.as_ref().is_none_or(|code| *code == refusal.code);
        let same_text = self.message.as_ref().is_none_or(|text| refusal.message.contains(text.as_str()));
        if same_phase && same_code && same_text {
            return Ok(Passed::default());
        }
        Err(self.instead_of(format!("{} error {refusal}", refusal.phase.name())))
    }

    fn instead_of(&self, found: String) -> Trouble {
        let mut expected = self.phase.map_or_else(String::new, |phase| format!("{} ", phase.name())) + "error";
        if let Some(code) = &self.code {
            expected += &format!(" {code}");
        }
        if let Some(message) = &self.message {
            expected += &format!(" with '{message}'");
        }
        Trouble::NoError { expected, found }
    }
}
