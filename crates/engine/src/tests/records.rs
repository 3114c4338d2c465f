//! Rows to Kafka records and back: change kinds on the wire (decision 14), partitions, metadata columns.

use nutkin_kafka::{BatchBuilder, Compression, DecodeOptions, RecordSet, decode_records, partition_for_key};
use nutkin_plan::operators::{ScanColumn, TableSourceScan};
use nutkin_plan::table::{ErrorHandling, KafkaTable, MetadataKey};
use nutkin_plan::{ChangelogMode, Connector, Node, OperatorId, Table};
use nutkin_types::RowKind::{self, *};
use nutkin_types::{LogicalType, Schema, Value};

use crate::error::FailureKind;
use crate::sink::record::RecordEncoder;
use crate::source::record::{DecodeStop, RecordDecoder};
use crate::tests::harness::{Change, batch_of, changes_of, int};
use crate::tests::plans::{BIGINT, INSTANT, keyed_topic, raw_topic, schema};
use nutkin_plan::table::BoundedMode;

pub(super) fn kafka(table: &mut Table) -> &mut KafkaTable {
    match &mut table.connector {
        Connector::Kafka(kafka) => kafka,
        _ => panic!(),
    }
}

fn row(kind: RowKind, values: &[i64]) -> Change {
    (kind, values.iter().map(|v| int(*v)).collect())
}

/// Encodes into partitions of one record set each.
fn encode(table: &mut Table, columns: &Schema, changes: &[Change], partitions: usize) -> Vec<RecordSet> {
    let copy = table.clone();
    let mut encoder = RecordEncoder::new(&copy, kafka(table), partitions, 0).unwrap();
    let mut builders: Vec<BatchBuilder> = (0..partitions).map(|_| BatchBuilder::new(Compression::None)).collect();
    let batch = batch_of(columns, changes, copy.changelog_mode.is_append());
    encoder
        .encode(&batch, 77, &mut |partition, record| {
            builders[partition as usize].append(record.timestamp, record.key, record.value, record.headers)?;
            Ok(())
        })
        .unwrap();
    let options = DecodeOptions::default();
    let set = |builder: &mut BatchBuilder| match builder.build().unwrap() {
        Some(raw) => decode_records(raw.as_bytes().clone(), &options).unwrap(),
        None => decode_records(bytes::Bytes::new(), &options).unwrap(),
    };
    builders.iter_mut().map(set).collect()
}

pub(super) fn decoder(table: &mut Table, columns: Vec<ScanColumn>, out: &Schema) -> RecordDecoder {
    let scan = TableSourceScan { table: 0, columns, watermark: None };
    let node = Node {
        id: OperatorId("scan".to_owned()),
        operator: scan.clone().into(),
        inputs: vec![],
        schema: out.clone(),
        changelog_mode: table.changelog_mode,
        upsert_keys: vec![],
    };
    let copy = table.clone();
    RecordDecoder::new(&scan, &node, &copy, kafka(table)).unwrap()
}

fn physical(names: &[&str]) -> Vec<ScanColumn> {
    names.iter().map(|name| ScanColumn::Physical((*name).to_owned())).collect()
}

#[test]
fn upsert_deletes_are_null_values_and_keys_choose_the_partition() {
    let columns = schema(&[("k", BIGINT), ("v", BIGINT)]);
    let mut table = keyed_topic("t", "k", "v", BIGINT, ChangelogMode::Upsert);
    let changes = [
        row(Insert, &[1, 10]),
        row(UpdateBefore, &[1, 10]),
        row(UpdateAfter, &[1, 11]),
        (Delete, vec![int(2), Value::Null]),
    ];
    let sets = encode(&mut table, &columns, &changes, 4);
    let mut found = Vec::new();
    for (partition, set) in sets.iter().enumerate() {
        let decoded = decoder(&mut table, physical(&["v", "k"]), &schema(&[("v", BIGINT), ("k", BIGINT)]))
            .decode(set, 0..set.len(), partition as i32)
            .unwrap();
        for row in 0..set.len() {
            assert_eq!(partition_for_key(set.key(row).unwrap(), 4), partition as i32);
            assert_eq!(set.headers(row).count(), 0);
            assert_eq!(set.timestamps()[row], 77);
        }
        found.extend(changes_of(&schema(&[("v", BIGINT), ("k", BIGINT)]), &decoded.batch));
    }
    found.sort_by_key(|change| format!("{change:?}"));
    let deleted = (Delete, vec![Value::Null, int(2)]);
    let mut expected = vec![row(UpdateAfter, &[10, 1]), row(UpdateAfter, &[11, 1]), deleted];
    expected.sort_by_key(|change| format!("{change:?}"));
    assert_eq!(found, expected);
}

#[test]
fn retract_changes_carry_the_header_op_and_both_changes_of_a_row_meet() {
    let columns = schema(&[("v", BIGINT)]);
    let mut table = raw_topic("t", BoundedMode::Unbounded);
    table.changelog_mode = ChangelogMode::Retract;
    let changes: Vec<Change> =
        [Insert, UpdateBefore, UpdateAfter, Delete].into_iter().map(|kind| row(kind, &[5])).collect();
    let sets = encode(&mut table, &columns, &changes, 8);
    let set = sets.iter().find(|set| set.len() == 4).expect("all in one partition");
    let ops: Vec<Option<Vec<u8>>> =
        (0..4).map(|r| set.headers(r).find(|h| h.0 == "op").map(|h| h.1.unwrap().to_vec())).collect();
    assert_eq!(ops, vec![None, Some(vec![1]), Some(vec![2]), Some(vec![3])]);
    let decoded = decoder(&mut table, physical(&["v"]), &columns).decode(set, 0..4, 0).unwrap();
    assert_eq!(changes_of(&columns, &decoded.batch), changes);
}

#[test]
fn metadata_columns_tell_where_a_record_is() {
    let mut table = raw_topic("t", BoundedMode::Unbounded);
    let set = {
        let mut builder = BatchBuilder::new(Compression::None);
        builder.append(5, Some(b"key"), Some(&7i64.to_be_bytes()), &[("a", Some(b"b"))]).unwrap();
        builder.append(6, None, Some(&8i64.to_be_bytes()), &[]).unwrap();
        decode_records(builder.build().unwrap().unwrap().as_bytes().clone(), &DecodeOptions::default()).unwrap()
    };
    let keys = [
        MetadataKey::Partition,
        MetadataKey::Offset,
        MetadataKey::Timestamp,
        MetadataKey::Topic,
        MetadataKey::TimestampType,
        MetadataKey::RawKey,
        MetadataKey::Headers,
    ];
    let mut columns: Vec<ScanColumn> = keys.into_iter().map(ScanColumn::Metadata).collect();
    columns.push(ScanColumn::Rowtime);
    let headers = LogicalType::map(LogicalType::STRING.not_null(), LogicalType::BYTES.nullable());
    let out = schema(&[
        ("partition", LogicalType::Int),
        ("offset", BIGINT),
        ("timestamp", INSTANT),
        ("topic", LogicalType::STRING),
        ("type", LogicalType::STRING),
        ("raw-key", LogicalType::BYTES),
        ("headers", headers),
        ("t", INSTANT),
    ]);
    let decoded = decoder(&mut table, columns, &out).decode(&set, 0..2, 3).unwrap();
    let text = |text: &str| Value::String(text.to_owned());
    let rows = changes_of(&out, &decoded.batch);
    let header = Value::Map(vec![(text("a"), Value::Bytes(b"b".to_vec()))]);
    let first =
        vec![int(3), int(0), int(5), text("t"), text("CreateTime"), Value::Bytes(b"key".to_vec()), header, int(5)];
    assert_eq!(rows[0], (Insert, first));
    assert_eq!(rows[1].1[5..7], [Value::Null, Value::Map(vec![])]);
}

#[test]
fn unreadable_records_fail_or_are_skipped_as_the_table_says() {
    let columns = schema(&[("v", BIGINT)]);
    let mut table = raw_topic("t", BoundedMode::Unbounded);
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(0, None, Some(&7i64.to_be_bytes()), &[]).unwrap();
    builder.append(0, None, Some(b"short"), &[]).unwrap();
    let set = decode_records(builder.build().unwrap().unwrap().as_bytes().clone(), &DecodeOptions::default()).unwrap();
    let failed = decoder(&mut table, physical(&["v"]), &columns).decode(&set, 0..2, 1);
    let Err(DecodeStop::Failed(failure)) = failed else { panic!("it must fail") };
    assert_eq!(failure.kind, FailureKind::Deserialization);
    assert_eq!(failure.position.map(|p| (p.partition, p.offset)), Some((1, 1)));
    kafka(&mut table).error_handling = ErrorHandling::Ignore;
    let decoded = decoder(&mut table, physical(&["v"]), &columns).decode(&set, 0..2, 1).unwrap();
    assert_eq!((decoded.ignored, changes_of(&columns, &decoded.batch)), (1, vec![row(Insert, &[7])]));
}
