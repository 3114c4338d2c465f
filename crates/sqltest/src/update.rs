//! `--update`: what comes out becomes what is expected, in the files of cases that people write.

use std::path::Path;

use crate::case::{Body, Case, Outcome};
use crate::error::Error;
use crate::read::with_expectation;
use crate::runner::Finished;

/// Rewrites the expectation of every case that failed and can be recorded; the rest of its file stays as it is.
///
/// # Errors
/// NUTKIN-6301 and NUTKIN-6305 for the files.
pub fn update(cases: &[Case], finished: &[Finished], seed: u64) -> Result<usize, Error> {
    let mut updated = 0;
    // From the last to the first: what is written moves only the lines behind it.
    for finished in finished.iter().rev() {
        let case = &cases[finished.case];
        let (Body::Test(test), Outcome::Failed(_)) = (&case.body, &finished.outcome) else { continue };
        if let Some(Ok(expectation)) = test.record(&case.id, seed) {
            rewrite(&case.file, case.line, &expectation)?;
            updated += 1;
        }
    }
    Ok(updated)
}

fn rewrite(path: &Path, line: usize, expectation: &str) -> Result<(), Error> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::Path { path: path.to_owned(), problem: error.to_string() })?;
    std::fs::write(path, with_expectation(&text, line, expectation))
        .map_err(|error| Error::Write { path: path.to_owned(), problem: error.to_string() })
}
