use std::sync::Arc;

use bytes::Bytes;

use crate::storage::{Creation, DirectoryStorage, MemoryStorage, Storage};

async fn conforms(storage: Arc<dyn Storage>) {
    assert_eq!(storage.get("a/b").await.unwrap(), None);
    assert_eq!(storage.list("a").await.unwrap(), Vec::<String>::new());
    assert_eq!(storage.create("a/b", Bytes::from("1")).await.unwrap(), Creation::Created);
    assert_eq!(storage.create("a/b", Bytes::from("2")).await.unwrap(), Creation::Exists);
    assert_eq!(storage.get("a/b").await.unwrap(), Some(Bytes::from("1")));
    storage.put("a/b", Bytes::from("3")).await.unwrap();
    storage.put("a/c/d", Bytes::from("4")).await.unwrap();
    storage.put("ab/e", Bytes::from("5")).await.unwrap();
    let mut listed = storage.list("a").await.unwrap();
    listed.sort();
    assert_eq!(listed, ["a/b", "a/c/d"]);
    storage.delete("a/c/d").await.unwrap();
    storage.delete("a/c/d").await.unwrap();
    assert_eq!(storage.list("a").await.unwrap(), ["a/b"]);

    let racers = (0..16).map(|i| {
        let storage = storage.clone();
        tokio::spawn(async move { storage.create("race/x", Bytes::from(vec![i; 100])).await.unwrap() })
    });
    let mut created = 0;
    for racer in racers.collect::<Vec<_>>() {
        created += usize::from(racer.await.unwrap() == Creation::Created);
    }
    assert_eq!(created, 1, "exactly one creator wins");
}

#[tokio::test]
async fn memory_conforms() {
    conforms(Arc::new(MemoryStorage::default())).await;
}

#[tokio::test]
async fn a_directory_conforms_and_leaves_no_temporary_files() {
    let folder = tempfile::tempdir().unwrap();
    conforms(Arc::new(DirectoryStorage::open(folder.path()).unwrap())).await;
    let left: Vec<_> = std::fs::read_dir(folder.path().join("race")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["x"]);
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_is_refused_at_open() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = DirectoryStorage::open(file.join("below")).unwrap_err();
    assert!(error.to_string().contains("NUTKIN-5201"), "{error}");
}
