//! Raw payloads: one value, as bytes, text or a big-endian number (spec sql.md 2.4).

use nutkin_formats::{DecodedColumn, Decoder, Encoder, FormatConfig, Rows};
use nutkin_types::{LogicalType, RowField};

use crate::mutate::BINARY;
use crate::payloads::valid;
use crate::run::{Check, Target};

pub const TARGET: Target = Target { samples, mutations: BINARY, check, a_minute: 4_000_000 };

fn samples() -> Vec<Vec<u8>> {
    vec![
        b"text \xc3\xa9".to_vec(),
        vec![1],
        vec![0, 2],
        vec![0, 0, 0, 3],
        1.5f64.to_be_bytes().to_vec(),
        vec![b'x'; 300],
    ]
}

fn check() -> Check {
    let types = [
        LogicalType::BYTES,
        LogicalType::STRING,
        LogicalType::VarChar { length: 4 },
        LogicalType::Boolean,
        LogicalType::TinyInt,
        LogicalType::SmallInt,
        LogicalType::Int,
        LogicalType::BigInt,
        LogicalType::Float,
        LogicalType::Double,
    ];
    let mut formats = types.map(|logical| {
        let data_type = logical.nullable();
        let decoder = Decoder::new(FormatConfig::raw(), &[DecodedColumn::whole(data_type.clone())]).unwrap();
        let encoder = Encoder::new(FormatConfig::raw(), &[RowField::new("value", data_type)]).unwrap();
        (decoder, encoder)
    });
    Box::new(move |input| {
        let mut read = 0;
        for (decoder, encoder) in &mut formats {
            let decoded = decoder.decode(&[Some(input), None]).unwrap();
            valid(&decoded, 2);
            let written = encoder.encode(&decoded.columns, &Rows::Range(0..2)).unwrap();
            if decoded.errors.is_empty() {
                read += 1;
                let again = decoder.decode(&[written.get(0), written.get(1)]).unwrap();
                assert_eq!(again.columns, decoded.columns);
            } else {
                assert_eq!((decoded.errors[0].row, written.get(0)), (0, None));
            }
        }
        // As bytes everything is.
        read > 1
    })
}
