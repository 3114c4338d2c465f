//! The two tests that talk to Flink.

mod expressions;
mod queries;

use std::collections::BTreeMap;

use crate::compare::{Difference, Kind, Verdict};
use crate::known::{self, Known, List};
use crate::report::{case, tell};
use crate::settings::Settings;
use crate::table::Table;

/// What a run has found so far.
struct Findings {
    settings: Settings,
    known: Known,
    counts: BTreeMap<&'static str, usize>,
    untried: BTreeMap<String, usize>,
    new: Vec<Kind>,
}

impl Findings {
    fn new(settings: Settings, known: &List) -> Findings {
        Findings { settings, known: known.read(), counts: BTreeMap::new(), untried: BTreeMap::new(), new: Vec::new() }
    }

    fn count(&mut self, verdict: &Verdict) {
        *self.counts.entry(verdict.name()).or_default() += 1;
        if let Verdict::Untried(reason) = verdict {
            *self.untried.entry(reason.clone()).or_default() += 1;
        }
    }

    /// What was tried, and why the rest was not.
    fn summary(&self, what: &str) {
        tell(&format!(
            "differential, {what} of seed {}: {:?}, new {}",
            self.settings.seed,
            self.counts,
            self.new.len()
        ));
        let mut reasons: Vec<_> = self.untried.iter().map(|(reason, number)| (*number, reason)).collect();
        reasons.sort_unstable_by(|a, b| b.cmp(a));
        reasons.iter().take(8).for_each(|(number, reason)| tell(&format!("  not compared {number} times: {reason}")));
    }

    /// Whether a difference is worth the jobs that make it small.
    fn is_to_shrink(&mut self, sql: &str, difference: &Difference) -> bool {
        self.new.len() < self.settings.shrunk && !self.known.holds(sql, difference)
    }

    /// Tells of a difference, unless it is known.
    fn differs(&mut self, sql: &str, difference: &Difference, tables: &[&Table]) {
        if self.known.holds(sql, difference) {
            *self.counts.entry("known").or_default() += 1;
            return;
        }
        tell(&case(sql, difference, self.settings.seed, tables));
        self.new.push(difference.kind);
    }

    /// # Panics
    /// When something differs that is not known.
    fn conclude(&self, most_known: usize) {
        // A new function makes other expressions of the same seed, so this is for people.
        self.known.unmet().iter().for_each(|line| tell(&format!("differential, known but not met: {line}")));
        assert!(self.known.len() <= most_known, "the list of known differences may only get shorter");
        assert!(self.new.is_empty(), "{} new differences, see above", self.new.len());
    }
}
