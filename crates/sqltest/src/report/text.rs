//! The report for people: failures with diffs, then the counts.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Counts, Run};
use crate::case::{Case, Outcome, Trouble};
use crate::compare::Difference;
use crate::runner::Finished;

/// Lines of one difference that are printed.
const MOST_LINES: usize = 40;
/// Failures that are printed in full.
const MOST_FAILURES: usize = 50;
/// Reasons why something is not built, most frequent first.
const MOST_REASONS: usize = 30;

const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const BOLD: &str = "\x1b[1m";
const PLAIN: &str = "\x1b[0m";

struct Painter {
    out: String,
    colored: bool,
}

impl Painter {
    fn line(&mut self, color: &str, text: &str) {
        // Writing to a String cannot fail.
        let _ = match self.colored && !color.is_empty() {
            true => writeln!(self.out, "{color}{text}{PLAIN}"),
            false => writeln!(self.out, "{text}"),
        };
    }
}

pub fn text(run: &Run<'_>, colored: bool) -> String {
    let mut paint = Painter { out: String::new(), colored };
    let shown: Vec<&Finished> = run
        .finished
        .iter()
        .filter(|finished| finished.outcome.has_failed() && !run.is_known(finished))
        .filter(|finished| !finished.outcome.is_not_built())
        .collect();
    for finished in shown.iter().take(MOST_FAILURES) {
        failure(&mut paint, &run.cases[finished.case], finished);
    }
    if shown.len() > MOST_FAILURES {
        paint.line("", &format!("... and {} more failures", shown.len() - MOST_FAILURES));
    }
    not_built(&mut paint, run);
    obsolete(&mut paint, run);
    summary(&mut paint, run);
    paint.out
}

fn failure(paint: &mut Painter, case: &Case, finished: &Finished) {
    paint.line(BOLD, &format!("FAILED {} ({}:{})", case.id, case.file.display(), case.line));
    match &finished.outcome {
        Outcome::Failed(Trouble::Differs(differences)) => {
            differences.iter().for_each(|difference| self::difference(paint, difference));
        }
        Outcome::Failed(Trouble::Refused(refusal)) => paint.line(RED, &indented(&refusal.to_string())),
        outcome => paint.line(RED, &indented(&outcome.reason())),
    }
    paint.line("", "");
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

fn difference(paint: &mut Painter, difference: &Difference) {
    paint.line("", &format!("  {}  (- expected, + found)", difference.what));
    let lines = difference.lines();
    for (tag, line) in lines.iter().take(MOST_LINES) {
        let color = match tag {
            '-' => RED,
            '+' => GREEN,
            _ => "",
        };
        paint.line(color, &format!("  {tag} {line}"));
    }
    if lines.len() > MOST_LINES {
        paint.line("", &format!("    ... {} more lines", lines.len() - MOST_LINES));
    }
}

/// What is missing, by how many cases wait for it.
fn not_built(paint: &mut Painter, run: &Run<'_>) {
    let mut reasons: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for finished in run.finished.iter().filter(|f| f.outcome.is_not_built() && !run.is_known(f)) {
        reasons.entry(finished.outcome.reason()).or_default().push(&run.cases[finished.case].id);
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, cases)| std::cmp::Reverse(cases.len()));
    for (reason, cases) in reasons.iter().take(MOST_REASONS) {
        paint.line(YELLOW, &format!("{:5} {reason}  (e.g. {})", cases.len(), cases.first().unwrap_or(&"")));
    }
    if reasons.len() > MOST_REASONS {
        paint.line("", &format!("      ... and {} more reasons", reasons.len() - MOST_REASONS));
    }
}

fn obsolete(paint: &mut Painter, run: &Run<'_>) {
    let Some(ledger) = run.ledger else { return };
    for id in ledger.obsolete(run.cases, run.finished) {
        paint.line(YELLOW, &format!("{id} passes: take it out of the ledger (--update)"));
    }
}

fn summary(paint: &mut Painter, run: &Run<'_>) {
    for (kind, counts) in run.by_kind() {
        paint.line("", &format!("{kind:8} {}", line(&counts)));
    }
    let counts = run.counts();
    let color = if run.new_failures() > 0 { RED } else { GREEN };
    let time = run.elapsed.as_secs_f64();
    paint.line(color, &format!("{} in {time:.2} s, seed {}", line(&counts), run.seed));
}

fn line(counts: &Counts) -> String {
    let mut line = format!("{} passed, {} failed", counts.passed, counts.failed);
    let parts: Vec<String> = [(counts.not_built, "not built"), (counts.known, "known")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if !parts.is_empty() {
        line += &format!(" ({})", parts.join(", "));
    }
    line += &format!(", {} skipped", counts.skipped);
    if counts.other_changes > 0 {
        line += &format!("; {} with other changes than Flink's", counts.other_changes);
    }
    line
}
