//! Where NULL may stand without a type, as Apache Flink 2.2 answered.

use super::support::Catalog;

fn refusal(expression: &str) -> Option<String> {
    let catalog =
        Catalog::default().with("CREATE TABLE t (i INT, b BOOLEAN, s STRING, d DATE, ts TIMESTAMP(3), ai ARRAY<INT>)");
    catalog.analyze(&format!("SELECT {expression} FROM t")).err().map(|error| error.to_string())
}

#[test]
fn these_refuse_a_null_without_a_type() {
    for expression in [
        "NULL + 1",
        "1 + NULL",
        "i / NULL",
        "i % NULL",
        "-NULL",
        "NULL AND b",
        "b OR i = 1 OR NULL",
        "NOT NULL",
        "s || NULL",
        "NULL IS TRUE",
        "NULL IS NOT UNKNOWN",
        "ROW(1, NULL)",
        "ai[NULL]",
        "EXTRACT(YEAR FROM NULL)",
        "TRIM(NULL)",
        "TRIM(BOTH NULL FROM s)",
        "POSITION('a' IN NULL)",
        "OVERLAY(s PLACING NULL FROM 1)",
        "SUBSTRING(NULL FROM 1)",
        "TIMESTAMPADD(DAY, NULL, ts)",
        "TIMESTAMPDIFF(DAY, NULL, ts)",
        "FLOOR(NULL TO DAY)",
        "CEIL(NULL)",
        "ABS((NULL))",
        "UPPER(NULL)",
        "IF(b, NULL, 1)",
        "JSON_VALUE(NULL, '$.a')",
        "JSON_EXISTS(NULL, '$.a')",
        "NULL IS JSON",
        "NULL + INTERVAL '1' DAY",
        "COALESCE(NULL)",
        "COALESCE(NULL, NULL)",
        "IFNULL(NULL, NULL)",
        "LEFT(NULL, 1)",
        "RAND(NULL)",
        "CARDINALITY(NULL)",
        "CASE WHEN NULL AND b THEN 1 ELSE 2 END",
    ] {
        let refusal = refusal(expression).unwrap_or_else(|| panic!("{expression}"));
        assert!(refusal.contains("Illegal use of 'NULL'"), "{expression}: {refusal}");
    }
    for expression in ["s LIKE NULL", "GREATEST(NULL, 1)", "d + NULL", "+NULL"] {
        assert!(refusal(expression).is_some(), "{expression}");
    }
    for expression in ["NULLIF(NULL, 1)", "NULLIF(NULL, NULL)", "CASE WHEN b THEN NULL END"] {
        let refusal = refusal(expression).unwrap_or_else(|| panic!("{expression}"));
        assert!(refusal.contains("at least one THEN clause must be non-NULL"), "{expression}: {refusal}");
    }
}

#[test]
fn these_give_it_one() {
    for expression in [
        "NULL = 1",
        "i <> NULL",
        "NULL < 1",
        "NULL = NULL",
        "i IN (1, NULL)",
        "NULL IN (1)",
        "i NOT IN (1, NULL)",
        "i BETWEEN NULL AND 3",
        "NULL IS NULL",
        "NULL IS DISTINCT FROM 1",
        "NULLIF(i, NULL)",
        "COALESCE(NULL, 1)",
        "IFNULL(i, NULL)",
        "CASE WHEN b THEN NULL ELSE 1 END",
        "CASE WHEN NULL THEN 1 ELSE 2 END",
        "CASE NULL WHEN 1 THEN 1 ELSE 2 END",
        "ARRAY[1, NULL]",
        "BTRIM(NULL)",
        "UNHEX(NULL)",
        "TYPEOF(NULL)",
        "JSON_STRING(NULL)",
        "ARRAY_CONTAINS(ai, NULL)",
        "URL_ENCODE(NULL)",
        "(i = NULL) AND b",
        "CAST(NULL AS INT) + 1",
        "i + COALESCE(NULL, 1)",
    ] {
        assert_eq!(refusal(expression), None, "{expression}");
    }
}
