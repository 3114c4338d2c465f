//! Our plans beside those that Apache Flink 2.2 makes of the same statements: operators, keys of exchanges by name, and
//! changelog modes. The goldens in `plans/` are recorded by `tests/peers/flink_plans.py`; `plans/differences.txt` lists every
//! statement that is planned otherwise, below the reason. A statement that joins or leaves the list fails the test.
//!
//! `NUTKIN_ORACLE_REPORT=1 cargo test -p nutkin-planner plans -- --nocapture` prints both plans of each difference.

use std::collections::{BTreeMap, BTreeSet};

use nutkin_plan::operators::ExchangeKind;
use nutkin_plan::{ChangelogMode, Operator, Plan};
use serde_json::Value;

use super::oracle::{flink_session, lines, table, usable};
use super::support::Catalog;
use crate::{Action, Session, analyze};

const GOLDENS: [(&str, &str); 3] = [
    ("stream.jsonl", include_str!("plans/stream.jsonl")),
    ("batch.jsonl", include_str!("plans/batch.jsonl")),
    ("nexmark.jsonl", include_str!("plans/nexmark.jsonl")),
];

const DIFFERENCES: &str = include_str!("plans/differences.txt");

/// An operator with its inputs, as far as plans are compared.
struct Tree {
    name: String,
    mode: &'static str,
    /// Of an exchange: names of the columns that rows are sent by.
    keys: Option<Vec<String>>,
    inputs: Vec<Tree>,
}

impl Tree {
    /// True when `theirs` is the same plan. What Flink explains of a query has no sink, so nobody asks for old rows; our
    /// foreground sink does, as the original's plans show (operations.md 4.6).
    fn is(&self, theirs: &Tree, foreground: bool) -> bool {
        let mode = self.mode == theirs.mode || (foreground && self.mode == "retract" && theirs.mode == "upsert");
        let inputs = || self.inputs.iter().zip(&theirs.inputs).all(|(ours, theirs)| ours.is(theirs, foreground));
        mode && self.name == theirs.name
            && same_keys(self.keys.as_deref(), theirs.keys.as_deref())
            && self.inputs.len() == theirs.inputs.len()
            && inputs()
    }
}

impl std::fmt::Display for Tree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}[{}", self.name, self.mode)?;
        if let Some(keys) = &self.keys {
            write!(f, " ({})", keys.join(","))?;
        }
        f.write_str("]")?;
        if !self.inputs.is_empty() {
            let inputs: Vec<String> = self.inputs.iter().map(ToString::to_string).collect();
            write!(f, "({})", inputs.join(", "))?;
        }
        Ok(())
    }
}

/// True when rows are sent by the same columns. A column that is computed has no name of its own: each side numbers them as
/// it likes, so such a key stands for any.
fn same_keys(ours: Option<&[String]>, theirs: Option<&[String]>) -> bool {
    let (Some(ours), Some(theirs)) = (ours, theirs) else { return ours.is_none() == theirs.is_none() };
    let made = |name: &&String| name.contains('$');
    // Flink numbers names that both sides of a join have.
    let plain = |name: &str| name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    let same = |a: &str, b: &str| a == b || plain(a) == b || a == plain(b);
    let named = |keys: &[String], others: &[String]| -> usize {
        keys.iter().filter(|name| !made(name) && !others.iter().any(|other| same(name, other))).count()
    };
    let free = |keys: &[String]| keys.iter().filter(made).count();
    ours.len() == theirs.len() && named(ours, theirs) <= free(theirs) && named(theirs, ours) <= free(ours)
}

/// What both sides write differently and mean equally: projections stand at other places, watermarks are made by our scans.
fn is_left_out(name: &str) -> bool {
    matches!(name, "Calc" | "WatermarkAssigner" | "MiniBatchAssigner" | "Sink")
}

fn of_flink(node: &Value) -> Tree {
    let name = node[0].as_str().unwrap();
    let inputs = node[3].as_array().unwrap();
    if is_left_out(name) {
        return of_flink(&inputs[0]);
    }
    Tree { name: name.to_owned(), mode: mode(node), keys: keys(node), inputs: inputs.iter().map(of_flink).collect() }
}

fn keys(node: &Value) -> Option<Vec<String>> {
    let keys = node[2].as_array()?;
    Some(keys.iter().map(|key| key.as_str().unwrap().to_owned()).collect())
}

/// The three modes of operations.md 4.6.
fn mode(node: &Value) -> &'static str {
    let kinds: BTreeSet<&str> = node[1].as_str().unwrap().split(',').collect();
    match (kinds.contains("UB"), kinds.contains("UA"), kinds.contains("D")) {
        (false, false, false) => "append",
        (false, true, _) => "upsert",
        _ => "retract",
    }
}

fn of_plan(plan: &Plan, position: usize) -> Tree {
    let node = &plan.nodes[position];
    let name = node.operator.name().trim_start_matches("Stream").to_owned();
    if is_left_out(&name) {
        return of_plan(plan, node.inputs[0]);
    }
    let keys = match &node.operator {
        Operator::Exchange(exchange) => match &exchange.kind {
            ExchangeKind::Hash(keys) => {
                let schema = &plan.nodes[node.inputs[0]].schema;
                Some(keys.iter().map(|&key| schema.columns[key].name.clone()).collect())
            }
            ExchangeKind::Single => Some(Vec::new()),
        },
        _ => None,
    };
    let mode = match node.changelog_mode {
        ChangelogMode::Append => "append",
        ChangelogMode::Upsert => "upsert",
        ChangelogMode::Retract => "retract",
    };
    Tree { name, mode, keys, inputs: node.inputs.iter().map(|&input| of_plan(plan, input)).collect() }
}

/// Our plans of a case's statements by step, or why there is none.
fn planned(case: &Value, definitions: &BTreeMap<String, Value>) -> BTreeMap<i64, Result<Vec<Tree>, String>> {
    let mut catalog = Catalog::default();
    for written in case["tables"].as_array().unwrap() {
        let columns = match written["ref"].as_str() {
            Some(name) => &definitions[name],
            None => &written["columns"],
        };
        if let Ok(table) = table(written, columns) {
            catalog.put(table);
        }
    }
    let steps: Vec<(i64, &Value)> = match case["sql"].as_str() {
        Some(_) => vec![(0, &case["sql"])],
        None => (0..).zip(case["steps"].as_array().unwrap()).map(|(i, step)| (i, &step["sql"])).collect(),
    };
    let session = session(&case["config"]);
    let mut found = BTreeMap::new();
    for (step, sql) in steps {
        let Some(sql) = sql.as_str() else { continue };
        if catalog.create_view(sql) {
            continue;
        }
        let plan = || -> Result<Vec<Tree>, String> {
            let statement = nutkin_sql::parse_statement(sql).map_err(|error| error.to_string())?;
            let analyzed = analyze(&statement, sql, &session, &catalog).map_err(|error| error.to_string())?;
            let Action::Run(execution) = analyzed.action else { return Err("no plan".to_owned()) };
            Ok(execution.plan.sinks().map(|sink| of_plan(&execution.plan, sink)).collect())
        };
        found.insert(step, plan());
    }
    found
}

/// Flink's session, with those of the case's options that the goldens were recorded with.
fn session(config: &Value) -> Session {
    let prefixes = [
        "table.exec.mini-batch.",
        "table.optimizer.agg-phase",
        "table.optimizer.distinct-agg",
        "table.optimizer.incremental-agg",
        "table.exec.source.cdc-events-duplicate",
    ];
    let options = config.as_object().into_iter().flatten();
    let mut properties: BTreeMap<String, String> = options
        .filter(|(key, _)| prefixes.iter().any(|prefix| key.starts_with(prefix)))
        .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    properties.insert("sql.flink-extensions".to_owned(), "true".to_owned());
    let Session { optimizer, duplicate_events, .. } = Session::from_properties(&properties).unwrap();
    Session { optimizer, duplicate_events, ..flink_session() }
}

fn written(trees: &[Tree]) -> String {
    trees.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[test]
fn plans_are_those_of_flink_but_for_the_listed_differences() {
    let mut definitions = BTreeMap::new();
    for line in lines("batch-tables.jsonl") {
        definitions.insert(line["ref"].as_str().unwrap().to_owned(), line["columns"].clone());
    }
    let mut listed: BTreeSet<String> = BTreeSet::new();
    for line in DIFFERENCES.lines().filter(|line| line.starts_with("    ")) {
        listed.insert(line.trim().to_owned());
    }
    let report = std::env::var_os("NUTKIN_ORACLE_REPORT").is_some();
    let (mut same, mut differing, mut compared) = (0, BTreeSet::new(), 0);
    for (file, goldens) in GOLDENS {
        let mut expected: BTreeMap<(String, i64), Value> = BTreeMap::new();
        for line in goldens.lines() {
            let golden: Value = serde_json::from_str(line).unwrap();
            let key = (golden["id"].as_str().unwrap().to_owned(), golden["step"].as_i64().unwrap());
            if !golden["plan"].is_null() {
                expected.insert(key, golden["plan"].clone());
            }
        }
        for case in lines(file).iter().filter(|case| file == "nexmark.jsonl" || usable(case)) {
            let id = case["id"].as_str().unwrap();
            for (step, ours) in planned(case, &definitions) {
                let Some(golden) = expected.get(&(id.to_owned(), step)) else { continue };
                compared += 1;
                let roots: Vec<&Value> = match golden[0].is_array() {
                    true => golden.as_array().unwrap().iter().collect(),
                    false => vec![golden],
                };
                let roots_are_queries = roots.iter().all(|root| root[0] != "Sink");
                let theirs: Vec<Tree> = roots.into_iter().map(of_flink).collect();
                let foreground = roots_are_queries;
                let same_trees = |ours: &Vec<Tree>| {
                    ours.len() == theirs.len() && ours.iter().zip(&theirs).all(|(a, b)| a.is(b, foreground))
                };
                if ours.as_ref().is_ok_and(same_trees) {
                    same += 1;
                    continue;
                }
                if report {
                    let ours = ours
                        .as_ref()
                        .map_or_else(|error| error.lines().next().unwrap_or_default().to_owned(), |t| written(t));
                    println!("DIFF {id}#{step}\n  ours  {ours}\n  flink {}", written(&theirs));
                }
                differing.insert(format!("{id}#{step}"));
            }
        }
    }
    println!("== plans: {same} of {compared} as Flink's");
    if compared == 0 {
        return;
    }
    let new: Vec<&String> = differing.difference(&listed).collect();
    let gone: Vec<&String> = listed.difference(&differing).collect();
    assert!(new.is_empty(), "planned otherwise than Flink, and not listed: {new:#?}");
    assert!(gone.is_empty(), "listed as planned otherwise, but not so any more: {gone:#?}");
}
