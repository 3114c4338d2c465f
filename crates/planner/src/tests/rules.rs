//! The optimizer's rules, seen in finished plans.

use nutkin_plan::{ExprKind, Operator, Plan};
use nutkin_types::Value;

use super::support::Catalog;

fn catalog() -> Catalog {
    Catalog::marketplace()
        .with("CREATE TABLE t (a INT, b INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)")
        .with("CREATE TABLE k (id INT PRIMARY KEY NOT ENFORCED, v INT)")
}

fn names(plan: &Plan) -> Vec<&'static str> {
    plan.nodes.iter().map(|node| node.operator.name().trim_start_matches("Stream")).collect()
}

fn calcs(plan: &Plan) -> Vec<&nutkin_plan::operators::Calc> {
    plan.nodes
        .iter()
        .filter_map(|node| match &node.operator {
            Operator::Calc(calc) => Some(calc),
            _ => None,
        })
        .collect()
}

#[test]
fn constants_are_folded() {
    let plan = catalog().plan("SELECT a + (1 + 2) * 3 FROM t WHERE 1 = 1");
    let calc = calcs(&plan)[0];
    assert!(calc.condition.is_none());
    let ExprKind::Call { args, .. } = &calc.projection[0].kind else { panic!("{calc:?}") };
    assert_eq!(args[1].kind, ExprKind::Literal(Value::Integer(9)));
    let plan = catalog().plan("SELECT a FROM t WHERE 1 = 2");
    assert_eq!(names(&plan), ["Values", "Sink"]);
    // A failing constant fails when a row gets there.
    assert!(names(&catalog().plan("SELECT CAST('x' AS INT) FROM t")).contains(&"Calc"));
}

/// As recorded from Flink: FLOAT has seven digits once it is computed, zero has no sign, and INTERVAL's week is an hour.
#[test]
fn computed_constants_are_literals_of_their_type() {
    let plan = catalog().plan(
        "SELECT CAST('3.1415926' AS FLOAT), CAST(1.2345678 AS FLOAT), ABS(CAST(-1.2345678 AS FLOAT)), 0e0 * -1, \
         UPPER('ß'), INTERVAL '2' WEEK, INTERVAL '2' QUARTER, CAST(2 AS INTERVAL WEEK) FROM t",
    );
    let literal = |expr: &nutkin_plan::Expr| match &expr.kind {
        ExprKind::Literal(Value::Double(number)) => format!("{:e}", *number as f32),
        ExprKind::Literal(Value::String(text)) => text.clone(),
        ExprKind::Literal(Value::Integer(number)) => number.to_string(),
        other => format!("{other:?}"),
    };
    let literals: Vec<String> = calcs(&plan)[0].projection.iter().map(literal).collect();
    assert_eq!(literals, ["3.141593e0", "1.2345678e0", "1.234568e0", "0e0", "S", "7200000", "2", "1209600000"]);
}

#[test]
fn a_select_without_from_is_one_bounded_row() {
    let run = catalog().run("SELECT 1, 'a' AS x");
    assert!(run.is_bounded && run.is_append_only);
    assert_eq!(run.schema.columns[0].name, "EXPR$0");
    assert_eq!(names(&run.plan), ["Values", "Calc", "Sink"]);
}

#[test]
fn projections_are_merged_and_filters_go_down() {
    let plan = catalog().plan("SELECT x + 1 FROM (SELECT a AS x, b FROM (SELECT * FROM t) WHERE b > 1) WHERE x > 2");
    assert_eq!(names(&plan), ["TableSourceScan", "Calc", "Sink"]);
    let condition = calcs(&plan)[0].condition.as_ref().unwrap();
    assert!(matches!(&condition.kind, ExprKind::Call { function, args } if function == "AND" && args.len() == 2));
    let plan = catalog().plan("SELECT * FROM (SELECT a FROM t UNION ALL SELECT b FROM t) WHERE a > 1");
    assert_eq!(names(&plan), ["TableSourceScan", "Calc", "Calc", "Union", "Sink"]);
    assert!(calcs(&plan).iter().all(|calc| calc.condition.is_some()));
}

#[test]
fn nothing_costly_is_computed_twice() {
    let plan = catalog().plan("SELECT x, x + 1 FROM (SELECT a * b AS x FROM t)");
    assert_eq!(names(&plan), ["TableSourceScan", "Calc", "Calc", "Sink"]);
    let plan = catalog().plan("SELECT x + 1 FROM (SELECT a * b AS x FROM t)");
    assert_eq!(names(&plan), ["TableSourceScan", "Calc", "Sink"]);
}

#[test]
fn a_filter_on_the_left_goes_below_a_temporal_join() {
    let plan = catalog().plan(
        "SELECT t.a, k.v FROM t LEFT JOIN k FOR SYSTEM_TIME AS OF t.ts ON t.a = k.id AND k.v > t.b WHERE t.b > 1",
    );
    assert_eq!(
        names(&plan),
        ["TableSourceScan", "Calc", "Exchange", "TableSourceScan", "Calc", "Exchange", "TemporalJoin", "Calc", "Sink"]
    );
    assert!(calcs(&plan)[0].condition.is_some());
    assert!(calcs(&plan)[1].condition.is_none(), "versions must stay complete");
    let Operator::TemporalJoin(join) = &plan.nodes[6].operator else { panic!() };
    assert!(join.condition.is_some());
    assert!(plan.nodes[6].schema.columns.iter().any(|c| c.name == "v" && c.data_type.nullable));
}

/// A condition on one side filters that side before the join, but for the side that an outer join keeps whole.
#[test]
fn conditions_on_one_side_go_below_a_join() {
    let catalog = catalog().with("CREATE TABLE u (a INT, c INT)");
    let filters = |sql: &str| {
        let plan = catalog.plan(sql);
        let (join, node) =
            plan.nodes.iter().enumerate().find(|(_, node)| matches!(node.operator, Operator::Join(_))).unwrap();
        let Operator::Join(operator) = &node.operator else { panic!("no join") };
        let side = |port: usize| {
            let mut node = &plan.nodes[plan.nodes[join].inputs[port]];
            let mut filtered = false;
            while let Some(&input) = node.inputs.first() {
                filtered |= matches!(&node.operator, Operator::Calc(calc) if calc.condition.is_some());
                node = &plan.nodes[input];
            }
            filtered
        };
        (side(0), side(1), operator.on.condition.is_some())
    };
    assert_eq!(filters("SELECT * FROM t JOIN u ON t.a = u.a WHERE t.b > 1 AND u.c < 2"), (true, true, false));
    assert_eq!(filters("SELECT * FROM t JOIN u ON t.a = u.a AND t.b > u.c WHERE t.b > 1"), (true, false, true));
    assert_eq!(filters("SELECT * FROM t LEFT JOIN u ON t.a = u.a AND u.c < 2 WHERE t.b > 1"), (true, true, false));
    assert_eq!(filters("SELECT * FROM t LEFT JOIN u ON t.a = u.a AND t.b > 1"), (false, false, true));
    assert_eq!(filters("SELECT * FROM t LEFT JOIN u ON t.a = u.a WHERE u.c IS NULL"), (false, false, false));
}

#[test]
fn having_on_keys_filters_rows_and_on_calls_filters_groups() {
    let plan = catalog().plan("SELECT a, SUM(b) FROM t GROUP BY a HAVING a > 1 AND SUM(b) > 2");
    assert_eq!(names(&plan), ["TableSourceScan", "Calc", "Exchange", "GroupAggregate", "Calc", "Sink"]);
    assert!(calcs(&plan).iter().all(|calc| calc.condition.is_some()));
}

#[test]
fn old_rows_are_made_where_a_filter_needs_them() {
    let catalog = catalog().with("CREATE TABLE counts (a INT PRIMARY KEY NOT ENFORCED, n BIGINT)");
    let generates = |sql: &str| {
        let plan = catalog.plan(sql);
        plan.nodes.iter().any(|n| matches!(&n.operator, Operator::GroupAggregate(op) if op.generate_update_before))
    };
    assert!(!generates("INSERT INTO counts SELECT a, COUNT(*) FROM t WHERE a IS NOT NULL GROUP BY a"));
    assert!(generates("INSERT INTO counts SELECT a, n FROM (SELECT a, COUNT(*) AS n FROM t GROUP BY a) WHERE n < 10"));
    let plan = catalog.plan("INSERT INTO k SELECT id, v + 1 FROM k");
    assert_eq!(names(&plan), ["TableSourceScan", "Calc", "Sink"], "no state for upsert to upsert by the same key");
}

#[test]
fn limit_runs_in_one_task() {
    let plan = catalog().plan("SELECT a FROM t LIMIT 10 OFFSET 2");
    assert_eq!(names(&plan), ["TableSourceScan", "Calc", "Exchange", "Limit", "Sink"]);
}

#[test]
fn a_view_is_its_query() {
    let mut catalog = catalog();
    assert!(catalog.create_view("CREATE VIEW v (x) AS SELECT a FROM `catalog`.`database`.t WHERE b > 1"));
    assert!(catalog.create_view("CREATE VIEW broken AS SELECT nothing FROM `catalog`.`database`.t"));
    let plan = catalog.plan("SELECT w.x + 1 FROM v AS w WHERE w.x > 2");
    assert_eq!(names(&plan), ["TableSourceScan", "Calc", "Sink"]);
    let error = catalog.error("SELECT * FROM broken");
    assert_eq!(error.code(), "NUTKIN-2001");
    assert!(error.message().contains("View `catalog`.`database`.`broken` cannot be used"), "{error}");
    assert_eq!(error.place.map(|(from, _)| from.column), Some(15), "the place is in the statement, not in the view");
}

/// What can have no rows is not read.
#[test]
fn what_has_no_rows_is_not_read() {
    let catalog =
        super::support::Catalog::default().with("CREATE TABLE a (k INT, v INT)").with("CREATE TABLE b (k INT, v INT)");
    let none = "(SELECT * FROM b WHERE 1 = 2)";
    for (sql, tables) in [
        (format!("SELECT a.k FROM a JOIN {none} AS n ON a.k = n.k"), vec![]),
        (format!("SELECT a.k, n.v FROM a LEFT JOIN {none} AS n ON a.k = n.k"), vec!["a"]),
        (format!("SELECT a.k, n.v FROM {none} AS n RIGHT JOIN a ON a.k = n.k"), vec!["a"]),
        (format!("SELECT k FROM a WHERE k NOT IN (SELECT k FROM {none} AS n)"), vec!["a"]),
        (format!("SELECT k FROM a UNION ALL SELECT k FROM {none} AS n"), vec!["a"]),
        (format!("SELECT k, COUNT(*) FROM {none} AS n GROUP BY k"), vec![]),
        ("SELECT k FROM a LIMIT 0".to_owned(), vec![]),
        (format!("SELECT k FROM a WHERE EXISTS (SELECT v FROM {none} AS n)"), vec![]),
    ] {
        let plan = catalog.plan(&sql);
        let read = plan.nodes.iter().filter(|node| node.inputs.is_empty()).filter_map(|node| node.operator.table());
        let names: Vec<&str> = read.map(|table| plan.tables[table].path.name.as_str()).collect();
        assert_eq!(names, tables, "{sql}");
        assert!(!plan.nodes.iter().any(|node| matches!(node.operator, nutkin_plan::Operator::Join(_))), "{sql}");
    }
    let counted = catalog.plan(&format!("SELECT COUNT(*) FROM {none} AS n"));
    assert!(counted.nodes.iter().any(|node| matches!(node.operator, nutkin_plan::Operator::GroupAggregate(_))));
}

#[test]
fn a_constant_is_no_key() {
    let plan = catalog().plan("SELECT a, 1, 'x', COUNT(*) FROM t GROUP BY a, 1, 'x'");
    let grouping = |plan: &Plan| {
        let found = plan.nodes.iter().find_map(|node| match &node.operator {
            Operator::GroupAggregate(aggregate) => Some(aggregate.grouping.len()),
            _ => None,
        });
        found.unwrap()
    };
    assert_eq!(grouping(&plan), 1);
    // No rows give no group: one key stays.
    assert_eq!(grouping(&catalog().plan("SELECT COUNT(*) FROM t GROUP BY 1, 'x'")), 1);
}

/// A number of rows that is compared with nothing asks whether there are any.
#[test]
fn a_count_above_zero_is_a_semi_join() {
    for (condition, is_semi) in [
        ("(SELECT COUNT(*) FROM k WHERE k.id = t.a) > 0", true),
        ("0.5 <= (SELECT COUNT(*) FROM k WHERE k.id = t.a)", true),
        ("(SELECT COUNT(*) FROM k WHERE k.id = t.a) >= 0", false),
        ("(SELECT COUNT(*) FROM k WHERE k.id = t.a) > 1", false),
    ] {
        let plan = catalog().plan(&format!("SELECT a FROM t WHERE {condition}"));
        assert_eq!(names(&plan).contains(&"GroupAggregate"), !is_semi, "{condition}");
    }
}

/// Rows of a table have no order: only that of the whole statement, and that which a LIMIT goes by, counts.
#[test]
fn the_order_of_a_sub_query_means_nothing() {
    for (sql, operator) in [
        ("SELECT a FROM (SELECT a, b FROM t ORDER BY b)", None),
        ("SELECT a FROM t UNION ALL (SELECT a FROM t ORDER BY a)", None),
        ("WITH s AS (SELECT a, b FROM t ORDER BY b) SELECT a FROM s", None),
        ("SELECT a FROM (SELECT a, b FROM t ORDER BY b LIMIT 3)", Some("SortLimit")),
        ("SELECT a, ts FROM t ORDER BY ts", Some("TemporalSort")),
    ] {
        let plan = catalog().plan(sql);
        let sorts: Vec<&str> = names(&plan).into_iter().filter(|name| name.contains("Sort")).collect();
        assert_eq!(sorts, operator.into_iter().collect::<Vec<_>>(), "{sql}");
    }
    let error = catalog().error("SELECT a FROM (SELECT a FROM t ORDER BY missing)");
    assert_eq!(error.code(), "NUTKIN-2001");
}

#[test]
fn a_window_that_nobody_reads_is_not_computed() {
    let plan = catalog().plan("SELECT a FROM (SELECT a, SUM(b) OVER (PARTITION BY a ORDER BY ts) AS s FROM t)");
    assert!(!names(&plan).contains(&"OverAggregate"));
}

/// Old rows of a source are left out where nobody needs them, and come back where they are (decided as in Flink).
#[test]
fn old_rows_of_a_source_stay_where_they_are_needed() {
    let catalog =
        catalog().with("CREATE TABLE c (id INT PRIMARY KEY NOT ENFORCED, v INT) WITH ('changelog.mode' = 'retract')");
    let plan = catalog.plan("INSERT INTO k SELECT id, v FROM c");
    assert_eq!(names(&plan), ["TableSourceScan", "DropUpdateBefore", "Calc", "Sink"]);
    let plan = catalog.plan("INSERT INTO k SELECT id, v FROM c WHERE v > 1");
    assert_eq!(names(&plan), ["TableSourceScan", "Calc", "Sink"]);
    let plan = catalog.plan("SELECT v, COUNT(*) FROM c GROUP BY v");
    assert_eq!(names(&plan), ["TableSourceScan", "Calc", "Exchange", "GroupAggregate", "Sink"]);
}

/// What several INSERTs of a statement set have in common is computed once.
#[test]
fn equal_parts_of_a_statement_set_are_one() {
    let catalog = catalog()
        .with("CREATE TABLE s (a INT PRIMARY KEY NOT ENFORCED, n BIGINT)")
        .with("CREATE TABLE r (a INT PRIMARY KEY NOT ENFORCED, n BIGINT)");
    let counted = "SELECT a, COUNT(*) FROM t WHERE b > 1 GROUP BY a";
    let plan = catalog.plan(&format!(
        "EXECUTE STATEMENT SET BEGIN INSERT INTO s {counted}; INSERT INTO r {counted} HAVING COUNT(*) > 2; END"
    ));
    let count = |name: &str| names(&plan).into_iter().filter(|other| *other == name).count();
    assert_eq!((count("Sink"), count("TableSourceScan"), count("Exchange")), (2, 1, 1));
}
