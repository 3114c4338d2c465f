//! Debezium envelopes as rows with change kinds, in every format and changelog mode (spec sql.md 2.4 no. 9).

use nutkin_formats::SchemaKind;
use nutkin_kafka::{BatchBuilder, Compression, DecodeOptions, RecordSet, decode_records};
use nutkin_plan::operators::ScanColumn;
use nutkin_plan::table::{ErrorHandling, FieldBinding, MetadataKey, Table};
use nutkin_plan::{ChangelogMode, Connector};
use nutkin_types::RowKind::{Delete, Insert, UpdateAfter, UpdateBefore};
use nutkin_types::{LogicalType, RowField, Schema, Value};

use crate::error::FailureKind;
use crate::source::record::DecodeStop;
use crate::tests::formats::case::{FORMATS, Side, encode};
use crate::tests::harness::{Change, changes_of, int};
use crate::tests::plans::{BIGINT, keyed_topic, schema};
use crate::tests::records::{decoder, kafka};

/// A record of the topic: its key, and the envelope or a null value.
type Sent = (i64, Option<(Option<(i64, &'static str)>, Option<(i64, &'static str)>, Option<&'static str>)>);

/// The life of two rows: read, created, changed, deleted and forgotten.
const STORY: [Sent; 5] = [
    (1, Some((None, Some((1, "a")), Some("r")))),
    (2, Some((None, Some((2, "b")), Some("c")))),
    (1, Some((Some((1, "a")), Some((1, "c")), Some("u")))),
    (2, Some((Some((2, "b")), None, Some("d")))),
    (2, None),
];

fn envelope_fields() -> Vec<RowField> {
    let row = LogicalType::row([("id", BIGINT.not_null()), ("name", LogicalType::STRING.not_null())]);
    let source = LogicalType::row([("ts", BIGINT.nullable())]);
    vec![
        RowField::new("before", row.clone().nullable()),
        RowField::new("source", source.nullable()),
        RowField::new("after", row.nullable()),
        RowField::new("op", LogicalType::STRING.nullable()),
    ]
}

fn topic(format: (SchemaKind, nutkin_plan::table::FormatKind), mode: ChangelogMode) -> (Side, Table) {
    let value = Side::new(7, format.0, envelope_fields());
    let mut table = keyed_topic("t", "id", "name", LogicalType::STRING, mode);
    let binding = |name: &str| FieldBinding { column: name.to_owned(), field: name.to_owned() };
    let Connector::Kafka(kafka) = &mut table.connector else { panic!() };
    kafka.value = value.format(format.1);
    kafka.value.debezium = true;
    kafka.value.fields = vec![binding("id"), binding("name")];
    (value, table)
}

fn records(value: &Side, sent: &[Sent]) -> RecordSet {
    let row = |row: Option<(i64, &str)>| match row {
        Some((id, name)) => Value::List(vec![int(id), Value::String(name.to_owned())]),
        None => Value::Null,
    };
    let mut builder = BatchBuilder::new(Compression::None);
    for (id, envelope) in sent {
        let payload = envelope.map(|(before, after, op)| {
            let op = op.map_or(Value::Null, |op| Value::String(op.to_owned()));
            let source = Value::List(vec![int(*id)]);
            encode(&value.schema, &value.fields, &[vec![row(before), source, row(after), op]]).remove(0)
        });
        builder.append(id * 100, Some(&id.to_be_bytes()), payload.as_deref(), &[]).unwrap();
    }
    decode_records(builder.build().unwrap().unwrap().as_bytes().clone(), &DecodeOptions::default()).unwrap()
}

fn columns() -> (Vec<ScanColumn>, Schema) {
    let scan = vec![
        ScanColumn::Physical("name".to_owned()),
        ScanColumn::Metadata(MetadataKey::Offset),
        ScanColumn::Physical("id".to_owned()),
    ];
    (scan, schema(&[("name", LogicalType::STRING), ("offset", BIGINT), ("id", BIGINT)]))
}

fn change(kind: nutkin_types::RowKind, name: Option<&str>, offset: i64, id: i64) -> Change {
    (kind, vec![name.map_or(Value::Null, |name| Value::String(name.to_owned())), int(offset), int(id)])
}

#[test]
fn envelopes_are_changes_of_the_rows_in_them() {
    let expected = [
        (
            ChangelogMode::Append,
            vec![change(Insert, Some("a"), 0, 1), change(Insert, Some("b"), 1, 2), change(Insert, Some("c"), 2, 1)],
        ),
        (
            ChangelogMode::Upsert,
            vec![
                change(UpdateAfter, Some("a"), 0, 1),
                change(UpdateAfter, Some("b"), 1, 2),
                change(UpdateAfter, Some("c"), 2, 1),
                change(Delete, Some("b"), 3, 2),
                change(Delete, None, 4, 2),
            ],
        ),
        (
            ChangelogMode::Retract,
            vec![
                change(Insert, Some("a"), 0, 1),
                change(Insert, Some("b"), 1, 2),
                change(UpdateBefore, Some("a"), 2, 1),
                change(UpdateAfter, Some("c"), 2, 1),
                change(Delete, Some("b"), 3, 2),
            ],
        ),
    ];
    for format in FORMATS {
        for (mode, expected) in &expected {
            let (value, mut table) = topic(format, *mode);
            let set = records(&value, &STORY);
            let (scan, out) = columns();
            let decoded = decoder(&mut table, scan, &out).decode(&set, 0..set.len(), 0).unwrap();
            assert_eq!(&changes_of(&out, &decoded.batch), expected, "{format:?} {mode:?}");
            assert_eq!((decoded.ignored, decoded.batch.is_append()), (0, mode.is_append()));
        }
    }
}

/// `SELECT COUNT(*)` wants no column of the rows and still counts their changes.
#[test]
fn rows_count_without_their_columns() {
    for format in FORMATS {
        let (value, mut table) = topic(format, ChangelogMode::Retract);
        let set = records(&value, &STORY);
        let out = schema(&[("offset", BIGINT)]);
        let scan = vec![ScanColumn::Metadata(MetadataKey::Offset)];
        let decoded = decoder(&mut table, scan, &out).decode(&set, 1..4, 0).unwrap();
        let kinds: Vec<_> = changes_of(&out, &decoded.batch).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, [Insert, UpdateBefore, UpdateAfter, Delete], "{format:?}");
    }
}

/// A database that logs only keys is enough for upsert, and named as what is wrong for retract.
#[test]
fn rows_before_a_change_are_needed_to_retract_only() {
    let story: [Sent; 2] = [(1, Some((None, Some((1, "c")), Some("u")))), (1, Some((None, None, Some("d"))))];
    for format in FORMATS {
        let (value, mut table) = topic(format, ChangelogMode::Upsert);
        let set = records(&value, &story);
        let (scan, out) = columns();
        let decoded = decoder(&mut table, scan.clone(), &out).decode(&set, 0..2, 0).unwrap();
        let expected = [change(UpdateAfter, Some("c"), 0, 1), change(Delete, None, 1, 1)];
        assert_eq!(changes_of(&out, &decoded.batch), expected);
        table.changelog_mode = ChangelogMode::Retract;
        let failed = decoder(&mut table, scan, &out).decode(&set, 0..2, 0);
        let Err(DecodeStop::Failed(failure)) = failed else { panic!("{failed:?}") };
        assert_eq!(failure.kind, FailureKind::Deserialization);
        assert!(failure.to_string().contains("REPLICA IDENTITY FULL"), "{failure}");
    }
}

#[test]
fn envelopes_that_say_nothing_are_bad_records() {
    let row = Some((1, "a"));
    let story: [Sent; 5] = [
        (1, Some((row, row, Some("t")))),
        (1, Some((row, row, None))),
        (1, Some((row, None, Some("c")))),
        (1, Some((row, None, Some("u")))),
        (1, Some((None, row, Some("c")))),
    ];
    let (value, mut table) = topic(FORMATS[0], ChangelogMode::Retract);
    let set = records(&value, &story);
    let (scan, out) = columns();
    for (row, cause) in [(0, "'t'"), (1, "no 'op'"), (2, "no 'after'"), (3, "no 'after'")] {
        let failed = decoder(&mut table, scan.clone(), &out).decode(&set, row..row + 1, 3);
        let Err(DecodeStop::Failed(failure)) = failed else { panic!("{failed:?}") };
        assert!(failure.to_string().contains(cause), "{failure}");
        assert_eq!(failure.position.map(|place| (place.partition, place.offset)), Some((3, row as i64)));
    }
    kafka(&mut table).error_handling = ErrorHandling::Ignore;
    let decoded = decoder(&mut table, scan, &out).decode(&set, 0..5, 0).unwrap();
    assert_eq!((decoded.ignored, changes_of(&out, &decoded.batch)), (4, vec![change(Insert, Some("a"), 4, 1)]));
}
