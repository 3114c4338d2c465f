//! The plans of the queries, as the planner would make them of Nexmark's views over one topic of events.

use std::collections::BTreeMap;

use nutkin_plan::operators::*;
use nutkin_plan::table::*;
use nutkin_plan::{AggregateCall, ChangelogMode, Expr, ExprKind, Node, Operator, OperatorId, Plan, WindowSpec};
use nutkin_types::{Column, DataType, LogicalType, RowField, Schema, Value};

const BIGINT: LogicalType = LogicalType::BigInt;
const TIME: LogicalType = LogicalType::Timestamp { precision: 3 };

fn row(fields: &[(&str, LogicalType)]) -> LogicalType {
    LogicalType::Row {
        fields: fields.iter().map(|(name, logical)| RowField::new(*name, logical.clone().nullable())).collect(),
    }
}

fn bid() -> LogicalType {
    let text = LogicalType::STRING;
    row(&[
        ("auction", BIGINT),
        ("bidder", BIGINT),
        ("price", BIGINT),
        ("channel", text.clone()),
        ("url", text.clone()),
        ("dateTime", TIME),
        ("extra", text),
    ])
}

struct Builder {
    plan: Plan,
}

impl Builder {
    fn table(&mut self, name: &str, columns: &[(&str, LogicalType)], connector: Connector) -> usize {
        self.plan.tables.push(Table {
            path: TablePath { catalog: "env".to_owned(), database: "db".to_owned(), name: name.to_owned() },
            columns: columns
                .iter()
                .map(|(name, logical)| TableColumn {
                    name: (*name).to_owned(),
                    data_type: logical.clone().nullable(),
                    kind: ColumnKind::Physical,
                    comment: None,
                })
                .collect(),
            watermark: None,
            primary_key: None,
            distribution: None,
            changelog_mode: ChangelogMode::Append,
            options: BTreeMap::new(),
            comment: None,
            connector,
        });
        self.plan.tables.len() - 1
    }

    fn node(
        &mut self,
        operator: impl Into<Operator>,
        input: Option<usize>,
        columns: Vec<(String, DataType)>,
        mode: ChangelogMode,
    ) -> usize {
        self.plan.nodes.push(Node {
            id: OperatorId(format!("{:02}", self.plan.nodes.len())),
            operator: operator.into(),
            inputs: input.into_iter().collect(),
            schema: Schema::new(columns.into_iter().map(|(name, data_type)| Column::new(name, data_type))),
            changelog_mode: mode,
            upsert_keys: Vec::new(),
        });
        self.plan.nodes.len() - 1
    }

    fn calc(&mut self, input: usize, projection: Vec<(&str, Expr)>, condition: Option<Expr>) -> usize {
        let columns = projection.iter().map(|(name, expr)| ((*name).to_owned(), expr.data_type.clone())).collect();
        let projection = projection.into_iter().map(|(_, expr)| expr).collect();
        self.node(Calc { projection, condition }, Some(input), columns, ChangelogMode::Append)
    }

    fn columns(&self, node: usize) -> Vec<(String, DataType)> {
        let columns = self.plan.nodes[node].schema.columns.iter();
        columns.map(|column| (column.name.clone(), column.data_type.clone())).collect()
    }

    fn sink(mut self, input: usize) -> Plan {
        let table = self.table("sink", &[], Connector::Blackhole);
        let columns = self.columns(input);
        let mode = self.plan.nodes[input].changelog_mode;
        self.node(Sink { target: SinkTarget::Table(table), upsert_materialize: false }, Some(input), columns, mode);
        self.plan
    }
}

fn number(value: i64, logical: LogicalType) -> Expr {
    Expr::literal(Value::Integer(value), logical.not_null())
}

/// Field `name` of the bid, which is column 1 of the scan.
fn of_bid(name: &str) -> Expr {
    let LogicalType::Row { fields } = bid() else { unreachable!("a row") };
    let index = fields.iter().position(|field| field.name == name).expect("a field of bid");
    let data_type = fields[index].data_type.clone();
    Expr { kind: ExprKind::Field { arg: Box::new(Expr::input(1, bid().nullable())), index }, data_type }
}

fn call(function: &str, args: Vec<Expr>, logical: LogicalType) -> Expr {
    Expr::call(function, args, logical.nullable())
}

fn is_bid() -> Expr {
    let kind = Expr::input(0, LogicalType::Int.nullable());
    call("=", vec![kind, number(2, LogicalType::Int)], LogicalType::Boolean)
}

fn source() -> (Builder, usize) {
    let mut builder = Builder { plan: Plan::new("UTC") };
    let columns = [("event_type", LogicalType::Int), ("bid", bid())];
    let field = |name: &str| FieldBinding { column: name.to_owned(), field: name.to_owned() };
    let kafka = KafkaTable {
        cluster_id: "lkc".to_owned(),
        registry_id: "lsrc".to_owned(),
        topic: "events".to_owned(),
        partitions: 1,
        key: None,
        value: Format {
            kind: FormatKind::JsonRegistry,
            schema: None,
            fields: vec![field("event_type"), field("bid")],
            is_atomic: false,
        },
        isolation: IsolationLevel::ReadUncommitted,
        startup: StartupMode::EarliestOffset,
        bounded: BoundedMode::LatestOffset,
        error_handling: ErrorHandling::Fail,
        compression: nutkin_plan::table::Compression::None,
    };
    let table = builder.table("events", &columns, Connector::Kafka(Box::new(kafka)));
    (builder, table)
}

fn scan(builder: &mut Builder, table: usize, names: &[&str], watermark: Option<ScanWatermark>) -> usize {
    let all = builder.plan.tables[table].columns.clone();
    let columns = names
        .iter()
        .filter_map(|name| all.iter().find(|column| column.name == *name))
        .map(|column| (column.name.clone(), column.data_type.clone()))
        .collect();
    let scan = TableSourceScan {
        table,
        columns: names.iter().map(|name| ScanColumn::Physical((*name).to_owned())).collect(),
        watermark,
    };
    builder.node(scan, None, columns, ChangelogMode::Append)
}

fn aggregate(name: &str, function: &str, args: Vec<usize>, filter: Option<usize>) -> AggregateCall {
    AggregateCall {
        name: name.to_owned(),
        function: function.to_owned(),
        args,
        literals: Vec::new(),
        distinct: false,
        filter,
        data_type: BIGINT.nullable(),
    }
}

/// Per auction and day: counts by price range, and extremes, average and sum of the price.
fn q17() -> Plan {
    let (mut builder, table) = source();
    let scan = scan(&mut builder, table, &["event_type", "bid"], None);
    let pattern = Expr::literal(Value::String("yyyy-MM-dd".to_owned()), LogicalType::STRING.not_null());
    let boolean = LogicalType::Boolean;
    let price =
        |function: &str, bound: i64| call(function, vec![of_bid("price"), number(bound, BIGINT)], boolean.clone());
    let true_is = |condition: Expr| Expr::call("IS TRUE", vec![condition], boolean.clone().not_null());
    let projection = vec![
        ("auction", of_bid("auction")),
        ("day", call("DATE_FORMAT", vec![of_bid("dateTime"), pattern], LogicalType::STRING)),
        ("low", true_is(price("<", 10_000))),
        ("middle", true_is(call("AND", vec![price(">=", 10_000), price("<", 1_000_000)], boolean.clone()))),
        ("high", true_is(price(">=", 1_000_000))),
        ("price", of_bid("price")),
    ];
    let calc = builder.calc(scan, projection, Some(is_bid()));
    let exchanged = builder.columns(calc);
    let exchange = Exchange { kind: ExchangeKind::Hash(vec![0, 1]) };
    let exchange = builder.node(exchange, Some(calc), exchanged.clone(), ChangelogMode::Append);
    let calls = vec![
        aggregate("bids", "COUNT", vec![], None),
        aggregate("bids1", "COUNT", vec![], Some(2)),
        aggregate("bids2", "COUNT", vec![], Some(3)),
        aggregate("bids3", "COUNT", vec![], Some(4)),
        aggregate("least", "MIN", vec![5], None),
        aggregate("most", "MAX", vec![5], None),
        aggregate("average", "AVG", vec![5], None),
        aggregate("total", "SUM", vec![5], None),
    ];
    let columns = exchanged[..2].iter().cloned();
    let columns = columns.chain(calls.iter().map(|call| (call.name.clone(), call.data_type.clone()))).collect();
    let aggregation = GroupAggregate { grouping: vec![0, 1], calls, generate_update_before: false, state_ttl: None };
    let last = builder.node(aggregation, Some(exchange), columns, ChangelogMode::Upsert);
    builder.sink(last)
}

/// Bids per auction in windows of ten seconds.
fn tumble() -> Plan {
    let (mut builder, table) = source();
    let rowtime = of_bid("dateTime");
    let watermark = Some(ScanWatermark::MaxSeen { rowtime });
    let scan = scan(&mut builder, table, &["event_type", "bid"], watermark);
    let projection = vec![("auction", of_bid("auction")), ("rowtime", of_bid("dateTime"))];
    let calc = builder.calc(scan, projection, Some(is_bid()));
    let columns = &builder.plan.nodes[calc].schema.columns;
    let columns = vec![columns[0].clone(), Column::rowtime("rowtime", TIME.nullable())];
    builder.plan.nodes[calc].schema = Schema::new(columns);
    let exchanged = builder.columns(calc);
    let exchange = Exchange { kind: ExchangeKind::Hash(vec![0]) };
    let exchange = builder.node(exchange, Some(calc), exchanged, ChangelogMode::Append);
    builder.plan.nodes[exchange].schema = builder.plan.nodes[calc].schema.clone();
    let aggregation = WindowAggregate {
        grouping: vec![0],
        calls: vec![aggregate("n", "COUNT", vec![], None)],
        input: WindowInput::Assign { window: WindowSpec::Tumble { size: 10_000, offset: 0 }, time_column: 1 },
        properties: vec![WindowProperty::Start],
    };
    let columns = vec![
        ("auction".to_owned(), BIGINT.nullable()),
        ("n".to_owned(), BIGINT.nullable()),
        ("window_start".to_owned(), TIME.nullable()),
    ];
    let last = builder.node(aggregation, Some(exchange), columns, ChangelogMode::Append);
    builder.sink(last)
}

/// The plan of a query by its name.
pub(crate) fn plan(query: &str) -> Plan {
    if query == "q17" {
        return q17();
    }
    if query == "tumble" {
        return tumble();
    }
    let (mut builder, table) = source();
    if query == "decode" {
        let scan = scan(&mut builder, table, &["event_type"], None);
        return builder.sink(scan);
    }
    let scan = scan(&mut builder, table, &["event_type", "bid"], None);
    let all = || ["auction", "bidder", "price", "dateTime", "extra"].map(|name| (name, of_bid(name))).to_vec();
    let last = match query {
        "q0" => builder.calc(scan, all(), Some(is_bid())),
        "q1" => {
            let mut projection = all();
            let decimal = |precision, scale| LogicalType::Decimal { precision, scale };
            let factor = Expr::literal(Value::Decimal(908), decimal(3, 3).not_null());
            let price = call("*", vec![factor, of_bid("price")], decimal(23, 3));
            projection[2] = ("price", price);
            builder.calc(scan, projection, Some(is_bid()))
        }
        "q2" => {
            let modulo = call("MOD", vec![of_bid("auction"), number(123, LogicalType::Int)], LogicalType::Int);
            let hit = call("=", vec![modulo, number(0, LogicalType::Int)], LogicalType::Boolean);
            let condition = call("AND", vec![is_bid(), hit], LogicalType::Boolean);
            builder.calc(scan, vec![("auction", of_bid("auction")), ("price", of_bid("price"))], Some(condition))
        }
        other => panic!("there is no query {other}; use decode, q0, q1, q2, q17 or tumble"),
    };
    builder.sink(last)
}
