//! Models, connections, materialized tables, agents and tools (spec D-12 to D-15): every form of every statement is understood,
//! and refused by name with another way to do it.

use super::support::World;

const MODEL: &str = "call the model outside";
const CONNECTION: &str = "Kafka Connect";
const MATERIALIZED: &str = "CREATE TABLE ... AS SELECT";
const AGENT: &str = "the agent outside";

/// Statement, its leading words, what the remedy says.
const FORMS: &[(&str, &str, &str)] = &[
    ("CREATE MODEL m WITH ('provider' = 'openai')", "CREATE MODEL", MODEL),
    (
        "CREATE MODEL IF NOT EXISTS db.m INPUT (a INT, t STRING COMMENT 'x') OUTPUT (b ARRAY<FLOAT>) COMMENT 'c' WITH ('task' = 'embedding')",
        "CREATE MODEL",
        MODEL,
    ),
    ("ALTER MODEL m RENAME TO n", "ALTER MODEL", MODEL),
    ("ALTER MODEL IF EXISTS `m$2` SET ('default_version' = '2')", "ALTER MODEL", MODEL),
    ("ALTER MODEL m$2 RESET ('openai.params.x')", "ALTER MODEL", MODEL),
    ("DROP MODEL m", "DROP MODEL", MODEL),
    ("DROP MODEL IF EXISTS m$all", "DROP MODEL", MODEL),
    ("DESCRIBE MODEL m", "DESCRIBE MODEL", MODEL),
    ("DESC MODEL `my-model$all`", "DESCRIBE MODEL", MODEL),
    ("SHOW MODELS", "SHOW MODELS", MODEL),
    ("SHOW MODELS IN env.db NOT LIKE 'a%'", "SHOW MODELS", MODEL),
    ("SHOW CREATE MODEL m$1", "SHOW CREATE MODEL", MODEL),
    (
        "CREATE CONNECTION c WITH ('type' = 'openai', 'endpoint' = 'https://x', 'api-key' = 'k')",
        "CREATE CONNECTION",
        CONNECTION,
    ),
    ("CREATE OR REPLACE CONNECTION c COMMENT 'x' WITH ('type' = 'rest')", "CREATE CONNECTION", CONNECTION),
    ("CREATE CONNECTION IF NOT EXISTS c WITH ('type' = 'bedrock')", "CREATE CONNECTION", CONNECTION),
    ("ALTER CONNECTION c SET ('api-key' = 'other')", "ALTER CONNECTION", CONNECTION),
    ("DROP CONNECTION IF EXISTS c", "DROP CONNECTION", CONNECTION),
    ("DESCRIBE CONNECTION `azure-openai-connection`", "DESCRIBE CONNECTION", CONNECTION),
    ("SHOW CONNECTIONS LIKE 'sql%'", "SHOW CONNECTIONS", CONNECTION),
    ("SHOW CREATE CONNECTION c", "SHOW CREATE CONNECTION", CONNECTION),
    ("CREATE MATERIALIZED TABLE m AS SELECT 1 AS a", "CREATE MATERIALIZED TABLE", MATERIALIZED),
    (
        "CREATE OR ALTER MATERIALIZED TABLE m (a INT, WATERMARK FOR $rowtime AS $rowtime, PRIMARY KEY (a) NOT ENFORCED) COMMENT 'c' DISTRIBUTED BY (a) INTO 3 BUCKETS WITH ('kafka.retention.time' = '0') START_MODE = RESUME_OR_FROM_TIMESTAMP(TIMESTAMP '2026-01-01 00:00:00') AS SELECT 1 AS a",
        "CREATE MATERIALIZED TABLE",
        MATERIALIZED,
    ),
    (
        "CREATE MATERIALIZED TABLE IF NOT EXISTS m START_MODE = FROM_NOW(INTERVAL '1' HOUR) AS SELECT 1 AS a",
        "CREATE MATERIALIZED TABLE",
        MATERIALIZED,
    ),
    (
        "CREATE MATERIALIZED TABLE m FRESHNESS = INTERVAL '1' MINUTE REFRESH_MODE = CONTINUOUS AS SELECT 1 AS a",
        "CREATE MATERIALIZED TABLE",
        MATERIALIZED,
    ),
    ("EXPLAIN CREATE MATERIALIZED TABLE m AS SELECT 1 AS a", "CREATE MATERIALIZED TABLE", MATERIALIZED),
    ("ALTER MATERIALIZED TABLE m ADD x AS 1", "ALTER MATERIALIZED TABLE", MATERIALIZED),
    ("ALTER MATERIALIZED TABLE m MODIFY WATERMARK FOR $rowtime AS $rowtime", "ALTER MATERIALIZED TABLE", MATERIALIZED),
    ("ALTER MATERIALIZED TABLE m DROP WATERMARK", "ALTER MATERIALIZED TABLE", MATERIALIZED),
    ("ALTER MATERIALIZED TABLE m SET ('a' = 'b')", "ALTER MATERIALIZED TABLE", MATERIALIZED),
    ("ALTER MATERIALIZED TABLE m RESET ('a')", "ALTER MATERIALIZED TABLE", MATERIALIZED),
    (
        "ALTER MATERIALIZED TABLE m START_MODE = FROM_BEGINNING AS SELECT 2 AS a",
        "ALTER MATERIALIZED TABLE",
        MATERIALIZED,
    ),
    ("ALTER MATERIALIZED TABLE m SUSPEND", "ALTER MATERIALIZED TABLE", MATERIALIZED),
    ("ALTER MATERIALIZED TABLE m RESUME", "ALTER MATERIALIZED TABLE", MATERIALIZED),
    ("DROP MATERIALIZED TABLE IF EXISTS m", "DROP MATERIALIZED TABLE", MATERIALIZED),
    ("SHOW MATERIALIZED TABLES", "SHOW MATERIALIZED TABLES", MATERIALIZED),
    ("SHOW CREATE MATERIALIZED TABLE m", "SHOW CREATE MATERIALIZED TABLE", MATERIALIZED),
    ("CREATE AGENT a USING MODEL m", "CREATE AGENT", AGENT),
    (
        "CREATE AGENT IF NOT EXISTS a USING MODEL m USING PROMPT 'p' USING TOOLS t1, t2 COMMENT 'c' WITH ('max_iterations' = '10')",
        "CREATE AGENT",
        AGENT,
    ),
    ("ALTER AGENT a SET MODEL n", "ALTER AGENT", AGENT),
    ("ALTER AGENT a SET PROMPT 'q'", "ALTER AGENT", AGENT),
    ("ALTER AGENT IF EXISTS a ADD TOOL t", "ALTER AGENT", AGENT),
    ("ALTER AGENT a REMOVE TOOL t", "ALTER AGENT", AGENT),
    ("ALTER AGENT a SET ('max_iterations' = '3')", "ALTER AGENT", AGENT),
    ("DROP AGENT IF EXISTS a", "DROP AGENT", AGENT),
    ("DESCRIBE AGENT a", "DESCRIBE AGENT", AGENT),
    ("SHOW AGENTS", "SHOW AGENTS", AGENT),
    ("SHOW CREATE AGENT a", "SHOW CREATE AGENT", AGENT),
    ("CREATE TOOL t USING FUNCTION f COMMENT 'c'", "CREATE TOOL", AGENT),
    ("CREATE TOOL t USING CONNECTION c WITH ('type' = 'mcp')", "CREATE TOOL", AGENT),
    ("DROP TOOL t", "DROP TOOL", AGENT),
    ("DESCRIBE TOOL t", "DESCRIBE TOOL", AGENT),
    ("SHOW TOOLS", "SHOW TOOLS", AGENT),
    ("SHOW CREATE TOOL t", "SHOW CREATE TOOL", AGENT),
];

#[tokio::test]
async fn every_form_is_refused_by_name() {
    let world = World::new().await;
    for (sql, name, remedy) in FORMS {
        let error = world.error(sql).await;
        assert!(error.starts_with("NUTKIN-2002") && error.contains(remedy), "{sql}: {error}");
        assert!(error.contains(&format!("{name} is not built yet")), "{sql}: {error}");
    }
    world.end().await;
}
