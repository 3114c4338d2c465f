//! What plans of scans, projections and joins give for tables of whole numbers: enough to compare two plans of a statement.

use std::collections::BTreeMap;

use nutkin_plan::operators::{Join, ScanColumn};
use nutkin_plan::{Expr, ExprKind, Operator, Plan};
use nutkin_types::Value;

pub type Row = Vec<Option<i64>>;
pub type Tables = BTreeMap<String, Vec<Row>>;

/// The rows that come to the sink, sorted.
pub fn rows(plan: &Plan, tables: &Tables) -> Vec<Row> {
    let mut rows = of(plan, plan.sinks().next().unwrap(), tables);
    rows.sort();
    rows
}

fn of(plan: &Plan, node: usize, tables: &Tables) -> Vec<Row> {
    let node = &plan.nodes[node];
    let input = |port: usize| of(plan, node.inputs[port], tables);
    match &node.operator {
        Operator::TableSourceScan(scan) => {
            let table = &plan.tables[scan.table];
            let place = |column: &ScanColumn| match column {
                ScanColumn::Physical(name) => ["id", "k", "n"].iter().position(|other| other == name),
                _ => None,
            };
            let value = |row: &Row, column: &ScanColumn| place(column).and_then(|place| row[place]);
            let row = |row: &Row| scan.columns.iter().map(|column| value(row, column)).collect();
            tables[&table.path.name].iter().map(row).collect()
        }
        Operator::Calc(calc) => {
            let mut rows = input(0);
            rows.retain(|row| calc.condition.as_ref().is_none_or(|condition| eval(condition, row) == Some(1)));
            rows.iter().map(|row| calc.projection.iter().map(|expr| eval(expr, row)).collect()).collect()
        }
        Operator::Join(join) => {
            joined(join, &input(0), &input(1), [0, 1].map(|port| plan.nodes[node.inputs[port]].schema.len()))
        }
        Operator::Exchange(_) | Operator::ChangelogNormalize(_) | Operator::Sink(_) => input(0),
        other => panic!("{}", other.name()),
    }
}

fn joined(join: &Join, left: &[Row], right: &[Row], widths: [usize; 2]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut met = vec![false; right.len()];
    for one in left {
        let before = rows.len();
        for (place, two) in right.iter().enumerate() {
            let both: Row = one.iter().chain(two).copied().collect();
            if meets(join, one, two, &both) {
                met[place] = true;
                rows.push(both);
            }
        }
        if rows.len() == before && join.kind.fills_right() {
            rows.push(one.iter().copied().chain(std::iter::repeat_n(None, widths[1])).collect());
        }
    }
    if join.kind.fills_left() {
        let alone = right.iter().zip(&met).filter(|(_, met)| !**met).map(|(row, _)| row);
        rows.extend(alone.map(|row| std::iter::repeat_n(None, widths[0]).chain(row.iter().copied()).collect::<Row>()));
    }
    rows
}

fn meets(join: &Join, one: &Row, two: &Row, both: &Row) -> bool {
    let on = &join.on;
    let mut keys = on.left_keys.iter().zip(&on.right_keys).zip(&on.filter_nulls);
    let equal = keys.all(|((&l, &r), &filter)| one[l] == two[r] && !(filter && one[l].is_none()));
    equal && on.condition.as_ref().is_none_or(|condition| eval(condition, both) == Some(1))
}

fn eval(expr: &Expr, row: &Row) -> Option<i64> {
    let (function, args) = match &expr.kind {
        ExprKind::Input(column) => return row[*column],
        ExprKind::Cast { arg, .. } => return eval(arg, row),
        ExprKind::Literal(Value::Integer(value)) => return Some(*value),
        ExprKind::Literal(Value::Boolean(value)) => return Some(i64::from(*value)),
        ExprKind::Call { function, args } => (function.as_str(), args),
        other => panic!("{other:?}"),
    };
    let args: Vec<Option<i64>> = args.iter().map(|arg| eval(arg, row)).collect();
    match function {
        "AND" if args.contains(&Some(0)) => Some(0),
        "AND" => args.iter().copied().reduce(|a, b| a.and(b)).flatten(),
        "OR" if args.contains(&Some(1)) => Some(1),
        "OR" => args.iter().copied().reduce(|a, b| a.and(b)).flatten(),
        "IS NULL" => Some(i64::from(args[0].is_none())),
        "IS NOT NULL" => Some(i64::from(args[0].is_some())),
        "IS NOT DISTINCT FROM" => Some(i64::from(args[0] == args[1])),
        "NOT" => args[0].map(|value| 1 - value),
        _ => {
            let (one, two) = (args[0]?, args[1]?);
            Some(i64::from(match function {
                "=" => one == two,
                "<>" => one != two,
                "<" => one < two,
                ">" => one > two,
                other => panic!("{other}"),
            }))
        }
    }
}
