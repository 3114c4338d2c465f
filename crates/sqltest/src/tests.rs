//! What no case file can bring about.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::case::{Body, Case, Outcome, Passed, Test, Trouble};
use crate::refusal::{Phase, Refusal};
use crate::runner::{Rules, run};

/// A case that sleeps, panics, or passes.
#[derive(Debug, Clone, Copy)]
enum Odd {
    Endless,
    Panics,
    Passes,
}

impl Test for Odd {
    fn run(&self, _id: &str, _seed: u64) -> Result<Passed, Trouble> {
        match self {
            Odd::Endless => loop {
                std::thread::park();
            },
            Odd::Panics => panic!("an invariant"),
            Odd::Passes => Ok(Passed::default()),
        }
    }
}

fn case(odd: Odd) -> Case {
    let body = Body::Test(Box::new(odd));
    Case { id: format!("{odd:?}"), kind: "yaml", file: PathBuf::from("odd.yaml"), line: 1, body }
}

#[test]
fn a_case_that_never_ends_or_panics_stops_no_other() {
    let cases = [Odd::Endless, Odd::Passes, Odd::Panics, Odd::Endless, Odd::Passes].map(case);
    let rules = Rules { seed: 1, threads: 1, limit: Duration::from_secs(2) };
    let finished = run(&Arc::new(cases.into()), rules);
    let outcomes: Vec<Outcome> = finished.into_iter().map(|finished| finished.outcome).collect();
    let passed = Outcome::Passed(Passed::default());
    assert_eq!((&outcomes[1], &outcomes[4]), (&passed, &passed));
    for (index, cause) in [(0, "did not end"), (2, "an invariant"), (3, "did not end")] {
        let reason = outcomes[index].reason();
        assert!(reason.starts_with("NUTKIN-6303") && reason.contains(cause), "{reason}");
    }
}

#[test]
fn an_operator_that_is_not_built_is_named_alone() {
    let missing = |message: &str| {
        let refusal = Refusal { phase: Phase::Runtime, ..Refusal::not_built(message) };
        Trouble::Refused(refusal).missing()
    };
    let operator = "The operator StreamJoin [443d2f02a82cf5d8] is planned, but cannot be run by this release";
    assert_eq!(missing(operator).as_deref(), Some("StreamJoin"));
    let windows = "StreamWindowAggregate over SESSION windows is planned, but cannot be run by this release";
    assert_eq!(missing(windows).as_deref(), Some("StreamWindowAggregate over SESSION windows"));
    let planner = "SQL validation failed. From line 2, column 2 to line 15, column 6: VECTOR_SEARCH is not built yet";
    assert_eq!(missing(planner).as_deref(), Some("VECTOR_SEARCH is not built yet"));
    assert_eq!(Trouble::Refused(Refusal::internal("a defect")).missing(), None);
}
