//! State files: damage is found before Arrow, which believes every length, reads a byte of them.

use std::sync::Arc;

use arrow_array::RecordBatch;
use bytes::Bytes;
use nutkin_state::file::{decode, encode};

use crate::mutate::BINARY;
use crate::run::{Check, Target};
use crate::samples;

pub const TARGET: Target = Target { samples, mutations: BINARY, check, a_minute: 46_000_000 };

fn samples() -> Vec<Vec<u8>> {
    let columns = samples::columns().into_iter().map(|column| column.name).zip(samples::rows());
    let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true))).unwrap();
    let small = batch.project(&[0, 8]).unwrap();
    let file = |batch: &RecordBatch, times| encode(&batch.schema(), &vec![batch.clone(); times]).unwrap().to_vec();
    vec![file(&batch, 1), file(&small, 3), file(&small, 0)]
}

fn check() -> Check {
    let good = samples();
    Box::new(move |input| {
        let outcome = decode("f", &Bytes::copy_from_slice(input));
        if let Ok((schema, batches)) = &outcome {
            assert!(good.iter().any(|sample| sample == input), "a damaged file is read");
            assert!(batches.iter().all(|batch| Arc::ptr_eq(&batch.schema(), schema) || batch.schema() == *schema));
        }
        outcome.is_ok()
    })
}
