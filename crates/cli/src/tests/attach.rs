use crate::resource::kafka_attach::with_files;

const CA: &str = "-----BEGIN CERTIFICATE-----\nQ0E=\n-----END CERTIFICATE-----\n";

#[test]
fn files_of_the_properties_go_along_as_text() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca.pem"), CA).unwrap();
    let absolute = folder.path().join("ca.pem").display().to_string();
    let escaped = "-----BEGIN CERTIFICATE-----\\nQ0E=\\n-----END CERTIFICATE-----\\n";
    for (given, expected) in [
        ("# none\nbootstrap.servers=a:1\n".to_owned(), "# none\nbootstrap.servers=a:1\n".to_owned()),
        ("ssl.ca.location=ca.pem".to_owned(), format!("ssl.ca.pem={escaped}\n")),
        (format!("  ssl.truststore.location : {absolute}  "), format!("ssl.truststore.certificates={escaped}\n")),
        (
            "ssl.keystore.location ca.pem".to_owned(),
            format!("ssl.keystore.certificate.chain={escaped}\nssl.keystore.key={escaped}\n"),
        ),
        ("ssl.ca.locations=ca.pem".to_owned(), "ssl.ca.locations=ca.pem\n".to_owned()),
        ("#ssl.ca.location=ca.pem".to_owned(), "#ssl.ca.location=ca.pem\n".to_owned()),
    ] {
        assert_eq!(with_files(&given, folder.path()).unwrap(), expected, "{given}");
    }
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("trust.jks"), [0xfe, 0xed, 0xfe, 0xed]).unwrap();
    let error = |line: &str| with_files(line, folder.path()).unwrap_err().to_string();
    let missing = error("ssl.key.location=missing.pem");
    assert!(missing.contains("ssl.key.location=missing.pem") && missing.contains("No such file"), "{missing}");
    let store = error("ssl.truststore.location=trust.jks");
    assert!(store.contains("not PEM"), "{store}");
}
