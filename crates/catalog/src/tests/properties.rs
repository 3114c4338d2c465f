//! What is created is what is described, for any columns; and SHOW CREATE TABLE makes the same table again.

use proptest::prelude::*;

use super::support::World;

/// Types as written in SQL and as SHOW CREATE TABLE prints them.
const TYPES: &[&str] = &[
    "BOOLEAN",
    "TINYINT",
    "SMALLINT",
    "INT",
    "BIGINT",
    "FLOAT",
    "DOUBLE",
    "DECIMAL(20, 3)",
    "CHAR(3)",
    "VARCHAR(9)",
    "VARCHAR(2147483647)",
    "BINARY(4)",
    "VARBINARY(7)",
    "VARBINARY(2147483647)",
    "DATE",
    "TIME(3)",
    "TIMESTAMP(3)",
    "TIMESTAMP(6)",
    "TIMESTAMP(3) WITH LOCAL TIME ZONE",
    "ARRAY<INT NOT NULL>",
    "MAP<VARCHAR(2147483647) NOT NULL, BIGINT>",
    "MULTISET<VARCHAR(2147483647) NOT NULL>",
    "ROW<`x` INT, `y` ROW<`z` VARCHAR(2147483647) NOT NULL>>",
];

#[derive(Debug, Clone)]
struct Written {
    /// Type, NOT NULL, comment.
    columns: Vec<(&'static str, bool, Option<&'static str>)>,
    keys: usize,
    primary: bool,
    include_all: bool,
    json: bool,
}

fn written() -> impl Strategy<Value = Written> {
    let column =
        (prop::sample::select(TYPES), any::<bool>(), prop::option::of(prop::sample::select(&["it's", "b"][..])));
    (prop::collection::vec(column, 1..7), 0usize..3, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(mut columns, keys, primary, include_all, json)| {
            // What JSON schemas cannot hold.
            for (data_type, ..) in columns.iter_mut().filter(|_| json) {
                *data_type = if *data_type == "TIMESTAMP(6)" { "TIMESTAMP(3)" } else { *data_type };
            }
            Written { keys: keys.min(columns.len()), columns, primary, include_all, json }
        },
    )
}

impl Written {
    fn sql(&self, name: &str) -> String {
        let mut parts: Vec<String> = Vec::new();
        for (i, (data_type, not_null, comment)) in self.columns.iter().enumerate() {
            let not_null = if *not_null { " NOT NULL" } else { "" };
            let comment = comment.map_or(String::new(), |text| format!(" COMMENT '{}'", text.replace('\'', "''")));
            parts.push(format!("c{i} {data_type}{not_null}{comment}"));
        }
        let keys: Vec<String> = (0..self.keys).map(|i| format!("c{i}")).collect();
        let mut distribution = String::new();
        if self.keys > 0 && self.primary {
            parts.push(format!("PRIMARY KEY ({}) NOT ENFORCED", keys.join(", ")));
        } else if self.keys > 0 {
            distribution = format!("DISTRIBUTED BY ({})", keys.join(", "));
        }
        let mut options = vec!["'kafka.partitions' = '2'".to_owned()];
        if self.include_all {
            options.push("'value.fields-include' = 'all'".to_owned());
        }
        if self.json {
            options.push("'value.format' = 'json-registry'".to_owned());
            if self.keys > 0 {
                options.push("'key.format' = 'json-registry'".to_owned());
            }
        }
        format!("CREATE TABLE {name} ({}) {distribution} WITH ({})", parts.join(", "), options.join(", "))
    }

    fn expected(&self) -> Vec<String> {
        let column = |(i, (data_type, not_null, comment)): (usize, &(&str, bool, Option<&str>))| {
            let not_null = *not_null || (self.primary && i < self.keys);
            let comment = comment.map_or(String::new(), |text| format!(" COMMENT '{}'", text.replace('\'', "''")));
            format!("  `c{i}` {data_type}{}{comment}", if not_null { " NOT NULL" } else { "" })
        };
        self.columns.iter().enumerate().map(column).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn created_tables_come_back(tables in prop::collection::vec(written(), 4)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            for (n, table) in tables.iter().enumerate() {
                let name = format!("t{n}");
                let sql = table.sql(&name);
                world.done(&sql).await;
                let text = world.show(&name).await;
                for line in table.expected() {
                    prop_assert!(text.lines().any(|found| found.trim_end_matches(',') == line), "{}\n{}\n{}", sql, line, text);
                }
                let described = world.describe(&name).await;
                prop_assert_eq!(described.len(), table.columns.len());
                // The text makes the same table.
                world.done(&format!("DROP TABLE {name}")).await;
                world.done(&text).await;
                prop_assert_eq!(world.show(&name).await, text);
                prop_assert_eq!(world.describe(&name).await, described);
            }
            world.end().await;
            Ok(())
        })?;
    }
}
