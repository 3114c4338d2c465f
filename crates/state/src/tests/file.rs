use std::sync::Arc;

use arrow_array::{Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use bytes::Bytes;

use crate::file::{decode, encode};

fn batch() -> RecordBatch {
    let schema = Schema::new(vec![Field::new("n", DataType::Int64, true), Field::new("s", DataType::Utf8, true)]);
    let columns: Vec<arrow_array::ArrayRef> =
        vec![Arc::new(Int64Array::from(vec![Some(1), None])), Arc::new(StringArray::from(vec![None, Some("b")]))];
    RecordBatch::try_new(Arc::new(schema), columns).unwrap()
}

#[test]
fn batches_come_back() {
    let content = encode(&batch().schema(), &[batch(), batch()]).unwrap();
    let (schema, batches) = decode("f", &content).unwrap();
    assert_eq!((schema, batches), (batch().schema(), vec![batch(), batch()]));
}

#[test]
fn every_damaged_byte_and_every_cut_is_found() {
    let content = encode(&batch().schema(), &[batch()]).unwrap();
    for i in 0..content.len() {
        assert!(decode("f", &content.slice(..i)).is_err(), "cut at {i}");
        let mut damaged = content.to_vec();
        damaged[i] ^= 0x40;
        assert!(decode("f", &Bytes::from(damaged)).is_err(), "bit flipped at {i}");
    }
}
