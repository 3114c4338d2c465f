//! How fast JSON becomes columns: nested records of about 335 bytes and 25 fields, 3 of which are read.
//! `cargo run --release -p nutkin-formats --example json_speed`

use std::time::Instant;

use nutkin_formats::{DecodedColumn, Decoder, FormatConfig, FormatKind, Framing};
use nutkin_types::{DataType, LogicalType};

const BATCH: usize = 4096;
const ROUNDS: usize = 200;

fn record(n: usize) -> String {
    format!(
        concat!(
            "{{\"event_type\":2,\"id\":{n},\"person\":null,\"auction\":null,\"source\":\"web\",\"region\":\"eu-central-1\",",
            "\"session\":\"s-{n}\",\"device\":{{\"os\":\"linux\",\"app\":\"shop/4.2\",\"w\":1920,\"h\":1080}},",
            "\"bid\":{{\"auction\":{a},\"bidder\":{b},\"price\":{p},\"channel\":\"channel-{c}\",",
            "\"url\":\"https://www.nexmark.com/{c}/item.htm?query=1\",\"dateTime\":\"2024-05-01 12:30:00.{ms:03}\"}},",
            "\"tags\":[\"a\",\"b\"],\"ok\":true,\"score\":0.75,\"x\":1,\"y\":2}}"
        ),
        n = n,
        a = 1000 + n % 97,
        b = 2000 + n % 89,
        p = 100 + n * 7 % 9_999_999,
        c = n % 1000,
        ms = n % 1000
    )
}

fn main() {
    let texts: Vec<String> = (0..BATCH).map(record).collect();
    let payloads: Vec<Option<&[u8]>> = texts.iter().map(|text| Some(text.as_bytes())).collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let nested =
        |name: &str, data_type: DataType| DecodedColumn { path: vec!["bid".to_owned(), name.to_owned()], data_type };
    let columns = [
        nested("auction", LogicalType::BigInt.nullable()),
        nested("price", LogicalType::BigInt.nullable()),
        nested("dateTime", LogicalType::Timestamp { precision: 3 }.nullable()),
    ];
    let config = FormatConfig { kind: FormatKind::Json, schema: None, framing: Framing::Bare };
    let mut decoder = match Decoder::new(config, &columns) {
        Ok(decoder) => decoder,
        Err(error) => return eprintln!("{error}"),
    };
    let mut rows = 0;
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        match decoder.decode(&payloads) {
            Ok(decoded) if decoded.errors.is_empty() => rows += decoded.columns[0].len(),
            Ok(decoded) => return eprintln!("{}", decoded.errors[0].message),
            Err(error) => return eprintln!("{error}"),
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    let per_record = bytes as f64 / BATCH as f64;
    println!(
        "{rows} rows of {per_record:.0} bytes; best batch: {:.2} GB/s, {:.2} M rows/s",
        bytes as f64 / best / 1e9,
        BATCH as f64 / best / 1e6
    );
}
