//! How fast JSON becomes columns: nested records of about 390 bytes and 25 fields, of which 3 or all are read.
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

fn three() -> Vec<DecodedColumn> {
    let bid =
        |name: &str, data_type: DataType| DecodedColumn { path: vec!["bid".to_owned(), name.to_owned()], data_type };
    vec![
        bid("auction", LogicalType::BigInt.nullable()),
        bid("price", LogicalType::BigInt.nullable()),
        bid("dateTime", LogicalType::Timestamp { precision: 3 }.nullable()),
    ]
}

fn all() -> Vec<DecodedColumn> {
    let (text, number) = (DataType::string, || LogicalType::BigInt.nullable());
    let device =
        [("os", text()), ("app", text()), ("w", LogicalType::Int.nullable()), ("h", LogicalType::Int.nullable())];
    let bid = [
        ("auction", number()),
        ("bidder", number()),
        ("price", number()),
        ("channel", text()),
        ("url", text()),
        ("dateTime", LogicalType::Timestamp { precision: 3 }.nullable()),
    ];
    let columns = [
        ("event_type", LogicalType::Int.nullable()),
        ("id", number()),
        ("person", text()),
        ("auction", text()),
        ("source", text()),
        ("region", text()),
        ("session", text()),
        ("device", LogicalType::row(device).nullable()),
        ("bid", LogicalType::row(bid).nullable()),
        ("tags", LogicalType::array(text()).nullable()),
        ("ok", LogicalType::Boolean.nullable()),
        ("score", LogicalType::Double.nullable()),
        ("x", LogicalType::Int.nullable()),
        ("y", LogicalType::Int.nullable()),
    ];
    columns.into_iter().map(|(name, data_type)| DecodedColumn::field(name, data_type)).collect()
}

fn main() {
    for (what, columns) in [("3 fields", three()), ("all fields", all())] {
        match measure(&columns) {
            Ok(line) => println!("{what}: {line}"),
            Err(error) => return eprintln!("{what}: {error}"),
        }
    }
}

/// The speed of the best batch.
fn measure(columns: &[DecodedColumn]) -> Result<String, String> {
    let texts: Vec<String> = (0..BATCH).map(record).collect();
    let payloads: Vec<Option<&[u8]>> = texts.iter().map(|text| Some(text.as_bytes())).collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let config = FormatConfig { kind: FormatKind::Json, schema: None, framing: Framing::Bare };
    let mut decoder = Decoder::new(config, columns).map_err(|error| error.to_string())?;
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let decoded = decoder.decode(&payloads).map_err(|error| error.to_string())?;
        best = best.min(start.elapsed().as_secs_f64());
        if let Some(error) = decoded.errors.first() {
            return Err(error.message.clone());
        }
    }
    let (speed, rows) = (bytes as f64 / best / 1e9, BATCH as f64 / best / 1e6);
    Ok(format!("{speed:.2} GB/s, {rows:.2} M rows/s of {:.0} bytes", bytes as f64 / BATCH as f64))
}
