//! EXPLAIN with details: JSON and estimates.

use serde_json::Value;

use super::support::{Catalog, session};
use crate::{Action, TableStatistics, Tables, analyze};

const SQL: &str =
    "SELECT customer_id, COUNT(*) AS n FROM examples.marketplace.orders WHERE price > 10 GROUP BY customer_id";

fn explained(catalog: &dyn Tables, sql: &str) -> String {
    let statement = nutkin_sql::parse_statement(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    match analyze(&statement, sql, &session(), catalog) {
        Ok(analyzed) => match analyzed.action {
            Action::Explain(text) => text,
            other => panic!("{sql}: {other:?}"),
        },
        Err(error) => panic!("{sql}: {error}"),
    }
}

fn json(catalog: &dyn Tables, sql: &str) -> Value {
    serde_json::from_str(&explained(catalog, &format!("EXPLAIN JSON_EXECUTION_PLAN {sql}"))).unwrap()
}

#[test]
fn json_has_the_numbers_and_ids_of_the_plan() {
    let catalog = Catalog::marketplace();
    let (plan, document) = (catalog.plan(SQL), json(&catalog, SQL));
    let operators = document["operators"].as_array().unwrap();
    assert_eq!(operators.len(), plan.nodes.len());
    for (position, (node, written)) in plan.nodes.iter().zip(operators).enumerate() {
        assert_eq!(written["number"], position + 1);
        assert_eq!(written["id"], node.id.to_string());
        assert_eq!(written["name"], node.operator.name());
        let inputs: Vec<usize> = node.inputs.iter().map(|input| input + 1).collect();
        assert_eq!(written["inputs"], serde_json::json!(inputs));
    }
    let text = explained(&catalog, &format!("EXPLAIN {SQL}"));
    for written in operators {
        assert!(text.contains(&format!("{} [{}]", written["name"].as_str().unwrap(), written["number"])), "{text}");
    }
    let aggregate = operators.iter().find(|o| o["name"] == "StreamGroupAggregate").unwrap();
    assert_eq!(aggregate["upsert_keys"], serde_json::json!([["customer_id"]]));
    assert_eq!(aggregate["changelog_mode"], "retract");
    assert_eq!(aggregate["state_size"], "medium");
    assert_eq!(document["sinks"], serde_json::json!([plan.nodes.len()]));
    assert_eq!(operators.last().unwrap()["table"], "Foreground");
}

/// 50 rows a second are known of the tables of `examples`; half of them pass a comparison.
#[test]
fn rates_flow_from_the_tables_through_the_operators() {
    let catalog = Catalog::marketplace();
    let document = json(&catalog, SQL);
    let rate = |name: &str| {
        let operators = document["operators"].as_array().unwrap();
        let operator = operators.iter().find(|operator| operator["name"] == name).unwrap();
        operator["estimate"]["rows_per_second"].as_f64().unwrap()
    };
    assert_eq!(rate("StreamTableSourceScan"), 50.0);
    assert_eq!(rate("StreamCalc"), 25.0);
    // Each change is two rows: the old one and the new one.
    assert_eq!(rate("StreamGroupAggregate"), 50.0);
    assert_eq!(document["estimate"]["from_statistics"], true);
    assert_eq!(document["estimate"]["cfus"], 1.0);
    assert!(document["estimate"]["state_bytes"].as_f64().unwrap() > 25.0 * 86_400.0 * 0.1);
}

struct Busy(Catalog);

impl Tables for Busy {
    fn catalog(&self, name: &str) -> Option<String> {
        self.0.catalog(name)
    }

    fn database(&self, catalog: &str, name: &str) -> Option<String> {
        self.0.database(catalog, name)
    }

    fn table(&self, path: &nutkin_plan::TablePath) -> Option<std::sync::Arc<nutkin_plan::Table>> {
        self.0.table(path)
    }

    fn statistics(&self, _path: &nutkin_plan::TablePath) -> Option<TableStatistics> {
        Some(TableStatistics { rows_per_second: Some(2e6), ..TableStatistics::default() })
    }
}

#[test]
fn statistics_count_and_assumptions_are_named() {
    let unknown = Catalog::default().with("CREATE TABLE t (a INT)");
    let text = explained(&unknown, "EXPLAIN ESTIMATED_COST SELECT a, COUNT(*) FROM t GROUP BY a");
    assert!(text.contains("== Estimated Cost ==\n\n[1] StreamTableSourceScan: 1000 rows/s"), "{text}");
    assert!(text.contains("Assumed: 1000 rows/s of tables without statistics"), "{text}");
    let busy = Busy(Catalog::default().with("CREATE TABLE t (a INT)"));
    let document = json(&busy, "SELECT a, COUNT(*) FROM t GROUP BY a");
    assert!(document["estimate"]["cfus"].as_f64().unwrap() > 4.0, "{document}");
    assert_eq!(document["estimate"]["from_statistics"], true);
}

/// A time to live bounds what is kept.
#[test]
fn a_time_to_live_makes_state_small() {
    let catalog = Catalog::marketplace();
    let state = |hint: &str| {
        let sql = SQL.replacen("SELECT", &format!("SELECT {hint}"), 1);
        json(&catalog, &sql)["estimate"]["state_bytes"].as_f64().unwrap()
    };
    assert!(state("/*+ STATE_TTL('orders' = '1h') */") * 20.0 < state(""));
}
