//! Generated statements about tables and views: what is printed parses to the same tree.

use proptest::prelude::*;

use super::generated::{data_type, expr, ident, name, query};
use crate::ast::*;
use crate::parse_statement;

fn text() -> impl Strategy<Value = StringLiteral> {
    "[ -~é\n]{0,8}".prop_map(StringLiteral::new)
}

fn options() -> impl Strategy<Value = Vec<OptionEntry>> {
    let entry = (text(), text()).prop_map(|(key, value)| OptionEntry { key, value, span: Default::default() });
    prop::collection::vec(entry, 1..3)
}

fn column() -> impl Strategy<Value = ColumnDef> {
    let kind = prop_oneof![
        data_type().prop_map(ColumnKind::Physical),
        (data_type(), prop::option::of(text()), any::<bool>())
            .prop_map(|(data_type, from, is_virtual)| ColumnKind::Metadata { data_type, from, is_virtual }),
        expr().prop_map(ColumnKind::Computed),
    ];
    (ident(), kind, prop::option::of(text())).prop_map(|(name, kind, comment)| ColumnDef {
        name,
        kind,
        constraint: None,
        comment,
        span: Default::default(),
    })
}

fn watermark() -> impl Strategy<Value = Watermark> {
    (name(), expr()).prop_map(|(column, strategy)| Watermark { column, strategy, span: Default::default() })
}

fn constraint() -> impl Strategy<Value = TableConstraint> {
    let kind = prop::sample::select(vec![ConstraintKind::PrimaryKey, ConstraintKind::Unique]);
    (prop::option::of(ident()), kind, prop::collection::vec(ident(), 1..3), prop::option::of(any::<bool>())).prop_map(
        |(name, kind, columns, enforced)| TableConstraint { name, kind, columns, enforced, span: Default::default() },
    )
}

fn change() -> impl Strategy<Value = SchemaChange> {
    let position = prop_oneof![Just(ColumnPosition::First), name().prop_map(ColumnPosition::After)];
    let column = (column(), prop::option::of(position)).prop_map(|(column, position)| ColumnChange {
        column,
        parent: Vec::new(),
        position,
    });
    let columns = prop::collection::vec(column, 1..3);
    (columns, prop::option::of(watermark()), prop::collection::vec(constraint(), 0..2)).prop_map(
        |(columns, watermark, constraints)| SchemaChange { columns, watermark, constraints, distribution: None },
    )
}

fn alter_table() -> impl Strategy<Value = Statement> {
    let action = prop_oneof![
        change().prop_map(AlterTableAction::Add),
        change().prop_map(AlterTableAction::Modify),
        prop::collection::vec(name(), 1..3).prop_map(AlterTableAction::DropColumns),
        Just(AlterTableAction::DropWatermark),
        Just(AlterTableAction::DropPrimaryKey),
        ident().prop_map(AlterTableAction::DropConstraint),
        name().prop_map(AlterTableAction::RenameTable),
        options().prop_map(AlterTableAction::SetOptions),
        prop::collection::vec(text(), 1..3).prop_map(AlterTableAction::ResetOptions),
    ];
    (any::<bool>(), name(), action).prop_map(|(if_exists, name, action)| {
        Statement::AlterTable(Box::new(AlterTable { if_exists, name, action, span: Default::default() }))
    })
}

fn view() -> impl Strategy<Value = Statement> {
    let column = (ident(), prop::option::of(text())).prop_map(|(name, comment)| ViewColumn { name, comment });
    let create = (any::<bool>(), name(), prop::collection::vec(column, 0..3), prop::option::of(text()), query())
        .prop_map(|(if_not_exists, name, columns, comment, query)| {
            Statement::CreateView(Box::new(CreateView {
                or_replace: false,
                temporary: false,
                if_not_exists,
                name,
                columns,
                comment,
                query: Box::new(query),
                span: Default::default(),
            }))
        });
    let action = prop_oneof![
        name().prop_map(AlterViewAction::Rename),
        query().prop_map(|query| AlterViewAction::As(Box::new(query))),
    ];
    let alter = (any::<bool>(), name(), action).prop_map(|(if_exists, name, action)| {
        Statement::AlterView(Box::new(AlterView { if_exists, name, action, span: Default::default() }))
    });
    prop_oneof![create, alter]
}

fn table() -> impl Strategy<Value = Statement> {
    let features = vec![LikeFeature::All, LikeFeature::Generated, LikeFeature::Options, LikeFeature::Watermarks];
    let strategies = vec![LikeStrategy::Including, LikeStrategy::Excluding];
    let option = (prop::sample::select(strategies), prop::sample::select(features))
        .prop_map(|(strategy, feature)| LikeOption { strategy, feature });
    let like = (name(), prop::option::of(option)).prop_map(|(source, option)| LikeTable {
        source,
        options: option.into_iter().collect(),
        span: Default::default(),
    });
    let schema = (prop::collection::vec(column(), 1..4), prop::option::of(watermark()), prop::option::of(constraint()))
        .prop_map(|(columns, watermark, constraint)| TableSchema {
            columns,
            watermark,
            constraints: constraint.into_iter().collect(),
        });
    let options = prop::option::of(options()).prop_map(Option::unwrap_or_default);
    (name(), schema, prop::option::of(text()), options, prop::option::of(like)).prop_map(
        |(name, schema, comment, options, like)| {
            Statement::CreateTable(Box::new(CreateTable {
                or_replace: false,
                temporary: false,
                if_not_exists: false,
                name,
                schema,
                comment,
                distribution: None,
                partitioned_by: Vec::new(),
                options,
                like,
                query: None,
                span: Default::default(),
            }))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn statements(tree in prop_oneof![alter_table(), view(), table()]) {
        let printed = tree.to_string();
        let again = parse_statement(&printed).map_err(|error| TestCaseError::fail(format!("{printed}\n{error}")))?;
        prop_assert_eq!(again, tree, "{}", printed);
    }
}
