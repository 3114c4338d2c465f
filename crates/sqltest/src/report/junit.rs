//! JUnit's XML, as CI systems read it: a suite per file.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Run;
use crate::case::{Case, Outcome, Trouble};
use crate::runner::Finished;

pub fn text(run: &Run<'_>) -> String {
    let mut suites: BTreeMap<String, Vec<&Finished>> = BTreeMap::new();
    for finished in run.finished {
        suites.entry(run.cases[finished.case].file.display().to_string()).or_default().push(finished);
    }
    let counts = run.counts();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "<testsuites tests=\"{}\" failures=\"{}\" skipped=\"{}\" time=\"{:.3}\">",
        run.finished.len(),
        counts.failed,
        counts.skipped,
        run.elapsed.as_secs_f64()
    );
    for (file, cases) in suites {
        let failed = cases.iter().filter(|finished| finished.outcome.has_failed()).count();
        let skipped = cases.iter().filter(|finished| matches!(finished.outcome, Outcome::Skipped(_))).count();
        let time: f64 = cases.iter().map(|finished| finished.duration.as_secs_f64()).sum();
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failed}\" skipped=\"{skipped}\" time=\"{time:.3}\">",
            escaped(&file),
            cases.len()
        );
        for finished in cases {
            case(&mut out, &run.cases[finished.case], finished);
        }
        out += "  </testsuite>\n";
    }
    out + "</testsuites>\n"
}

fn case(out: &mut String, case: &Case, finished: &Finished) {
    let time = finished.duration.as_secs_f64();
    let (id, kind) = (escaped(&case.id), case.kind);
    let _ = write!(out, "    <testcase name=\"{id}\" classname=\"{kind}\" line=\"{}\" time=\"{time:.3}\"", case.line);
    let reason = escaped(&finished.outcome.reason());
    let _ = match &finished.outcome {
        Outcome::Passed(_) => writeln!(out, "/>"),
        Outcome::Skipped(_) => writeln!(out, "><skipped message=\"{reason}\"/></testcase>"),
        outcome => {
            writeln!(out, "><failure message=\"{reason}\">{}</failure></testcase>", escaped(&details(outcome)))
        }
    };
}

fn details(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Failed(Trouble::Differs(differences)) => {
            let lines = differences.iter().flat_map(|difference| {
                let lines = difference.lines().into_iter().map(|(tag, line)| format!("{tag} {line}"));
                std::iter::once(difference.what.clone()).chain(lines)
            });
            lines.collect::<Vec<_>>().join("\n")
        }
        Outcome::Failed(Trouble::Refused(refusal)) => refusal.to_string(),
        other => other.reason(),
    }
}

/// Text for attributes and content; characters that XML has no way to write become blanks.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '&' => out += "&amp;",
            '"' => out += "&quot;",
            '\n' | '\t' => out.push(c),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
