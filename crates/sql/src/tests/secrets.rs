//! What is shown of statements with secrets.

use std::borrow::Cow;

use crate::redacted;

#[test]
fn values_of_secret_keys_are_hidden() {
    for (sql, shown) in [
        (
            "CREATE CONNECTION c WITH ('type' = 'OPENAI', 'endpoint' = 'https://x', 'api-key'='a''b')",
            "CREATE CONNECTION c WITH ('type' = 'OPENAI', 'endpoint' = 'https://x', 'api-key'='******')",
        ),
        (
            "-- 'api-key' = 'x'\n/* 'a' */ alter connection c SET ('aws-secret-key'\n=\n'é', 'aws-access-key' = 'k', 'username' = 'u')",
            "-- 'api-key' = 'x'\n/* 'a' */ alter connection c SET ('aws-secret-key'\n=\n'******', 'aws-access-key' = '******', 'username' = 'u')",
        ),
        (
            "CREATE MODEL m INPUT (`a'b` STRING) WITH ('openai.api_key' = 's', 'token-endpoint' = 'https://t', 'token' = 't');",
            "CREATE MODEL m INPUT (`a'b` STRING) WITH ('openai.api_key' = '******', 'token-endpoint' = 'https://t', 'token' = '******');",
        ),
        ("SET 'sql.secrets.mine' = 's'", "SET 'sql.secrets.mine' = '******'"),
        // No statement, but somebody's password all the same.
        ("CREATE CONNECTION c WITH ('password' = 'never closed)", "CREATE CONNECTION c WITH ('password' = '******'"),
    ] {
        assert_eq!(redacted(sql), shown);
        assert_eq!(redacted(shown), shown, "twice is once");
    }
}

#[test]
fn all_else_stays_as_it_is() {
    for sql in [
        "SELECT * FROM t WHERE 'password' = 'x'",
        "CREATE TABLE t (a INT COMMENT 'secret') WITH ('key.format' = 'raw', 'kafka.retention.time' = '1 d')",
        "CREATE TABLE t (a INT) COMMENT 'password' WITH ('value.format' = 'raw')",
        "ALTER TABLE t SET ('scan.startup.mode' = 'latest-offset') -- 'password' = 'x'",
        "/* never closed 'password' = 'x'",
        "",
        "SET",
    ] {
        assert!(matches!(redacted(sql), Cow::Borrowed(same) if same == sql), "{sql}");
    }
}
