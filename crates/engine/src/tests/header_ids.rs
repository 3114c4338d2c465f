//! Schemas that a header names by GUID or id instead of the payload (spec sql.md 2.4 no. 12).

use nutkin_formats::SchemaKind;
use nutkin_kafka::{BatchBuilder, Compression, DecodeOptions, RecordSet, decode_records};
use nutkin_plan::operators::ScanColumn;
use nutkin_plan::table::{ErrorHandling, FieldBinding, FormatKind, Table};
use nutkin_plan::{ChangelogMode, Connector};
use nutkin_types::{LogicalType, RowField, RowKind, Value};

use crate::source::record::{DecodeStop, Missing, Wanted};
use crate::tests::formats::case::{FORMATS, Side, encode};
use crate::tests::harness::{changes_of, int};
use crate::tests::plans::{BIGINT, keyed_topic, schema};
use crate::tests::records::{decoder, kafka};

const GUID: [u8; 16] = [7; 16];

fn value(id: i32, kind: SchemaKind, more: bool) -> Side {
    // The order differs, so that the wrong schema gives the wrong row.
    let mut fields = vec![RowField::new("v", BIGINT.not_null())];
    if more {
        fields.insert(0, RowField::new("w", LogicalType::STRING.nullable()));
    }
    Side::new(id, kind, fields)
}

fn topic(value: &Side, format: FormatKind) -> Table {
    let mut table = keyed_topic("t", "k", "v", BIGINT, ChangelogMode::Append);
    let Connector::Kafka(kafka) = &mut table.connector else { panic!() };
    kafka.value = value.format(format);
    kafka.value.fields = vec![FieldBinding { column: "v".to_owned(), field: "v".to_owned() }];
    table
}

/// Rows in the form of a header serializer: what stood before the body is in the header `name`, behind `first`.
fn records(payloads: &[(Vec<u8>, Vec<u8>)], kind: SchemaKind, name: &str) -> RecordSet {
    let mut builder = BatchBuilder::new(Compression::None);
    for (first, payload) in payloads {
        // One message index, of the first message.
        let body = if kind == SchemaKind::Protobuf { 6 } else { 5 };
        let header = [first, &payload[5..body]].concat();
        builder.append(0, None, Some(&payload[body..]), &[("other", None), (name, Some(&header))]).unwrap();
    }
    decode_records(builder.build().unwrap().unwrap().as_bytes().clone(), &DecodeOptions::default()).unwrap()
}

#[test]
fn headers_name_schemas_by_guid_and_by_id() {
    for (kind, format) in FORMATS {
        let (frozen, newer) = (value(2, kind, false), value(9, kind, true));
        let of_guid = encode(&newer.schema, &newer.fields, &[vec![Value::Null, int(5)]]).remove(0);
        let of_id = encode(&frozen.schema, &frozen.fields, &[vec![int(6)]]).remove(0);
        let guid = [&[1][..], &GUID].concat();
        let set = records(&[(guid, of_guid), (vec![0, 0, 0, 0, 2], of_id)], kind, "__value_schema_id");
        let columns = schema(&[("v", BIGINT)]);
        let mut decoder = decoder(&mut topic(&frozen, format), vec![ScanColumn::Physical("v".to_owned())], &columns);
        let missing = Missing { key: false, schema: Wanted::Guid(GUID) };
        match decoder.decode(&set, 0..2, 0) {
            Err(DecodeStop::Missing(found)) => assert_eq!(found, missing),
            other => panic!("{format:?}: {other:?}"),
        }
        decoder.add_schema(missing, Some(newer.schema.clone()));
        let decoded = decoder.decode(&set, 0..2, 0).unwrap();
        let expected = [(RowKind::Insert, vec![int(5)]), (RowKind::Insert, vec![int(6)])];
        assert_eq!(changes_of(&columns, &decoded.batch), expected, "{format:?}");
    }
}

#[test]
fn a_guid_that_the_registry_does_not_have_spoils_its_records_only() {
    let (kind, format) = FORMATS[0];
    let frozen = value(2, kind, false);
    let payload = encode(&frozen.schema, &frozen.fields, &[vec![int(6)]]).remove(0);
    let guid = [&[1][..], &GUID].concat();
    let columns = schema(&[("v", BIGINT)]);
    let scan = vec![ScanColumn::Physical("v".to_owned())];
    let set =
        records(&[(guid.clone(), payload.clone()), (vec![0, 0, 0, 0, 2], payload.clone())], kind, "__value_schema_id");
    let mut table = topic(&frozen, format);
    kafka(&mut table).error_handling = ErrorHandling::Ignore;
    let mut ignoring = decoder(&mut table, scan.clone(), &columns);
    ignoring.add_schema(Missing { key: false, schema: Wanted::Guid(GUID) }, None);
    let decoded = ignoring.decode(&set, 0..2, 0).unwrap();
    assert_eq!((decoded.ignored, decoded.batch.num_rows()), (1, 1));
    // The key's header says nothing of the value, and neither does one of another form.
    for (name, first) in [("__key_schema_id", guid), ("__value_schema_id", vec![1, 2, 3])] {
        let set = records(&[(first, payload.clone())], kind, name);
        let decoded = decoder(&mut table, scan.clone(), &columns).decode(&set, 0..1, 0).unwrap();
        assert_eq!(changes_of(&columns, &decoded.batch), [(RowKind::Insert, vec![int(6)])]);
    }
}
