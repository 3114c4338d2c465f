//! From topic to topic in every registry format and changelog mode, keys and values, compared value by value; records that
//! cannot be read; a second schema in the middle of a topic.

use std::collections::BTreeMap;
use std::sync::Arc;

use nutkin_formats::SchemaKind;
use nutkin_kafka::{BatchBuilder, Compression, RawBatch};
use nutkin_plan::operators::*;
use nutkin_plan::table::ErrorHandling;
use nutkin_plan::{ChangelogMode, Connector, Expr};
use nutkin_types::{LogicalType, RowField, RowKind, Value};
use parking_lot::Mutex;

use crate::tests::harness::int;
use crate::tests::plans::*;
use crate::{FailureKind, JobEvent};

pub(super) mod case;

use case::*;

/// `SELECT id, name, qty + 1, ... WHERE id <> 13`.
fn calc(builder: &mut PlanBuilder, input: usize) -> usize {
    let columns = builder.schema(input);
    let column = |index: usize| Expr::input(index, columns.columns[index].data_type.clone());
    let number = |value, logical: LogicalType| Expr::literal(int(value), logical.not_null());
    let mut projection: Vec<Expr> = (0..columns.len()).map(column).collect();
    let plus = vec![projection[2].clone(), number(1, LogicalType::Int)];
    projection[2] = Expr::call("+", plus, LogicalType::Int.nullable());
    let other = vec![column(0), number(13, BIGINT)];
    let condition = Some(Expr::call("<>", other, LogicalType::Boolean.nullable()));
    let mode = builder.plan.nodes[input].changelog_mode;
    builder.node(Calc { projection, condition }, &[input], columns, mode)
}

/// What `calc` makes of a row.
fn calculated(mut row: Vec<Value>) -> Vec<Value> {
    if let Value::Integer(qty) = &mut row[1] {
        *qty += 1;
    }
    row
}

fn sink_sides(case: &Case) -> (Side, Side) {
    (Side::new(SINK_KEY, case.kind, key_fields()), Side::new(SINK_VALUE, case.kind, value_fields()))
}

/// Changes of a key: inserted, changed, and every third deleted.
fn story(id: i64) -> Vec<(RowKind, Vec<Value>)> {
    let (first, second) = (value_row(id), value_row(id + 100));
    let mut story =
        vec![(RowKind::Insert, first.clone()), (RowKind::UpdateBefore, first), (RowKind::UpdateAfter, second.clone())];
    if id % 3 == 0 {
        story.push((RowKind::Delete, second));
    }
    story
}

#[test]
fn rows_and_changes_come_out_as_they_went_in() {
    for format in FORMATS {
        for mode in [ChangelogMode::Append, ChangelogMode::Upsert, ChangelogMode::Retract] {
            let case = Case::new(format);
            let mut expected = Written::new();
            for id in 0..24i64 {
                let changes: Vec<(RowKind, Vec<Value>)> = match mode {
                    ChangelogMode::Append => {
                        vec![(RowKind::Insert, value_row(id)), (RowKind::Insert, value_row(id + 50))]
                    }
                    ChangelogMode::Upsert => {
                        story(id).into_iter().filter(|change| change.0 != RowKind::UpdateBefore).collect()
                    }
                    ChangelogMode::Retract => story(id),
                };
                let is_tombstone = |kind: RowKind| mode == ChangelogMode::Upsert && kind == RowKind::Delete;
                let records: Vec<_> = changes
                    .iter()
                    .map(|(kind, row)| {
                        let op = (mode == ChangelogMode::Retract && *kind != RowKind::Insert).then_some(*kind);
                        (id, (!is_tombstone(*kind)).then(|| row.clone()), op)
                    })
                    .collect();
                case.world.kafka.append("in", (id % 2) as i32, case.batch(&records));
                let written = records.into_iter().map(|(_, row, op)| (op.map(|op| op as u8), row.map(calculated)));
                if id != 13 {
                    expected.insert(format!("{:?}", vec![int(id)]), written.collect());
                }
            }
            let (key, value) = sink_sides(&case);
            let plan = case.plan(mode, (&key, &value, mode), calc);
            let (event, _) = case.run(plan, 2);
            assert_eq!(event, JobEvent::Finished, "{format:?} {mode:?}");
            assert_eq!(case.written(&key, &value), expected, "{format:?} {mode:?}");
            // The plan holds the schemas of all records.
            assert!(case.registry.asked.lock().is_empty());
        }
    }
}

/// `SELECT name, COUNT(*), SUM(qty) GROUP BY name`, with the rows before changes where they are missing.
fn aggregate(builder: &mut PlanBuilder, input: usize) -> usize {
    let columns = builder.schema(input);
    let mut last = input;
    if builder.plan.nodes[input].changelog_mode == ChangelogMode::Upsert {
        let exchange = Exchange { kind: ExchangeKind::Hash(vec![0]) };
        last = builder.node(exchange, &[last], columns.clone(), ChangelogMode::Upsert);
        let normalize = ChangelogNormalize { key: vec![0], state_ttl: None, at_end: false };
        last = builder.node(normalize, &[last], columns.clone(), ChangelogMode::Retract);
    }
    let mode = builder.plan.nodes[last].changelog_mode;
    last = builder.node(Exchange { kind: ExchangeKind::Hash(vec![1]) }, &[last], columns, mode);
    let aggregate = GroupAggregate {
        grouping: vec![1],
        calls: vec![call("n", "COUNT", vec![], BIGINT), call("total", "SUM", vec![2], LogicalType::Int)],
        at_end: false,
        generate_update_before: false,
        state_ttl: None,
    };
    let out = schema(&[("name", LogicalType::STRING), ("n", BIGINT), ("total", LogicalType::Int)]);
    builder.node(aggregate, &[last], out, ChangelogMode::Upsert)
}

#[test]
fn changelogs_of_any_mode_are_aggregated_into_an_upsert_table() {
    for format in FORMATS {
        for mode in [ChangelogMode::Append, ChangelogMode::Upsert, ChangelogMode::Retract] {
            let case = Case::new(format);
            let mut left: Vec<Vec<Value>> = Vec::new();
            for id in 0..40i64 {
                let changes = story(id);
                let changes = if mode == ChangelogMode::Append { &changes[..1] } else { &changes[..] };
                let records: Vec<_> = changes
                    .iter()
                    .filter(|change| mode == ChangelogMode::Retract || change.0 != RowKind::UpdateBefore)
                    .map(|(kind, row)| match (mode, kind) {
                        (ChangelogMode::Upsert, RowKind::Delete) => (id, None, None),
                        (ChangelogMode::Retract, kind) => (id, Some(row.clone()), Some(*kind)),
                        _ => (id, Some(row.clone()), None),
                    })
                    .collect();
                case.world.kafka.append("in", (id % 2) as i32, case.batch(&records));
                left.extend(changes.last().filter(|change| change.0.adds()).map(|change| change.1.clone()));
            }
            let mut groups: BTreeMap<String, (i64, Option<i64>)> = BTreeMap::new();
            for row in left {
                let group = groups.entry(format!("{:?}", [&row[0]])).or_default();
                group.0 += 1;
                if let Value::Integer(qty) = row[1] {
                    group.1 = Some(group.1.unwrap_or(0) + qty);
                }
            }
            let nullable = LogicalType::STRING.nullable();
            let key = Side::new(SINK_KEY, case.kind, vec![RowField::new("name", nullable)]);
            let fields =
                vec![RowField::new("n", BIGINT.nullable()), RowField::new("total", LogicalType::Int.nullable())];
            let value = Side::new(SINK_VALUE, case.kind, fields);
            let plan = case.plan(mode, (&key, &value, ChangelogMode::Upsert), aggregate);
            let (event, _) = case.run(plan, 2);
            assert_eq!(event, JobEvent::Finished, "{format:?} {mode:?}");
            let mut found = BTreeMap::new();
            for (key, changes) in case.written(&key, &value) {
                assert!(changes.iter().all(|(op, _)| op.is_none()));
                if let Some((_, Some(row))) = changes.last() {
                    let total = if let Value::Integer(total) = row[1] { Some(total) } else { None };
                    let Value::Integer(n) = row[0] else { panic!("{row:?}") };
                    found.insert(key, (n, total));
                }
            }
            assert_eq!(found, groups, "{format:?} {mode:?}");
        }
    }
}

/// A record whose key or value cannot be read, at offset 2 of partition 1.
fn poisoned(case: &Case, is_key: bool) -> RawBatch {
    let mut key = encode(&case.key.schema, &case.key.fields, &[vec![int(900)]]).remove(0);
    let mut value = encode(&case.value.schema, &case.value.fields, &[value_row(1)]).remove(0);
    let broken = if is_key { &mut key } else { &mut value };
    // The header stays, the body ends in the middle of a field.
    match case.kind {
        SchemaKind::Protobuf => {
            broken.truncate(6);
            broken.extend([0x0a, 0xff]);
        }
        SchemaKind::Avro => {
            broken.truncate(5);
            broken.extend([0xff; 11]);
        }
        SchemaKind::Json => {
            broken.truncate(5);
            broken.extend(b"{\"id\": 1, \"name\"");
        }
    }
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(1_000, Some(&key), Some(&value), &[]).unwrap();
    builder.build().unwrap().unwrap()
}

#[test]
fn a_record_that_cannot_be_read_is_named_or_skipped() {
    for format in FORMATS {
        for is_key in [false, true] {
            for handling in [ErrorHandling::Fail, ErrorHandling::Ignore] {
                let case = Case::new(format);
                let good: Vec<_> = (0..2).map(|id| (id, Some(value_row(id)), None)).collect();
                case.world.kafka.append("in", 1, case.batch(&good));
                case.world.kafka.append("in", 1, poisoned(&case, is_key));
                case.world.kafka.append("in", 1, case.batch(&[(2, Some(value_row(2)), None)]));
                let (key, value) = sink_sides(&case);
                let mode = ChangelogMode::Append;
                let mut plan = case.plan(mode, (&key, &value, mode), calc);
                let Connector::Kafka(kafka) = &mut plan.tables[0].connector else { panic!() };
                kafka.error_handling = handling;
                let (event, metrics) = case.run(plan, 1);
                if handling == ErrorHandling::Ignore {
                    assert_eq!(event, JobEvent::Finished);
                    assert_eq!(case.written(&key, &value).len(), 3);
                    assert_eq!(metrics.inputs[0].ignored_records, 1);
                    continue;
                }
                let JobEvent::Failed { cause } = event else { panic!("{event:?}") };
                assert_eq!((cause.kind, cause.code()), (FailureKind::Deserialization, "NUTKIN-5101"));
                let text = cause.to_string();
                let part =
                    if is_key { "the key of a record of topic 'in'" } else { "the value of a record of topic 'in'" };
                for wanted in [part, "(table `env`.`cluster`.`in`, partition 1, offset 2)", "error-handling.mode"] {
                    assert!(text.contains(wanted), "{format:?}: {text}");
                }
                assert_eq!(text.matches("NUTKIN-").count(), 1, "{text}");
                assert!(case.written(&key, &value).len() <= 2);
            }
        }
    }
}

#[test]
fn records_of_a_second_schema_are_read_by_it() {
    for format in FORMATS {
        let case = Case::new(format);
        // One more field, and one that was a nullable INT is gone; what is left keeps its place.
        let mut fields = value_fields();
        let gone = fields.iter().position(|field| field.name == "qty").unwrap();
        if case.kind != SchemaKind::Protobuf {
            fields.remove(gone);
        }
        fields.push(RowField::new("note", LogicalType::STRING.nullable()));
        let evolved = Side::new(EVOLVED, case.kind, fields);
        let mut schemas = BTreeMap::new();
        schemas.insert(EVOLVED, evolved.schema.clone());
        let case = Case { registry: Arc::new(Registry { schemas, asked: Mutex::default() }), ..case };
        let mut expected = BTreeMap::new();
        for id in 0..30i64 {
            if id % 3 > 0 || id < 10 {
                case.world.kafka.append("in", (id % 2) as i32, case.batch(&[(id, Some(value_row(id)), None)]));
                expected.insert(format!("{:?}", vec![int(id)]), calculated(value_row(id)));
                continue;
            }
            let mut row = value_row(id);
            let mut seen = row.clone();
            if case.kind != SchemaKind::Protobuf {
                row.remove(gone);
                seen[gone] = Value::Null;
            }
            row.push(Value::String("more".to_owned()));
            let key = encode(&case.key.schema, &case.key.fields, &[vec![int(id)]]).remove(0);
            let value = encode(&evolved.schema, &evolved.fields, &[row]).remove(0);
            let mut builder = BatchBuilder::new(Compression::None);
            builder.append(1_000, Some(&key), Some(&value), &[]).unwrap();
            case.world.kafka.append("in", (id % 2) as i32, builder.build().unwrap().unwrap());
            expected.insert(format!("{:?}", vec![int(id)]), calculated(seen));
        }
        expected.remove(&format!("{:?}", vec![int(13)]));
        let (key, value) = sink_sides(&case);
        let mode = ChangelogMode::Append;
        let (event, _) = case.run(case.plan(mode, (&key, &value, mode), calc), 1);
        assert_eq!(event, JobEvent::Finished, "{format:?}");
        let found: BTreeMap<String, Vec<Value>> =
            case.written(&key, &value).into_iter().map(|(key, mut rows)| (key, rows.remove(0).1.unwrap())).collect();
        assert_eq!(found, expected, "{format:?}");
        // JSON says itself what its fields are.
        let asked = if case.kind == SchemaKind::Json { vec![] } else { vec![EVOLVED] };
        assert_eq!(*case.registry.asked.lock(), asked, "{format:?}");
    }
}

#[test]
fn a_schema_that_the_registry_does_not_have_is_named() {
    for format in [FORMATS[0], FORMATS[2]] {
        let case = Case::new(format);
        let mut payload = encode(&case.value.schema, &case.value.fields, &[value_row(1)]).remove(0);
        payload[1..5].copy_from_slice(&4711i32.to_be_bytes());
        let key = encode(&case.key.schema, &case.key.fields, &[vec![int(1)]]).remove(0);
        let mut builder = BatchBuilder::new(Compression::None);
        builder.append(1_000, Some(&key), Some(&payload), &[]).unwrap();
        case.world.kafka.append("in", 0, builder.build().unwrap().unwrap());
        let (key, value) = sink_sides(&case);
        let mode = ChangelogMode::Append;
        let (event, _) = case.run(case.plan(mode, (&key, &value, mode), calc), 1);
        let JobEvent::Failed { cause } = event else { panic!("{event:?}") };
        let text = cause.to_string();
        assert!(text.contains("4711") && text.contains("partition 0, offset 0"), "{text}");
        assert_eq!(*case.registry.asked.lock(), vec![4711]);
    }
}
