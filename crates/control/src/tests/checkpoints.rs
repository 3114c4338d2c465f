use nutkin_state::CheckpointLocation;

use crate::checkpoints::{FILE, open};
use crate::options::Options;

#[tokio::test]
async fn statements_find_their_checkpoints_or_the_service_does_not_start() {
    let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let default = Options::new(data.path(), "http://localhost");
    let mut elsewhere = default.clone();
    elsewhere.checkpoints = CheckpointLocation::Directory(other.path().to_owned());

    open(&default).await.unwrap();
    open(&default).await.unwrap();
    let refused = open(&elsewhere).await.unwrap_err().to_string();
    assert!(refused.starts_with("NUTKIN-6008: "), "{refused}");
    assert!(refused.contains(&other.path().display().to_string()), "{refused}");

    std::fs::remove_file(data.path().join(FILE)).unwrap();
    open(&elsewhere).await.unwrap();
    assert!(open(&default).await.unwrap_err().to_string().starts_with("NUTKIN-6008: "));
    open(&elsewhere).await.unwrap();
}

#[tokio::test]
async fn a_data_directory_of_an_earlier_release_has_its_checkpoints_inside() {
    let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let default = Options::new(data.path(), "http://localhost");
    let mut elsewhere = default.clone();
    elsewhere.checkpoints = CheckpointLocation::Directory(other.path().to_owned());
    std::fs::create_dir_all(data.path().join("checkpoints/a-statement/log")).unwrap();
    assert!(open(&elsewhere).await.unwrap_err().to_string().starts_with("NUTKIN-6008: "));
    open(&default).await.unwrap();

    // The directory may be moved as a whole.
    let moved = other.path().join("moved");
    std::fs::rename(data.path(), &moved).unwrap();
    open(&Options::new(moved, "http://localhost")).await.unwrap();
}
