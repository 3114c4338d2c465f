//! Files to cases: one reader per form, chosen by the ending of the name.

mod jsonl;
mod yaml;

pub(crate) use yaml::with_expectation;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::case::{Body, Case};
use crate::error::Error;

/// How files with an ending are read.
struct Form {
    endings: &'static [&'static str],
    /// By the file's path, its name as ids show it, and its text.
    read: fn(&Path, &str, &str) -> Vec<Case>,
}

const FORMS: &[Form] =
    &[Form { endings: &["jsonl"], read: jsonl::read }, Form { endings: &["yaml", "yml"], read: yaml::read }];

/// The cases of files and of all files below directories, in the order of their names.
///
/// # Errors
/// NUTKIN-6301 for a path that cannot be read or holds no cases.
pub fn read(paths: &[PathBuf]) -> Result<Vec<Case>, Error> {
    let mut cases = Vec::new();
    for path in paths {
        let before = cases.len();
        if path.is_dir() {
            for file in files(path)? {
                let below = file.strip_prefix(path).unwrap_or(&file).with_extension("");
                read_file(&file, &below.to_string_lossy(), &mut cases)?;
            }
        } else if !read_file(path, &path.file_stem().unwrap_or_default().to_string_lossy(), &mut cases)? {
            return Err(Error::Path {
                path: path.clone(),
                problem: "cases are files *.yaml, *.yml or *.jsonl".to_owned(),
            });
        }
        if cases.len() == before {
            return Err(Error::Path { path: path.clone(), problem: "there is no case in it".to_owned() });
        }
    }
    refuse_twins(&mut cases);
    Ok(cases)
}

/// A filter or a ledger could not tell two cases with one id from each other.
fn refuse_twins(cases: &mut [Case]) {
    let mut places: HashMap<String, String> = HashMap::new();
    for case in cases {
        let place = format!("{}:{}", case.file.display(), case.line);
        if let Some(first) = places.get(&case.id) {
            case.body = Body::Broken(format!("{first} is a case of the same name"));
        } else {
            places.insert(case.id.clone(), place);
        }
    }
}

fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> Error + '_ {
    |error| Error::Path { path: path.to_owned(), problem: error.to_string() }
}

/// Files below a directory, sorted; hidden ones are left out.
fn files(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(directory).map_err(unreadable(directory))?;
    let mut entries =
        entries.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>().map_err(unreadable(directory))?;
    entries.sort();
    for path in entries {
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if is_hidden {
            continue;
        }
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    Ok(found)
}

/// False for a file of another form.
fn read_file(path: &Path, name: &str, cases: &mut Vec<Case>) -> Result<bool, Error> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let Some(form) = FORMS.iter().find(|form| form.endings.contains(&ending)) else {
        let missing =
            || Error::Path { path: path.to_owned(), problem: "there is no such file or directory".to_owned() };
        return if path.exists() { Ok(false) } else { Err(missing()) };
    };
    let text = std::fs::read_to_string(path).map_err(unreadable(path))?;
    cases.extend((form.read)(path, name, &text));
    Ok(true)
}
