//! The catalog `examples` (spec sample-data.md).

use nutkin_plan::table::WatermarkStrategy;
use nutkin_plan::{ChangelogMode, Connector};

use super::support::World;
use crate::Options;

#[tokio::test]
async fn sample_tables_are_printed_as_the_original_prints_them() {
    let world = World::new().await;
    let expected = "\
CREATE TABLE `examples`.`marketplace`.`products` (
  `product_id` VARCHAR(2147483647) NOT NULL,
  `name` VARCHAR(2147483647) NOT NULL,
  `brand` VARCHAR(2147483647) NOT NULL,
  `vendor` VARCHAR(2147483647) NOT NULL,
  `department` VARCHAR(2147483647) NOT NULL,
  CONSTRAINT `PK_product_id` PRIMARY KEY (`product_id`) NOT ENFORCED
)
WITH (
  'changelog.mode' = 'upsert',
  'connector' = 'faker',
  'fields.brand.expression' = '#{Commerce.brand}',
  'fields.department.expression' = '#{Commerce.department}',
  'fields.name.expression' = '#{Commerce.productName}',
  'fields.product_id.expression' = '#{Number.numberBetween ''1000'',''1500''}',
  'fields.vendor.expression' = '#{Commerce.vendor}',
  'rows-per-second' = '50'
)
";
    let done = world.done("SHOW CREATE TABLE examples.marketplace.products").await;
    assert_eq!(done.rows()[0][0], expected);
    world.end().await;
}

#[tokio::test]
async fn sample_tables_are_described() {
    let world = World::new().await;
    let done = world.done("DESCRIBE examples.marketplace.orders").await;
    let expected = [
        ["order_id", "STRING", "NOT NULL", ""],
        ["customer_id", "INT", "NOT NULL", ""],
        ["product_id", "STRING", "NOT NULL", ""],
        ["price", "DOUBLE", "NOT NULL", ""],
    ];
    assert_eq!(done.rows(), expected);
    assert_eq!(world.done("DESCRIBE examples.marketplace.customers").await.rows()[0][3], "PRIMARY KEY");
    let extended = world.done("DESCRIBE EXTENDED examples.marketplace.orders").await.rows();
    let rowtime = [
        "$rowtime",
        "TIMESTAMP_LTZ(3) *ROWTIME*",
        "NOT NULL",
        "METADATA VIRTUAL, WATERMARK AS `SOURCE_WATERMARK`()",
        "SYSTEM",
    ];
    assert_eq!(extended[4], rowtime);
    world.end().await;
}

#[tokio::test]
async fn sample_tables_are_generated() {
    let world = World::with(Options { sample_rows_per_second: 7, ..Options::default() }).await;
    let (traits, plan) = world.job("SELECT * FROM examples.marketplace.customers").await;
    let table = &plan.tables[0];
    assert_eq!(
        (table.changelog_mode, &table.watermark.as_ref().unwrap().strategy),
        (ChangelogMode::Upsert, &WatermarkStrategy::MaxSeen)
    );
    match &table.connector {
        Connector::Generator(generator) => {
            assert_eq!((generator.table.as_str(), generator.rows_per_second), ("customers", 7))
        }
        other => panic!("{other:?}"),
    }
    assert_eq!((traits.sql_kind.as_str(), traits.is_bounded, traits.schema.unwrap().len()), ("SELECT", false, 6));
    world.end().await;
}

#[tokio::test]
async fn sample_tables_cannot_be_changed() {
    let world = World::new().await;
    for sql in ["CREATE TABLE examples.marketplace.mine (a INT)", "DROP TABLE examples.marketplace.orders"] {
        let error = world.error(sql).await;
        assert!(error.starts_with("NUTKIN-3206"), "{error}");
    }
    let error = world.error("INSERT INTO examples.marketplace.orders VALUES ('a', 1, 'b', 2.0)").await;
    assert!(error.contains("read-only"), "{error}");
    let error = world.error("SELECT * FROM examples.marketplace.nothing").await;
    assert!(error.starts_with("NUTKIN-2001"), "{error}");
    world.end().await;
}
