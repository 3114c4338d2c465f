//! Generated trees: what is printed parses to the same tree.

use crate::ast::*;
use crate::{parse_data_type, parse_expression, parse_statement};
use proptest::prelude::*;

pub(super) fn ident() -> impl Strategy<Value = Ident> {
    prop_oneof![
        "[a-zA-Z_$][a-zA-Z0-9_$]{0,6}",
        prop::sample::select(vec!["value", "map", "select", "count", "a b", "x`y", "größe", "1a", "key"])
            .prop_map(str::to_owned),
    ]
    .prop_map(Ident::new)
}

pub(super) fn name() -> impl Strategy<Value = ObjectName> {
    prop::collection::vec(ident(), 1..4).prop_map(|parts| ObjectName { parts, ..ObjectName::default() })
}

fn literal() -> impl Strategy<Value = Literal> {
    let number = |text: String| Literal::Number(NumberLiteral { text });
    let qualifier =
        prop::sample::select(vec![TimeUnit::Day, TimeUnit::Second, TimeUnit::Month]).prop_map(IntervalQualifier::unit);
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Boolean),
        "[0-9]{1,3}(\\.[0-9]{0,3})?(E-?[0-9])?".prop_map(number),
        "[ -~é\n]{0,8}".prop_map(Literal::String),
        prop::collection::vec(any::<u8>(), 0..4).prop_map(Literal::Binary),
        "[ -~]{0,8}".prop_map(Literal::Timestamp),
        (any::<bool>(), "[0-9]{1,2}", qualifier)
            .prop_map(|(negative, text, qualifier)| Literal::Interval(IntervalLiteral { negative, text, qualifier })),
    ]
}

pub(super) fn data_type() -> impl Strategy<Value = DataType> {
    let leaf = prop_oneof![
        Just(DataTypeKind::String),
        Just(DataTypeKind::Int),
        prop::option::of(1..99u32).prop_map(DataTypeKind::Varchar),
        (1..38u32, 0..10u32).prop_map(|(p, s)| DataTypeKind::Decimal { precision: Some(p), scale: Some(s) }),
        prop::option::of(0..9u32)
            .prop_map(|precision| DataTypeKind::Timestamp { precision, zone: TimeZoneKind::Local }),
    ];
    let nullable = |kind, nullable| DataType { nullable, ..DataType::new(kind) };
    let typed = move |kind: BoxedStrategy<DataTypeKind>| {
        (kind, prop::option::of(any::<bool>())).prop_map(move |(k, n)| nullable(k, n))
    };
    typed(leaf.boxed()).prop_recursive(3, 12, 3, move |inner| {
        let field =
            (ident(), inner.clone()).prop_map(|(name, data_type)| RowField { name, data_type, comment: None }).boxed();
        let kind = prop_oneof![
            inner.clone().prop_map(|element| DataTypeKind::Array(Box::new(element))),
            (inner.clone(), inner).prop_map(|(k, v)| DataTypeKind::Map(Box::new(k), Box::new(v))),
            prop::collection::vec(field.clone(), 0..3).prop_map(DataTypeKind::Row),
            ("[a-z.']{1,8}", prop::collection::vec(field, 0..3))
                .prop_map(|(class, fields)| { DataTypeKind::Structured { class: StringLiteral::new(class), fields } }),
        ];
        typed(kind.boxed())
    })
}

const BINARY: [BinaryOp; 14] = [
    BinaryOp::Or,
    BinaryOp::And,
    BinaryOp::Eq,
    BinaryOp::NotEq,
    BinaryOp::Lt,
    BinaryOp::GtEq,
    BinaryOp::Concat,
    BinaryOp::Plus,
    BinaryOp::Minus,
    BinaryOp::Multiply,
    BinaryOp::Divide,
    BinaryOp::Modulo,
    BinaryOp::Overlaps,
    BinaryOp::MultisetUnionAll,
];

fn operators(inner: BoxedStrategy<Expr>) -> BoxedStrategy<ExprKind> {
    let boxed = inner.clone().prop_map(Box::new);
    let list = prop::collection::vec(inner, 1..4);
    prop_oneof![
        (prop::sample::select(vec![UnaryOp::Plus, UnaryOp::Minus, UnaryOp::Not]), boxed.clone())
            .prop_map(|(op, operand)| ExprKind::Unary { op, operand }),
        (boxed.clone(), prop::sample::select(BINARY.to_vec()), boxed.clone())
            .prop_map(|(left, op, right)| ExprKind::Binary { left, op, right }),
        (boxed.clone(), prop::sample::select(vec![IsTest::Null, IsTest::True, IsTest::JsonValue]), any::<bool>())
            .prop_map(|(operand, test, negated)| ExprKind::Is { operand, test, negated }),
        (boxed.clone(), boxed.clone(), any::<bool>()).prop_map(|(left, right, negated)| ExprKind::IsDistinctFrom {
            left,
            right,
            negated
        }),
        (boxed.clone(), boxed.clone(), boxed.clone(), any::<bool>(), any::<bool>()).prop_map(
            |(operand, low, high, symmetric, negated)| ExprKind::Between { operand, low, high, symmetric, negated }
        ),
        (boxed.clone(), list, any::<bool>()).prop_map(|(operand, list, negated)| ExprKind::InList {
            operand,
            list,
            negated
        }),
        (boxed.clone(), boxed.clone(), prop::option::of(boxed.clone()), any::<bool>()).prop_map(
            |(operand, pattern, escape, negated)| ExprKind::Like {
                operand,
                kind: LikeKind::Like,
                pattern,
                escape,
                negated
            }
        ),
        (boxed.clone(), boxed).prop_map(|(operand, zone)| ExprKind::AtTimeZone { operand, zone: Some(zone) }),
    ]
    .boxed()
}

fn forms(inner: BoxedStrategy<Expr>) -> BoxedStrategy<ExprKind> {
    let boxed = inner.clone().prop_map(Box::new);
    let list = |min: usize| prop::collection::vec(inner.clone(), min..4);
    let branch =
        (inner.clone(), inner.clone()).prop_map(|(when, result)| CaseBranch { conditions: vec![when], result });
    let call = (name(), list(0)).prop_map(|(name, args)| {
        let arg = |expr: Expr| FunctionArg { name: None, span: expr.span, value: ArgValue::Expr(expr) };
        let args = args.into_iter().map(arg).collect();
        ExprKind::Function(Box::new(FunctionCall::new(name, args, Default::default())))
    });
    let unit = prop::sample::select(TimeUnit::ALL.map(|(unit, _)| unit).to_vec());
    prop_oneof![
        (prop::option::of(boxed.clone()), prop::collection::vec(branch, 1..3), prop::option::of(boxed.clone()))
            .prop_map(|(operand, branches, else_result)| ExprKind::Case { operand, branches, else_result }),
        (boxed.clone(), data_type(), any::<bool>()).prop_map(|(operand, data_type, try_cast)| ExprKind::Cast {
            operand,
            data_type,
            try_cast
        }),
        call,
        list(2).prop_map(|fields| ExprKind::Row { fields, explicit: false }),
        list(0).prop_map(|fields| ExprKind::Row { fields, explicit: true }),
        list(0).prop_map(ExprKind::Array),
        (boxed.clone(), boxed.clone()).prop_map(|(operand, index)| ExprKind::Element { operand, index }),
        (boxed.clone(), ident()).prop_map(|(operand, field)| ExprKind::Field { operand, field }),
        (unit.clone(), boxed.clone()).prop_map(|(unit, operand)| ExprKind::Extract { unit, operand }),
        (any::<bool>(), boxed.clone(), unit).prop_map(|(ceil, operand, unit)| ExprKind::FloorCeilTo {
            ceil,
            operand,
            unit
        }),
        (boxed.clone(), prop::option::of(boxed.clone()))
            .prop_map(|(operand, characters)| { ExprKind::Trim { side: TrimSide::Trailing, characters, operand } }),
        (boxed.clone(), boxed).prop_map(|(needle, haystack)| ExprKind::Position { needle, haystack, from: None }),
    ]
    .boxed()
}

pub(super) fn expr() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![literal().prop_map(ExprKind::Literal), name().prop_map(ExprKind::Name)].prop_map(Expr::from);
    leaf.prop_recursive(5, 40, 4, |inner| prop_oneof![operators(inner.clone()), forms(inner)].prop_map(Expr::from))
}

/// Sub-queries, joins and set operations around generated expressions.
pub(super) fn query() -> impl Strategy<Value = Query> {
    let table = (name(), ident()).prop_map(|(name, alias)| TableRef {
        kind: TableRefKind::Table { name, hints: Vec::new(), system_time: None },
        alias: Some(TableAlias { name: alias, columns: Vec::new() }),
        span: Default::default(),
    });
    let kinds = vec![JoinKind::Inner, JoinKind::Left, JoinKind::Cross, JoinKind::Comma];
    let tables = table.prop_recursive(3, 8, 2, move |inner| {
        (inner.clone(), inner, prop::sample::select(kinds.clone())).prop_map(|(left, right, kind)| {
            let join = Join { left, right, kind, natural: false, condition: None, span: Default::default() };
            TableRef { kind: TableRefKind::Join(Box::new(join)), alias: None, span: Default::default() }
        })
    });
    let select = (prop::collection::vec((expr(), prop::option::of(ident())), 1..3), tables, prop::option::of(expr()))
        .prop_map(|(items, from, selection)| {
            QueryBody::Select(Box::new(Select {
                hints: Vec::new(),
                quantifier: None,
                items: items.into_iter().map(|(expr, alias)| SelectItem::Expr { expr, alias }).collect(),
                from: Some(from),
                selection,
                group_by: None,
                having: None,
                windows: Vec::new(),
                qualify: None,
                span: Default::default(),
            }))
        });
    let ops = vec![SetOperator::Union, SetOperator::Intersect, SetOperator::Except];
    let body = select.prop_recursive(3, 6, 2, move |inner| {
        (inner.clone(), inner, prop::sample::select(ops.clone()), any::<bool>()).prop_map(|(left, right, op, all)| {
            QueryBody::SetOperation(Box::new(SetOperation { op, all, left, right, span: Default::default() }))
        })
    });
    (body, prop::option::of(expr())).prop_map(|(body, limit)| Query { limit, ..Query::of(body, Default::default()) })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn expressions(tree in expr()) {
        let printed = tree.to_string();
        let again = parse_expression(&printed).map_err(|error| TestCaseError::fail(format!("{printed}\n{error}")))?;
        prop_assert_eq!(again, tree, "{}", printed);
    }

    #[test]
    fn types(tree in data_type()) {
        let printed = tree.to_string();
        prop_assert_eq!(parse_data_type(&printed).unwrap(), tree, "{}", printed);
    }

    #[test]
    fn queries(tree in query()) {
        let tree = Statement::Query(Box::new(tree));
        let printed = tree.to_string();
        let again = parse_statement(&printed).map_err(|error| TestCaseError::fail(format!("{printed}\n{error}")))?;
        prop_assert_eq!(again, tree, "{}", printed);
    }

    /// Any text gives a tree or an error, never a panic.
    #[test]
    fn any_text(text in "\\PC{0,40}") {
        let _ = parse_statement(&text);
        let _ = parse_expression(&text);
    }

    #[test]
    fn any_tokens(words in prop::collection::vec(prop::sample::select(vec![
        "SELECT", "FROM", "(", ")", ",", "a", "'x'", "1", "*", ".", "WITH", "AS", "CASE", "WHEN", "END", "/*+", "*/", "[", "]",
        "OVER", "IN", "NOT", "INTERVAL", "DAY", "TO", "CREATE", "TABLE", "VALUES", "UNION", "JOIN", "=", "=>", "`b`", ";", "<", ">",
    ]), 0..25)) {
        let _ = parse_statement(&words.join(" "));
    }
}
