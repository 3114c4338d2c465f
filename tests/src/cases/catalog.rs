//! What clients ask of the catalog over REST: INFORMATION_SCHEMA, ALTER TABLE, views (spec D-08, D-10, Q-17).

use serde_json::{Value, json};

use crate::service::{Options, Service};
use crate::workplace::Workplace;

/// The cells of all rows, as text.
async fn rows(place: &Workplace, sql: &str, count: usize) -> Vec<Vec<Value>> {
    place.query(sql, count).await.into_iter().map(|(_, row)| row).collect()
}

/// The table as the Table API reads it, in one query of four parts.
fn definition(environment: &str, table: &str) -> String {
    let part = |view: &str, cells: [&str; 3], kind: char| {
        let [name, text, position] = cells;
        format!(
            "(SELECT\n{name} AS `NAME`,\n{text} AS `TEXT`,\n{position} AS `POSITION_`,\n'{kind}' AS `KIND`\nFROM `{environment}`.`INFORMATION_SCHEMA`.`{view}`\nWHERE `TABLE_NAME` = '{table}')"
        )
    };
    let none = "CAST(NULL AS INT)";
    [
        part("TABLES", ["`TABLE_TYPE`", "`WATERMARK_COLUMN`", "`DISTRIBUTION_BUCKETS`"], 'T'),
        part("COLUMNS", ["`COLUMN_NAME`", "`FULL_DATA_TYPE`", "`ORDINAL_POSITION`"], 'C'),
        part("KEY_COLUMN_USAGE", ["`COLUMN_NAME`", "`CONSTRAINT_NAME`", "`ORDINAL_POSITION`"], 'K'),
        part("TABLE_OPTIONS", ["`OPTION_KEY`", "`OPTION_VALUE`", none], 'O'),
    ]
    .join("\nUNION ALL\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_catalog_answers_and_changes_over_rest() {
    let service = Service::start(Options::default()).await;
    let place = Workplace::new(&service).await;
    place.execute("CREATE TABLE orders (id INT NOT NULL, price DOUBLE, PRIMARY KEY (id) NOT ENFORCED) DISTRIBUTED INTO 2 BUCKETS").await;
    place.execute("ALTER TABLE orders ADD (gross AS price * 2, part INT METADATA FROM 'partition' VIRTUAL)").await;
    place.execute("ALTER TABLE orders SET ('kafka.retention.time' = '2 d')").await;
    place.execute("CREATE VIEW cheap (id, amount) AS SELECT id, gross FROM orders WHERE price < 10").await;

    let sql = format!(
        "/* {{\"app\": \"dbt\"}} */ SELECT TABLE_NAME as name, TABLE_TYPE as type FROM `{}`.INFORMATION_SCHEMA.`TABLES` WHERE TABLE_SCHEMA = '{}'",
        place.environment, place.cluster_name
    );
    let listed = rows(&place, &sql, 2).await;
    assert_eq!(listed, [[json!("cheap"), json!("VIEW")], [json!("orders"), json!("BASE TABLE")]]);

    let all = rows(&place, &definition(&place.environment, "orders"), 17).await;
    let has = |expected: [Value; 4]| assert!(all.iter().any(|row| row[..] == expected), "{expected:?}: {all:?}");
    has([json!("BASE TABLE"), json!("$rowtime"), json!("2"), json!("T")]);
    has([json!("gross"), json!("DOUBLE"), json!("3"), json!("C")]);
    has([json!("$rowtime"), json!("TIMESTAMP(3) WITH LOCAL TIME ZONE"), json!("5"), json!("C")]);
    has([json!("id"), json!("PK_id"), json!("1"), json!("K")]);
    has([json!("kafka.retention.time"), json!("172800000 ms"), Value::Null, json!("O")]);

    // The view is read through the table as it is now.
    place.execute("INSERT INTO orders (id, price) VALUES (1, 4.0), (2, 40.0)").await;
    let found = rows(&place, "SELECT id, amount FROM cheap", 1).await;
    assert_eq!(found, [[json!("1"), json!("8.0")]]);

    place.submit("kept", "SHOW TABLES").await;
    place.phase("kept", &["COMPLETED"]).await;
    let jobs = rows(&place, "SHOW JOBS LIKE 'kept'", 1).await;
    assert_eq!(jobs[0][..4], [json!("kept"), json!("COMPLETED"), json!("SHOW TABLES"), json!(place.pool)]);

    place.execute("ALTER TABLE orders MODIFY gross AS price * 3 FIRST").await;
    place.execute("CREATE FUNCTION triple AS 'com.example.Triple' USING JAR 'confluent-artifact://cfa-1/ver-1'").await;
    assert_eq!(rows(&place, "SHOW USER FUNCTIONS", 1).await, [[json!("triple")]]);
    let detail = place.failure("SELECT triple(1)").await;
    assert!(detail.starts_with("NUTKIN-2002") && detail.contains("`triple`"), "{detail}");
    let detail = place.failure("ALTER TABLE orders ADD more INT").await;
    assert!(detail.contains("cannot be added to a table"), "{detail}");
    let together = "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.`TABLES` UNION ALL SELECT CAST(id AS STRING) FROM orders";
    let detail = place.failure(together).await;
    assert!(detail.starts_with("NUTKIN-3211"), "{detail}");
    // What sorts and groups runs in the pool, over the rows of this moment.
    let of_database = format!("FROM INFORMATION_SCHEMA.`TABLES` WHERE TABLE_SCHEMA = '{}'", place.cluster_name);
    let counted = rows(&place, &format!("SELECT COUNT(*) {of_database}"), 1).await;
    assert_eq!(counted, [[json!("2")]]);
    let sorted = rows(&place, &format!("SELECT TABLE_NAME {of_database} ORDER BY TABLE_NAME DESC"), 2).await;
    assert_eq!(sorted, [[json!("orders")], [json!("cheap")]]);
    // The service outlives a statement as high as the parser allows.
    let high = (0..900).map(|n| format!("SELECT {n} AS n")).collect::<Vec<_>>().join(" UNION ALL ");
    assert_eq!(rows(&place, &high, 900).await.len(), 900);
    // An expression of many terms is kept in the state database, and sent to the pool.
    let terms = vec!["id"; 400].join(" + ");
    let bounded = "/*+ OPTIONS('scan.bounded.mode' = 'latest-offset') */";
    place.submit("terms", &format!("SELECT {terms} FROM orders {bounded}")).await;
    place.phase("terms", &["COMPLETED"]).await;
    place.execute("DROP VIEW cheap").await;
    let detail = place.failure("SELECT * FROM cheap").await;
    assert!(detail.contains("Object 'cheap' not found"), "{detail}");
}
