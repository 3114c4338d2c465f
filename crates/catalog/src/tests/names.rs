//! Catalogs and databases by name or id (clients section 1).

use super::support::World;

#[tokio::test]
async fn names_and_ids_mean_the_same() {
    let world = World::new().await;
    world.done("CREATE TABLE `env-1`.`lkc-1`.t (a INT)").await;
    for name in ["t", "cluster_0.t", "`lkc-1`.t", "prod.cluster_0.t", "`env-1`.`lkc-1`.t", "prod.`lkc-1`.t"] {
        let (_, plan) = world.job(&format!("SELECT a FROM {name}")).await;
        assert_eq!(plan.tables[0].path.to_string(), "`prod`.`cluster_0`.`t`", "{name}");
    }
    // The twin clusters of the other environment have only ids.
    let (_, plan) = world.job("SELECT a FROM test.`lkc-2`.t").await;
    assert_eq!(plan.tables[0].path.to_string(), "`test`.`lkc-2`.`t`");
    for (sql, text) in [
        ("SELECT * FROM nowhere.cluster_0.t", "Catalog 'nowhere' not found"),
        ("SELECT * FROM prod.nowhere.t", "Database 'nowhere' not found"),
        ("SELECT * FROM nowhere", "Object 'nowhere' not found"),
    ] {
        let error = world.error(sql).await;
        assert!(error.starts_with("NUTKIN-2001") && error.contains(text), "{error}");
    }
    world.end().await;
}
