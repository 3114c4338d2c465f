//! JSON lines: one per case, the last one with the counts.

use serde_json::json;

use super::Run;
use crate::case::{Outcome, Trouble};

pub fn text(run: &Run<'_>) -> String {
    let mut out = String::new();
    for finished in run.finished {
        let case = &run.cases[finished.case];
        let status = match &finished.outcome {
            Outcome::Passed(_) => "passed",
            Outcome::Skipped(_) => "skipped",
            outcome if outcome.is_not_built() => "not built",
            _ => "failed",
        };
        let code = match &finished.outcome {
            Outcome::Failed(Trouble::Refused(refusal)) => Some(refusal.code.as_str()),
            _ => None,
        };
        let line = json!({
            "id": case.id,
            "kind": case.kind,
            "file": case.file.display().to_string(),
            "line": case.line,
            "status": status,
            "reason": finished.outcome.reason(),
            "code": code,
            "known": run.is_known(finished),
            "millis": finished.duration.as_secs_f64() * 1000.0,
        });
        out += &format!("{line}\n");
    }
    let counts = run.counts();
    let summary = json!({
        "passed": counts.passed,
        "failed": counts.failed,
        "skipped": counts.skipped,
        "by_kind": run.by_kind(),
        "not_built": counts.not_built,
        "missing": run.missing(),
        "known": counts.known,
        "new_failures": run.new_failures(),
        "seed": run.seed,
        "millis": run.elapsed.as_millis() as u64,
    });
    out + &format!("{summary}\n")
}
