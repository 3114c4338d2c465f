//! What the trees look like: precedence, associativity, folding of synonyms, spans.

use crate::ast::{
    ArgValue, BinaryOp, ColumnKind, ExprKind, JoinKind, Literal, QueryBody, SelectItem, SetOperator, Statement,
    TableRefKind,
};
use crate::{parse_data_type, parse_expression, parse_statement};

fn same(left: &str, right: &str) {
    assert_eq!(parse_expression(left).unwrap(), parse_expression(right).unwrap(), "{left} / {right}");
}

/// Calcite's levels.
#[test]
fn operators_bind_as_in_calcite() {
    same("a + b * c", "a + (b * c)");
    same("a - b - c", "(a - b) - c");
    same("a || b * c", "(a || b) * c");
    same("a || b + c", "(a || b) + c");
    same("-a * b", "(-a) * b");
    same("a OR b AND c", "a OR (b AND c)");
    same("NOT a = b", "NOT (a = b)");
    same("NOT a AND b", "(NOT a) AND b");
    same("NOT a IS NULL", "NOT (a IS NULL)");
    same("a = b IS NULL", "(a = b) IS NULL");
    same("a + 1 IS NULL", "(a + 1) IS NULL");
    same("a BETWEEN b AND c AND d", "(a BETWEEN b AND c) AND d");
    same("a = b BETWEEN c AND d", "a = (b BETWEEN c AND d)");
    same("a LIKE b || c", "a LIKE (b || c)");
    same("a IN (1) AND b", "(a IN (1)) AND b");
    same("a < b = c", "(a < b) = c");
    same("a IS DISTINCT FROM b + 1 OR c", "(a IS DISTINCT FROM (b + 1)) OR c");
    same("-a[1].b", "-((a[1]).b)");
    same("INTERVAL '1' DAY + a", "(INTERVAL '1' DAY) + a");
}

#[test]
fn synonyms_fold() {
    same("a != b", "a <> b");
    same("SUBSTRING(a FROM 1 FOR 2)", "SUBSTRING(a, 1, 2)");
    same("CEILING(a)", "ceil(a)".replace("ceil", "CEIL").as_str());
    same("TIMESTAMPADD(SQL_TSI_DAY, 1, a)", "TIMESTAMPADD(DAY, 1, a)");
    same("INTERVAL '2' HOURS", "INTERVAL '2' HOUR");
    same("a = SOME (1, 2)", "a = ANY (1, 2)");
    assert_eq!(parse_data_type("DEC(3)").unwrap(), parse_data_type("NUMERIC(3)").unwrap());
    assert_eq!(
        parse_data_type("TIMESTAMP(3) WITH LOCAL TIME ZONE").unwrap(),
        parse_data_type("TIMESTAMP_LTZ(3)").unwrap()
    );
    assert_eq!(parse_data_type("INT NOT NULL ARRAY").unwrap(), parse_data_type("ARRAY<INT NOT NULL>").unwrap());
    let fetch = parse_statement("SELECT a FROM t OFFSET 2 ROWS FETCH NEXT 3 ROWS ONLY").unwrap();
    assert_eq!(fetch, parse_statement("SELECT a FROM t LIMIT 2, 3").unwrap());
    assert_eq!(parse_statement("((SELECT 1))").unwrap(), parse_statement("SELECT 1").unwrap());
}

#[test]
fn intersect_binds_more_tightly_than_union() {
    let tree = parse_statement("SELECT 1 UNION ALL SELECT 2 INTERSECT SELECT 3").unwrap();
    let Statement::Query(query) = tree else { panic!() };
    let QueryBody::SetOperation(union) = query.body else { panic!() };
    assert_eq!((union.op, union.all), (SetOperator::Union, true));
    assert!(matches!(union.right, QueryBody::SetOperation(inner) if inner.op == SetOperator::Intersect));
}

#[test]
fn the_comma_is_the_loosest_join() {
    let tree = parse_statement("SELECT * FROM a, b LEFT JOIN c ON TRUE").unwrap();
    let Statement::Query(query) = tree else { panic!() };
    let QueryBody::Select(select) = query.body else { panic!() };
    let TableRefKind::Join(outer) = select.from.unwrap().kind else { panic!() };
    assert_eq!(outer.kind, JoinKind::Comma);
    assert!(matches!(outer.right.kind, TableRefKind::Join(inner) if inner.kind == JoinKind::Left));
}

#[test]
fn columns_have_their_kinds() {
    let text = "CREATE TABLE t (a INT, b INT METADATA FROM 'x' VIRTUAL, c AS a + 1, PRIMARY KEY (a) NOT ENFORCED)";
    let Statement::CreateTable(create) = parse_statement(text).unwrap() else { panic!() };
    let [a, b, c] = create.schema.columns.as_slice() else { panic!() };
    assert!(matches!(a.kind, ColumnKind::Physical(_)));
    assert!(matches!(&b.kind, ColumnKind::Metadata { from: Some(key), is_virtual: true, .. } if key.value == "x"));
    assert!(matches!(c.kind, ColumnKind::Computed(_)));
    assert_eq!(create.schema.primary_keys().len(), 1);
    assert_eq!(a.span.text(text), "a INT");
    assert_eq!(create.span.text(text), text);
}

#[test]
fn table_arguments_and_named_arguments() {
    let text = "SELECT * FROM f(input => TABLE t PARTITION BY (a, b) ORDER BY c DESC, n => 3)";
    let Statement::Query(query) = parse_statement(text).unwrap() else { panic!() };
    let QueryBody::Select(select) = query.body else { panic!() };
    let TableRefKind::Function { call, .. } = select.from.unwrap().kind else { panic!() };
    let ArgValue::Table(table) = &call.args[0].value else { panic!() };
    assert_eq!((table.partition_by.len(), table.order_by.len()), (2, 1));
    assert_eq!(call.args[1].name.as_ref().unwrap().value, "n");
}

#[test]
fn spans_point_at_what_was_written() {
    let text = "SELECT a + bc  AS x FROM t";
    let Statement::Query(query) = parse_statement(text).unwrap() else { panic!() };
    let QueryBody::Select(select) = query.body else { panic!() };
    let SelectItem::Expr { expr, .. } = &select.items[0] else { panic!() };
    assert_eq!(expr.span.text(text), "a + bc");
    let ExprKind::Binary { right, op, .. } = &expr.kind else { panic!() };
    assert_eq!((right.span.text(text), *op), ("bc", BinaryOp::Plus));
}

#[test]
fn a_trailing_unit_of_floor_is_no_interval_range() {
    let expr = parse_expression("FLOOR(a TO DAY)").unwrap();
    assert!(matches!(expr.kind, ExprKind::FloorCeilTo { ceil: false, .. }));
    let unit = parse_expression("f(DAY, 1)").unwrap();
    let ExprKind::Function(call) = unit.kind else { panic!() };
    assert!(matches!(call.args[0].as_expr().unwrap().kind, ExprKind::Literal(Literal::Unit(_))));
}
