use std::os::unix::fs::PermissionsExt;

use crate::error::ControlError;
use crate::seal::{KEY_FILE, SealError, Sealer};

const SECRET: &str = "bootstrap.servers=kafka:9093\nsasl.password=hunter2\n";

fn sealer(byte: u8) -> Sealer {
    Sealer::new(&[byte; 32]).unwrap()
}

#[test]
fn what_was_sealed_is_given_back() {
    for secret in ["", "x", SECRET, &"long ".repeat(10_000)] {
        let sealed = sealer(1).seal("lkc-000001", secret).unwrap();
        assert_eq!(sealer(1).unseal("lkc-000001", &sealed).unwrap().expose(), secret);
    }
}

#[test]
fn nothing_of_the_secret_or_the_key_is_shown() {
    let sealer = sealer(7);
    let sealed = sealer.seal("lkc-000001", SECRET).unwrap();
    assert!(!sealed.contains("hunter2") && !sealed.contains("kafka"), "{sealed}");
    assert_ne!(sealed, sealer.seal("lkc-000001", SECRET).unwrap(), "the nonce is new each time");
    assert!(!format!("{sealer:?}").contains("0707"), "{sealer:?}");
    let opened = sealer.unseal("lkc-000001", &sealed).unwrap();
    assert!(!format!("{opened:?}").contains("hunter2"));
}

#[test]
fn another_key_is_told_from_damage() {
    let sealed = sealer(1).seal("lkc-000001", SECRET).unwrap();
    let error = sealer(2).unseal("lkc-000001", &sealed).unwrap_err();
    assert!(matches!(error, SealError::OtherKey { .. }), "{error}");
    assert!(error.to_string().starts_with("NUTKIN-6007: the credentials of lkc-000001"), "{error}");
}

/// Whichever character is changed or cut off.
#[test]
fn a_text_that_was_changed_does_not_open() {
    let sealer = sealer(1);
    let sealed = sealer.seal("lkc-000001", "password").unwrap();
    for at in 0..sealed.len() {
        let mut changed = sealed.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(sealer.unseal("lkc-000001", &changed).is_err(), "{at}: {changed}");
        assert!(sealer.unseal("lkc-000001", &sealed[..at]).is_err(), "first {at} characters");
    }
    let damaged = Err(SealError::Damaged { id: "lkc-000001".to_owned() });
    for nonsense in ["", "1", "1.x", "2.aa.bb", "plain text", "🦌.🦌.🦌"] {
        let opened = sealer.unseal("lkc-000001", nonsense).map(drop);
        assert!(opened == damaged || matches!(opened, Err(SealError::OtherKey { .. })), "{nonsense}: {opened:?}");
    }
}

#[test]
fn a_text_opens_only_for_its_own_resource() {
    let sealed = sealer(1).seal("lkc-000001", SECRET).unwrap();
    let error = sealer(1).unseal("lkc-000002", &sealed).unwrap_err();
    assert_eq!(error, SealError::Damaged { id: "lkc-000002".to_owned() });
}

#[test]
fn the_key_file_is_made_once_and_is_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let sealed = Sealer::open(folder.path(), None).unwrap().seal("lkc-000001", SECRET).unwrap();
    let path = folder.path().join(KEY_FILE);
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(Sealer::open(folder.path(), None).unwrap().unseal("lkc-000001", &sealed).is_ok(), "after a restart");

    std::fs::write(&path, b"short").unwrap();
    let error = Sealer::open(folder.path(), None).unwrap_err();
    assert!(matches!(&error, ControlError::Internal(text) if text.starts_with("NUTKIN-6006")), "{error}");
    std::fs::remove_file(&path).unwrap();
    let error = Sealer::open(folder.path(), None).unwrap().unseal("lkc-000001", &sealed).unwrap_err();
    assert!(matches!(error, SealError::OtherKey { .. }), "{error}");
}

#[test]
fn a_key_of_the_environment_goes_before_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let given = Sealer::open(folder.path(), Some(&"0a".repeat(32))).unwrap();
    let sealed = given.seal("lkc-000001", SECRET).unwrap();
    assert!(sealer(10).unseal("lkc-000001", &sealed).is_ok());
    assert!(!folder.path().join(KEY_FILE).exists());
    for wrong in ["0a", "not hexadecimal", &"0a".repeat(33)] {
        let error = Sealer::open(folder.path(), Some(wrong)).unwrap_err().to_string();
        assert!(error.starts_with("NUTKIN-6006: NUTKIN_SEAL_KEY") && !error.contains(wrong), "{error}");
    }
}
