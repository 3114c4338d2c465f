//! DESCRIBE (spec D-16).

use super::support::World;

#[tokio::test]
async fn a_table_is_described_as_documented() {
    let world = World::new().await;
    world.done("CREATE TABLE orders (`user` BIGINT NOT NULL, product STRING, amount INT, ts TIMESTAMP(3), PRIMARY KEY(`user`) NOT ENFORCED)").await;
    let done = world.done("DESCRIBE orders").await;
    assert_eq!(done.headings(), ["Column Name", "Data Type", "Nullable", "Extras"]);
    assert_eq!(done.traits.sql_kind, "DESCRIBE_TABLE");
    let columns = [
        ["user", "BIGINT", "NOT NULL", "PRIMARY KEY, BUCKET KEY"],
        ["product", "STRING", "NULL", ""],
        ["amount", "INT", "NULL", ""],
        ["ts", "TIMESTAMP(3)", "NULL", ""],
    ];
    assert_eq!(done.rows(), columns);
    let done = world.done("DESC EXTENDED orders").await;
    assert_eq!(done.headings(), ["Column Name", "Data Type", "Nullable", "Extras", "Comment"]);
    let rowtime = [
        "$rowtime",
        "TIMESTAMP_LTZ(3) *ROWTIME*",
        "NOT NULL",
        "METADATA VIRTUAL, WATERMARK AS `SOURCE_WATERMARK`()",
        "SYSTEM",
    ];
    assert_eq!(done.rows()[4], rowtime);
    assert_eq!(done.rows()[0], ["user", "BIGINT", "NOT NULL", "PRIMARY KEY, BUCKET KEY", ""]);
    world.end().await;
}

#[tokio::test]
async fn declared_watermarks_metadata_and_computed_columns_are_shown() {
    let world = World::new().await;
    world.done("CREATE TABLE t (a INT COMMENT 'an a', b BYTES, `offset` BIGINT METADATA VIRTUAL, moment TIMESTAMP_LTZ(3) NOT NULL METADATA FROM 'timestamp', c AS a + 1, WATERMARK FOR moment AS moment - INTERVAL '5' SECOND)").await;
    let rows = world.describe("t").await;
    assert_eq!(rows[1], ["b", "BYTES", "NULL", ""]);
    assert_eq!(rows[2][3], "METADATA VIRTUAL");
    let at = [
        "moment",
        "TIMESTAMP_LTZ(3) *ROWTIME*",
        "NOT NULL",
        "METADATA FROM 'timestamp', WATERMARK AS `moment` - INTERVAL '5' SECOND",
    ];
    assert_eq!(rows[3], at);
    assert_eq!(rows[4][3], "AS `a` + 1");
    let extended = world.done("DESCRIBE EXTENDED t").await.rows();
    assert_eq!(extended[0][4], "an a");
    assert_eq!(extended[5], ["$rowtime", "TIMESTAMP_LTZ(3)", "NOT NULL", "METADATA VIRTUAL", "SYSTEM"]);
    world.end().await;
}
