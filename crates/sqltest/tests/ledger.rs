//! The oracle's cases where they are at hand: what fails stands in the committed ledger, which may only get shorter.

use std::path::PathBuf;

use super::{own, report};

/// Lines of `oracle.tsv`. Make it smaller whenever the ledger gets shorter.
const KNOWN: usize = 234;

fn oracle() -> Option<PathBuf> {
    let beside = own("../../../shared/oracle/visible");
    let path = std::env::var_os("NUTKIN_ORACLE").map(PathBuf::from).unwrap_or(beside);
    path.is_dir().then_some(path)
}

#[test]
fn cases_of_the_oracle_fail_only_where_the_ledger_says_so() {
    let ledger = own("oracle.tsv");
    let text = std::fs::read_to_string(&ledger).unwrap();
    let listed = text.lines().filter(|line| !line.starts_with('#')).count();
    assert!(listed <= KNOWN, "the ledger has {listed} lines");
    let Some(cases) = oracle() else {
        // Past the harness, so that it is seen of a test that passes.
        let _ = std::io::Write::write_all(&mut std::io::stderr().lock(), b"skipped: NUTKIN_ORACLE names no oracle\n");
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let (lines, counts) =
        report(directory.path(), &["--seed", "1", "--ledger", ledger.to_str().unwrap(), cases.to_str().unwrap()]);
    let new: Vec<_> = lines
        .iter()
        .filter(|line| !matches!(line["status"].as_str(), Some("passed" | "skipped")) && line["known"] == false)
        .map(|line| format!("{} {}", line["id"], line["reason"]))
        .collect();
    assert!(new.is_empty(), "{new:#?}");
    assert!(counts["by_kind"]["scalar"]["passed"].as_u64().unwrap() > 1500, "{counts}");
}
