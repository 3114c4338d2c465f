//! `*.yaml`: cases written by people, one per document of the file.

use std::path::Path;

use crate::case::{Body, Case};
use crate::kind::yaml;

/// Between two documents.
const SEPARATOR: &str = "---";

/// A document as lines of its file.
struct Document<'a> {
    /// Number of its first line, from 1.
    line: usize,
    lines: Vec<&'a str>,
}

fn documents(text: &str) -> Vec<Document<'_>> {
    let mut documents = vec![Document { line: 1, lines: Vec::new() }];
    for (number, line) in text.lines().enumerate() {
        match documents.last_mut() {
            Some(document) if line.trim_end() != SEPARATOR => document.lines.push(line),
            _ => documents.push(Document { line: number + 2, lines: Vec::new() }),
        }
    }
    documents
}

/// True when there is more than comments.
fn has_content(document: &Document<'_>) -> bool {
    document.lines.iter().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
}

pub(super) fn read(path: &Path, name: &str, text: &str) -> Vec<Case> {
    let documents = documents(text);
    let documents: Vec<_> = documents.into_iter().filter(has_content).collect();
    let number_of_documents = documents.len();
    let cases = documents.into_iter().enumerate().map(|(number, document)| {
        let first = document.lines.iter().position(|line| !line.trim().is_empty() && !line.starts_with('#'));
        let line = document.line + first.unwrap_or(0);
        let directory = path.parent().unwrap_or(Path::new("."));
        let (title, body) = match yaml::read(&document.lines.join("\n"), directory) {
            Ok((title, body)) => (title, body),
            Err(problem) => (None, Body::Broken(problem)),
        };
        let id = match (title, number_of_documents) {
            (Some(title), _) => format!("{name}/{title}"),
            (None, 1) => name.to_owned(),
            (None, _) => format!("{name}/{}", number + 1),
        };
        Case { id, kind: "yaml", file: path.to_owned(), line, body }
    });
    cases.collect()
}

/// The file's text with another expectation in the document that begins at or before `line`: all else stays as it is written.
pub(crate) fn with_expectation(text: &str, line: usize, expectation: &str) -> String {
    let documents = documents(text);
    let chosen = documents.iter().rposition(|document| document.line <= line).unwrap_or(0);
    let mut out: Vec<String> = Vec::new();
    for (number, document) in documents.iter().enumerate() {
        if number > 0 {
            out.push(SEPARATOR.to_owned());
        }
        match number == chosen {
            true => out.extend(replaced(&document.lines, expectation)),
            false => out.extend(document.lines.iter().map(|line| (*line).to_owned())),
        }
    }
    out.join("\n") + "\n"
}

/// The lines with those of the key `expect` replaced, or added at the end.
fn replaced(lines: &[&str], expectation: &str) -> Vec<String> {
    let own = |line: &&str| (*line).to_owned();
    let begins_key = |line: &&str| !line.is_empty() && !line.starts_with([' ', '#', '-']);
    let begin = lines.iter().position(|line| line.starts_with("expect:"));
    let Some(begin) = begin else {
        let content = lines.iter().rposition(|line| !line.trim().is_empty()).map_or(0, |last| last + 1);
        let head = lines[..content].iter().map(own);
        return head.chain(expectation.lines().map(str::to_owned)).collect();
    };
    let after = lines[begin + 1..].iter().position(begins_key);
    let end = after.map_or(lines.len(), |after| begin + 1 + after);
    let head = lines[..begin].iter().map(own);
    head.chain(expectation.lines().map(str::to_owned)).chain(lines[end..].iter().map(own)).collect()
}
