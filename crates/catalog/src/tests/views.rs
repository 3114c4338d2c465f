//! Views (spec D-10).

use super::support::World;

async fn world() -> World {
    let world = World::new().await;
    world.done("CREATE TABLE orders (id INT, name STRING, price DOUBLE)").await;
    world
}

#[tokio::test]
async fn a_view_is_its_query_in_the_place_of_its_name() {
    let world = world().await;
    let done = world
        .done("create view `env-1`.`cluster_0`.`v1` as ( select id, price * 2 AS double_price from orders );")
        .await;
    assert_eq!((done.traits.sql_kind.as_str(), done.detail.as_str()), ("CREATE_VIEW", "View 'v1' created"));
    world.done("CREATE VIEW v2 (a, b COMMENT 'second') COMMENT 'over a view' AS SELECT id, double_price FROM v1 WHERE id > 3").await;
    let (traits, plan) = world.job("SELECT b FROM cluster_0.v2").await;
    assert_eq!(traits.schema.unwrap().columns[0].name, "b");
    let read: Vec<&str> = plan.tables.iter().map(|table| table.path.name.as_str()).collect();
    assert_eq!(read, ["orders"]);
    assert!(!world.has_topic("v1").await);
    assert_eq!(world.done("SHOW TABLES").await.names(), ["orders", "v1", "v2"]);
    assert_eq!(world.done("SHOW VIEWS LIKE '%2'").await.names(), ["v2"]);
    assert_eq!(
        world.done("DESCRIBE EXTENDED v2").await.rows(),
        [["a", "INT", "NULL", "", ""], ["b", "DOUBLE", "NULL", "", "second"]]
    );
    let text = "CREATE VIEW `prod`.`cluster_0`.`v2` (\n  `a`,\n  `b` COMMENT 'second'\n)\nCOMMENT 'over a view'\nAS SELECT id, double_price FROM v1 WHERE id > 3\n";
    let shown = world.done("SHOW CREATE VIEW v2").await;
    assert_eq!((shown.headings(), shown.rows()), (vec!["SHOW CREATE VIEW".to_owned()], vec![vec![text.to_owned()]]));
    world.end().await;
}

/// Names of the query mean what they meant where the view was made.
#[tokio::test]
async fn a_view_keeps_the_database_it_was_made_in() {
    let world = world().await;
    world.done("CREATE VIEW v AS SELECT id FROM orders").await;
    let mut elsewhere = World::properties();
    elsewhere.insert("sql.current-catalog".to_owned(), "examples".to_owned());
    elsewhere.insert("sql.current-database".to_owned(), "marketplace".to_owned());
    let outcome = world.submit_with("q", "SELECT * FROM prod.cluster_0.v", elsewhere).await;
    let Ok(crate::Outcome::Job { plan, .. }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(plan.tables[0].path.to_string(), "`prod`.`cluster_0`.`orders`");
    world.end().await;
}

#[tokio::test]
async fn views_are_altered_renamed_and_dropped() {
    let world = world().await;
    world.done("CREATE VIEW v AS SELECT id FROM orders").await;
    assert_eq!(
        world.done("CREATE VIEW IF NOT EXISTS v AS SELECT name FROM orders").await.detail,
        "View 'v' already exists"
    );
    assert_eq!(world.done("ALTER VIEW v AS SELECT id, name FROM orders").await.detail, "View 'v' altered");
    assert_eq!(world.describe("v").await.len(), 2);
    world.done("ALTER VIEW v RENAME TO w").await;
    assert_eq!(world.done("SHOW VIEWS").await.names(), ["w"]);
    assert_eq!(world.describe("w").await.len(), 2);
    assert_eq!(world.done("DROP VIEW w").await.detail, "View 'w' dropped");
    let error = world.error("SELECT * FROM w").await;
    assert!(error.contains("Object 'w' not found"), "{error}");
    let error = world.error("DROP VIEW w").await;
    assert!(error.starts_with("NUTKIN-3201") && error.contains("Object 'w' does not exist"), "{error}");
    world.done("DROP VIEW IF EXISTS w").await;
    world.done("ALTER VIEW IF EXISTS w RENAME TO x").await;
    world.done("CREATE TABLE w (a INT)").await;
    world.end().await;
}

#[tokio::test]
async fn tables_and_views_share_their_names() {
    let world = world().await;
    world.done("CREATE VIEW v AS SELECT id FROM orders").await;
    for sql in [
        "CREATE VIEW orders AS SELECT 1 AS a",
        "CREATE TABLE v (a INT)",
        "CREATE VIEW v AS SELECT 1 AS a",
        "ALTER VIEW v RENAME TO orders",
    ] {
        assert!(world.error(sql).await.starts_with("NUTKIN-3200"), "{sql}");
    }
    for sql in ["DROP VIEW orders", "DROP TABLE v"] {
        assert!(world.error(sql).await.starts_with("NUTKIN-3201"), "{sql}");
    }
    for sql in ["ALTER TABLE v DROP WATERMARK", "ALTER VIEW orders RENAME TO x"] {
        assert!(world.error(sql).await.contains("is not allowed"), "{sql}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_wrong_view_is_not_made() {
    let world = world().await;
    for (sql, text) in [
        ("CREATE VIEW v AS SELECT nothing FROM orders", "Column 'nothing' not found"),
        ("CREATE VIEW v (a, b) AS SELECT id FROM orders", "VIEW definition and input fields not match"),
        ("CREATE VIEW v (a, a) AS SELECT id, name FROM orders", "already exists in the view"),
        ("CREATE VIEW v AS SELECT a FROM missing", "Object 'missing' not found"),
        ("CREATE TEMPORARY VIEW v AS SELECT id FROM orders", "Temporary views are not supported"),
        ("CREATE VIEW examples.marketplace.v AS SELECT id FROM orders", "NUTKIN-3206"),
    ] {
        let error = world.error(sql).await;
        assert!(error.contains(text), "{sql}: {error}");
    }
    assert!(world.done("SHOW VIEWS").await.names().is_empty());
    world.end().await;
}

/// Whoever drops a table below a view hears of it when the view is used.
#[tokio::test]
async fn a_view_without_its_table_says_so() {
    let world = world().await;
    world.done("CREATE VIEW v AS SELECT id FROM orders").await;
    world.done("DROP TABLE orders").await;
    let error = world.error("SELECT * FROM v").await;
    assert!(
        error.contains("View `prod`.`cluster_0`.`v` cannot be used") && error.contains("'orders' not found"),
        "{error}"
    );
    world.done("DROP VIEW v").await;
    world.end().await;
}

/// A view that was made of itself by ALTER is told once, not once for each level.
#[tokio::test]
async fn views_made_of_each_other_are_refused_in_one_sentence() {
    let world = world().await;
    world.done("CREATE VIEW a AS SELECT id FROM orders").await;
    world.done("CREATE VIEW b AS SELECT id FROM a").await;
    let error = world.error("ALTER VIEW a AS SELECT id FROM b").await;
    assert!(error.contains("made of itself"), "{error}");
    assert!(error.matches("View ").count() < 3 && error.len() < 400, "{error}");
    assert_eq!(world.describe("b").await.len(), 1);
    world.end().await;
}
