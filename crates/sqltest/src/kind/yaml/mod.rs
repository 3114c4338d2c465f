//! `yaml`: cases written by people. As in the service, tables are topics: rows pass through the table's format, `$rowtime` is the
//! record's timestamp, and the watermark is the default one unless another is declared. With `mode: flink` tables are in
//! memory, in Flink's default catalog, under the rules of the recorded cases.

mod document;
mod expectation;
mod rows;
mod run;

use std::path::Path;

use crate::case::{Body, ExpectedError, Passed, Test, Trouble};
use crate::random::Random;
use crate::world::Way;
use document::Document;
use expectation::Expectation;

/// A case with its SQL.
struct Yaml {
    document: Document,
    /// Statements in order.
    statements: Vec<String>,
    expected: Expected,
}

/// What must come out.
enum Expected {
    Error(ExpectedError),
    /// By table; `result` for the rows of a query.
    Tables(Vec<Expectation>),
}

/// The name and the case of a document.
///
/// # Errors
/// Says what is wrong with the document, and where.
pub fn read(text: &str, directory: &Path) -> Result<(Option<String>, Body), String> {
    let document = Document::parse(text)?;
    let name = document.name.clone();
    if let Some(reason) = &document.skip {
        return Ok((name, Body::Skip(reason.clone())));
    }
    let statements = document.statements(directory)?;
    let expected = match document.expect.get("error") {
        Some(error) => Expected::Error(expectation::error(error)?),
        None => Expected::Tables(expectation::tables(&document.expect)?),
    };
    Ok((name, Body::Test(Box::new(Yaml { document, statements, expected }))))
}

impl Test for Yaml {
    fn run(&self, id: &str, seed: u64) -> Result<Passed, Trouble> {
        let mut random = Random::new(seed, id);
        let expectations = match &self.expected {
            Expected::Error(error) => return error.check(self.evaluate(Way::Straight, &mut random)),
            Expected::Tables(expectations) => expectations,
        };
        for way in Way::ALL {
            let held = self.evaluate(way, &mut random)?;
            let mut differences = Vec::new();
            for (expectations, tables) in self.document.checks()?.iter().zip(&held.checks) {
                differences.extend(expectations.iter().filter_map(|expected| expected.check(tables, way)));
            }
            differences.extend(expectations.iter().filter_map(|expected| expected.check(&held.tables, way)));
            if expectations.is_empty() {
                differences.extend(expectation::unexpected(&held.tables));
            }
            if !differences.is_empty() {
                return Err(Trouble::Differs(differences));
            }
        }
        Ok(Passed::default())
    }

    fn record(&self, id: &str, seed: u64) -> Option<Result<String, Trouble>> {
        let mut random = Random::new(seed, id);
        let expectations = match &self.expected {
            Expected::Error(_) => &[][..],
            Expected::Tables(expectations) => expectations,
        };
        Some(match self.evaluate(Way::Straight, &mut random) {
            Ok(held) => expectation::recorded(expectations, &held.tables).map_err(Trouble::from),
            Err(refusal) if !refusal.not_built => Ok(expectation::recorded_error(&refusal)),
            Err(refusal) => Err(refusal.into()),
        })
    }
}
