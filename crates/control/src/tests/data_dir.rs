//! One service at a time in a data directory.

use crate::DataDir;

#[test]
fn a_second_service_is_refused_until_the_first_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made/by/the/first");
    let first = DataDir::lock(&path).unwrap();
    let refused = DataDir::lock(&path).unwrap_err().to_string();
    assert!(refused.starts_with("NUTKIN-6005: ") && refused.contains(&*path.to_string_lossy()), "{refused}");
    drop(first);
    DataDir::lock(&path).unwrap();
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a-file");
    std::fs::write(&path, "").unwrap();
    let refused = DataDir::lock(&path).unwrap_err().to_string();
    assert!(refused.starts_with("NUTKIN-6004: ") && refused.contains(&*path.to_string_lossy()), "{refused}");
}
