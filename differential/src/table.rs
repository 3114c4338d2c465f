//! The tables that random SQL reads: every type, ordinary and extreme values, NULLs.

use nutkin_functions::decimal;
use nutkin_functions::time::text as time_text;
use nutkin_fuzz::random::Random;
use nutkin_types::{LogicalType as T, Moment, Value};

use crate::sides::nutkin::types_of;

/// Name and type of each column of table `t`. Maps have one entry at most: Flink keeps no order of them.
pub const COLUMNS: &[(&str, &str)] = &[
    ("id", "INT NOT NULL"),
    ("b", "BOOLEAN"),
    ("t1", "TINYINT"),
    ("t2", "SMALLINT"),
    ("i", "INT"),
    ("j", "INT NOT NULL"),
    ("n", "BIGINT"),
    ("f", "FLOAT"),
    ("d", "DOUBLE"),
    ("e", "DOUBLE NOT NULL"),
    ("p", "DECIMAL(10, 2)"),
    ("q", "DECIMAL(38, 18)"),
    ("r", "DECIMAL(20, 0)"),
    ("s", "STRING"),
    ("u", "STRING NOT NULL"),
    ("digits", "STRING"),
    ("moment", "STRING"),
    ("js", "STRING"),
    ("c", "CHAR(5)"),
    ("v", "VARCHAR(12)"),
    ("x", "BINARY(3)"),
    ("y", "BYTES"),
    ("dt", "DATE"),
    ("tm", "TIME"),
    ("ts0", "TIMESTAMP(0)"),
    ("ts3", "TIMESTAMP(3)"),
    ("ts6", "TIMESTAMP(6)"),
    ("ts9", "TIMESTAMP(9)"),
    ("tz3", "TIMESTAMP_LTZ(3)"),
    ("tz6", "TIMESTAMP_LTZ(6)"),
    ("ai", "ARRAY<INT>"),
    ("at", "ARRAY<STRING>"),
    ("ad", "ARRAY<DOUBLE>"),
    ("m", "MAP<STRING, INT>"),
    ("w", "ROW<a INT, b STRING>"),
];

/// Name and type of each column of the tables `l` and `k` of queries: few values, so that groups and joins meet.
pub const SMALL: &[(&str, &str)] = &[
    ("a", "INT"),
    ("b", "STRING"),
    ("c", "BIGINT NOT NULL"),
    ("d", "DOUBLE"),
    ("e", "DECIMAL(10, 2)"),
    ("f", "BOOLEAN"),
    ("g", "TIMESTAMP(3)"),
    ("h", "DATE"),
];

/// A table with its rows.
#[derive(Debug, Clone)]
pub struct Table {
    pub name: String,
    pub columns: &'static [(&'static str, &'static str)],
    pub types: Vec<T>,
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    /// Table `t` of expressions.
    pub fn of_all_types(name: &str, random: &mut Random) -> Table {
        let types = types_of(COLUMNS);
        let row = |id: i64, random: &mut Random| {
            let value = |(column, logical): (&(&str, &str), &T)| match column.0 {
                "id" => Value::Integer(id),
                _ if !column.1.ends_with("NOT NULL") && random.once_in(6) => Value::Null,
                "digits" => text(random, DIGITS),
                "moment" => text(random, MOMENTS),
                "js" => text(random, JSON),
                _ => value(logical, random),
            };
            COLUMNS.iter().zip(&types).map(value).collect()
        };
        let rows = (0..4).map(|id| row(id, random)).collect();
        Table { name: name.to_owned(), columns: COLUMNS, types, rows }
    }

    /// A table of queries.
    pub fn small(name: &str, random: &mut Random) -> Table {
        let types = types_of(SMALL);
        let cell = |(column, logical): (&(&str, &str), &T), random: &mut Random| match logical {
            _ if !column.1.ends_with("NOT NULL") && random.once_in(5) => Value::Null,
            T::Int | T::BigInt => Value::Integer(random.below(5) as i64 - 1),
            T::Double => Value::Double(*random.pick(&[0.5, -1.25, 2.0, 1e10, 0.0])),
            T::Decimal { .. } => Value::Decimal(*random.pick(&[0, 150, -25, 9_999_999_999, 1])),
            T::VarChar { .. } => text(random, &["", "a", "b", "ab", "ä"]),
            other => value(other, random),
        };
        let mut rows = Vec::new();
        for _ in 0..random.below(24) {
            rows.push(SMALL.iter().zip(&types).map(|column| cell(column, random)).collect());
        }
        Table { name: name.to_owned(), columns: SMALL, types, rows }
    }

    /// Its columns as in CREATE TABLE.
    pub fn definition(&self) -> String {
        self.columns.iter().map(|(name, logical)| format!("`{name}` {logical}")).collect::<Vec<_>>().join(", ")
    }
}

const DIGITS: &[&str] = &["0", "1", "-7", "12", "120", "+5", "007"];
const MOMENTS: &[&str] =
    &["2024-02-29", "2024-02-29 12:34:56", "1969-12-31 23:59:59.999", "2000-01-01 00:00:00.123456"];
const JSON: &[&str] = &[
    "{\"a\": 1, \"b\": [1, 2.5, \"x\", null], \"c\": {\"d\": true}}",
    "[1, \"two\", {\"a\": null}]",
    "{\"a\": \"text\", \"b\": []}",
    "{}",
    "\"word\"",
    "not json",
];
pub const TEXTS: &[&str] = &[
    "",
    "a",
    "abc",
    "Hello World",
    "hello",
    "äöü ß",
    "x😀y",
    "  pad ",
    "12",
    "-3.50",
    "2024-02-29",
    "true",
    "a,b,,c",
    "k1=v1,k2=v2",
    "100%_",
    "line\nbreak",
    "aGVsbG8=",
    "4D7953",
    "http://user@example.com:8080/p/a.html?k=v&q=1#ref",
];

fn text(random: &mut Random, of: &[&str]) -> Value {
    Value::String((*random.pick(of)).to_owned())
}

/// A value of the type, often at one of its ends.
pub fn value(logical: &T, random: &mut Random) -> Value {
    let extreme = random.once_in(4);
    let integer = |random: &mut Random, least: i64, most: i64| match extreme {
        true => *random.pick(&[least, most, least + 1, most - 1]),
        false => *random.pick(&[0, 1, -1, 2, 3, 5, 7, 10, 42, 99, 100, -12]),
    };
    match logical {
        T::Boolean => Value::Boolean(random.once_in(2)),
        T::TinyInt => Value::Integer(integer(random, -128, 127)),
        T::SmallInt => Value::Integer(integer(random, -32768, 32767)),
        T::Int => Value::Integer(integer(random, i32::MIN.into(), i32::MAX.into())),
        T::BigInt => Value::Integer(integer(random, i64::MIN, i64::MAX)),
        T::Float if extreme => {
            Value::Double((*random.pick(&[f32::MAX, f32::MIN_POSITIVE, f32::NAN, -0.0, 1e-45])).into())
        }
        T::Float => Value::Double((*random.pick(&[0f32, 1.5, -2.25, 0.1, 3.0, 1234.567, 1e7])).into()),
        T::Double if extreme => {
            Value::Double(*random.pick(&[f64::MAX, f64::MIN_POSITIVE, f64::NAN, -0.0, f64::INFINITY]))
        }
        T::Double => Value::Double(*random.pick(&[0.0, 1.5, -2.25, 0.1, 0.5, 3.0, 1234.5, 1e15, -1e-5])),
        T::Decimal { precision, .. } if extreme => {
            let most = decimal::power_of_ten(*precision) - 1;
            Value::Decimal(*random.pick(&[most, -most]))
        }
        T::Decimal { scale, .. } => {
            let unit = decimal::power_of_ten(*scale);
            Value::Decimal(*random.pick(&[0, unit, -unit, unit / 2, unit * 3 / 2, unit * 1234 + unit / 5, 1, -5]))
        }
        T::Char { length } => {
            let word = *random.pick(&["a", "abc", "Hello", "äb", "12", ""]);
            Value::String(format!("{word:width$}", width = *length as usize))
        }
        T::VarChar { length } => {
            let fitting: Vec<&str> = TEXTS.iter().copied().filter(|t| t.chars().count() <= *length as usize).collect();
            text(random, &fitting)
        }
        T::Binary { length } => Value::Bytes((0..*length).map(|_| random.bits() as u8).collect()),
        T::VarBinary { .. } => Value::Bytes(random.pick(&[&b""[..], b"abc", b"\x00\xff", b"hello world"]).to_vec()),
        T::Date => date(random.pick::<&str>(&[
            "1970-01-01",
            "2024-02-29",
            "1969-12-31",
            "2000-12-31",
            "1900-03-01",
            "9999-12-31",
        ])),
        T::Time { .. } => time(random.pick::<&str>(&["00:00:00", "23:59:59", "12:34:56", "01:00:00"])),
        T::Timestamp { precision } | T::TimestampLtz { precision } => timestamp(
            random.pick::<&str>(&[
                "1970-01-01 00:00:00",
                "2024-02-29 12:34:56.789123456",
                "1969-12-31 23:59:59.999999999",
                "2000-12-31 23:59:59.5",
                "1900-03-01 01:02:03.004",
                "2100-07-15 06:07:08.000001",
            ]),
            *precision,
        ),
        T::Array { element } => {
            Value::List((0..random.below(4)).map(|_| element_of(&element.logical, random)).collect())
        }
        T::Map { key, value: held } => {
            let entry = |random: &mut Random| (value(&key.logical, random), element_of(&held.logical, random));
            Value::Map((0..random.below(2)).map(|_| entry(random)).collect())
        }
        T::Row { fields } => Value::List(fields.iter().map(|f| element_of(&f.data_type.logical, random)).collect()),
        other => unreachable!("no column has the type {other}"),
    }
}

fn element_of(logical: &T, random: &mut Random) -> Value {
    if random.once_in(6) { Value::Null } else { value(logical, random) }
}

fn date(text: &str) -> Value {
    Value::Integer(time_text::parse_date(text).expect("a date").into())
}

fn time(text: &str) -> Value {
    Value::Integer(time_text::parse_time(text).expect("a time") / 1_000_000)
}

fn timestamp(text: &str, precision: u8) -> Value {
    let (seconds, nanos) = time_text::parse_timestamp(text).expect("a timestamp");
    let moment = Moment::of_seconds(seconds, nanos).expect("in range");
    moment.truncated(precision).value(precision).expect("in range")
}
