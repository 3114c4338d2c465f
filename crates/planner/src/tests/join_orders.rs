//! Joins in another order than the one they are written in: the orders of Apache Flink 2.2, recorded by
//! `tests/peers/flink_join_orders.py`, and what every order must keep. `plans/join_orders_differences.txt` lists what is
//! ordered otherwise, below the reason; a statement that joins or leaves the list fails the test.

use std::collections::{BTreeMap, BTreeSet};

use nutkin_plan::{Operator, Plan};
use serde_json::{Value, json};

use super::rows::{Tables, rows};
use super::support::{Catalog, session};
use crate::{Action, Session, TableStatistics};

const GOLDENS: &str = include_str!("plans/join_orders.jsonl");
const DIFFERENCES: &str = include_str!("plans/join_orders_differences.txt");

fn reordering() -> Session {
    let properties = [("sql.flink-extensions", "true"), ("table.optimizer.join-reorder-enabled", "true")];
    let properties: BTreeMap<String, String> = properties.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    let found = Session::from_properties(&properties).unwrap();
    Session { flink_extensions: true, optimizer: found.optimizer, ..session() }
}

fn catalog(statistics: &Value) -> Catalog {
    let mut catalog = Catalog::default();
    let sized = statistics.as_object().unwrap();
    let plain = ["a", "b", "c", "d", "e", "f"].map(ToOwned::to_owned);
    for name in plain.into_iter().chain(sized.keys().cloned()) {
        catalog = catalog.with(&format!("CREATE TABLE {name} (id INT, k INT, n INT, v STRING)"));
    }
    for name in ["pa", "pb", "pc", "pd"] {
        catalog = catalog.with(&format!(
            "CREATE TABLE {name} (id INT, k INT, n INT, v STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('changelog.mode' = 'append')"
        ));
    }
    for (name, rows) in sized {
        catalog.know(name, TableStatistics { rows: rows.as_f64(), rows_per_second: None });
    }
    catalog
}

fn plan(catalog: &Catalog, sql: &str, session: &Session) -> Plan {
    match catalog.analyze_in(sql, session).unwrap_or_else(|error| panic!("{sql}: {error}")).action {
        Action::Run(execution) => {
            super::consistency::assert_consistent(&execution.plan);
            execution.plan
        }
        other => panic!("{sql}: {other:?}"),
    }
}

/// The joins below a node as the goldens write them.
fn order(plan: &Plan, node: usize) -> Value {
    let node = &plan.nodes[node];
    match &node.operator {
        Operator::TableSourceScan(scan) => json!(plan.tables[scan.table].path.name),
        Operator::Join(join) => {
            let kind = match join.kind.name() {
                "inner" => "InnerJoin",
                "left" => "LeftOuterJoin",
                "right" => "RightOuterJoin",
                "full" => "FullOuterJoin",
                "semi" => "LeftSemiJoin",
                _ => "LeftAntiJoin",
            };
            json!([kind, order(plan, node.inputs[0]), order(plan, node.inputs[1])])
        }
        _ => order(plan, node.inputs[0]),
    }
}

fn order_of(plan: &Plan) -> Value {
    order(plan, plan.sinks().next().unwrap())
}

#[test]
fn orders_are_those_of_flink_but_for_the_listed_differences() {
    let mut lines = GOLDENS.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let catalog = catalog(&lines.next().unwrap()["rows"]);
    let listed: BTreeSet<&str> = DIFFERENCES.lines().filter(|line| line.starts_with("    ")).map(str::trim).collect();
    let (mut differing, mut moved) = (BTreeSet::new(), 0);
    let goldens: Vec<Value> = lines.collect();
    for golden in &goldens {
        let sql = golden["sql"].as_str().unwrap();
        let ours = order_of(&plan(&catalog, sql, &reordering()));
        if ours != order_of(&plan(&catalog, sql, &Session { flink_extensions: true, ..session() })) {
            moved += 1;
        }
        if ours != golden["order"] {
            println!("DIFF {sql}\n  ours  {ours}\n  flink {}", golden["order"]);
            differing.insert(sql);
        }
    }
    println!("== join orders: {} of {} as Flink's", goldens.len() - differing.len(), goldens.len());
    assert_eq!(differing, listed);
    assert!(moved * 2 > goldens.len(), "{moved} of {} statements have another order", goldens.len());
}

/// Numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

const TABLES: [(&str, &str); 6] = [
    ("t0", "id INT, k INT, n INT"),
    ("t1", "id INT, k INT, n INT"),
    ("t2", "id INT, k INT NOT NULL, n INT, PRIMARY KEY (id) NOT ENFORCED"),
    ("t3", "id INT, k INT, n INT, PRIMARY KEY (id, k) NOT ENFORCED"),
    ("t4", "id INT, k BIGINT, n INT"),
    ("t5", "id INT, k INT, n INT, PRIMARY KEY (k) NOT ENFORCED"),
];

/// A tree of joins over `names`.
fn tree(random: &mut Random, names: &[&str]) -> String {
    if let [name] = names {
        return (*name).to_owned();
    }
    let cut = if random.below(3) == 0 { 1 + random.below(names.len() - 1) } else { names.len() - 1 };
    let (left, right) = names.split_at(cut);
    let kind = random.of(&["JOIN", "JOIN", "JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"]);
    let column = |random: &mut Random, of: &[&str]| format!("{}.{}", random.of(of), random.of(&["id", "k", "n"]));
    let mut on = format!("{} = {}", column(random, left), column(random, right));
    while random.below(3) == 0 {
        let operator = random.of(&["=", "<", "<>", "IS NOT DISTINCT FROM"]);
        on += &format!(" AND {} {operator} {}", column(random, left), column(random, right));
    }
    let (left, right) = (tree(random, left), tree(random, right));
    if names.len() - cut > 1 {
        format!("{left} {kind} ({right}) ON {on}")
    } else {
        format!("{left} {kind} {right} ON {on}")
    }
}

fn contents(random: &mut Random) -> Tables {
    let mut table = |name: &str| {
        let mut rows: Vec<Vec<Option<i64>>> = Vec::new();
        for id in 0..4 {
            let mut value = || Some(random.below(4) as i64).filter(|&value| value < 3);
            let row = match name {
                "t2" => vec![Some(id), value().or(Some(0)), value()],
                "t5" => vec![value(), Some(id), value()],
                "t3" => vec![Some(id / 2), Some(id % 2), value()],
                _ => vec![value(), value(), value()],
            };
            rows.push(row);
        }
        rows
    };
    TABLES.iter().map(|(name, _)| ((*name).to_owned(), table(name))).collect()
}

/// Whatever is joined: the columns, the changes and the rows are those of the written order, and what was a key still is one.
#[test]
fn another_order_changes_nothing_that_can_be_seen() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut moved = 0;
    for _ in 0..400 {
        let mut catalog = Catalog::default();
        for (name, columns) in TABLES {
            catalog = catalog.with(&format!("CREATE TABLE {name} ({columns})"));
            let rows = Some(10f64.powi(random.below(6) as i32)).filter(|&rows| rows > 1.0);
            catalog.know(name, TableStatistics { rows, rows_per_second: None });
        }
        let mut names: Vec<&str> = TABLES.iter().map(|(name, _)| *name).collect();
        for place in (1..names.len()).rev() {
            names.swap(place, random.below(place + 1));
        }
        names.truncate(3 + random.below(4));
        let filter = if random.below(3) == 0 { format!(" WHERE {}.n <> 2", random.of(&names)) } else { String::new() };
        let sql = format!("SELECT * FROM {}{filter}", tree(&mut random, &names));
        let written = plan(&catalog, &sql, &Session { flink_extensions: true, ..session() });
        let other = plan(&catalog, &sql, &reordering());
        moved += usize::from(order_of(&written) != order_of(&other));
        let sink = |plan: &Plan| plan.nodes[plan.sinks().next().unwrap()].clone();
        let (one, two) = (sink(&written), sink(&other));
        assert_eq!((&one.schema, one.changelog_mode), (&two.schema, two.changelog_mode), "{sql}");
        for key in &one.upsert_keys {
            let is_kept = two.upsert_keys.iter().any(|other| other.iter().all(|column| key.contains(column)));
            assert!(is_kept, "{sql}: {key:?} is no key any more");
        }
        for _ in 0..3 {
            let contents = contents(&mut random);
            assert_eq!(rows(&written, &contents), rows(&other, &contents), "{sql}");
        }
    }
    assert!(moved > 100, "{moved} statements have another order");
}

/// Tables that nothing joins to the rest keep the conditions among themselves.
#[test]
fn no_condition_is_lost() {
    let catalog = catalog(&json!({}));
    let sql = "SELECT a.v FROM a, b, c, d WHERE a.id = b.id AND c.id = d.id";
    let plan = plan(&catalog, sql, &reordering());
    let keys = plan.nodes.iter().filter_map(|node| match &node.operator {
        Operator::Join(join) => Some(join.on.left_keys.len()),
        _ => None,
    });
    assert_eq!(keys.sum::<usize>(), 2);
    assert_eq!(order_of(&plan), json!(["InnerJoin", ["InnerJoin", "a", "b"], ["InnerJoin", "c", "d"]]));
}

/// Joins that forget rows by time stay as they are, and so does what they join.
#[test]
fn joins_by_time_are_not_moved() {
    let mut catalog = Catalog::default();
    for name in ["a", "b", "c"] {
        catalog =
            catalog.with(&format!("CREATE TABLE {name} (id INT, ts TIMESTAMP(3), v STRING, WATERMARK FOR ts AS ts)"));
    }
    let interval = "a.id = b.id AND a.ts BETWEEN b.ts - INTERVAL '1' HOUR AND b.ts";
    let plan = plan(&catalog, &format!("SELECT a.v FROM a JOIN b ON {interval} JOIN c ON b.id = c.id"), &reordering());
    let count = |wanted: &str| plan.nodes.iter().filter(|node| node.operator.name() == wanted).count();
    assert_eq!((count("StreamIntervalJoin"), count("StreamJoin")), (1, 1));
}

/// More tables than orders can be looked at.
#[test]
fn many_tables_are_joined_one_by_one() {
    let mut catalog = Catalog::default();
    let mut sql = "SELECT t0.v FROM t0".to_owned();
    for place in 0..20 {
        catalog = catalog.with(&format!("CREATE TABLE t{place} (id INT, k INT, v STRING)"));
        catalog
            .know(&format!("t{place}"), TableStatistics { rows: Some(f64::from(1000 - place)), rows_per_second: None });
        if place > 0 {
            sql += &format!(" JOIN t{place} ON t{}.id = t{place}.k", place - 1);
        }
    }
    let plan = plan(&catalog, &sql, &reordering());
    let order = order_of(&plan).to_string();
    assert!(order.contains(r#"["InnerJoin","t18","t19"]"#), "{order}");
    assert_eq!(plan.nodes.iter().filter(|node| node.operator.name() == "StreamJoin").count(), 19);
}
