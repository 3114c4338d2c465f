//! Rules of the house: who may use whom, licences, and a page for every error code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use regex::Regex;
use serde_json::Value;

use crate::process::root;

/// Licences that may be distributed with Apache-2.0 work.
const LICENCES: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

fn metadata() -> &'static Value {
    static METADATA: OnceLock<Value> = OnceLock::new();
    METADATA.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.current_dir(root()).args(["metadata", "--locked", "--format-version", "1"]);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    })
}

/// Rooms and the rooms that they use outside their tests.
fn uses() -> BTreeMap<String, BTreeSet<String>> {
    let room = |name: &str| name.strip_prefix("nutkin-").or((name == "nutkin").then_some("nutkin")).map(str::to_owned);
    let packages = metadata()["packages"].as_array().unwrap();
    let mut uses = BTreeMap::new();
    for package in packages {
        let rooms = root().join("crates");
        let is_room = Path::new(package["manifest_path"].as_str().unwrap()).starts_with(rooms);
        let Some(name) = room(package["name"].as_str().unwrap()).filter(|_| is_room) else { continue };
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        let normal = dependencies.filter(|dependency| dependency["kind"].is_null());
        uses.insert(name, normal.filter_map(|dependency| room(dependency["name"].as_str().unwrap())).collect());
    }
    uses
}

/// The table of ARCHITECTURE.md: room to rooms it may use; `None` is all.
fn table() -> BTreeMap<String, Option<BTreeSet<String>>> {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let after = text.split_once("| room |").unwrap().1;
    let link = Regex::new(r"\([^)]*\]\([^)]*\)[^)]*\)").unwrap();
    let mut table = BTreeMap::new();
    for line in after.lines().skip(2).take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let name = cells[0].trim_matches('`').to_owned();
        // A reason may stand in brackets behind a name.
        let allowed = link.replace_all(cells[2], "");
        let allowed = match allowed.trim() {
            "all" => None,
            "-" => Some(BTreeSet::new()),
            list => Some(list.split(',').map(|name| name.trim().trim_matches('`').to_owned()).collect()),
        };
        table.insert(name, allowed);
    }
    assert!(table.len() > 10, "{table:?}");
    table
}

fn reach(room: &str, direct: &dyn Fn(&str) -> BTreeSet<String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![room.to_owned()];
    while let Some(next) = open.pop() {
        for used in direct(&next) {
            if found.insert(used.clone()) {
                open.push(used);
            }
        }
    }
    found
}

#[test]
fn rooms_use_only_the_rooms_of_their_row() {
    let (uses, table) = (uses(), table());
    for name in uses.keys() {
        assert!(table.contains_key(name), "room {name} is not in the table of ARCHITECTURE.md");
    }
    for name in table.keys() {
        assert!(uses.contains_key(name), "ARCHITECTURE.md has a room {name} that is not there");
    }
    let in_row = |room: &str| table.get(room).and_then(Clone::clone).unwrap_or_default();
    for (room, used) in &uses {
        if table[room].is_none() {
            continue;
        }
        let allowed = reach(room, &in_row);
        let forbidden: Vec<_> = used.difference(&allowed).collect();
        assert!(forbidden.is_empty(), "{room} uses {forbidden:?}, its row allows {allowed:?}");
        let circle = reach(room, &|room| uses.get(room).cloned().unwrap_or_default());
        assert!(!circle.contains(room), "{room} uses itself through others");
    }
}

#[test]
fn licences_of_all_dependencies_allow_distribution() {
    let mut wrong = Vec::new();
    for package in metadata()["packages"].as_array().unwrap() {
        let licence = package["license"].as_str().unwrap_or("none");
        if !allowed(licence) {
            wrong.push(format!("{} {}: {licence}", package["name"], package["version"]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whether an SPDX expression leaves a choice that is in the list.
fn allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    let token = Regex::new(r"\(|\)|[^\s()]+").unwrap();
    let tokens: Vec<&str> = token.find_iter(&expression).map(|found| found.as_str()).collect();
    let mut at = 0;
    let result = any(&tokens, &mut at);
    assert_eq!(at, tokens.len(), "{expression}");
    result
}

fn any(tokens: &[&str], at: &mut usize) -> bool {
    let mut result = all(tokens, at);
    while tokens.get(*at) == Some(&"OR") {
        *at += 1;
        result |= all(tokens, at);
    }
    result
}

fn all(tokens: &[&str], at: &mut usize) -> bool {
    let mut result = one(tokens, at);
    while tokens.get(*at) == Some(&"AND") {
        *at += 1;
        result &= one(tokens, at);
    }
    result
}

fn one(tokens: &[&str], at: &mut usize) -> bool {
    let mut name = tokens.get(*at).map_or(String::new(), |token| (*token).to_owned());
    *at += 1;
    if name == "(" {
        let inner = any(tokens, at);
        *at += 1;
        return inner;
    }
    if tokens.get(*at) == Some(&"WITH") {
        name = format!("{name} WITH {}", tokens[*at + 1]);
        *at += 2;
    }
    LICENCES.contains(&name.as_str())
}

#[test]
fn expressions_of_licences_are_understood() {
    for good in ["MIT/Apache-2.0", "(MIT OR GPL-3.0) AND Unicode-3.0", "Apache-2.0 WITH LLVM-exception OR GPL-2.0"] {
        assert!(allowed(good), "{good}");
    }
    for bad in ["none", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND AGPL-3.0"] {
        assert!(!allowed(bad), "{bad}");
    }
}

#[test]
fn every_error_code_has_its_page() {
    let code = Regex::new(r"NUTKIN-\d{4}").unwrap();
    let mut used: BTreeMap<String, PathBuf> = BTreeMap::new();
    for room in std::fs::read_dir(root().join("crates")).unwrap().flatten() {
        sources(&room.path().join("src"), &mut |path, text| {
            for found in code.find_iter(text) {
                used.entry(found.as_str().to_owned()).or_insert_with(|| path.to_owned());
            }
        });
    }
    assert!(used.len() > 40, "{used:?}");
    let pages = root().join("docs/errors");
    let missing: Vec<_> = used.iter().filter(|(code, _)| !pages.join(format!("{code}.md")).exists()).collect();
    assert!(missing.is_empty(), "codes without a page: {missing:#?}");
    for page in std::fs::read_dir(pages).unwrap().flatten() {
        let name = page.file_name().to_string_lossy().into_owned();
        let Some(code) = code.find(&name) else { continue };
        assert!(used.contains_key(code.as_str()), "{name} is about a code that no source has");
        let text = std::fs::read_to_string(page.path()).unwrap();
        assert!(text.lines().next().is_some_and(|title| title.contains(code.as_str())), "{name} has no title");
    }
}

/// Product sources below `directory`: tests may make codes up.
fn sources(directory: &Path, look: &mut dyn FnMut(&Path, &str)) {
    for entry in std::fs::read_dir(directory).unwrap().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if name == "tests" || name == "tests.rs" {
            continue;
        }
        if path.is_dir() {
            sources(&path, look);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            look(&path, &std::fs::read_to_string(&path).unwrap());
        }
    }
}
